#!/usr/bin/env bats
#
# Archives as FILE: each member is a file of its own. Most tests need no database.

load harness
load small_shop

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    write_catalogue
}

# pack ARCHIVE [NAME=TEXT]... [-- ARCHIVE ...]...: zips and tars, by their names, with these members; a
# text of @ is that of the file NAME. NAME/ is a directory, NAME@ a link. Compressed as the name says;
# zip by deflation.
pack() {
    python3 - "$@" <<'PYTHON'
import io, itertools, os, sys, tarfile, warnings, zipfile

warnings.simplefilter("ignore")  # two members of one name


def read(argument):
    name, _, text = argument.partition("=")
    if text == "@":
        with open(os.path.basename(name), "rb") as file:
            return name, file.read()
    return name, text.encode().decode("unicode_escape").encode("latin-1")


def write_zip(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members:
            info = zipfile.ZipInfo(name.rstrip("@"), (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if name.endswith("@") else 0o100644) << 16
            archive.writestr(info, data)


def write_tar(path, members):
    modes = {"gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}
    with tarfile.open(path, modes.get(path.split(".")[-1], "w:")) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name.rstrip("@/"))
            info.size = len(data)
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
            elif name.endswith("@"):
                info.type, info.linkname, info.size = tarfile.SYMTYPE, "users.csv", 0
            archive.addfile(info, io.BytesIO(data))


for end, group in itertools.groupby(sys.argv[1:], "--".__eq__):
    if not end:
        path, *members = group
        (write_zip if path.endswith(".zip") else write_tar)(path, map(read, members))
PYTHON
}

# refused STATUS MESSAGE ARGUMENT...
refused() {
    run_load --check "${@:3}"
    expect_status "$1"
    expect_stdout ''
    expect_stderr_contains "timele-load: error: $2"
}

@test "one archive of all files, one for each, and a compressed tar" {
    local archive
    pack all.zip products.csv=@ departments.csv=@ aisles.csv=@ \
        -- all.tar.gz ./= ./products.csv=@ ./departments.csv=@ ./aisles.csv=@ \
        -- all.tar data/= data/products.csv=@ data/departments.csv=@ data/aisles.csv=@ \
        -- all.tar.xz products.csv=@ departments.csv=@ aisles.csv=@ \
        -- products.csv.zip products.csv=@ -- departments.csv.zip departments.csv=@ \
        -- aisles.csv.zip aisles.csv=@
    zstd -q all.tar
    for archive in all.zip all.tar all.tar.gz all.tar.xz all.tar.zst; do
        run_load --check $archive
        expect_status 0
        expect_silence
        expect_stdout_contains '7 rows checked'
    done
    run_load --check --report=report.json ./*.csv.zip
    expect_status 0
    expect_equal $'./aisles.csv.zip:aisles.csv\n./departments.csv.zip:departments.csv\n./products.csv.zip:products.csv' \
        "$(jq -r '.files[].path' report.json)"
    run_load --check - <all.zip
    expect_status 0
    expect_stdout_contains '-:products.csv'
    # By any name.
    mv all.zip all
    run_load --check all
    expect_status 0
}

@test "what systems put beside the files is passed over" {
    pack mac.zip aisles.csv=@ __MACOSX/._aisles.csv=x .DS_Store=x d/.git/x=x d/=
    run_load --check mac.zip
    expect_status 0
    expect_silence
}

@test "ARCHIVE:MEMBER is one member, where no file has that name" {
    pack all.zip aisles.csv=@ README.txt='see https://example.org' d/departments.csv=@ orders.csv='order_id,products\n'
    refused 2 'all.zip:README.txt:1: ' all.zip
    expect_stderr_contains 'timele-load: hint: Name the members that are to be loaded, each as all.zip:NAME.'
    run_load --check all.zip:aisles.csv all.zip:d/departments.csv
    expect_status 0
    expect_stdout_contains '4 rows checked'
    refused 4 'all.zip has no member users.csv' all.zip:users.csv
    expect_stderr_contains 'timele-load: hint: It has aisles.csv, README.txt, d/departments.csv, orders.csv.'
    refused 4 'cannot open aisles.csv:2: No such file or directory' aisles.csv:2
    refused 4 'cannot open none.zip:aisles.csv: No such file or directory' none.zip:aisles.csv
    refused 64 'all.zip:aisles.csv and ./all.zip:aisles.csv are the same file' all.zip:aisles.csv ./all.zip:aisles.csv
    printf 'department_id,department\n7,x\n' >all.zip:aisles.csv
    run_load --check --report=report.json all.zip:aisles.csv
    expect_status 0
    expect_equal departments "$(jq -r '.files[0].dataset' report.json)"
    mv all.zip a:b.zip
    run_load --check a:b.zip:aisles.csv
    expect_status 0
}

@test "a member that must not be there, or is not ours: status 2, named with the archive" {
    local kind
    gzip -k aisles.csv
    pack inner.zip aisles.csv=@
    for kind in zip tar.gz; do
        pack up.$kind aisles.csv=@ ../departments.csv=@ \
            -- root.$kind aisles.csv=@ /departments.csv=@ \
            -- twice.$kind aisles.csv=@ departments.csv=@ aisles.csv=@ \
            -- link.$kind aisles.csv=@ link.csv@=aisles.csv \
            -- empty.$kind .hidden=x \
            -- strange.$kind aisles.csv=@ customers.csv='name,phone\n' \
            -- both.$kind aisles.csv=@ $'evil\e[31m.csv=' empty.csv= \
            -- value.$kind aisles.csv='aisle_id,aisle\n1,a\nx,b\n' \
            -- separator.$kind aisles.csv='aisle_id;aisle\n' \
            -- nested.$kind inner.zip=@ -- compressed.$kind aisles.csv.gz=@
        refused 2 "up.$kind:../departments.csv: its name leads out of the archive" up.$kind
        refused 2 "root.$kind:/departments.csv: its name leads out of the archive" root.$kind
        refused 2 "twice.$kind:aisles.csv: two members of the archive have this name" twice.$kind
        refused 2 "link.$kind:link.csv: no file, but a link or a device" link.$kind
        refused 2 "empty.$kind: the ${kind::3} archive has no file" empty.$kind
        refused 2 "strange.$kind:customers.csv:1: " strange.$kind
        expect_stderr_contains \
            "hint: Name the members that are to be loaded, each as strange.$kind:NAME."
        refused 2 "both.$kind:evil\\x1b[31m.csv: empty file" both.$kind
        expect_stderr_contains "both.$kind:empty.csv: empty file"
        run_load --check value.$kind
        expect_status 2
        expect_stderr_line "value.$kind:aisles.csv:3: aisle_id: not an integer (\"x\")"
        refused 2 "separator.$kind:aisles.csv:1: " separator.$kind
        refused 2 "nested.$kind:inner.zip is a zip file inside an archive" nested.$kind
        refused 2 "compressed.$kind:aisles.csv.gz is " compressed.$kind
    done
}

@test "an archive that is damaged, cut off or encrypted: status 4" {
    local archive size
    awk 'BEGIN { print "aisle_id,aisle"; for (i = 1; i < 5000; i++) printf("%d,%d\n", i, i * 7919 % 5003) }' >aisles.csv
    pack all.zip aisles.csv=@ -- all.tar.gz aisles.csv=@
    for archive in all.zip all.tar.gz; do
        size=$(stat -c %s $archive)
        head -c $((size / 2)) $archive >cut.bin
        refused 4 '' cut.bin
        expect_stderr_contains cut.bin
        { head -c $((size / 2)) $archive && printf XXXX && tail -c +$((size / 2 + 5)) $archive; } >damaged
        refused 4 '' damaged
        expect_stderr_contains damaged
    done
    # The flag says so, in both places where a zip has it.
    python3 - all.zip >encrypted.zip <<'PYTHON'
import sys

data = bytearray(open(sys.argv[1], "rb").read())
data[6] |= 1
data[data.index(b"PK\x01\x02") + 8] |= 1
sys.stdout.buffer.write(data)
PYTHON
    refused 4 'cannot read encrypted.zip:aisles.csv' encrypted.zip
    expect_stderr_contains encrypted
}

@test "an archive in a directory: what is not ours is left out" {
    local members
    mkdir in
    pack in/all.zip aisles.csv=@ README.md=x customers.csv='name,phone\n' departments.csv=@ \
        -- in/others.tar.gz notes.txt=x customers.csv='name,phone\n'
    run_load --check --report=report.json in
    expect_status 0
    expect_equal 'timele-load: in/all.zip:README.md is left out: its name is not that of a CSV file
timele-load: in/all.zip:customers.csv is left out: no dataset has its header
timele-load: in/others.tar.gz:notes.txt is left out: its name is not that of a CSV file
timele-load: in/others.tar.gz:customers.csv is left out: no dataset has its header' "$stderr"
    expect_equal $'in/all.zip:aisles.csv\nin/all.zip:departments.csv' "$(jq -r '.files[].path' report.json)"
    rm in/all.zip
    refused 64 'no file to load in the directory in' in
    pack in/bad.zip aisles.csv=@ link.csv@=x
    refused 2 'in/bad.zip:link.csv' in
    pack in/bad.zip aisles.csv='aisle_ID,Aisle\n'
    refused 2 'in/bad.zip:aisles.csv:1: ' in
    rm in/*
    readarray -t members < <(printf '%d.txt=x\n' {1..30})
    pack in/many.tar "${members[@]}"
    run_load --check in aisles.csv
    expect_status 64
    expect_stderr_line 'timele-load: in/many.tar: 10 more files are left out'
}

@test "loaded, recorded, skipped, set aside: by ARCHIVE:MEMBER" {
    local night
    start_test
    setup_schema
    write_history
    pack all.zip data/users.csv=@ data/orders.csv=@ data/items.csv=@ catalogue/products.csv=@ \
        catalogue/departments.csv=@ catalogue/aisles.csv=@
    run_load --id-map=ids.csv --report=report.json all.zip
    expect_status 0
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_equal 6 "$(wc -l <ids.csv)"
    /usr/bin/jsonschema --instance report.json "$PROJECT_ROOT/docs/report.schema.json"
    expect_equal "$(sha256sum <users.csv | cut -d' ' -f1) $(stat -c %s users.csv)" \
        "$(jq -r '.files[] | select(.path == "all.zip:data/users.csv") | "\(.sha256) \(.size)"' report.json)"
    expect_sql "SELECT path, rows_loaded, size, encode(sha256, 'hex') FROM timele_load.files WHERE dataset = 'users'" \
        "all.zip:data/users.csv|2|$(stat -c %s users.csv)|$(sha256sum <users.csv | cut -d' ' -f1)"
    # The same bytes, packed otherwise or not at all.
    pack other.tar.gz users.csv=@ orders.csv=@
    run_load -v --skip-loaded other.tar.gz items.csv all.zip:catalogue/aisles.csv
    expect_status 0
    expect_stderr_contains 'other.tar.gz:orders.csv: skipped, run 1 has loaded it on '
    expect_sql 'SELECT count(*) FROM orders.orders' 3

    sed -i 's/^13,2,prior,1,6/13,2,prior,1,x/' orders.csv
    pack new.zip a/orders.csv=@ b/orders.csv='order_id,user_id,order_number,order_dow,order_hour_of_day\nx,1,1,1,1\n'
    for night in '' ' as before'; do
        run_load -q --skip-loaded --mode=upsert --rejects=rejects new.zip
        expect_status 1
        expect_stderr_line "timele-load: warning: new.zip:a/orders.csv: 1 of 3 rows rejected$night; they are in rejects/orders.csv, the reasons in rejects/orders.reasons.csv"
        expect_stderr_contains "new.zip:b/orders.csv: 1 of 1 rows rejected$night; they are in rejects/orders-2.csv"
    done
    expect_equal 4 "$(find rejects -type f | wc -l)"
    expect_equal 'new.zip:a/orders.csv,4,order_dow,type,"not an integer (""x"")",13' \
        "$(tail -n +2 rejects/orders.reasons.csv)"
    expect_equal "$(sed -n '1p;4p' orders.csv)" "$(<rejects/orders.csv)"
    sed -i s/^x/14/ rejects/orders-2.csv
    run_load -q --mode=upsert --rejects=rejects rejects/orders-2.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM orders.orders' 4
}

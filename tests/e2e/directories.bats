#!/usr/bin/env bats
#
# A directory as FILE: all the CSV files in it.

load harness
load small_shop

# Most tests need no database.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    write_catalogue
    mkdir incoming
}

# fill: a catalogue in incoming/, and what lies about in such a directory.
fill() {
    gzip -c aisles.csv >incoming/Aisles.CSV.gz
    mv products.csv departments.csv incoming
    echo 'put files here' >incoming/README.txt
    head -c 20 users.csv >incoming/orders.csv.part
    printf 'name,phone\nAda,1\n' >incoming/customers.csv
    echo secret >incoming/.hidden.csv
    mkdir incoming/done incoming/old.csv
    cp aisles.csv incoming/done
}

@test "its CSV files are loaded, by their names; others are left out with a note, hidden ones silently" {
    start_test
    write_history
    fill
    run_load --create-schema --report=report.json --id-map=ids.csv incoming
    expect_status 0
    expect_equal 'timele-load: incoming/README.txt is left out: its name is not that of a CSV file
timele-load: incoming/customers.csv is left out: no dataset has its header
timele-load: incoming/orders.csv.part is left out: its name is not that of a CSV file' "$stderr"
    expect_stdout_contains 'incoming/Aisles.CSV.gz'
    expect_sql 'SELECT count(*) FROM products.products' 3
    expect_equal $'incoming/Aisles.CSV.gz\nincoming/departments.csv\nincoming/products.csv' \
        "$(jq -r '.files[].path' report.json)"
    expect_sql 'SELECT path, rows_loaded FROM timele_load.files ORDER BY 1' \
        $'incoming/Aisles.CSV.gz|2\nincoming/departments.csv|2\nincoming/products.csv|3'
    # Night after night.
    run_load -q --skip-loaded --rejects=rejects incoming/
    expect_status 0
    expect_silence
    expect_stdout ''
    cp users.csv incoming
    sed -i s/ada@example.org// incoming/users.csv
    run_load -q --skip-loaded --rejects=rejects incoming/
    expect_status 1
    expect_stderr_contains 'incoming/users.csv: 1 of 2 rows rejected; they are in rejects/users.csv'
    run_load -q --skip-loaded --mode=skip --rejects=rejects incoming/
    expect_status 1
    expect_stderr_contains 'incoming/users.csv: 1 of 2 rows rejected as before; they are in rejects/users.csv'
    expect_sql 'SELECT count(*) FROM users.users' 1
    cp users.csv incoming
    run_load -q --skip-loaded --mode=skip --rejects=rejects incoming
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
}

@test "what comes with the data of Instacart and holds nothing is left out, and told where it is named" {
    printf 'order_id,products\n17,39276 29259\n' >sample_submission.csv
    cp sample_submission.csv aisles.csv departments.csv incoming
    run_load --check incoming
    expect_status 0
    expect_equal 'timele-load: incoming/sample_submission.csv is left out: it holds nothing for the database' "$stderr"
    run_load --check sample_submission.csv aisles.csv
    expect_status 2
    expect_equal "timele-load: error: sample_submission.csv holds nothing for the database
timele-load: hint: It comes with the data of Instacart: leave it out." "$stderr"
}

@test "a directory without a CSV file: fine with --skip-loaded, else status 64" {
    local directory
    start_test
    mkdir notes
    echo 'put files here' >notes/README.txt
    printf 'name,phone\n' >notes/customers.csv
    for directory in incoming incoming/ notes; do
        run_load --check $directory
        expect_status 64
        expect_stderr_line "timele-load: error: no file to load in the directory $directory"
        [[ $stderr != *hint:* ]] || unexpected 'expected no hint at an option that --check refuses'
        run_load --create-schema aisles.csv $directory
        expect_status 64
        expect_stderr_contains "timele-load: error: no file to load in the directory $directory
timele-load: hint: A job that may find none says so by --skip-loaded."
    done
    expect_sql "SELECT to_regclass('products.aisles')" ''
    setup_schema
    for directory in incoming notes; do
        run_load -q --skip-loaded --rejects=rejects $directory
        expect_status 0
        expect_silence
        expect_stdout ''
    done
    run_load --skip-loaded --report=report.json incoming/
    expect_status 0
    expect_silence
    expect_stdout 'nothing new: no file to load in the directory incoming/'
    expect_equal '"nothing new" []' "$(jq -c .result,.files report.json | paste -sd ' ')"
    run_load --skip-loaded incoming aisles.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM products.aisles' 2
}

@test "what is wrong with a file in it is an error, as if it had been named" {
    local text
    cp aisles.csv departments.csv incoming
    for text in 'aisle_ID,Aisle\n' 'aisle_id;aisle\n' '1,bread\n' '' '<!DOCTYPE html>\n' \
        '\xff\xfea\0i\0' 'PK\x05\x06' '\x1f\x8b\x08' 'aisle_id,aisle\nx,y\n'; do
        # shellcheck disable=SC2059 # it is a format
        printf "$text" >incoming/bad.csv
        run_load --check incoming
        ((status == 2 || status == 4)) || unexpected "expected an error: $text"
        expect_stderr_contains incoming/bad.csv
    done
    rm incoming/bad.csv
    ln -s nowhere incoming/x.csv
    run_load -q --check incoming
    expect_status 4
    expect_equal 'timele-load: error: cannot open incoming/x.csv: No such file or directory' "$stderr"
    rm incoming/x.csv
    ln -s ../aisles.csv incoming/x.csv
    run_load --check incoming
    expect_status 2
    expect_stderr_contains 'incoming/x.csv:2: aisle_id: stands twice'
}

@test "a directory or a file that may not be read: status 4" {
    mv ./*.csv incoming
    chmod 700 incoming
    run_load_as_ordinary_user --check incoming
    expect_status 4
    expect_stderr_contains 'error: cannot read the directory incoming: Permission denied'
    chmod 755 incoming
    chmod 600 incoming/aisles.csv
    run_load_as_ordinary_user --check incoming
    expect_status 4
    expect_stderr_contains 'error: cannot open incoming/aisles.csv: Permission denied'
    chmod 744 incoming
    run_load_as_ordinary_user --check incoming
    expect_status 4
    expect_stderr_contains 'error: cannot open incoming/departments.csv: Permission denied'
}

@test "links, FIFOs, and names that would garble a terminal" {
    ln -s incoming link
    mv aisles.csv $'incoming/a\nb\e[31m.csv'
    mkfifo incoming/fifo.csv incoming/fifo
    printf 'name,phone\n' >$'incoming/c\rd.csv'
    ln -s ../departments.csv incoming/departments.csv
    run_load --check --report=report.json link/
    expect_status 0
    expect_equal 'timele-load: link/c\rd.csv is left out: no dataset has its header
timele-load: link/fifo is left out: its name is not that of a CSV file
timele-load: link/fifo.csv is left out: it is no regular file' "$stderr"
    expect_stdout_contains 'link/a\nb\x1b[31m.csv'
    expect_equal $'link/a\nb\e[31m.csv' "$(jq -r '.files[0].path' report.json)"
    # Named, a FIFO is waited for.
    run_load --check incoming/fifo.csv < <(cat departments.csv >incoming/fifo.csv)
    expect_status 0
}

@test "a file that is there twice" {
    mv aisles.csv incoming
    run_load --check incoming incoming/aisles.csv
    expect_status 64
    expect_stderr_contains 'incoming/aisles.csv is there twice'
    ln -s aisles.csv incoming/latest.csv
    run_load --check incoming
    expect_status 64
    expect_stderr_contains 'incoming/aisles.csv and incoming/latest.csv are the same file'
}

@test "3,000 files, of which 64 may be open; many that are left out are summed up" {
    awk 'BEGIN {
        for (i = 1; i <= 3000; i++) {
            file = "incoming/" i ".csv"
            printf("aisle_id,aisle\n%d,%d\n", i, i) > file
            close(file)
            print "x" > ("incoming/" i ".txt")
            close("incoming/" i ".txt")
        }
    }'
    run --separate-stderr bash -c 'ulimit -n 64; exec "$TIMELE_LOAD" --check incoming'
    expect_status 0
    expect_stdout_contains '3,000 rows checked'
    expect_equal 21 "$(wc -l <<<"$stderr")"
    expect_stderr_line 'timele-load: incoming: 2980 more files are left out'
}

# What cron does: a home directory, an empty environment, mail for whatever is printed.
@test "cron sends mail when there is something to do, and else none" {
    start_test
    setup_schema
    night() {
        run_program env -i HOME="$PWD" PATH=/usr/bin:/bin PGHOST="$PGHOST" PGPORT="${PGPORT:-}" \
            PGUSER="${PGUSER:-}" PGDATABASE="$PGDATABASE" "$TIMELE_LOAD" -q --skip-loaded \
            --mode=upsert --rejects=rejects incoming
    }
    quiet_night() {
        night
        expect_status 0
        expect_silence
        expect_stdout ''
    }
    quiet_night
    echo 'put files here' >incoming/README.txt
    quiet_night
    cp aisles.csv incoming
    head -c 20 departments.csv >incoming/departments.csv.part
    quiet_night
    expect_sql 'SELECT count(*) FROM products.aisles' 2
    quiet_night
    rm incoming/departments.csv.part
    { cat departments.csv; echo x,bad; } >incoming/departments.csv
    for _ in 1 2; do
        night
        expect_status 1
        expect_stderr_contains 'incoming/departments.csv: 1 of 3 rows rejected'
    done
    expect_equal $'departments.csv\ndepartments.reasons.csv' "$(ls rejects)"
    # Somebody mends the row where it was found, and leaves the files of rejected rows as they are.
    sed -i s/^x/7/ incoming/departments.csv
    quiet_night
    expect_sql 'SELECT count(*) FROM products.departments' 3
    echo y,bad >>incoming/departments.csv
    night
    expect_status 1
    expect_stderr_contains 'they are in rejects/departments-2.csv'
}

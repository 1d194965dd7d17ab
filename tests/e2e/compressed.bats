#!/usr/bin/env bats
#
# Compressed files: gzip, zstd, bzip2, xz and lz4, told by their content.

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_history
}

expect_history_loaded() {
    expect_sql 'SELECT (SELECT count(*) FROM users.users), (SELECT count(*) FROM orders.orders),
                       (SELECT count(*) FROM orders.order_items)' '2|3|5'
    expect_sql 'SELECT id, city FROM users.users ORDER BY id' $'1|\n2|Oslo'
}

# flip FILE OFFSET: changes the byte there.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\x$(printf %x $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# What is read ------------------------------------------------------------------------------------

@test ".gz and .zst" {
    gzip users.csv
    zstd -q --rm orders.csv
    gzip -9 items.csv
    load_quietly --create-schema users.csv.gz orders.csv.zst items.csv.gz
    expect_history_loaded
}

@test ".bz2, .xz and .lz4, by their content, each of several streams" {
    { head -n 2 users.csv | bzip2 && bzip2 </dev/null && tail -n +3 users.csv | bzip2 -1; } >users.bz2
    { head -n 1 orders.csv | xz && xz </dev/null && tail -n +2 orders.csv | xz -0 --check=sha256; } \
        >orders.xz
    { head -n 3 items.csv | lz4 -c && tail -n +4 items.csv | lz4 -9 -c; } >items.gz
    load_quietly --create-schema users.bz2 orders.xz - <items.gz
    expect_history_loaded
    xz <items.csv | load_quietly --mode=upsert - orders.xz users.bz2
    expect_history_loaded
}

@test "by content, not by name" {
    gzip <users.csv >users.zst
    zstd -q <orders.csv >orders.csv.gz
    gzip <items.csv >plain.csv
    load_quietly --create-schema users.zst orders.csv.gz plain.csv
    expect_history_loaded
}

@test "a name that says compressed makes nothing so" {
    mv users.csv users.csv.gz
    mv orders.csv orders.csv.zst
    load_quietly --create-schema users.csv.gz orders.csv.zst items.csv
    expect_history_loaded
}

@test "several gzip members, several zstd frames, empty ones among them" {
    { head -n 2 users.csv | gzip && gzip </dev/null && tail -n +3 users.csv | gzip -1; } >users.gz
    # In the middle of a line.
    { head -c 100 orders.csv | zstd -q && zstd -q </dev/null && tail -c +101 orders.csv |
        zstd -q --no-check; } >orders.zst
    { for ((i = 1; i <= $(wc -c <items.csv); i++)); do
        tail -c "+$i" items.csv | head -c 1 | gzip
    done; } >items.gz
    load_quietly --create-schema users.gz orders.zst items.gz
    expect_history_loaded
}

@test "through a pipe, and from standard input" {
    zstd -q items.csv
    gzip <users.csv | load_quietly --create-schema - <(zstd -q <orders.csv) items.csv.zst
    expect_history_loaded
}

@test "standard input that is a compressed file" {
    gzip users.csv
    load_quietly --create-schema - orders.csv items.csv <users.csv.gz
    expect_history_loaded
}

@test "more than ten megabytes, of highly compressed and of random text" {
    {
        echo user_id,email_address,first_name
        seq 120000 | awk '{ printf "%d,%d@example.org,%064d\n", $1, $1, 0 }'
    } >users.csv
    (($(wc -c <users.csv) > 10000000))
    gzip -1 users.csv
    load_quietly --create-schema users.csv.gz
    expect_sql "SELECT count(*), sum(id), bool_and(email_address = id || '@example.org')
                  FROM users.users" '120000|7200060000|t'
    {
        echo user_id,email_address,hashed_password
        head -c 7200000 /dev/urandom | base64 -w 96 |
            awk '{ print NR "," NR "@example.org," $0 }'
    } >random.csv
    (($(wc -c <random.csv) > 10000000))
    zstd -q -1 random.csv
    load_quietly --reset --create-schema random.csv.zst
    expect_equal "$(tail -n +2 random.csv | md5sum)" \
        "$(sql "COPY (SELECT id, email_address, hashed_password FROM users.users ORDER BY id)
                TO STDOUT (FORMAT csv)" | md5sum)"
}

@test "lines are counted in what is inside" {
    echo '4,one,1' >>orders.csv
    gzip orders.csv
    run_load --create-schema users.csv orders.csv.gz
    expect_status 2
    expect_stderr_contains 'orders.csv.gz:5: '
}

@test "--check reads them too" {
    gzip users.csv
    run_load --check users.csv.gz orders.csv
    expect_status 0
}

# What is damaged ----------------------------------------------------------------------------------

# expect_damaged FILE MESSAGE: the run ends with a file error and loads nothing, not even the users.
expect_damaged() {
    run_load users.csv "$1"
    expect_status 4 && expect_stderr_contains "cannot read $1: $2" && expect_stdout '' &&
        expect_unchanged "$before"
}

# expect_damage_found FILE MESSAGE: the same by --check, which takes no database.
expect_damage_found() {
    run_load --check "$1"
    expect_status 4 && expect_stderr_contains "cannot read $1: $2" && expect_stdout ''
}

# Enough orders that the header is long read when the damage comes.
write_many_orders() {
    {
        echo order_id,user_id,order_number,order_dow,order_hour_of_day
        seq 20000 | awk '{ print $1 ",1," $1 "," $1 * 7919 % 7 "," $1 * 104729 % 24 }'
    } >orders.csv
    setup_schema
    before=$(snapshot)
}

@test "a truncated gzip file, wherever it ends" {
    local before size cut
    write_many_orders
    gzip <orders.csv >whole
    size=$(wc -c <whole)
    for cut in 2 10 11 100 $((size - 9)) $((size - 8)) $((size - 1)) $((size / 2)); do
        head -c "$cut" whole >cut.gz
        expect_damage_found cut.gz 'truncated gzip data'
    done
    expect_damaged cut.gz 'truncated gzip data'
}

@test "a truncated zstd file, wherever it ends" {
    local before size cut
    write_many_orders
    zstd -q <orders.csv >whole
    size=$(wc -c <whole)
    for cut in 4 5 9 100 $((size - 4)) $((size - 1)) $((size / 2)); do
        head -c "$cut" whole >cut.zst
        expect_damage_found cut.zst 'truncated zstd data'
    done
    expect_damaged cut.zst 'truncated zstd data'
}

@test "a second member or frame that is truncated" {
    local before
    write_many_orders
    { gzip <orders.csv && printf 'more\n' | gzip | head -c 15; } >cut.gz
    expect_damaged cut.gz 'truncated gzip data'
    { zstd -q <orders.csv && printf 'more\n' | zstd -q | head -c 10; } >cut.zst
    expect_damage_found cut.zst 'truncated zstd data'
}

@test "one byte that is another" {
    local before size offset
    write_many_orders
    gzip <orders.csv >whole.gz
    zstd -q <orders.csv >whole.zst
    # In the data near the start, in the middle, near the end, in the checksum.
    size=$(wc -c <whole.gz)
    for offset in 40 $((size / 2)) $((size - 30)) $((size - 6)) $((size - 2)); do
        cp whole.gz damaged.gz
        flip damaged.gz "$offset"
        expect_damage_found damaged.gz ''
    done
    # The last one is seen when all rows are read.
    expect_damaged damaged.gz ''
    size=$(wc -c <whole.zst)
    for offset in 40 $((size / 2)) $((size - 30)) $((size - 2)); do
        cp whole.zst damaged.zst
        flip damaged.zst "$offset"
        expect_damage_found damaged.zst ''
    done
    expect_damaged damaged.zst ''
}

# Half of it, all but one byte, one byte changed, more behind the end.
@test "bzip2, xz and lz4 data that are truncated, damaged, or go on" {
    local before tool file size
    write_many_orders
    for tool in bzip2 xz lz4; do
        $tool -c <orders.csv >whole
        size=$(wc -c <whole)
        head -c $((size / 2)) whole >half
        head -c $((size - 1)) whole >short
        { cat whole && $tool -c <orders.csv | head -c 1000; } >second
        cp whole flipped && flip flipped $((size / 2))
        { cat whole && echo garbage; } >longer
        for file in half short second flipped longer; do
            run_load --check "$file"
            expect_status 4
            expect_stdout ''
            expect_stderr_contains "error: cannot read $file: "
        done
        expect_stderr_contains "$tool data"
    done
    head -c 1000 whole | {
        run_load --check -
        expect_status 4
        expect_stderr_contains 'cannot read standard input: truncated lz4 data'
    }
}

# The header of the first block says how large the window is: 1.5 GiB.
@test "a file that wants much memory to be decompressed" {
    python3 - <<'EOF'
import lzma, struct, zlib
data = bytearray(lzma.compress(b"user_id\n1\n"))
end = 12 + (data[12] + 1) * 4 - 4
data[16] = 37
struct.pack_into("<I", data, end, zlib.crc32(data[12:end]))
open("large.xz", "wb").write(data)
EOF
    run_load --check large.xz
    expect_status 4
    expect_stderr_contains 'cannot read large.xz: its xz data need more than 128 MiB of memory'
    expect_stderr_contains 'hint: Decompress it first'
    zstd -q --long=28 <users.csv >large.zst
    run_load --check large.zst
    expect_status 4
    expect_stderr_contains 'cannot read large.zst: its zstd data need more than 128 MiB of memory'
}

@test "garbage behind the end" {
    local before
    write_many_orders
    { gzip <orders.csv && echo garbage; } >tail.gz
    expect_damaged tail.gz 'damaged gzip data'
    { zstd -q <orders.csv && echo garbage; } >tail.zst
    expect_damaged tail.zst 'damaged zstd data'
    { gzip <orders.csv && tail -n 3 orders.csv; } >plain_tail.gz
    expect_damage_found plain_tail.gz 'damaged gzip data'
}

@test "damage beside bad rows: nothing is loaded, and both are told" {
    local before
    write_many_orders
    sed -i '2s/$/x/' orders.csv
    gzip <orders.csv | head -c 20000 >cut.gz
    run_load users.csv cut.gz
    [[ $status == [24] ]] || unexpected 'expected exit status 2 or 4'
    expect_stderr_contains 'cut.gz:2: order_hour_of_day: '
    expect_unchanged "$before"
}

@test "a damaged file through a pipe" {
    local before
    write_many_orders
    gzip <orders.csv | head -c 1000 | {
        run_load users.csv -
        expect_status 4
        expect_stderr_contains 'cannot read standard input: truncated gzip data'
    }
    expect_unchanged "$before"
}

@test "a compressed file in a compressed one is no CSV" {
    local before
    setup_schema
    before=$(snapshot)
    gzip <orders.csv | gzip >twice.gz
    run_load users.csv twice.gz
    expect_status 2
    expect_stderr_contains twice.gz
    expect_unchanged "$before"
}

@test "an empty compressed file is an empty file" {
    local plain tool
    : >empty
    run_load --check empty
    plain=$status
    [[ $status == 2 ]] || unexpected 'expected exit status 2'
    gzip <empty >empty.gz
    run_load --check empty.gz
    expect_status "$plain"
    zstd -q <empty >empty.zst
    run_load --check empty.zst
    expect_status "$plain"
    for tool in bzip2 xz lz4; do
        $tool -c <empty >packed
        run_load --check packed
        expect_status "$plain"
    done
}

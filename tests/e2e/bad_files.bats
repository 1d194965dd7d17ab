#!/usr/bin/env bats
#
# Files that cannot be read, are no CSV or are nobody's, and the line numbers of those that are.

load harness

setup_file() {
    start_file
    setup_schema
    sql "INSERT INTO users.users (id, email_address) VALUES (1, 'ada@example.org')"
    snapshot >"$BATS_FILE_TMPDIR/before"
}

setup() {
    start_test
    before=$(<"$BATS_FILE_TMPDIR/before")
}

# expect_refused STATUS STANDARD-ERROR: this was said, to the letter, and nothing was done.
expect_refused() {
    expect_status "$1"
    expect_stdout ''
    [[ $stderr == "$2" ]] || unexpected 'expected on standard error:' "$2"
    expect_unchanged "$before"
}

# run_load_from INPUT ARGUMENT...: with INPUT (for printf's %b) as standard input.
run_load_from() {
    printf '%b' "$1" >standard_input
    run_load "${@:2}" <standard_input
}

run_in_shell() {
    run --separate-stderr timeout --kill-after=5 120 bash -c "$1"
}

# Files that cannot be read ------------------------------------------------------------------------

@test "a file that is missing" {
    run_load nowhere/users.csv
    expect_refused 4 'timele-load: error: cannot open nowhere/users.csv: No such file or directory'
}

@test "a pattern that matches nothing" {
    run_load 'incoming/*.csv'
    expect_refused 4 'timele-load: error: cannot open incoming/*.csv: No such file or directory
timele-load: hint: The pattern matches no file.'
}

@test "a directory without a CSV file, whatever its own name is" {
    mkdir users.csv
    run_load users.csv
    expect_refused 64 'timele-load: error: no file to load in the directory users.csv
timele-load: hint: A job that may find none says so by --skip-loaded.'
}

@test "a file that the user may not read" {
    write_csv users.csv <<'END'
user_id,email_address
2,a@example.org
END
    cp users.csv readable.csv
    chmod 644 readable.csv
    chmod 000 users.csv
    run_load_as_ordinary_user readable.csv users.csv
    expect_refused 4 'timele-load: error: cannot open users.csv: Permission denied'
}

@test "standard input that is closed" {
    # shellcheck disable=SC2016 # for the inner shell
    run_in_shell 'exec "$TIMELE_LOAD" - <&-'
    expect_refused 4 'timele-load: error: cannot read standard input: it is closed'
}

@test "every file that is wrong is told at once" {
    touch empty.csv
    mkdir empty
    run_load missing.csv empty.csv empty
    expect_status 4
    expect_stdout ''
    expect_stderr_line 'timele-load: error: cannot open missing.csv: No such file or directory'
    expect_stderr_line 'timele-load: error: empty.csv: empty file: not even a header line'
    expect_stderr_line 'timele-load: error: no file to load in the directory empty'
    expect_unchanged "$before"
}

@test "the same file twice, by whatever name" {
    write_csv users.csv <<'END'
user_id,email_address
2,a@example.org
END
    ln -s users.csv symbolic.csv
    ln users.csv hard.csv
    run_load users.csv users.csv
    expect_refused 64 'timele-load: error: users.csv is there twice'
    run_load users.csv ./users.csv
    expect_refused 64 'timele-load: error: users.csv and ./users.csv are the same file'
    run_load users.csv symbolic.csv
    expect_refused 64 'timele-load: error: users.csv and symbolic.csv are the same file'
    run_load users.csv hard.csv
    expect_refused 64 'timele-load: error: users.csv and hard.csv are the same file'
    run_load users.csv - <symbolic.csv
    expect_refused 64 'timele-load: error: users.csv and - are the same file'
}

@test "standard input twice" {
    run_load_from 'user_id,email_address\n' - -
    expect_refused 64 'timele-load: error: standard input (-) can be read only once'
}

# Files that are no dataset ------------------------------------------------------------------------

@test "an empty file" {
    local contents
    for contents in '' '\xef\xbb\xbf' '\n\r\n\n'; do
        printf '%b' "$contents" >users.csv
        run_load users.csv
        expect_refused 2 'timele-load: error: users.csv: empty file: not even a header line'
    done
}

@test "a header and no rows is fine" {
    local file
    printf 'user_id,email_address\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\r' >orders.csv
    printf '\xef\xbb\xbforder_id,product_id,add_to_cart_order\r\n\r\n' >items.csv
    printf 'product_id,product_name,aisle_id,department_id\n' >products.csv
    printf 'aisle_id,aisle\n' >aisles.csv
    printf '"department_id","department"\n' >departments.csv
    for file in users orders items products aisles departments; do
        run_load "$file.csv"
        expect_status 0
        expect_silence
        expect_stdout_contains 'nothing new: the files have no rows ('
    done
    run_load users.csv orders.csv items.csv products.csv aisles.csv departments.csv
    expect_status 0
    expect_silence
    expect_sql 'SELECT (SELECT count(*) FROM users.users), (SELECT count(*) FROM orders.orders),
                       (SELECT count(*) FROM products.products)' '1|0|0'
}

# Every byte but the end of a line, then every byte, many times over.
write_binary_file() {
    local every_byte
    every_byte=$(printf '\\x%02x' {0..255})
    printf '%b' '\x7fELF\x02\x01\x01\x00\x00\x90\xff\xfe' "${every_byte/'\x0a'/}"
    for _ in {1..200}; do
        printf '%b' "$every_byte"
    done
}

@test "a binary file" {
    write_binary_file >users.csv
    (($(wc -c <users.csv) == 12 + 255 + 200 * 256))
    run_load users.csv
    expect_refused 2 'timele-load: error: users.csv: cannot be read as CSV: it is a program (ELF)
timele-load: hint: Get the data as CSV, in UTF-8, from where it comes from.'
}

@test "a header that is broken" {
    local hint='timele-load: hint: The first line must name the columns, separated by commas: see "FILES" in the manual.'
    run_load_from 'user_id,"email_address\n2,a@example.org\n' -
    expect_refused 2 'timele-load: error: -:1: not a CSV header: quoted field is not closed before the end of the file
'"$hint"
    run_load_from '\nuser_id,em"ail_address\n' -
    expect_refused 2 'timele-load: error: -:2: not a CSV header: quote inside an unquoted field
'"$hint"
    run_load_from '"user_id" ,email_address\n' -
    expect_refused 2 'timele-load: error: -:1: not a CSV header: text after the closing quote of a field
'"$hint"
    run_load_from "user_id,email_address$(seq -s '' -f ',c%g' 255)\n" -
    expect_refused 2 'timele-load: error: -:1: not a CSV header: more than 256 fields
'"$hint"
}

@test "an unknown header names its known columns and the nearest dataset" {
    run_load_from 'order_id,user_id\n' -
    expect_status 2
    expect_stderr_contains '-:1: '
    expect_stderr_contains 'order_id, user_id'
    expect_stderr_line 'timele-load: hint: The nearest dataset is "orders", which needs order_number too.'

    run_load_from 'product_id,product_name,aisle\n' -
    expect_status 2
    expect_stderr_contains 'product_id, product_name, aisle'
    expect_stderr_line 'timele-load: hint: The nearest dataset is "products", which needs aisle_id (not "aisle"), department_id too.'

    run_load_from 'mail\e[31m,user_id\n' -
    expect_status 2
    expect_stderr_line 'timele-load: error: -:1: the first line does not look like a header (2 fields): is the header line missing?'
    expect_nowhere 31m
    expect_nowhere $'\e'

    run_load_from '2,a@example.org,Oslo\n' -
    expect_status 2
    expect_stderr_line 'timele-load: error: -:1: no column name in the first line (3 fields): is the header line missing?'
    expect_nowhere example.org
    expect_stderr_contains 'timele-load: hint: The first line must name the columns'
    expect_stdout ''
    expect_unchanged "$before"
}

# expect_nothing_shown WRONG FILE: the run was refused so, and no value of FILE went anywhere: to no
# stream, log, report or ledger.
expect_nothing_shown() {
    local message="$2:1: $1" format value
    for format in text json; do
        run_load --log-format=$format --report=report.json --rejects=rejects "$2"
        expect_status 2
        expect_stdout ''
        expect_stderr_contains "$message"
        expect_unchanged "$before"
        for value in hunter2 SECRET example Ann 1970; do
            expect_nowhere "$value"
            run ! grep -F "$value" report.json
        done
        [[ $(jq -r .error.message report.json) == "$message" ]] || unexpected "$(<report.json)"
        [[ ! -e rejects ]]
    done
    run_load --check -v "$2"
    expect_status 2
    for value in hunter2 SECRET example Ann 1970; do
        expect_nowhere "$value"
    done
    expect_sql 'SELECT DISTINCT message FROM timele_load.runs' "$message"
    sql 'DELETE FROM timele_load.runs'
}

@test "a missing header line: nothing of the first row is shown, in messages, JSON, report or ledger" {
    local row='1,Ann,Lee,hunter2,$2b$12$SECRET,ann@example.org,555,Road,Oslo,0000,country,1970-01-01,1970-01-01'
    printf '%s\n' "$row" "2${row#1}" >users.csv
    expect_nothing_shown 'the first line does not look like a header (13 fields): is the header line missing?' users.csv
    printf '%s\n' "${row/country/Norway}" >users.csv
    expect_nothing_shown 'no column name in the first line (13 fields): is the header line missing?' users.csv
    tr , ';' <<<"$row" >users.csv
    expect_nothing_shown 'no column name in the first line (1 field): is the separator a semicolon?' users.csv
    tr , '\t' <<<"$row" >users.csv
    expect_nothing_shown 'no column name in the first line (1 field): is the separator a tab?' users.csv
    { echo 'user_id;password' && echo '1;hunter2'; } >users.csv
    expect_nothing_shown 'the fields are separated by semicolons, and not by commas' users.csv
    printf '1,hunter2,"SECRET\n' >users.csv
    expect_nothing_shown 'not a CSV header: quoted field is not closed before the end of the file' users.csv
    printf '1,hunter2,SEC"RET\n' >users.csv
    expect_nothing_shown 'not a CSV header: quote inside an unquoted field' users.csv
}

@test "a missing line end behind the header: nothing of the first row is shown" {
    printf 'user_id,email_address,password,hashed_password1,ann@example.org,hunter2,SECRET\n2,b\n' >users.csv
    run_load -v --rejects=rejects --report=report.json users.csv
    expect_status 1
    for value in hunter2 SECRET ann@; do
        expect_nowhere "$value"
        run ! grep -F "$value" report.json rejects/users.reasons.csv
    done
    expect_stderr_contains 'users.csv: field 6 of the header has no place in users.users and is ignored'
}

@test "a header without a column that every row needs" {
    run_load_from 'order_id,user_id,order_number,order_dow\n2,1,1,0\n' -
    expect_refused 2 'timele-load: error: -: the header has no column order_hour_of_day, which orders.orders needs'
}

@test "a header that names a column twice" {
    run_load_from 'user_id,email_address,city,city\n2,a@example.org,Oslo,Rome\n' -
    expect_refused 2 'timele-load: error: -: the header names column city twice, in fields 3 and 4
timele-load: hint: Give the one that is not wanted another name: it is ignored then.'
}

# Rows that are no CSV -----------------------------------------------------------------------------

@test "too few and too many fields, in every table" {
    write_csv users.csv <<'END'
user_id,email_address,first_name
2,a@example.org
3,b@example.org,Bob,Baker

2
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,1,1,0
3,1,1,0,0,
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
2,1
2,1,1,1,1
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
1,Banana
2,Lentils, Unsalted,1,1
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
1
2,milk,cheese
END
    write_csv departments.csv <<'END'
department_id,department
1
2,dairy,eggs
END
    run_load users.csv orders.csv items.csv products.csv aisles.csv departments.csv
    expect_refused 2 'users.csv:2: first_name: missing: the row has 2 fields, the header 3
users.csv:3: field 4: one too many: the row has 4 fields, the header 3
users.csv:5: email_address: missing: the row has 1 field, the header 3
orders.csv:2: order_hour_of_day: missing: the row has 4 fields, the header 5
orders.csv:3: field 6: one too many: the row has 6 fields, the header 5
items.csv:2: add_to_cart_order: missing: the row has 2 fields, the header 3
items.csv:3: field 4: one too many: the row has 5 fields, the header 3
products.csv:2: aisle_id: missing: the row has 2 fields, the header 4
products.csv:3: field 5: one too many: the row has 5 fields, the header 4
aisles.csv:2: aisle: missing: the row has 1 field, the header 2
aisles.csv:3: field 3: one too many: the row has 3 fields, the header 2
departments.csv:2: department: missing: the row has 1 field, the header 2
departments.csv:3: field 3: one too many: the row has 3 fields, the header 2
timele-load: error: 13 bad rows in 6 files; nothing was loaded'
}

@test "broken quotes are told, and the rows after them judged" {
    write_csv users.csv <<'END'
user_id,email_address,city
2,"a@example.org"x,Oslo
3,b@example.org,Os"lo
x,c@example.org,Oslo
4,d@example.org,"Os
lo" ,"
5,e@example.org,Oslo
y,f@example.org,"Os""lo"
END
    run_load users.csv
    expect_refused 2 'users.csv:2: email_address: text after the closing quote of a field
users.csv:3: city: quote inside an unquoted field
users.csv:4: user_id: not an integer ("x")
users.csv:5: city: text after the closing quote of a field
users.csv:8: user_id: not an integer ("y")
timele-load: error: 5 bad rows in 1 file; nothing was loaded'
}

@test "a quote that is not closed at the end of the file" {
    write_csv users.csv <<'END'
user_id,email_address,city
2,a@example.org,Oslo
3,b@example.org,"Oslo
4,c@example.org,Rome
END
    run_load users.csv
    expect_refused 2 'users.csv:3: city: quoted field is not closed before the end of the file
timele-load: error: 1 bad row in 1 file; nothing was loaded'
}

# Nobody knows which users the rest of the file has.
@test "references to rows of a file that cannot be read to its end are not judged" {
    printf 'user_id,email_address\n2,a@example.org\n3,"b@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,2,1,1,1\n2,4,1,1,1\n' >orders.csv
    run_load --check users.csv orders.csv
    expect_refused 2 'users.csv:3: email_address: quoted field is not closed before the end of the file
timele-load: error: 1 bad row in 1 file; nothing was loaded'
    run_load --check --rejects=rejects users.csv orders.csv
    expect_status 2
    expect_stdout ''
    [[ $stderr != *orders.csv* ]] || unexpected
}

@test "a field of 100 MB is an error, not 100 MB of memory" {
    if ldd "$TIMELE_LOAD" | grep -q libasan; then
        skip 'AddressSanitizer needs terabytes of addresses'
    fi
    {
        printf 'user_id,email_address,city\n2,a@example.org,"'
        head -c 100000000 /dev/zero | tr '\0' x
        printf '"\n3,b@example.org,Rome\n'
    } >users.csv
    # shellcheck disable=SC2016 # for the inner shell
    run_in_shell 'ulimit -v 80000; exec "$TIMELE_LOAD" users.csv'
    expect_refused 2 'users.csv:2: city: field is longer than 1 MiB; a closing quote may be missing
timele-load: error: 1 bad row in 1 file; nothing was loaded'
}

# Line numbers -------------------------------------------------------------------------------------

@test "line numbers after quoted newlines" {
    printf '%s\n' 'user_id,"email_address","street_address"' \
        '2,a@example.org,"1 Oak Road' '' 'Oslo"' \
        'x,b@example.org,"2 Oak Road' 'Oslo"' \
        'y,c@example.org,3 Oak Road' >users.csv
    run_load users.csv
    expect_refused 2 'users.csv:5: user_id: not an integer ("x")
users.csv:7: user_id: not an integer ("y")
timele-load: error: 2 bad rows in 1 file; nothing was loaded'
}

@test "line numbers after CRLF, blank lines and a byte order mark" {
    printf '%b' '\xef\xbb\xbfuser_id,email_address\r\n' '\r\n' '2,a@example.org\r\n' \
        'x,b@example.org\r\n' '\r\n' '\r\n' '3,"c\r\n@example.org"\r\n' 'y,d@example.org\r\n' >users.csv
    run_load users.csv
    expect_refused 2 'users.csv:4: user_id: not an integer ("x")
users.csv:9: user_id: not an integer ("y")
timele-load: error: 2 bad rows in 1 file; nothing was loaded'
}

@test "line numbers of standard input, blank lines before the header counted" {
    run_load_from '\n\nuser_id,email_address\n\nx,a@example.org\n' -
    expect_refused 2 '-:5: user_id: not an integer ("x")
timele-load: error: 1 bad row in 1 file; nothing was loaded'
}

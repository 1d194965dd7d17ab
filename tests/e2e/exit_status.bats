#!/usr/bin/env bats
#
# Every exit status, the command line's own errors, and a run whose standard streams or environment
# are not what they usually are.

load harness
load concurrency

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    printf 'user_id,email_address\n2,bob@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n2,2,1,0,8\n' >orders.csv
}

teardown() {
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

run_in_shell() {
    run --separate-stderr timeout --kill-after=5 120 bash -c "$1"
}

expect_users() {
    expect_sql 'SELECT count(*) FROM users.users' "$1"
}

# Every status -------------------------------------------------------------------------------------

@test "0: loaded" {
    run_load users.csv
    expect_status 0
    expect_silence
    expect_users 1
}

@test "0: the schema alone" {
    run_load --create-schema
    expect_status 0
    expect_silence
}

@test "2: bad data" {
    printf 'user_id,email_address\nx,bob@example.org\n' >users.csv
    run_load users.csv
    expect_status 2
    expect_stdout ''
    expect_users 0
}

@test "3: database error" {
    sql 'DROP TABLE users.users CASCADE'
    run_load users.csv
    expect_status 3
    expect_stdout ''
}

@test "4: file error" {
    run_load users.csv missing.csv
    expect_status 4
    expect_stdout ''
    expect_users 0
}

@test "5: another run" {
    hold BEGIN 'LOCK TABLE users.users IN SHARE MODE'
    start_load users.csv
    eventually waiting_for_lock
    run_load users.csv
    expect_status 5
    expect_stdout ''
    release
    finish_load
    expect_status 0
}

@test "64: usage" {
    run_load
    expect_status 64
    expect_stdout ''
}

@test "130 and 143: interrupted, terminated" {
    hold BEGIN 'LOCK TABLE users.users IN SHARE MODE'
    start_load users.csv
    eventually waiting_for_lock
    kill -INT "$load_process"
    finish_load
    expect_status 130
    start_load users.csv
    eventually waiting_for_lock
    kill -TERM "$load_process"
    finish_load
    expect_status 143
    expect_stdout ''
    expect_users 0
}

# Usage --------------------------------------------------------------------------------------------

# expect_usage_error MESSAGE ARGUMENT...
expect_usage_error() {
    run_load "${@:2}"
    expect_status 64
    expect_stdout ''
    expect_stderr_contains "timele-load: error: "
    expect_stderr_contains "$1"
    expect_stderr_contains 'timele-load: hint: '
    [[ $(wc -l <<<"$stderr") == 2 ]] || unexpected
    expect_users 0
}

@test "a command line that makes no sense" {
    expect_usage_error 'no FILE'
    expect_usage_error "unknown option --bogus" --bogus users.csv
    expect_usage_error "hint: Did you mean --create-schema?" --crate-schema users.csv
    expect_usage_error "unknown option -x" -x users.csv
    expect_usage_error "the option --re is ambiguous" --re users.csv
    expect_usage_error "hint: It may be --reset, --rejects, --rebuild or --report." --re users.csv
    expect_usage_error "--duplicates needs a value" --duplicates
    expect_usage_error "--quiet takes no value" --quiet=1 users.csv
    expect_usage_error "--rejects needs a value, and --quiet is an option" --rejects --quiet users.csv
    [[ ! -e --quiet ]]
    expect_usage_error "hint: Did you mean --mode=upsert?" --mode=upsrt users.csv
    expect_usage_error "unknown option --HANG" --HANG
    expect_usage_error "--max-rejects takes a percentage from 0% to 100%, not '200%'" \
        --rejects=rejects --max-rejects=200% users.csv
    expect_usage_error "--mode goes with FILEs, and none is given" --create-schema --mode=upsert
    expect_usage_error "--duplicates takes error, first or last, not 'maybe'" --duplicates=maybe users.csv
    expect_usage_error "not ''" --duplicates= users.csv
    expect_usage_error "--infer takes products, users or none, not 'orders'" --infer=orders users.csv
    expect_usage_error "not 'carts=1'" --floor=carts=1 users.csv
    expect_usage_error "not 'products=1'" --floor=products=1 users.csv
    expect_usage_error "not 'users'" --floor=users users.csv
    expect_usage_error "not 'many'" --floor=users=many users.csv
    expect_usage_error "not '0'" --floor=users=0 users.csv
    expect_usage_error "not '-5'" --floor=orders=-5 users.csv
    expect_usage_error "not '9223372036854775807'" --floor=orders=9223372036854775807 users.csv
}

@test "--force without --reset" {
    run_load --force users.csv
    expect_status 64
    expect_stdout ''
    expect_stderr_contains '--force'
    expect_users 0
}

@test "--help, --usage and --version need no database" {
    PGHOST=/nowhere run_load --help
    expect_status 0
    expect_silence
    expect_stdout_contains 'timele-load [OPTION...] FILE...'
    expect_stdout_contains '--create-schema'
    local help=$output
    run_load -h
    expect_status 0
    expect_stdout "$help"
    PGHOST=/nowhere run_load --usage
    expect_status 0
    expect_silence
    expect_stdout_contains '[--create-schema]'
    PGHOST=/nowhere run_load --version
    expect_status 0
    expect_silence
    [[ $output =~ ^timele-load\ [0-9]+\.[0-9]+ ]] || unexpected
}

@test "--help, --usage and --version that cannot be written" {
    local option
    for option in -h --usage --version; do
        OPTION=$option run_in_shell '"$TIMELE_LOAD" "$OPTION" >/dev/full'
        expect_status 4
        [[ $stderr == 'timele-load: error: cannot write standard output: No space left on device' ]] ||
            unexpected
        OPTION=$option run_in_shell '"$TIMELE_LOAD" "$OPTION" >&-'
        expect_status 4
        expect_stderr_contains 'timele-load: error: cannot write standard output'
        # Who has read enough, as grep -q has, is no failure.
        OPTION=$option run_in_shell '"$TIMELE_LOAD" "$OPTION" | true; exit "${PIPESTATUS[0]}"'
        expect_status 0
        expect_silence
    done
}

# Connecting ---------------------------------------------------------------------------------------

@test "no server: says where it was looked for" {
    run_load --dbname "host=$PWD" users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "timele-load: error: cannot connect: connection to server on socket \"$PWD/.s.PGSQL.5432\" failed"
    expect_stderr_contains 'Is the server running locally'

    run_load --dbname 'host=127.0.0.1 port=1' users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'server at "127.0.0.1", port 1 failed: Connection refused'
}

@test "no such database, no such user" {
    run_load --dbname nowhere users.csv
    expect_status 3
    expect_stderr_contains 'database "nowhere" does not exist'
    PGUSER=nobody_of_$PGDATABASE run_load users.csv
    expect_status 3
    expect_stderr_contains "role \"nobody_of_$PGDATABASE\" does not exist"
}

@test "a password in a connection string that cannot be read is not shown" {
    local conninfo
    for conninfo in 'postgresql://ada:SECRET@[::1' 'postgresql://ada:SECRET%zz@localhost/x' \
        'user=ada password=very SECRET' 'user=ada password=SECRET bogus=1' "password='SECRET"; do
        run_load --dbname "$conninfo" users.csv
        expect_status 3
        expect_stdout ''
        expect_stderr_contains 'timele-load: error: cannot connect: '
        expect_nowhere SECRET
    done
}

@test "files are looked at before the server" {
    run_load --dbname nowhere missing.csv
    expect_status 4
}

# The streams --------------------------------------------------------------------------------------

@test "a summary that cannot be written is a warning: the rows are there" {
    run_in_shell '"$TIMELE_LOAD" users.csv >/dev/full'
    expect_status 0
    [[ $stderr == 'timele-load: warning: all is loaded, but the summary cannot be written: No space left on device' ]] ||
        unexpected
    expect_users 1
}

@test "a summary of --check that cannot be written does not call the rows loaded" {
    run_in_shell '"$TIMELE_LOAD" --check users.csv >/dev/full'
    expect_status 0
    [[ $stderr == 'timele-load: warning: the files are checked, but the summary cannot be written: No space left on device' ]] ||
        unexpected
    run_in_shell '"$TIMELE_LOAD" --verify >/dev/full'
    expect_status 0
    [[ $stderr == 'timele-load: warning: the database is verified, but the summary cannot be written: No space left on device' ]] ||
        unexpected
}

@test "standard output closed" {
    run_in_shell '"$TIMELE_LOAD" users.csv >&-'
    expect_status 0
    expect_stderr_contains 'warning: all is loaded, but the summary cannot be written'
    expect_users 1
}

@test "standard output closed and --quiet: nothing to be said" {
    run_in_shell '"$TIMELE_LOAD" --quiet users.csv >&-'
    expect_status 0
    expect_silence
    expect_users 1
}

# Without a foreign key there is a warning in mid-transaction: it must not go into the connection,
# which would have descriptor 2 if nothing else had.
@test "standard error closed: the load goes on without a word" {
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey'
    run_in_shell '"$TIMELE_LOAD" --verbose users.csv orders.csv 2>&-'
    expect_status 0
    expect_stdout_contains 'users.csv'
    expect_users 1
    expect_sql 'SELECT count(*) FROM orders.orders' 1
}

@test "all streams closed" {
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey'
    run_in_shell '"$TIMELE_LOAD" users.csv orders.csv <&- >&- 2>&-'
    expect_status 0
    expect_users 1
    run_in_shell '"$TIMELE_LOAD" users.csv orders.csv <&- >&- 2>&-'
    expect_status 2
    run_in_shell '"$TIMELE_LOAD" - <&- >&- 2>&-'
    expect_status 4
    run_in_shell '"$TIMELE_LOAD" --bogus <&- >&- 2>&-'
    expect_status 64
    expect_users 1
}

@test "standard error that cannot be written changes no status" {
    run_in_shell '"$TIMELE_LOAD" missing.csv 2>/dev/full'
    expect_status 4
}

@test "standard output is a pipe that nobody reads" {
    run_in_shell '"$TIMELE_LOAD" users.csv | true; exit "${PIPESTATUS[0]}"'
    expect_status 0
    expect_users 1
}

# The environment ----------------------------------------------------------------------------------

@test "cron's environment" {
    run --separate-stderr env -i SHELL=/bin/sh PATH=/usr/bin:/bin PGHOST="$PGHOST" PGUSER="$PGUSER" \
        PGDATABASE="$PGDATABASE" "$TIMELE_LOAD" "$PWD/users.csv"
    expect_status 0
    expect_silence
    expect_users 1
}

@test "no environment, all in the connection string" {
    run --separate-stderr env -i "$TIMELE_LOAD" \
        --dbname "host=$PGHOST user=$PGUSER dbname=$PGDATABASE" - <users.csv
    expect_status 0
    expect_silence
    expect_users 1
}

@test "another locale changes no message" {
    printf 'user_id,email_address\n7.5,bob@example.org\n' >users.csv
    LC_ALL=de_DE.UTF-8 LANGUAGE=de run_load users.csv
    expect_status 2
    expect_stderr_line 'users.csv:2: user_id: not a whole number ("7.5")'
}

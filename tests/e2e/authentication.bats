#!/usr/bin/env bats
#
# A password: where it is found, what is said when it is missing or wrong, and that it is shown
# nowhere.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server

PASSWORD='right horse'

setup_file() {
    start_own_server
    start_file
    setup_schema
    # Not with the line of the server's history or of its log.
    psql -XAtq -v ON_ERROR_STOP=1 <<SQL
SET password_encryption = 'scram-sha-256';
CREATE ROLE loader LOGIN SUPERUSER PASSWORD '$PASSWORD';
SQL
    as_server_user tee data/pg_hba.conf >/dev/null <<'HBA'
local all loader scram-sha-256
local all all    trust
HBA
    sql 'SELECT pg_reload_conf()' >/dev/null
    eventually asks_for_password
}

asks_for_password() {
    ! psql -XAtqc 'SELECT 1' --no-password "user=loader" >/dev/null 2>&1
}

teardown_file() {
    stop_own_server
}

setup() {
    use_own_server
    start_test
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
    export HOME=$PWD
    password_file "$PASSWORD"
}

# password_file PASSWORD [PATH]: as docs/cron.md says.
password_file() {
    printf '%s:*:%s:loader:%s\n' "$PGHOST" "$PGDATABASE" "$1" >"${2:-.pgpass}"
    chmod 600 "${2:-.pgpass}"
}

expect_refused() {
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "$1"
    expect_sql 'SELECT count(*) FROM users.users' 0
}

expect_loaded() {
    expect_status 0
    expect_silence
    expect_sql 'SELECT count(*) FROM users.users' 1
}

hint='timele-load: hint: Put the password into ~/.pgpass or the file that PGPASSFILE names, which only its owner may read (chmod 600).'

@test "the password in ~/.pgpass" {
    PGUSER=loader run_load users.csv
    expect_loaded
}

@test "the password in the file that PGPASSFILE names" {
    password_file "$PASSWORD" elsewhere
    rm .pgpass
    PGUSER=loader PGPASSFILE=$PWD/elsewhere run_load users.csv
    expect_loaded
}

# cron gives HOME, and next to nothing else.
@test "a service and the password in ~/.pgpass, in the environment of cron" {
    printf '[timele]\nhost=%s\ndbname=%s\nuser=loader\n' "$PGHOST" "$PGDATABASE" >.pg_service.conf
    run --separate-stderr env --ignore-environment HOME="$PWD" PATH=/usr/bin:/bin \
        PGSERVICE=timele timeout 120 "$TIMELE_LOAD" --quiet users.csv
    expect_stdout ''
    expect_loaded
}

@test "a wrong password ends the run at once, with --wait too" {
    password_file 'wrong horse'
    for option in --wait=0 --wait=600; do
        PGUSER=loader run_load --verbose "$option" users.csv
        expect_refused 'cannot connect: '
        expect_stderr_contains 'password authentication failed for user "loader"'
        expect_stderr_contains "password retrieved from file \"$PWD/.pgpass\""
        expect_nowhere horse
    done
}

# It is libpq that looks at the mode and warns.
@test "a password file that others may read is not used" {
    chmod 644 .pgpass
    PGUSER=loader run_load users.csv
    expect_refused 'no password supplied'
    expect_stderr_contains "password file \"$PWD/.pgpass\" has group or world access; permissions should be u=rw (0600) or less"
    expect_stderr_line "$hint"
    expect_nowhere horse
}

@test "no password: nobody is asked for one, without a terminal and on one" {
    rm .pgpass
    for option in --wait=0 --wait=600; do
        PGUSER=loader run_load "$option" users.csv
        expect_refused 'cannot connect: '
        expect_stderr_contains 'no password supplied'
        expect_stderr_line "$hint"
    done
    PGUSER=loader run --separate-stderr setsid --wait timeout 120 "$TIMELE_LOAD" --verify </dev/null
    expect_refused 'no password supplied'
    # Nobody types there, and its input stays open.
    mkfifo nobody
    PGUSER=loader run timeout 120 script --quiet --return --command "$TIMELE_LOAD users.csv" \
        typescript <>nobody
    ((status == 3)) || unexpected 'expected exit status: 3'
    [[ $output == *'no password supplied'* ]]
}

expect_no_password_in_report() {
    [[ $(<report.json) != *horse* ]] || unexpected "$(<report.json)"
}

@test "a password in the connection string or in PGPASSWORD is shown nowhere" {
    local uri="postgresql://loader:right%20horse@/$PGDATABASE?host=$PGHOST"
    rm .pgpass
    for connection in "user=loader password='$PASSWORD'" "$uri"; do
        run_load --verbose --mode=upsert --report=report.json --dbname "$connection" users.csv
        expect_status 0
        expect_nowhere horse
        expect_no_password_in_report
    done
    PGUSER=loader PGPASSWORD=$PASSWORD run_load --verbose --mode=upsert --report=report.json users.csv
    expect_status 0
    expect_nowhere horse
    expect_sql "SELECT count(*), count(*) FILTER (WHERE r::text || to_jsonb(r)::text ~ 'horse')
                  FROM timele_load.runs r" '3|0'

    run_load --verbose --report=report.json --dbname "user=loader password='wrong horse'" users.csv
    expect_status 3
    expect_stderr_contains 'password authentication failed'
    expect_nowhere horse
    expect_no_password_in_report
}

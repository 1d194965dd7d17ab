#!/usr/bin/env bats
#
# Runs that are broken off: by a signal, by the server, by another run. Whatever happens before the
# commit, the database stays as it was.

load harness
load concurrency

SERVER=$PGHOST

setup_file() {
    start_file
    setup_schema
    sql "INSERT INTO users.users (id, email_address) VALUES (1, 'ada@example.org')"
    cd "$BATS_FILE_TMPDIR" || return 1
    make_files
}

setup() {
    start_test
    cp "$BATS_FILE_TMPDIR"/*.csv .
}

teardown() {
    export PGHOST=$SERVER
    if [[ -n ${other_server:-} ]]; then
        kill -CONT "$postmaster" 2>/dev/null || true
        kill -TERM "$other_server" 2>/dev/null
        wait "$other_server" || true
    fi
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

# Far more orders than fit into the buffers between the program and the server, so that the program
# is still sending when the server stops at the second one.
make_files() {
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,0,8\n2,1,2,0,8\n' |
        tee few_orders.csv many_orders.csv >/dev/null
    seq -f '%.0f,1,3,0,08' 3 200000 >>many_orders.csv
}

remember_database() {
    before=$(snapshot)
}

# The server stops in the middle of the COPY, at order 2, while another session holds the lock.
stop_at_second_order() {
    wait_before_insert orders.orders "NEW.id = 2"
    remember_database
    hold 'SELECT pg_advisory_lock(2)'
}

in_copy() {
    backends "query LIKE 'COPY \"orders\"%' AND wait_event_type = 'Lock'" 1
}

expect_loadable() {
    release
    run_load few_orders.csv
    expect_status 0
}

# Signals ------------------------------------------------------------------------------------------

@test "SIGTERM in mid-COPY, and SIGHUP, which counts as such" {
    local orders signal=TERM
    stop_at_second_order
    for orders in many_orders.csv few_orders.csv; do
        start_load "$orders"
        eventually in_copy
        kill -"$signal" "$load_process"
        signal=HUP
        finish_load
        expect_status 143
        expect_stdout ''
        [[ $stderr == 'timele-load: error: terminated; nothing was changed' ]] || unexpected
        # The lock is still held: the statement was cancelled, it did not come to its end.
        eventually no_backend
        expect_unchanged "$before"
    done
    expect_loadable
}

@test "SIGINT in mid-COPY" {
    stop_at_second_order
    for orders in many_orders.csv few_orders.csv; do
        start_load "$orders"
        eventually in_copy
        kill -INT "$load_process"
        finish_load
        expect_status 130
        expect_stdout ''
        [[ $stderr == 'timele-load: error: interrupted; nothing was changed' ]] || unexpected
        eventually no_backend
        expect_unchanged "$before"
    done
    expect_loadable
}

@test "SIGTERM and SIGINT while another session holds a lock on the table" {
    remember_database
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    for signal in TERM INT; do
        start_load few_orders.csv
        eventually waiting_for_lock
        kill -s "$signal" "$load_process"
        finish_load
        if [[ $signal == TERM ]]; then expect_status 143; else expect_status 130; fi
        expect_stdout ''
        expect_stderr_contains 'nothing was changed'
        eventually no_backend
        expect_unchanged "$before"
    done
    expect_loadable
}

@test "SIGTERM while standard input brings nothing" {
    mkfifo pipe
    remember_database
    # Open for both, so that neither side waits for the other one.
    exec 9<>pipe
    printf 'order_id,user_id,' >&9
    start_load - <&9
    eventually catches_signals "$load_process"
    kill -TERM "$load_process"
    finish_load
    exec 9>&-
    expect_status 143
    expect_stdout ''
    expect_unchanged "$before"
}

@test "kill -9 in mid-COPY" {
    stop_at_second_order
    start_load many_orders.csv
    eventually in_copy
    kill -KILL "$load_process"
    finish_load
    expect_status 137
    # The server finds out when it wants the next row.
    release
    eventually no_backend
    expect_unchanged "$before"
    expect_loadable
}

# The server ---------------------------------------------------------------------------------------

@test "the connection is lost in mid-COPY" {
    stop_at_second_order
    for orders in many_orders.csv few_orders.csv; do
        start_load "$orders"
        eventually in_copy
        terminate_backend
        finish_load
        expect_status 3
        expect_stdout ''
        expect_stderr_contains 'terminating connection due to administrator command'
        eventually no_backend
        expect_unchanged "$before"
    done
    expect_loadable
}

@test "the connection is lost while the run waits for a lock" {
    remember_database
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    start_load few_orders.csv
    eventually waiting_for_lock
    terminate_backend
    finish_load
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'terminating connection due to administrator command'
    expect_unchanged "$before"
}

# The load goes on when the server refuses the ledger's rows, but not without a server.
@test "the connection is lost while the ledger's rows are written: the message says why" {
    wait_before_insert timele_load.runs "NEW.result = 'loaded'"
    remember_database
    hold 'SELECT pg_advisory_lock(2)'
    start_load few_orders.csv
    eventually waiting_for_lock
    terminate_backend
    finish_load
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'error: terminating connection due to administrator command'
    expect_unchanged "$before"
    expect_sql 'SELECT result FROM timele_load.runs' failed
    expect_loadable
}

# A server of this test alone, found by PGHOST from here on.
start_other_server() {
    # shellcheck disable=SC2016 # for the inner shell
    "$PROJECT_ROOT/scripts/with-postgres" bash -c 'echo "$PGHOST" >other_server; exec sleep 3600' \
        3>&- &
    other_server=$!
    eventually test -s other_server
    PGHOST=$(<other_server)
    postmaster=$(head -n 1 "$PGHOST/data/postmaster.pid")
    psql -XAtq --dbname postgres --command "CREATE DATABASE \"$PGDATABASE\""
}

restart_other_server() {
    local owner=() name
    if ((EUID == 0)); then
        name=$(stat --format %U "$PGHOST/data")
        owner=(setpriv --reuid "$name" --regid "$(id -g "$name")" --init-groups --)
    fi
    (cd "$PGHOST" && "${owner[@]}" "$programs/pg_ctl" start --pgdata data --wait --silent \
        --log data/server.log 3>&-)
}

@test "the server crashes in mid-load" {
    start_other_server
    programs=$(dirname "$(readlink "/proc/$postmaster/exe")")
    setup_schema
    sql "INSERT INTO users.users (id, email_address) VALUES (1, 'ada@example.org')"
    stop_at_second_order
    # The server commits asynchronously: without this, a crash could undo the lines above.
    sql CHECKPOINT
    start_load many_orders.csv
    eventually in_copy
    kill -QUIT "$postmaster"
    finish_load
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timele-load: error: '
    eventually ended "$postmaster"
    restart_other_server
    expect_unchanged "$before"
    expect_loadable
}

@test "SIGTERM while a server does not answer" {
    start_other_server
    kill -STOP "$postmaster"
    start_load few_orders.csv
    eventually catches_signals "$load_process"
    kill -TERM "$load_process"
    finish_load
    kill -CONT "$postmaster"
    expect_status 143
    expect_stdout ''
}

@test "a server that does not answer, with a connect_timeout" {
    start_other_server
    kill -STOP "$postmaster"
    run --separate-stderr timeout 120 "$TIMELE_LOAD" --dbname 'connect_timeout=2' few_orders.csv
    kill -CONT "$postmaster"
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timeout'
}

# Another run --------------------------------------------------------------------------------------

@test "a second run ends at once and names the first" {
    local first_backend
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    start_load few_orders.csv
    eventually waiting_for_lock
    first_backend=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'timele-load'
                          AND datname = current_database()")
    printf 'user_id,email_address\n2,bob@example.org\n' >users.csv

    run_load users.csv
    expect_status 5
    expect_stdout ''
    expect_stderr_contains 'timele-load: error: another run is loading'
    expect_stderr_contains "server process $first_backend"

    run_load --create-schema
    expect_status 5

    release
    finish_load
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 1
    run_load users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
    expect_sql 'SELECT count(*) FROM orders.orders' 2
}

@test "runs on two databases do not meet" {
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    start_load few_orders.csv
    eventually waiting_for_lock
    maintain "CREATE DATABASE \"${PGDATABASE}_other\""
    run_load --dbname "${PGDATABASE}_other" --create-schema
    maintain "DROP DATABASE \"${PGDATABASE}_other\""
    expect_status 0
    release
    finish_load
    expect_status 0
}

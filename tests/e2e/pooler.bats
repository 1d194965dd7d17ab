#!/usr/bin/env bats
#
# PgBouncer between the program and the server. In session mode a client keeps its connection to the
# server; in transaction mode the next transaction may get another one, and the next client this one,
# as it was left; in statement mode there are no transactions.

load harness
load concurrency
load new_tables
load own_server
load proxy
load small_shop

SERVER=$PGHOST

setup_file() {
    start_file
    setup_schema
}

setup() {
    # Debian has it where only root's PATH looks.
    PATH=$PATH:/usr/sbin
    command -v pgbouncer >/dev/null || skip 'pgbouncer is not installed'
    start_test
    write_history
    write_catalogue
    # Without the columns that are ignored, which every run would name.
    cut -d, -f1-3,5- users.csv >known.csv && mv known.csv users.csv
    cut -d, -f1-2,4- orders.csv >known.csv && mv known.csv orders.csv
    pooler=
}

teardown() {
    stop_proxy
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
    if [[ -n ${pooler:-} ]]; then
        stop_pooler TERM
    fi
}

ALL=(users.csv orders.csv items.csv products.csv aisles.csv departments.csv)

# start_pooler MODE [SETTING...]: sets $pool, the connection string. With one connection to the server
# for everybody, unless a setting says otherwise.
start_pooler() {
    local directory=$SERVER/pooler_$BATS_TEST_NUMBER mode=$1
    shift
    as_server_user rm -rf "$directory"
    as_server_user mkdir "$directory"
    as_server_user tee "$directory/pgbouncer.ini" >/dev/null <<INI
[databases]
* = host=$SERVER port=$PGPORT
[pgbouncer]
unix_socket_dir = $directory
listen_addr =
listen_port = 5432
auth_type = trust
auth_file = $directory/users
logfile = $directory/log
pidfile = $directory/process
pool_mode = $mode
default_pool_size = 1
$(printf '%s\n' "$@")
INI
    as_server_user tee "$directory/users" <<<"\"$PGUSER\" \"\"" >/dev/null
    as_server_user pgbouncer --daemon --quiet "$directory/pgbouncer.ini"
    eventually test -s "$directory/process"
    pooler=$(<"$directory/process")
    pool="host=$directory"
    eventually test -S "$directory/.s.PGSQL.5432"
}

stop_pooler() {
    kill -s "$1" "$pooler"
    eventually ended "$pooler"
    pooler=
}

# through_pooler STATEMENT: by another client, which leaves behind what a session can leave.
through_pooler() {
    psql -XAtq -v ON_ERROR_STOP=1 --dbname "$pool dbname=$PGDATABASE" --command "$1"
}

load_through_pooler() {
    run_load --dbname "$pool" "$@"
}

# The next client of the pool has the server's settings, and nothing is held.
expect_nothing_left() {
    [[ $(through_pooler "SELECT current_setting('search_path'), current_setting('statement_timeout'),
                                current_setting('timele.loading', true) IS DISTINCT FROM 'on'") == \
        '"$user", public|0|t' ]] || unexpected 'a setting of the run is left'
    expect_sql "SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'" ''
    expect_no_run_lock
}

expect_no_run_lock() {
    expect_sql "SELECT pid, mode FROM pg_locks JOIN pg_database d ON d.oid = database
                 WHERE locktype = 'advisory' AND datname = current_database()" ''
}

# In each kind of run, through one connection to the server.
expect_all_runs_work() {
    load_through_pooler --quiet --id-map=ids.csv "${ALL[@]}"
    expect_status 0 && expect_silence
    expect_nothing_left
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    [[ $(wc -l <ids.csv) == 6 ]] || unexpected "$(<ids.csv)"

    sed -i s/Oslo/Bergen/ users.csv
    before=$(snapshot)
    load_through_pooler --dry-run --mode=upsert "${ALL[@]}"
    expect_status 0
    expect_stdout_contains 'dry run'
    expect_nothing_left
    expect_unchanged "$before"

    load_through_pooler --quiet --mode=upsert --verify "${ALL[@]}"
    expect_status 0
    expect_sql 'SELECT city, count(*) FROM users.users GROUP BY city ORDER BY city' $'Bergen|1\n|1'
    expect_nothing_left

    sed -i '$d' items.csv
    load_through_pooler --quiet --mode=replace items.csv
    expect_status 0
    expect_sql 'SELECT total_items FROM orders.orders ORDER BY id' $'2\n2\n0'
    expect_nothing_left

    load_through_pooler items.csv
    expect_status 2
    expect_sql 'SELECT result FROM timele_load.runs ORDER BY run_id' $'loaded\nloaded\nloaded\nfailed'
    expect_nothing_left

    load_through_pooler --verify=full
    expect_status 0
    expect_stdout_contains 'all hold in'
    expect_nothing_left
}

@test "session mode: every kind of run" {
    start_pooler session
    expect_all_runs_work
}

@test "transaction mode: every kind of run" {
    start_pooler transaction
    expect_all_runs_work
}

@test "transaction mode: what another client has set in the session" {
    start_pooler transaction
    through_pooler "SET search_path = nowhere; SET statement_timeout = 1; SET row_security = on;
                    SET session_replication_role = replica; SET default_transaction_read_only = on;
                    SET standard_conforming_strings = off; SET DateStyle = 'SQL, DMY'"
    load_through_pooler --quiet "${ALL[@]}"
    expect_status 0 && expect_silence
    load_through_pooler --quiet --mode=upsert --verify "${ALL[@]}"
    expect_status 0 && expect_silence
    # It has it still.
    [[ $(through_pooler 'SHOW search_path') == nowhere ]]
}

@test "the run lock: a second run through the pooler is refused, in words about the first" {
    for mode in session transaction; do
        start_pooler $mode default_pool_size=3 application_name_add_host=1
        hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
        start_load --dbname "$pool" users.csv orders.csv
        eventually waiting_in_load
        load_through_pooler --mode=upsert users.csv
        expect_status 5
        expect_stderr_contains "error: another run is loading $PGDATABASE on"
        expect_stderr_contains 'application timele-load - unix('
        release
        finish_load
        expect_status 0
        load_through_pooler --mode=replace --quiet users.csv orders.csv
        expect_status 0
        sql 'DELETE FROM orders.orders; DELETE FROM users.users'
        stop_pooler TERM
    done
}

waiting_in_load() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
               AND application_name LIKE 'timele-load%' AND wait_event_type = 'Lock'") == 1 ]]
}

waiting_in_copy() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
               AND query LIKE 'COPY%' AND wait_event_type = 'Lock'") == 1 ]]
}

sleeping() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event = 'PgSleep'") == 1 ]]
}

# A request to cancel comes to the pooler over a connection of its own.
@test "SIGTERM during COPY cancels this run's statement and nobody else's" {
    local before sleeper
    for mode in session transaction; do
        start_pooler $mode default_pool_size=3
        through_pooler 'SELECT pg_sleep(600)' 3>&- &
        sleeper=$!
        eventually sleeping
        before=$(snapshot)
        hold BEGIN 'LOCK TABLE users.users IN SHARE MODE'
        start_load --rebuild=never --dbname "$pool" users.csv
        eventually waiting_in_copy
        kill -TERM "$load_process"
        finish_load
        expect_status 143
        expect_stderr_contains 'terminated; nothing was changed'
        sleeping
        release
        expect_unchanged "$before"
        expect_no_run_lock
        sql "SELECT FROM pg_stat_activity a, pg_terminate_backend(a.pid)
              WHERE a.datname = current_database() AND a.wait_event = 'PgSleep'"
        wait "$sleeper" || true
        stop_pooler TERM
    done
}

@test "the connection to the server is lost, or the pooler is" {
    local before
    start_pooler transaction default_pool_size=2
    before=$(snapshot)
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    start_load --dbname "$pool" users.csv orders.csv
    eventually waiting_in_load
    sql "SELECT FROM pg_stat_activity a, pg_terminate_backend(a.pid)
          WHERE a.datname = current_database() AND a.application_name = 'timele-load'" >/dev/null
    finish_load
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'terminating connection due to administrator command'
    expect_sql 'SELECT result FROM timele_load.runs' failed

    start_load --dbname "$pool" users.csv orders.csv
    eventually waiting_in_load
    stop_pooler KILL
    finish_load
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'server closed the connection unexpectedly'
    release
    eventually no_backend
    expect_unchanged "$before"
}

@test "the answer to COMMIT is lost: the question about it leaves no setting to the next client" {
    start_pooler transaction
    PGHOST=${pool#host=} start_proxy swallow-commit
    run_load --dbname "host=$proxy" users.csv
    expect_status 0
    expect_stderr_contains 'asked again, the server says that all is committed'
    expect_sql 'SELECT count(*) FROM users.users' 2
    expect_nothing_left
}

@test "new tables are built over as many connections as the pool has, or over one" {
    start_pooler transaction query_wait_timeout=1
    load_through_pooler --jobs=3 --reset --create-schema --report=report.json "${ALL[@]}"
    expect_status 0
    expect_stderr_contains 'timele-load: the tables are filled over one connection: '
    expect_one_connection
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_nothing_left
    stop_pooler TERM

    start_pooler transaction default_pool_size=5
    load_through_pooler --jobs=3 --reset --create-schema --report=report.json "${ALL[@]}"
    expect_status 0
    expect_silence
    expect_several_connections
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_nothing_left
}

@test "statement mode is refused before anything is done" {
    local before
    start_pooler statement
    before=$(snapshot)
    for option in --rebuild=auto --create-schema --dry-run --verify; do
        load_through_pooler "$option" users.csv
        expect_status 3
        expect_stdout ''
        expect_stderr_line 'timele-load: error: transaction blocks not allowed in statement pooling mode'
        expect_stderr_line 'timele-load: hint: A run is one transaction: connect to the server itself, or to a pool in session or transaction mode.'
        expect_unchanged "$before"
    done
}

@test "PGOPTIONS, which a pooler does not take" {
    start_pooler session
    PGOPTIONS='-c geqo=off' load_through_pooler users.csv
    expect_status 3
    expect_stderr_contains 'unsupported startup parameter'
    expect_stderr_contains 'timele-load: hint: The pooler does not pass it on to the server: unset PGOPTIONS'
}

@test "no connection of the pool is free" {
    start_pooler transaction query_wait_timeout=1
    PGHOST=${pool#host=} hold BEGIN
    load_through_pooler users.csv
    expect_status 3
    expect_stderr_line 'timele-load: error: query_wait_timeout'
    expect_stderr_contains 'timele-load: hint: The pooler had no connection to the server for so long'
    expect_sql 'SELECT count(*) FROM users.users' 0
}

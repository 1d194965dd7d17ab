#!/usr/bin/env bats
#
# Waiting: for a server that starts, for another run, for a table that somebody else has locked; how
# long, and how it is broken off.

load harness
load concurrency

SERVER=$PGHOST

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    sql "INSERT INTO users.users (id, email_address) VALUES (1, 'ada@example.org')"
    printf 'user_id,email_address\n2,bob@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n2,1,1,0,8\n' >orders.csv
}

teardown() {
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
    end_test
}

said() {
    grep -qF -- "$1" standard_error
}

signal_and_expect() {
    kill -s "$1" "$load_process"
    finish_load
    if [[ $1 == TERM ]]; then expect_status 143; else expect_status 130; fi
    expect_stdout ''
    expect_stderr_contains 'nothing was changed'
    eventually no_backend
}

# The server ---------------------------------------------------------------------------------------

# The socket of the test's server appears in another directory, late.
start_late() {
    mkdir late
    start_load --dbname "host=$PWD/late" "$@"
    eventually said 'waiting up to'
}

@test "waits for a server that is not there yet" {
    start_late --wait=60 users.csv
    ln -s "$SERVER/.s.PGSQL.5432" late/.s.PGSQL.5432
    finish_load
    expect_status 0
    [[ $stderr == 'timele-load: the server does not accept connections yet; waiting up to 60 s' ]] ||
        unexpected
    expect_sql 'SELECT count(*) FROM users.users' 2
}

@test "a server that never comes, and signals meanwhile" {
    run_load --wait=1 --dbname "host=$PWD" users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timele-load: the server does not accept connections yet; waiting up to 1 s'
    expect_stderr_contains "timele-load: error: cannot connect: connection to server on socket \"$PWD/.s.PGSQL.5432\" failed"
    expect_stderr_line 'timele-load: detail: It was tried for 1 s (--wait).'

    for signal in TERM INT; do
        rm -rf late
        start_late --wait=600 users.csv
        signal_and_expect $signal
    done
}

# A server that talks, as PostgreSQL's frontend/backend protocol has it: it starts, then it is there.
@test "waits while the server says that it is starting, not when it refuses" {
    cat >refuse.py <<'END'
import os, socket, struct, sys

state, path, marker = sys.argv[1:]
fields = b'SFATAL\0VFATAL\0C' + state.encode() + b'\0Mthe server says ' + state.encode() + b'\0\0'
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(16)
while True:
    client, _ = listener.accept()
    client.recv(4096)
    try:
        client.sendall(b'E' + struct.pack('!i', len(fields) + 4) + fields)
    except BrokenPipeError:
        pass  # A connection that was only begun.
    client.close()
    open(marker, 'a').write('x')
END
    mkdir late
    python3 refuse.py 57P03 "$PWD/late/.s.PGSQL.5432" asked 3>&- &
    local server=$!
    eventually test -S late/.s.PGSQL.5432
    start_load --wait=60 --dbname "host=$PWD/late" users.csv
    eventually said 'waiting up to'
    eventually test -s asked
    kill "$server"
    ln -sf "$SERVER/.s.PGSQL.5432" late/.s.PGSQL.5432
    finish_load
    expect_status 0

    rm -r late asked
    mkdir late
    python3 refuse.py 28P01 "$PWD/late/.s.PGSQL.5432" asked 3>&- &
    server=$!
    eventually test -S late/.s.PGSQL.5432
    run_load --wait=60 --dbname "host=$PWD/late" users.csv
    kill "$server"
    expect_status 3
    [[ $stderr == *'error: cannot connect: '*'the server says 28P01' ]] || unexpected

    run_load --wait=60 --dbname nowhere users.csv
    expect_status 3
    expect_stderr_contains 'database "nowhere" does not exist'
    expect_nowhere waiting
    run_load --wait=60 --dbname 'service=nowhere' users.csv
    expect_status 3
    expect_nowhere waiting
}

# Another run --------------------------------------------------------------------------------------

start_first_run() {
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    "$TIMELE_LOAD" orders.csv >first_output 2>first_error 3>&- &
    first_process=$!
    eventually waiting_for_lock
    first_backend=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'timele-load'
                          AND datname = current_database()")
}

@test "a second run waits for the first, so long as it may" {
    start_first_run
    run_load --wait=1 users.csv
    expect_status 5
    expect_stdout ''
    expect_stderr_contains "timele-load: another run is loading; waiting up to 1 s for it to end: server process $first_backend, application timele-load, user $PGUSER, from the local socket, begun 20"
    expect_stderr_contains "timele-load: error: another run is loading $PGDATABASE on"
    expect_stderr_contains "timele-load: detail: It is server process $first_backend, "
    expect_stderr_line 'timele-load: hint: It did not end within 1 s (--wait).'

    for signal in TERM INT; do
        start_load --wait=600 users.csv
        eventually said 'another run is loading'
        kill -s $signal "$load_process"
        finish_load
        if [[ $signal == TERM ]]; then expect_status 143; else expect_status 130; fi
        expect_sql 'SELECT count(*) FROM users.users' 1
    done

    start_load --wait=600 users.csv
    eventually said 'another run is loading'
    release
    wait "$first_process"
    finish_load
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
    expect_sql 'SELECT count(*) FROM orders.orders' 1
}

# Anybody who may connect can keep runs out. Not by a lock that only looks like it.
@test "another session holds the run lock" {
    local pid
    hold 'SELECT pg_advisory_lock((1953066341::bigint << 32) + 1819238756)'
    run_load users.csv
    expect_status 0
    release

    hold 'SELECT pg_advisory_lock(1953066341, 1819238756)'
    pid=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'holder'
                AND datname = current_database()")
    run_load --wait=1 users.csv
    expect_status 5
    expect_stdout ''
    expect_stderr_contains "timele-load: another session holds the run lock; waiting up to 1 s for it to end: server process $pid, application holder, user $PGUSER, from the local socket, connected since 20"
    expect_stderr_contains "timele-load: error: another session holds the run lock of $PGDATABASE on"
    expect_stderr_contains "timele-load: detail: It is server process $pid, application holder, "
    expect_stderr_line "timele-load: hint: Its application name is not that of a run. If it should not be there, end it: SELECT pg_terminate_backend($pid)."

    # A user who may not see when it began, nor where it comes from.
    sql "CREATE ROLE \"$PGDATABASE\" LOGIN;
         GRANT USAGE ON SCHEMA users TO \"$PGDATABASE\""
    PGUSER=$PGDATABASE run_load users.csv
    expect_status 5
    expect_stderr_line "timele-load: detail: It is server process $pid, application holder, user $PGUSER."
    sql "DROP OWNED BY \"$PGDATABASE\"; DROP ROLE \"$PGDATABASE\""

    # What the hint says does end it.
    sql "SELECT pg_terminate_backend($pid)" >/dev/null
    run_load --wait=60 --mode=skip users.csv
    expect_status 0
}

@test "a prepared transaction holds the run lock" {
    # It outlives its session, so it would be found by name alone.
    # shellcheck disable=SC2016 # for the inner shell
    "$PROJECT_ROOT/scripts/with-postgres" --set max_prepared_transactions=1 \
        bash -c '
            psql -Xq -c "BEGIN; SELECT pg_advisory_xact_lock(1953066341, 1819238756);
                         PREPARE TRANSACTION \$\$left\$\$" >&2
            "$TIMELE_LOAD" --create-schema; status=$?
            psql -Xq -c "ROLLBACK PREPARED \$\$left\$\$"
            "$TIMELE_LOAD" --create-schema -q || exit 99
            exit $status' >standard_output 2>standard_error 3>&- || status=$?
    stderr=$(<standard_error)
    output=$(<standard_output)
    expect_status 5
    expect_stderr_contains "timele-load: detail: It is the prepared transaction 'left', user postgres, begun 20"
    expect_stderr_contains "end it: ROLLBACK PREPARED 'left'."
}

@test "a prepared transaction has a table locked" {
    # shellcheck disable=SC2016 # for the inner shell
    "$PROJECT_ROOT/scripts/with-postgres" --set max_prepared_transactions=1 \
        bash -c '
            "$TIMELE_LOAD" --create-schema -q || exit 99
            psql -Xq -c "BEGIN; LOCK TABLE users.users; PREPARE TRANSACTION \$\$left\$\$" >&2
            "$TIMELE_LOAD" --lock-timeout=1 users.csv; status=$?
            psql -Xq -c "ROLLBACK PREPARED \$\$left\$\$"
            exit $status' >standard_output 2>standard_error 3>&- || status=$?
    stderr=$(<standard_error)
    output=$(<standard_output)
    expect_status 3
    expect_stderr_contains "timele-load: detail: users.users is in use by the prepared transaction 'left' (user postgres), prepared 20"
}

# Locks --------------------------------------------------------------------------------------------

@test "--lock-timeout: who has the table locked, and what comes of it" {
    local holder
    hold BEGIN 'LOCK TABLE users.users IN SHARE MODE'
    holder=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'holder'
                   AND datname = current_database()")
    before=$(snapshot)
    run_load --lock-timeout=1 --rebuild=never users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timele-load: error: '
    expect_stderr_contains "timele-load: detail: users.users is in use by server process $holder (holder, user $PGUSER), in a transaction since 20"
    expect_stderr_line 'timele-load: hint: Start again when that session has ended, or wait longer with --lock-timeout=SECONDS.'
    expect_unchanged "$before"

    # Without the option the user's own setting holds.
    export PGOPTIONS='-c lock_timeout=100'
    run_load --rebuild=always users.csv
    expect_status 3
    expect_stderr_contains "indexes and constraints cannot be rebuilt: users.users is in use by server process $holder"
    expect_unchanged "$before"
    release

    # A reader keeps the tables from being rebuilt, not from being loaded.
    hold BEGIN 'SELECT count(*) FROM orders.orders'
    run_load orders.csv
    expect_status 0
    expect_stderr_contains 'timele-load: indexes and constraints stay in place during the load: orders.orders is in use by server process'
    expect_sql 'SELECT count(*) FROM orders.orders' 1
}

# Signals ------------------------------------------------------------------------------------------

# An index whose function waits for a lock stands still while it is built.
@test "a signal while an index is built" {
    sql <<'SQL'
CREATE FUNCTION public.wait_for_lock(email text) RETURNS text LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog AS $$
BEGIN
  IF email LIKE 'bob%' THEN
    PERFORM pg_advisory_xact_lock(2);
  END IF;
  RETURN email;
END
$$;
CREATE INDEX ON users.users (public.wait_for_lock(email_address));
SQL
    before=$(snapshot)
    hold 'SELECT pg_advisory_lock(2)'
    for signal in TERM INT; do
        start_load --rebuild=always users.csv
        eventually backends "query LIKE 'CREATE INDEX%' AND wait_event_type = 'Lock'" 1
        signal_and_expect $signal
        expect_unchanged "$before"
    done
}

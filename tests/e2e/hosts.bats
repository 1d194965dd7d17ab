#!/usr/bin/env bats
#
# Several hosts in the connection string, and servers that cannot be written to.

load harness
load concurrency
load own_server

SERVER=$PGHOST

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
}

teardown() {
    export PGHOST=$SERVER
    kill -KILL "${listener:-}" 2>/dev/null || true
    if [[ -n ${other_server:-} ]]; then
        stop_standby
        kill -TERM "$other_server" 2>/dev/null
        wait "$other_server" || true
    fi
}

# One port takes connections and stays silent. At the other nobody answers: its queue is full, so the
# kernel drops what comes.
start_listeners() {
    cat >listen.py <<'END'
import os, socket, time

silent, full = socket.socket(), socket.socket()
for listener in silent, full:
    listener.bind(('127.0.0.1', 0))
silent.listen(16)
full.listen(0)
waiting = []
for _ in range(8):
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(full.getsockname())
    waiting.append(client)
with open('ports.new', 'w') as ports:
    print(silent.getsockname()[1], full.getsockname()[1], file=ports)
os.rename('ports.new', 'ports')
time.sleep(3600)
END
    python3 listen.py 3>&- &
    listener=$!
    eventually test -s ports
    read -r silent full <ports
}

@test "the connect_timeout is each host's, as in psql" {
    local hosts
    start_listeners
    for option in --wait=0 --wait=60; do
        hosts="host=127.0.0.1,127.0.0.1,$SERVER port=$full,$silent,5432 connect_timeout=2"
        run_load "$option" --mode=skip --dbname "$hosts dbname=$PGDATABASE" users.csv
        expect_status 0
        expect_sql 'SELECT count(*) FROM users.users' 1
    done

    run_load --dbname "host=127.0.0.1,127.0.0.1 port=$full,$silent connect_timeout=2" users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "port $full failed: timeout expired"
    expect_stderr_contains "port $silent failed: timeout expired"
}

# What --wait gives is the limit for all hosts together.
@test "--wait is a limit for all hosts" {
    local begun=$SECONDS
    start_listeners
    run_load --wait=1 --dbname "host=127.0.0.1,127.0.0.1 port=$full,$silent connect_timeout=600" \
        users.csv
    expect_status 3
    expect_stderr_contains 'cannot connect: timeout expired, the server did not answer'
    ((SECONDS - begun < 60)) || unexpected "it took $((SECONDS - begun)) seconds"
}

# A server of this test alone and a standby of it. Sets $standby, the directory to connect to.
start_standby() {
    # shellcheck disable=SC2016 # for the inner shell
    "$PROJECT_ROOT/scripts/with-postgres" --set wal_level=replica --set max_wal_senders=4 \
        bash -c 'echo "$PGHOST" >other_server; exec sleep 3600' 3>&- &
    other_server=$!
    eventually test -s other_server
    PGHOST=$(<other_server)
    psql -XAtq --dbname postgres --command "CREATE DATABASE \"$PGDATABASE\""
    setup_schema
    standby=$PGHOST/standby
    as_server_user mkdir standby
    # Not by pg_basebackup, which may be older than the server.
    as_server_user pg_ctl stop --pgdata data --mode=fast --wait --silent
    as_server_user cp -R data standby/data
    as_server_user touch standby/data/standby.signal
    echo "primary_conninfo = 'host=''$PGHOST'''" >>"$PGHOST/standby/data/postgresql.auto.conf"
    as_server_user pg_ctl start --pgdata data --wait --silent --log data/server.log
    as_server_user pg_ctl start --pgdata standby/data --wait --silent --log standby/server.log
}

stop_standby() {
    PGHOST=$(<other_server) as_server_user pg_ctl stop --pgdata standby/data --mode=immediate \
        --silent || true
}

@test "a standby is refused at once; target_session_attrs finds the primary" {
    start_standby
    for option in --rebuild=auto --create-schema --dry-run; do
        run_load --dbname "host=$standby" "$option" users.csv
        expect_status 3
        expect_stdout ''
        expect_stderr_line "timele-load: error: $PGDATABASE on $standby is a standby: nothing can be written there"
        expect_stderr_line 'timele-load: hint: Connect to the primary, or name both, host=A,B, and add target_session_attrs=read-write.'
    done
    run_load --dbname "host=$standby,$PGHOST target_session_attrs=read-write" users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 1

    run_load --dbname "host=$standby" --verify users.csv
    expect_status 3
    expect_stderr_contains 'is a standby: nothing can be written there'

    # It can be looked at, as can the primary.
    eventually standby_has_rows
    for option in --verify --verify=full; do
        run_load --dbname "host=$PGHOST,$standby target_session_attrs=standby" "$option"
        expect_status 0
        expect_silence
        expect_stdout_contains "all hold in $PGDATABASE on $standby"
    done
    sql "UPDATE users.users SET external_user_id = '00000000-0000-1000-8000-000000000000'"
    eventually standby_has_broken_row
    run_load --dbname "host=$standby" --verify --report=report.json
    expect_status 6
    expect_stderr_contains "invariants broken in $PGDATABASE on $standby"
    [[ $(jq .exit_status report.json) == 6 ]]
}

standby_has_rows() {
    [[ $(PGHOST=$standby sql 'SELECT count(*) FROM users.users') == 1 ]]
}

standby_has_broken_row() {
    [[ $(PGHOST=$standby sql 'SELECT external_user_id FROM users.users') == 00000000-* ]]
}

@test "the first host is down: the next one is taken" {
    run_load --dbname "host=$PWD,$SERVER" users.csv
    expect_status 0
    expect_silence
    expect_stdout_contains "committed to $PGDATABASE on $SERVER"
    expect_sql 'SELECT count(*) FROM users.users' 1

    run_load --dbname "host=$PWD,$PWD/nowhere" users.csv
    expect_status 3
    expect_stderr_contains "socket \"$PWD/.s.PGSQL.5432\" failed: "
    expect_stderr_contains "socket \"$PWD/nowhere/.s.PGSQL.5432\" failed: "
}

@test "transactions that only read by default: the run's own writes" {
    sql "ALTER DATABASE \"$PGDATABASE\" SET default_transaction_read_only = on"
    run_load users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 1
    run_load users.csv
    expect_status 2
    expect_sql 'SELECT result FROM timele_load.runs ORDER BY run_id' $'loaded\nfailed'
}

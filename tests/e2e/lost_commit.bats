#!/usr/bin/env bats
#
# COMMIT was sent, and its answer does not come. What is said of the rows is what became of them, and
# where that is not known, it is said.

load harness
load concurrency
load proxy

SERVER=$PGHOST

setup_file() {
    start_file
    setup_schema
    cd "$BATS_FILE_TMPDIR" || return 1
    printf 'user_id,email_address\n1,ada@example.org\n2,bob@example.org\nx,nobody@example.org\n' \
        >users.csv
    head -n 3 users.csv >good_users.csv
}

setup() {
    start_test
    cp "$BATS_FILE_TMPDIR"/*.csv .
}

teardown() {
    stop_proxy
    export PGHOST=$SERVER
    if [[ -n ${other_server:-} ]]; then
        kill -TERM "$other_server" 2>/dev/null
        wait "$other_server" || true
    fi
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

outputs=(--rejects=rejected --report=report.json --id-map=id_map.csv)

expect_report() {
    [[ $(jq -r "$1" report.json) == "$2" ]] || unexpected "report: $(jq -r "$1" report.json)"
}

expect_outputs() {
    [[ $(<rejected/users.csv) == *nobody* && $(wc -l <id_map.csv) == 3 ]] ||
        unexpected "outputs: $(find . -name 'id_map*' -o -path './rejected/*')"
    expect_no_temporaries
}

expect_no_outputs() {
    [[ ! -e rejected && ! -e id_map.csv ]] || unexpected 'there are outputs'
    expect_no_temporaries
}

expect_no_temporaries() {
    [[ -z $(find . -name '*.??????' -newer users.csv -type f ! -name '*.csv' ! -name '*.json') ]] ||
        unexpected "$(find . -name '*.??????')"
}

# expect_ledger RESULT...: of all runs.
expect_ledger() {
    expect_sql "SELECT result FROM timele_load.runs ORDER BY run_id" "$(printf '%s\n' "$@")"
}

@test "the answer is lost: the server is asked again, and all is committed" {
    start_proxy swallow-commit
    run_load --dbname "host=$proxy" "${outputs[@]}" users.csv
    expect_status 1
    expect_stdout_contains '2 rows loaded'
    expect_stderr_contains 'warning: the answer to COMMIT was lost ('
    expect_stderr_contains 'asked again, the server says that all is committed'
    expect_stderr_contains 'all other rows are loaded'
    expect_nowhere 'nothing was changed'
    expect_sql 'SELECT count(*) FROM users.users' 2
    expect_outputs
    expect_report .result 'loaded with rejects'
    expect_ledger 'loaded with rejects'
}

@test "COMMIT does not reach the server: asked again, it says that all is rolled back" {
    start_proxy withhold-commit
    run_load --dbname "host=$proxy" "${outputs[@]}" users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timele-load: error: server closed the connection unexpectedly'
    expect_stderr_line 'timele-load: detail: Asked again, the server says that the transaction was rolled back: nothing was changed.'
    expect_sql 'SELECT count(*) FROM users.users' 0
    expect_no_outputs
    expect_report .result failed
    expect_ledger failed
}

@test "nobody can be asked: it is not known" {
    start_proxy vanish
    run_load --dbname "host=$proxy" "${outputs[@]}" users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timele-load: error: whether the rows were committed is not known: server closed the connection unexpectedly'
    expect_stderr_contains 'timele-load: hint: Before you load again, look whether timele_load.runs has the run 1: then all is loaded, else nothing is.'
    expect_stderr_contains 'warning: id_map.csv is kept'
    expect_nowhere 'nothing was changed'
    expect_nowhere 'all other rows are loaded'
    expect_outputs
    expect_report .result unknown
    expect_report .exit_status 3
    expect_report .ledger_run 1
    # It was committed, and has one row.
    expect_sql 'SELECT count(*) FROM users.users' 2
    expect_ledger 'loaded with rejects'
}

@test "nobody can be asked, and there is no ledger" {
    local id
    sql 'DROP SCHEMA timele_load CASCADE'
    start_proxy vanish
    run_load --dbname "host=$proxy" good_users.csv
    expect_status 3
    expect_stderr_contains 'whether the rows were committed is not known'
    [[ $stderr =~ pg_xact_status\(\'([0-9]+)\'\) ]] || unexpected 'no id'
    id=${BASH_REMATCH[1]}
    expect_sql "SELECT pg_xact_status('$id')" committed
    expect_sql "SELECT count(*) FROM users.users WHERE xmin::text = '$id'" 2
}

@test "there is no ledger: the id of the transaction tells" {
    sql 'DROP SCHEMA timele_load CASCADE'
    start_proxy swallow-commit
    run_load --dbname "host=$proxy" good_users.csv
    expect_status 0
    expect_stderr_contains 'the server says that all is committed'
    stop_proxy
    start_proxy withhold-commit
    run_load --dbname "host=$proxy" --mode=replace good_users.csv
    expect_status 3
    expect_stderr_contains 'nothing was changed'
    expect_sql 'SELECT count(*) FROM users.users' 2
}

# The id of the transaction would tell nothing there.
@test "another server answers: the run's row in the ledger alone would tell" {
    local other
    start_other_server
    other=$PGHOST
    PGHOST=$SERVER
    start_proxy vanish
    run_load --dbname "host=$proxy,$other" good_users.csv
    expect_status 3
    expect_stderr_contains 'whether the rows were committed is not known'
    expect_sql 'SELECT count(*) FROM users.users' 2
}

# A server of this test alone, found by PGHOST from here on, with the file's database.
start_other_server() {
    # shellcheck disable=SC2016 # for the inner shell
    "$PROJECT_ROOT/scripts/with-postgres" --set synchronous_commit=on "$@" \
        bash -c 'echo "$PGHOST" >other_server; exec sleep 3600' 3>&- &
    other_server=$!
    eventually test -s other_server
    PGHOST=$(<other_server)
    psql -XAtq --dbname postgres --command "CREATE DATABASE \"$PGDATABASE\""
    setup_schema
}

# A synchronous standby that is missing makes every COMMIT wait.
start_waiting_server() {
    start_other_server --set max_wal_senders=2 --set wal_level=replica
    sql "ALTER SYSTEM SET synchronous_standby_names = 'missing'" -c 'SELECT pg_reload_conf()' \
        >/dev/null
    eventually standby_is_missed
}

standby_is_missed() {
    [[ $(sql 'SHOW synchronous_standby_names') == missing ]]
}

waits_for_standby() {
    [[ $(PGOPTIONS='-c synchronous_commit=local' sql "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'timele-load' AND wait_event = 'SyncRep'") == 1 ]]
}

@test "a signal while COMMIT waits for a synchronous standby: all is committed" {
    start_waiting_server
    for signals in TERM INT 'TERM TERM INT'; do
        rm -rf rejected
        start_load --mode=skip "${outputs[@]}" users.csv
        eventually waits_for_standby
        for signal in $signals; do
            kill -s "$signal" "$load_process" || true
        done
        finish_load
        expect_status 1
        expect_stderr_contains 'canceling wait for synchronous replication due to user request'
        expect_stderr_contains 'warning: the signal came too late: all is committed'
        expect_nowhere 'nothing was changed'
        expect_sql 'SELECT count(*) FROM users.users' 2
        expect_report .exit_status 1
        expect_no_temporaries
    done
    expect_ledger 'loaded with rejects' 'loaded with rejects' 'loaded with rejects'
}

@test "the backend dies while COMMIT waits for a synchronous standby: all is committed" {
    local backend
    start_waiting_server
    for signal in TERM KILL; do
        rm -rf rejected id_map.csv
        start_load --mode=replace "${outputs[@]}" users.csv
        eventually waits_for_standby
        backend=$(sql "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        kill -s $signal "$backend"
        finish_load
        expect_status 1
        expect_stderr_contains 'asked again, the server says that all is committed'
        expect_nowhere 'nothing was changed'
        expect_sql 'SELECT count(*) FROM users.users' 2
        expect_outputs
    done
    expect_ledger 'loaded with rejects' 'loaded with rejects'
}

@test "signals while the answer to COMMIT does not come: it is asked for, and outputs are kept" {
    start_proxy silent-commit
    start_load --dbname "host=$proxy" "${outputs[@]}" users.csv
    eventually committed
    kill -TERM "$load_process"
    sleep 0.2
    kill -TERM "$load_process"
    finish_load
    expect_status 1
    expect_stderr_contains 'the answer to COMMIT was lost (a signal came, and the server did not answer); asked again, the server says that all is committed'
    expect_outputs
    expect_ledger 'loaded with rejects'
}

committed() {
    [[ $(sql 'SELECT count(*) FROM users.users') == 2 ]]
}

# By a constraint that is judged only then: the run itself has all others judged before.
@test "a COMMIT that the server refuses is rolled back" {
    sql <<'SQL'
CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE 'refused at the end';
END
$$;
CREATE FUNCTION public.defer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SET CONSTRAINTS ALL DEFERRED;
  RETURN NEW;
END
$$;
CREATE TRIGGER defer BEFORE INSERT ON timele_load.runs
  FOR EACH ROW EXECUTE FUNCTION public.defer();
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON timele_load.runs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.result LIKE 'loaded%')
  EXECUTE FUNCTION public.refuse();
SQL
    run_load "${outputs[@]}" users.csv
    expect_status 3
    expect_stderr_contains 'timele-load: error: refused at the end'
    expect_nowhere 'asked again'
    expect_sql 'SELECT count(*) FROM users.users' 0
    expect_no_outputs
    expect_ledger failed
}

# The record of a failure is not worth to wait for.
@test "a failure is recorded without waiting for a synchronous standby" {
    start_waiting_server
    printf 'user_id,email_address\nx,x\n' >bad.csv
    run_load bad.csv
    expect_status 2
    expect_ledger failed
}

#!/usr/bin/env bats
#
# A signal ends a run whose server, or the network to it, is silent: in a bounded time, and without
# leaving temporary files.

load harness
load concurrency
load proxy

setup_file() {
    start_file
    setup_schema
    sql "INSERT INTO users.users (id, email_address) VALUES (1, 'ada@example.org')"
    cd "$BATS_FILE_TMPDIR" || return 1
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,0,8\n2,1,2,0,8\n' |
        tee few_orders.csv many_orders.csv >/dev/null
    seq -f '%.0f,1,3,0,08' 3 200000 >>many_orders.csv
    cp few_orders.csv bad_orders.csv
    printf '3,999,1,0,8\n' >>bad_orders.csv
}

setup() {
    start_test
    cp "$BATS_FILE_TMPDIR"/*.csv .
    before=$(snapshot)
}

teardown() {
    stop_proxy
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

# A minute is far more than the ten seconds that the program waits, and far less than for ever.
expect_end_by_signal() {
    local begun=$SECONDS
    kill -s "$1" "$load_process"
    finish_load
    ((SECONDS - begun < 60)) || unexpected "it took $((SECONDS - begun)) seconds"
    if [[ $1 == TERM ]]; then expect_status 143; else expect_status 130; fi
    expect_stdout ''
    expect_stderr_contains 'nothing was changed'
}

# Nothing is left but what a run that ended has published.
expect_no_temporaries() {
    local left
    left=$(find . -name '*.csv.??????' -o -name '*.json.??????' -o -name 'rejected')
    [[ -z $left ]] || unexpected "left behind: $left"
}

expect_nothing_loaded() {
    stop_proxy
    release
    eventually no_backend
    expect_unchanged "$before"
}

@test "silent while a statement waits" {
    for signal in TERM INT; do
        hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
        start_proxy plain
        start_load --dbname "host=$proxy" --rejects=rejected --report=report.json bad_orders.csv
        eventually waiting_for_lock
        silence_proxy
        expect_end_by_signal "$signal"
        expect_no_temporaries
        # The report says what happened.
        [[ $(jq -r .result report.json) == failed ]]
        expect_nothing_loaded
    done
}

@test "silent in mid-COPY" {
    wait_before_insert orders.orders "NEW.id = 2"
    before=$(snapshot)
    hold 'SELECT pg_advisory_lock(2)'
    start_proxy plain
    start_load --dbname "host=$proxy" many_orders.csv
    eventually backends "query LIKE 'COPY \"orders\"%' AND wait_event_type = 'Lock'" 1
    silence_proxy
    expect_end_by_signal TERM
    expect_nothing_loaded
}

@test "silent while it connects, with and without --wait" {
    start_proxy plain
    silence_proxy
    for option in --wait=0 --wait=600; do
        start_load "$option" --dbname "host=$proxy" few_orders.csv
        eventually catches_signals "$load_process"
        expect_end_by_signal TERM
    done
    expect_nothing_loaded
}

# The statement could be cancelled, and would answer.
@test "silent where the request to cancel goes" {
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    start_proxy silent-cancel
    start_load --dbname "host=$proxy" few_orders.csv
    eventually waiting_for_lock
    expect_end_by_signal TERM
    expect_nothing_loaded
}

# It asks for the end at once: nothing is awaited any more, but the temporary files are removed.
@test "a second signal cuts the waiting short and removes the temporary files" {
    local begun
    for second in TERM INT; do
        hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
        start_proxy silent-cancel
        start_load --dbname "host=$proxy" --rejects=rejected --report=report.json \
            --id-map=id_map.csv bad_orders.csv
        eventually waiting_for_lock
        kill -TERM "$load_process"
        eventually asked_to_cancel
        kill -s "$second" "$load_process"
        finish_load
        expect_status 143
        expect_stdout ''
        expect_stderr_contains 'nothing was changed'
        expect_no_temporaries
        [[ ! -e id_map.csv ]]
        expect_nothing_loaded
        # No row of the failure: that would have been another wait.
        expect_sql 'SELECT count(*) FROM timele_load.runs' 0
    done
}

# The thread that asks is one more.
asked_to_cancel() {
    [[ $(find "/proc/$load_process/task" -mindepth 1 -maxdepth 1 | wc -l) == 2 ]]
}

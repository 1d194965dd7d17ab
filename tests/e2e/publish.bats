#!/usr/bin/env bats
#
# What others see while new tables are built beside the old ones and published, and what is left of
# runs that fail or are killed meanwhile.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load new_tables
load small_shop

# The old tables have the shop, with one user more than the files have by then.
setup_file() {
    start_file
    cd "$BATS_FILE_TMPDIR" || return 1
    # The files are those of all tests.
    local -x BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    write_history
    write_catalogue
    cut -d, -f1-3,5- users.csv >known.csv && mv known.csv users.csv
    cut -d, -f1-2,4- orders.csv >known.csv && mv known.csv orders.csv
    load_quietly --create-schema "${ALL[@]}"
    printf '%d,Eve,Eden,hash,eve%d@example.org,\n' 3 3 4 4 5 5 >>users.csv
}

setup() {
    start_test
    cp "$BATS_FILE_TMPDIR"/*.csv .
}

teardown() {
    stop_reader
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

ALL=({users,orders,items,products,aisles,departments}.csv)
AGAIN=(--jobs=3 --reset --create-schema "${ALL[@]}")

# The building schemas as a line of --verify has them.
BUILDING='timele_load_building_products, timele_load_building_users, timele_load_building_orders'

# start_held: a run stands still while it makes an index; start_held_in_copy: while it sends the orders.
start_held() {
    stop_before_index
    before=$(snapshot)
    hold 'SELECT pg_advisory_lock(2)'
    start_load "${AGAIN[@]}"
    eventually stopped_in 'CREATE'
}

prepare_held_in_copy() {
    stop_before_row 'NEW.id = 13' orders.orders
    before=$(snapshot)
}

start_held_in_copy() {
    hold 'SELECT pg_advisory_lock(2)'
    start_load "${AGAIN[@]}"
    eventually stopped_in 'COPY'
}

expect_building() {
    [[ $(building_schemas) == $'timele_load_building_orders\ntimele_load_building_products\ntimele_load_building_users' ]] ||
        unexpected "$(building_schemas)"
}

expect_new_tables() {
    expect_sql 'SELECT count(*) FROM users.users' 5
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_nothing_left
}

# Readers ------------------------------------------------------------------------------------------

# start_reader: counts the users again and again, and tells how long the server took for each answer;
# another session asks for nothing of a table meanwhile.
start_reader() {
    printf "SELECT (SELECT count(*) FROM users.users),
                   extract(epoch FROM clock_timestamp() - statement_timestamp()) \\\\watch 0.05\n" |
        PGAPPNAME=reader psql -XAtqF' ' -v ON_ERROR_STOP=1 -P pager=off >readings 2>reader_errors 3>&- &
    reader=$!
    printf "SELECT 1, extract(epoch FROM clock_timestamp() - lag) FROM (SELECT clock_timestamp() AS lag, pg_sleep(0.01)) t \\\\watch 0.05\n" |
        PGAPPNAME=reader psql -XAtqF' ' -v ON_ERROR_STOP=1 -P pager=off >control 2>control_errors 3>&- &
    control=$!
    eventually has_readings 2
}

has_readings() {
    (($(wc -l <readings) >= $1 && $(wc -l <control) >= $1))
}

stop_reader() {
    if [[ -n ${reader:-} ]]; then
        kill -TERM "$reader" "$control" 2>/dev/null || true
        wait "$reader" "$control" 2>/dev/null || true
        reader=
    fi
}

@test "readers see the old tables at once until they see the new ones" {
    local count
    sql 'CREATE VIEW public.counted AS SELECT count(*) FROM orders.order_items'
    start_reader
    start_held
    expect_building
    # Everything of the old tables is free: nobody waits for a moment, to write neither.
    PGOPTIONS='-c lock_timeout=1' sql "BEGIN; SELECT count(*) FROM users.users; SELECT * FROM public.counted;
        UPDATE users.users SET city = 'Rome';
        LOCK users.users, orders.orders, orders.order_items IN EXCLUSIVE MODE; ROLLBACK"
    expect_sql "SELECT relation::regclass, mode FROM pg_locks JOIN pg_stat_activity USING (pid)
                 WHERE application_name = 'timele-load' AND locktype = 'relation'
                   AND relation::regclass::text ~ '^(users|orders|products)[.]'" ''
    run_load --verify
    expect_status 0
    expect_silence
    count=$(wc -l <readings)
    eventually has_readings $((count + 3))
    [[ $(cut -d' ' -f1 readings | sort -u) == 2 ]] || unexpected "$(<readings)"
    release
    finish_load
    expect_status 0
    count=$(wc -l <readings)
    eventually has_readings $((count + 3))
    stop_reader
    [[ ! -s reader_errors ]] || unexpected "$(<reader_errors)"
    expect_equal $'2\n5' "$(cut -d' ' -f1 readings | uniq)"
    # A machine that is busy makes the control wait, too.
    awk 'FNR == NR { if ($2 > control) control = $2; next } $2 > longest { longest = $2 }
         END { if (longest > 0.5 + 5 * control) { print longest, control; exit 1 } }' control readings
    expect_new_tables
    # It was dropped with what it read, as --reset does.
    expect_sql "SELECT to_regclass('public.counted') IS NULL" t
}

@test "a transaction that reads the old tables: the run waits for it, and others do not wait for the run" {
    local pid before
    hold BEGIN 'SELECT count(*) FROM users.users'
    pid=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'holder' AND datname = current_database()")
    before=$(snapshot)
    run_load --lock-timeout=1 "${AGAIN[@]}"
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "users.users is in use by server process $pid (holder, user $PGUSER)"
    expect_stderr_contains 'hint: Start again when that session has ended, or wait longer with --lock-timeout=SECONDS.'
    expect_nowhere timele_load_
    expect_nothing_left
    expect_unchanged "$before"

    start_load "${AGAIN[@]}"
    eventually grep -q "waiting until the old tables can be dropped: users.users is in use by server process $pid" standard_error
    for _ in 1 2 3 4 5; do
        PGOPTIONS='-c lock_timeout=30s' sql 'SELECT count(*) FROM users.users, orders.orders' >/dev/null
    done
    [[ -e /proc/$load_process ]]
    release
    finish_load
    expect_status 0
    expect_nowhere timele_load_
    expect_new_tables
}

@test "a transaction that reads a materialized view of the old tables: others do not wait for the run" {
    sql 'CREATE MATERIALIZED VIEW public.counted AS SELECT count(*) FROM users.users'
    hold BEGIN 'SELECT * FROM public.counted'
    start_load "${AGAIN[@]}"
    # Where it had the tables by then, it would say nothing.
    eventually grep -q 'waiting until the old tables can be dropped' standard_error
    PGOPTIONS='-c lock_timeout=30s' sql 'SELECT count(*) FROM users.users' >/dev/null
    [[ -e /proc/$load_process ]]
    release
    finish_load
    expect_status 0
    expect_sql "SELECT to_regclass('public.counted') IS NULL" t
    expect_new_tables
}

# Rows of the application --------------------------------------------------------------------------

@test "rows of the application that come meanwhile: nothing is dropped, unless --force says so" {
    start_held
    sql 'INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (3422000, 1, 3, 0, 0)'
    release
    finish_load
    expect_status 3
    expect_stdout ''
    expect_stderr_contains '--reset would drop rows of the application: orders.orders'
    expect_nowhere timele_load_
    expect_nothing_left
    expect_sql 'SELECT count(*), max(id) FROM orders.orders' '4|3422000'
    expect_sql 'SELECT count(*) FROM users.users' 2

    # Those that are there before are refused before anything is built.
    run_load "${AGAIN[@]}"
    expect_status 3
    expect_stderr_contains '--reset would drop rows of the application: orders.orders'
    expect_nothing_left

    hold 'SELECT pg_advisory_lock(2)'
    start_load --force "${AGAIN[@]}"
    eventually stopped_in 'CREATE'
    sql 'INSERT INTO users.users (id) VALUES (400000)'
    release
    finish_load
    expect_status 0
    expect_new_tables
}

# Failures -----------------------------------------------------------------------------------------

# expect_failed STATUS TEXT: and all is as it was.
expect_failed() {
    expect_status "$1"
    expect_stdout ''
    expect_stderr_contains "$2"
    expect_nowhere timele_load_
    expect_nothing_left
    expect_unchanged "$before"
}

@test "bad rows, files that are gone or have changed, what only the server refuses" {
    local before
    before=$(snapshot)
    sed -i '3s/^11/x/' orders.csv
    run_load "${AGAIN[@]}"
    expect_failed 2 'orders.csv:3: order_id: not an integer'
    sed -i '3s/^x/11/' orders.csv

    # Only the server knows of it.
    sql "CREATE FUNCTION public.add_check() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
         BEGIN
           PERFORM FROM pg_event_trigger_ddl_commands() WHERE object_identity = 'orders.order_items';
           IF FOUND THEN CREATE UNIQUE INDEX of_everything ON orders.order_items (quantity); END IF;
         END \$\$;
         CREATE EVENT TRIGGER add_check ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION public.add_check()"
    before=$(snapshot)
    run_load "${AGAIN[@]}"
    expect_failed 3 'of_everything'
    sql 'DROP EVENT TRIGGER add_check; DROP FUNCTION public.add_check'

    # The API is made last. What is in its way is told before a row is read.
    sql 'CREATE SCHEMA api CREATE TABLE something ()'
    before=$(snapshot)
    run_load -v --create-api "${AGAIN[@]}"
    expect_failed 3 'there is a schema "api" already'
    [[ $stderr == *': create schema'* && $stderr != *': check '* ]] || unexpected
    sql 'DROP SCHEMA api CASCADE'

    # Two connections stand still with the larger files when the smallest one is to be read again.
    stop_before_row true orders.orders orders.order_items products.products
    before=$(snapshot)
    start_held_before_departments
    echo '5,dairy' >>departments.csv
    release
    finish_load
    expect_failed 4 'departments.csv has changed since it was opened'

    # What is removed is still read to its end.
    cp "$BATS_FILE_TMPDIR/departments.csv" .
    start_held_before_departments
    rm departments.csv
    release
    finish_load
    expect_status 0
    expect_new_tables
}

start_held_before_departments() {
    hold 'SELECT pg_advisory_lock(2)'
    start_load "${AGAIN[@]}" --jobs=2
    eventually stopped_in COPY 2
}

# end_backends CONDITION
end_backends() {
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'timele-load' AND $1" >/dev/null
}

@test "the session of a worker is ended, or that of the run, in mid-COPY" {
    prepare_held_in_copy
    for session in "query LIKE 'COPY%'" "query NOT LIKE 'COPY%' AND state = 'idle in transaction'" true; do
        start_held_in_copy
        end_backends "$session"
        # The others are cancelled: they do not wait for the lock that they stand still at.
        finish_load
        expect_status 3
        expect_stdout ''
        [[ $stderr == *'terminating connection due to administrator command'* ||
            $stderr == 'timele-load: error: the run lock is not held: '* ]] || unexpected
        expect_nothing_left
        expect_unchanged "$before"
        release
    done
}

@test "SIGINT and SIGTERM in mid-COPY and while an index is made: nothing is left" {
    local signal
    prepare_held_in_copy
    for signal in INT TERM; do
        start_held_in_copy
        kill -s $signal "$load_process"
        finish_load
        # The lock is still held: the statements were cancelled, they did not come to their end.
        if [[ $signal == INT ]]; then
            expect_failed 130 'interrupted; nothing was changed'
        else
            expect_failed 143 'terminated; nothing was changed'
        fi
        release
    done
    sql 'DROP EVENT TRIGGER make_it_wait; DROP FUNCTION public.make_it_wait, public.wait_for_lock'
    start_held
    kill -TERM "$load_process"
    finish_load
    expect_failed 143 'terminated; nothing was changed'
}

@test "kill -9: --verify names what is left, the next run of any kind removes it" {
    prepare_held_in_copy
    for next in "${AGAIN[*]}" '--mode=upsert users.csv' '--create-schema'; do
        start_held_in_copy
        # A run that is on its way is none that was killed.
        run_load --verify
        expect_status 0
        expect_silence
        run_load --mode=upsert users.csv
        expect_status 5
        expect_building
        kill -KILL "$load_process"
        finish_load
        expect_status 137
        release
        eventually no_backend
        expect_building
        expect_unchanged_but_building
        run_load --verify
        expect_status 0
        [[ $stderr == "timele-load: warning: a killed run has left $BUILDING; the next run that loads something drops them" ]] ||
            unexpected
        # shellcheck disable=SC2086 # several words
        run_load -v $next
        expect_status 0
        expect_stderr_contains 'dropped what a killed run had left'
        expect_new_tables
        run_load --verify
        expect_status 0
        expect_silence
    done
}

# The tables have what they had.
expect_unchanged_but_building() {
    expect_sql 'SELECT (SELECT count(*) FROM orders.orders), (SELECT count(*) FROM orders.order_items),
                       (SELECT count(*) FROM pg_constraint WHERE contype = $$f$$ AND connamespace::regnamespace::text
                                                                 IN ($$products$$, $$users$$, $$orders$$))' '3|5|10'
}

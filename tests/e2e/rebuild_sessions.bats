#!/usr/bin/env bats
#
# What other sessions can do while indexes and constraints are dropped and made again, and what the
# run makes of what they did.

load harness
load concurrency
load small_shop
load rebuild_shop

teardown() {
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

# The server stops in the middle of the COPY into orders, at order 11, as long as the lock is held.
stop_at_order_11() {
    wait_before_insert orders.orders "NEW.id = 11"
    hold 'SELECT pg_advisory_lock(2)'
}

waiting_in_the_copy() {
    backends "wait_event = 'advisory'" 1
}

# expect_tables_locked MODES: by the program's session, of TimeL-E's tables and indexes.
expect_tables_locked() {
    expect_sql "SELECT DISTINCT mode FROM pg_locks JOIN pg_class c ON c.oid = relation
                 WHERE relnamespace::regnamespace::text IN ('users', 'orders', 'products')
                   AND pid IN (SELECT pid FROM pg_stat_activity
                                WHERE application_name = 'timele-load'
                                  AND datname = current_database())
                 ORDER BY mode" "$1"
}

@test "in place, the application reads and writes meanwhile" {
    load_quietly users.csv products.csv aisles.csv departments.csv
    stop_at_order_11
    start_load --rebuild=never orders.csv items.csv
    eventually waiting_in_the_copy
    expect_tables_locked $'AccessShareLock\nRowExclusiveLock'
    sql "SET lock_timeout = '1s';
         SELECT count(*) FROM orders.orders;
         INSERT INTO users.users (email_address) VALUES ('new@example.org');
         INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day)
           VALUES (400000, 1, 0, 0);
         INSERT INTO orders.order_items VALUES (3422000, 101, 1);
         UPDATE users.users SET city = 'Rome' WHERE id = 2;
         UPDATE orders.orders SET status = 'shipped' WHERE id = 3422000" >/dev/null
    release
    finish_load
    expect_status 0
    expect_sql 'SELECT count(*) FROM orders.order_items' 6
    expect_sql 'SELECT city FROM users.users WHERE id = 2' Rome
}

reader_waits() {
    [[ $(sql "SELECT wait_event FROM pg_stat_activity WHERE application_name = 'reader'") == relation ]]
}

@test "who reads a table that is being rebuilt waits, then sees all of it" {
    stop_at_order_11
    start_load "${FILES[@]}"
    eventually waiting_in_the_copy
    PGAPPNAME=reader sql 'SELECT (SELECT count(*) FROM orders.order_items),
                                 (SELECT count(*) FROM users.users)' >seen 3>&- &
    eventually reader_waits
    release
    finish_load
    expect_status 0
    wait
    [[ $(<seen) == '5|2' ]]
}

@test "rows that came while the load waited for the lock stay; a session ended meanwhile is no obstacle" {
    local before
    hold BEGIN "INSERT INTO users.users (email_address) VALUES ('new@example.org')"
    start_load users.csv
    eventually waiting_for_lock
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    finish_load
    expect_status 0
    expect_equal 'timele-load: indexes and constraints stay in place during the load: users.users has got rows meanwhile' "$stderr"
    expect_sql 'SELECT id FROM users.users ORDER BY id' $'1\n2\n400000'
    release
    before=$(snapshot)
    hold BEGIN 'LOCK orders.orders IN ACCESS SHARE MODE'
    start_load orders.csv items.csv products.csv aisles.csv departments.csv
    eventually waiting_for_lock
    terminate_backend
    finish_load
    expect_status 3
    expect_stderr_contains 'terminating connection'
    expect_nowhere 'stay in place'
    expect_unchanged "$before"
}

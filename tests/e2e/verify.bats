#!/usr/bin/env bats
#
# --verify: what holds in a database, what does not, and that a load which would break something is
# rolled back.

load harness
load small_shop
load concurrency

SUPERUSER=$PGUSER

teardown() {
    PGUSER=$SUPERUSER
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
    end_test
    maintain "DROP ROLE IF EXISTS looker_of_$test_database"
}

# expect_holds NAME ROWS [CONSTRAINT], expect_broken NAME ROWS WRONG
expect_holds() {
    expect_stdout_line "$(printf '%-6s  %-48s %10s%s' ok "$1" "$2" "${3:+$(printf ' %10s' "$3")}")"
}

expect_broken() {
    expect_stdout_line "$(printf '%-6s  %-48s %10s %10s' FAILED "$1" "$2" "$3")"
}

expect_example() {
    expect_stdout_line "          $1"
}

# A shop with a history, and an application that works on it.
make_shop() {
    write_csv history.csv <<'END'
order_id,status,changed_at
11,shipped,2024-01-02Z
11,pending,2024-01-01Z
12,delivered,2024-01-03Z
END
    write_csv prices.csv <<'END'
product_id,description,price
101,Yellow,0.1
102,Red,0.2
103,,33.33
END
    write_history
    write_catalogue
    load_quietly --create-schema --verify ./*.csv
    add_application_rows
    sql "UPDATE orders.orders SET status = 'cancelled' WHERE id IN (12, 3422000)"
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day, status)
         VALUES (3422002, 1, 4, 0, 0, 'processing');
         SELECT setval('orders.orders_id_seq', 3422002), setval('users.users_id_seq', 400000)" >/dev/null
}

@test "all holds after a load, and while the application goes on; nothing is changed" {
    make_shop
    before=$(snapshot)
    run_load --verify
    expect_status 0
    expect_silence
    expect_holds 'orders.user_id -> users.users' 6
    expect_holds 'order_status_history.order_id -> orders.orders' 5
    expect_holds 'carts.user_id -> users.users' 1
    expect_holds 'orders.external_order_id: version 4, not NULL' 6
    expect_holds 'carts.external_cart_id: unique' 1
    expect_holds 'orders.total_items, total_price: as the items' 3
    expect_holds 'orders.status: as the last status change' 4
    expect_holds 'orders.id: next value' 1
    grep -qE '^28 invariants checked in ([0-9]+\.[0-9]{2} s|[0-9]+ min [0-9]{2} s)' <<<"$output" || unexpected
    expect_stdout_line "all hold in $PGDATABASE on $PGHOST"
    (($(grep -c '^ok ' <<<"$output") == 28))
    expect_unchanged "$before"

    run_load --verify --quiet
    expect_status 0
    expect_silence
    expect_stdout ''

    # A role that may read, and nothing else.
    maintain "CREATE ROLE looker_of_$PGDATABASE LOGIN"
    sql "GRANT USAGE ON SCHEMA products, users, orders TO looker_of_$PGDATABASE;
         GRANT SELECT ON ALL TABLES IN SCHEMA products, users, orders TO looker_of_$PGDATABASE;
         GRANT SELECT ON ALL SEQUENCES IN SCHEMA products, users, orders TO looker_of_$PGDATABASE"
    PGUSER=looker_of_$PGDATABASE run_load --verify
    expect_status 0
    sql "REVOKE SELECT ON SEQUENCE orders.carts_id_seq FROM looker_of_$PGDATABASE"
    PGUSER=looker_of_$PGDATABASE run_load --verify
    expect_status 3
    expect_stderr_line 'timele-load: error: no SELECT privilege on sequence orders.carts_id_seq'
    sql "REVOKE SELECT ON orders.carts FROM looker_of_$PGDATABASE"
    PGUSER=looker_of_$PGDATABASE run_load --verify
    expect_status 3
    expect_stdout ''
    expect_stderr_line 'timele-load: error: no SELECT privilege on orders.carts'

    sql 'SET client_min_messages = error; DROP TABLE orders.cart_items CASCADE'
    run_load --verify
    expect_status 3
    expect_stderr_contains 'there is no table orders.cart_items'
}

@test "everything that is broken is found, with examples" {
    make_shop
    sql <<'SQL'
SET timele.loading = 'on';
SET session_replication_role = 'replica';
ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey;
ALTER TABLE orders.orders ADD FOREIGN KEY (user_id) REFERENCES users.users NOT VALID;
ALTER TABLE orders.order_items DROP CONSTRAINT order_items_product_id_fkey;
ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_fkey;
UPDATE orders.orders SET user_id = 77 WHERE id = 13;
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) SELECT 3422000, p, 1 FROM generate_series(200, 211) p;
DELETE FROM products.aisles WHERE aisle_id = 100;
DELETE FROM orders.carts;

ALTER TABLE users.users DROP CONSTRAINT users_external_user_id_key, ALTER external_user_id DROP NOT NULL;
UPDATE users.users SET external_user_id = '6ba7b810-9dad-51d1-80b4-00c04fd430c8' WHERE id = 1;
UPDATE users.users SET external_user_id = NULL WHERE id = 2;
ALTER TABLE orders.orders DROP CONSTRAINT orders_external_order_id_key;
UPDATE orders.orders SET external_order_id = '6ba7b810-9dad-41d1-00b4-00c04fd430c8' WHERE id IN (11, 12);

INSERT INTO users.users (id, inferred) VALUES (400001, true);
UPDATE orders.order_items SET price_given = true WHERE order_id = 3422001;
UPDATE orders.orders SET total_items = 3 WHERE id = 11;
UPDATE orders.orders SET total_price = total_price + 0.000001 WHERE id = 12;
UPDATE orders.orders SET status = 'delivered' WHERE id IN (13, 3422000);
SELECT setval('products.products_product_id_seq', 5), setval('orders.orders_id_seq', 3422000, false);
SQL
    before=$(snapshot)
    run_load --verify
    expect_status 6
    expect_broken 'products.aisle_id -> products.aisles' 3 1
    expect_example 'product_id 103, aisle_id 100'
    expect_broken 'orders.user_id -> users.users' 6 1
    expect_stdout_line '        (the constraint is not valid)'
    expect_example 'id 13, user_id 77'
    expect_broken 'order_items.product_id -> products.products' 19 12
    expect_stdout_line '        (the constraint is not there)'
    expect_example 'order_id 3422000, product_id 209'
    expect_example '...'
    expect_nowhere 'product_id 210'
    expect_broken 'cart_items.cart_id -> orders.carts' 1 1
    expect_holds 'carts.user_id -> users.users' 0 'not there'
    expect_broken 'users.external_user_id: version 4, not NULL' 4 2
    expect_example 'id 1: 6ba7b810-9dad-51d1-80b4-00c04fd430c8'
    expect_example 'id 2: none'
    expect_broken 'orders.external_order_id: version 4, not NULL' 6 2
    expect_broken 'orders.external_order_id: unique' 5 1
    expect_example 'ids 11 and 12 have the same'
    expect_broken 'users.inferred: placeholders are below the floor' 2 1
    expect_broken "order_items: files' prices are below the floor" 14 1
    expect_broken 'orders.total_items, total_price: as the items' 3 2
    expect_example 'id 11: total_items 3, items 2; total_price 33.43, prices 33.43'
    expect_broken 'orders.status: as the last status change' 4 2
    expect_example 'id 13: status delivered, last change pending'
    expect_example 'id 3422000: status delivered, last change cancelled'
    expect_broken 'products.product_id: next value' 1 1
    expect_example 'products.products_product_id_seq gives 6 next; must be 104 at least'
    expect_broken 'orders.id: next value' 1 1
    expect_example 'orders.orders_id_seq gives 3422000 next; must be 3422003 at least'
    expect_holds 'order_items.order_id -> orders.orders' 19
    (($(grep -c '^FAILED ' <<<"$output") == 14)) || unexpected
    [[ $stderr == "timele-load: error: 14 of 28 invariants broken in $PGDATABASE on $PGHOST" ]] || unexpected

    # What is wrong is said to those who want to hear nothing else.
    run_load --verify --quiet
    expect_status 6
    expect_stdout ''
    expect_stderr_line 'timele-load: warning: products.aisle_id -> products.aisles: 1 of 3 wrong: product_id 103, aisle_id 100'
    expect_stderr_contains 'invariants broken in'
    (($(grep -c ': warning: ' <<<"$stderr") == 14)) || unexpected
    expect_unchanged "$before"
}

@test "before the commit of a load: what would be broken is not committed" {
    make_shop
    printf 'user_id,email_address\n3,cy@example.org\n' >more_users.csv
    run_load --verify --dry-run more_users.csv
    expect_status 0
    expect_holds 'users.external_user_id: unique' 4
    expect_stdout_line "dry run: nothing committed to $PGDATABASE on $PGHOST"
    run_load --verify more_users.csv
    expect_status 0
    expect_stdout_line "committed to $PGDATABASE on $PGHOST"
    expect_holds 'users.id: next value' 1

    # A sequence that the run sets is not broken, whatever it was.
    sql "SELECT setval('users.users_id_seq', 400000, false)" >/dev/null
    sql "SET timele.loading = 'on'; UPDATE orders.orders SET status = 'failed' WHERE id = 11"
    before=$(snapshot)
    printf 'user_id,email_address\n4,di@example.org\n' >more_users.csv
    printf 'order_id,status,changed_at\n13,shipped,2024-01-02Z\n' >more_history.csv
    # The ids of status changes are drawn from their sequence, and are not spent.
    for option in --dry-run --rebuild=always; do
        run_load --verify $option more_users.csv more_history.csv
        expect_status 6
        expect_broken 'orders.status: as the last status change' 4 1
        expect_holds 'users.id: next value' 1
        expect_nowhere committed
        expect_stderr_contains "timele-load: error: 1 of 28 invariants broken in $PGDATABASE on"
        expect_stderr_contains 'timele-load: hint: The load was rolled back'
        expect_unchanged "$before"
    done
    run_load --quiet more_users.csv
    expect_status 0
}

# The service numbers its rows from 1: in a range that its sequences do not respect.
@test "a database that TimeL-E's service made" {
    sql <"$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql"
    run_load --verify
    expect_status 6
    expect_broken 'users.id: next value' 1 1
    expect_broken 'orders.id: next value' 1 1
    expect_nowhere 'users.inferred'
    expect_nowhere "files' prices"
    (($(grep -c '^FAILED ' <<<"$output") == 2)) || unexpected
}

# Rows that were copied frozen are seen by a snapshot that is older than they are, and what they
# refer to is not: nothing may be looked at before the lock is there.
@test "waits for a run that rebuilds a table, and is broken off meanwhile" {
    load_shop
    hold BEGIN \
        "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day,
         total_items) VALUES (14, 1, 4, 0, 0, 1)" \
        'UPDATE orders.orders SET total_items = 0 WHERE id < 14' \
        'TRUNCATE orders.order_items' \
        "COPY orders.order_items (order_id, product_id, add_to_cart_order)
         FROM PROGRAM 'echo 14,101,1' (FORMAT csv, FREEZE)"
    PGOPTIONS='-c lock_timeout=100' run_load --verify
    expect_status 3
    expect_stderr_contains 'timele-load: detail: orders.order_items is in use by server process'
    for signal in TERM INT; do
        start_load --verify
        eventually waiting_for_lock
        kill -s $signal "$load_process"
        finish_load
        if [[ $signal == TERM ]]; then expect_status 143; else expect_status 130; fi
    done

    start_load --verify
    eventually waiting_for_lock
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    finish_load
    expect_status 0
    expect_holds 'order_items.order_id -> orders.orders' 1
}

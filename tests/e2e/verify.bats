#!/usr/bin/env bats
#
# --verify: what holds in a database, what does not, and that a load which would break something is
# rolled back.

load harness
load small_shop
load history_shop
load concurrency

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

SUPERUSER=$PGUSER

teardown() {
    PGUSER=$SUPERUSER
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
    end_test
    maintain "DROP ROLE IF EXISTS looker_of_$test_database"
}

# expect_holds NAME ROWS [CONSTRAINT], expect_proven NAME CONSTRAINT, expect_broken NAME ROWS WRONG
expect_holds() {
    expect_invariant "ok $1 $2${3:+ $3}"
}

expect_proven() {
    expect_invariant "ok $1 proven by $2"
}

expect_broken() {
    expect_invariant "FAILED $1 $2 $3"
}

# expect_invariant LINE: standard output has it, however far its words stand apart.
expect_invariant() {
    grep --quiet --line-regexp --fixed-strings -e "$1" <<<"$(tr --squeeze-repeats ' ' <<<"$output")" ||
        unexpected "expected a line like: $1"
}

expect_example() {
    expect_stdout_line "          $1"
}

# A shop with a history, and an application that works on it.
make_shop() {
    load_history_shop --verify
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
    expect_proven 'orders.user_id -> users.users' orders_user_id_fkey
    expect_proven 'order_status_history.order_id -> orders.orders' order_status_history_order_id_fkey
    expect_holds 'orders.external_order_id: version 4, not NULL' 6
    expect_proven 'carts.external_cart_id: unique' carts_external_cart_id_key
    expect_holds "orders.order_number: the application's, once" 3
    expect_holds 'orders.total_items, total_price: as the items' 3
    expect_holds 'orders.status: as the last status change' 4
    expect_holds 'orders.id: next value' 1
    grep -qE '^29 invariants checked in ([0-9]+\.[0-9]{2} s|[0-9]+ min [0-9]{2} s)' <<<"$output" || unexpected
    expect_stdout_line "all hold in $PGDATABASE on $PGHOST"
    expect_stdout_line '13 proven by constraints, whose rows --verify=full reads'
    (($(grep -c '^ok ' <<<"$output") == 29))
    (($(grep -c '^ok .* proven  by ' <<<"$output") == 13))
    expect_unchanged "$before"

    run_load --verify=full
    expect_status 0
    expect_silence
    expect_holds 'orders.user_id -> users.users' 6
    expect_holds 'order_status_history.order_id -> orders.orders' 5
    expect_holds 'carts.user_id -> users.users' 1
    expect_holds 'carts.external_cart_id: unique' 1
    expect_nowhere proven
    (($(grep -c '^ok ' <<<"$output") == 29))

    # A run that goes on is filling its own.
    sql 'CREATE SCHEMA timele_load_building_users'
    hold BEGIN 'SELECT pg_advisory_xact_lock(1953066341, 1819238756)'
    run_load --verify -v
    expect_status 0
    expect_nowhere timele_load_building
    expect_stderr_contains 'orders.user_id -> users.users is proven by orders_user_id_fkey: no row is read'
    expect_stderr_contains 'users.external_user_id: unique is proven by users_external_user_id_key'

    run_load --verify --quiet
    release
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
    expect_stderr_line 'timele-load: warning: a killed run has left timele_load_building_users; the next run that loads something drops it'
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

@test "an order of the application has a number of its own; what files say is theirs" {
    make_shop
    # Two of the history, one of each, two of the application, and three.
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day) VALUES
           (14, 1, 1, 0, 0), (15, 1, 3, 0, 0),
           (3422003, 2, 8, 0, 0), (3422004, 2, 8, 0, 0),
           (3422005, 400000, 1, 0, 0), (3422006, 400000, 1, 0, 0),
           (3422007, 1, 5, 0, 0);
         SELECT setval('orders.orders_id_seq', 3422007)" >/dev/null
    before=$(snapshot)
    run_load --verify
    expect_status 6
    expect_broken "orders.order_number: the application's, once" 5 3
    expect_example 'user_id 1 has order_number 3 in 2 orders: id 15, id 3422001'
    expect_example 'user_id 2 has order_number 8 in 2 orders: id 3422003, id 3422004'
    expect_example 'user_id 400000 has order_number 1 in 3 orders: id 3422000, id 3422006'
    (($(grep -c '^FAILED ' <<<"$output") == 1)) || unexpected
    expect_unchanged "$before"

    # It is found before a load is committed, too.
    sql 'DELETE FROM orders.orders WHERE id IN (14, 15) OR id > 3422002'
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n16,1,4,1,1\n' >more.csv
    run_load --verify more.csv
    expect_status 6
    expect_broken "orders.order_number: the application's, once" 3 1
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n16,1,1,1,1\n' >more.csv
    run_load --verify more.csv
    expect_status 0
}

# What constraints prove is read, too: they were there while rows were written that they do not know.
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
    run_load --verify=full
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
    [[ $stderr == "timele-load: error: 14 of 29 invariants broken in $PGDATABASE on $PGHOST" ]] || unexpected

    # What is wrong is said to those who want to hear nothing else.
    run_load --verify=full --quiet
    expect_status 6
    expect_stdout ''
    expect_stderr_line 'timele-load: warning: products.aisle_id -> products.aisles: 1 of 3 wrong: product_id 103, aisle_id 100'
    expect_stderr_contains 'invariants broken in'
    (($(grep -c ': warning: ' <<<"$stderr") == 14)) || unexpected
    expect_unchanged "$before"

    # The server says that these two foreign keys hold. Of the rest nothing is lost.
    run_load --verify
    expect_status 6
    expect_proven 'products.aisle_id -> products.aisles' products_aisle_id_fkey
    expect_proven 'cart_items.cart_id -> orders.carts' cart_items_cart_id_fkey
    expect_broken 'orders.user_id -> users.users' 6 1
    expect_broken 'order_items.product_id -> products.products' 19 12
    expect_holds 'carts.user_id -> users.users' 0 'not there'
    expect_broken 'orders.external_order_id: unique' 5 1
    expect_holds 'users.external_user_id: unique' 3
    (($(grep -c '^FAILED ' <<<"$output") == 12)) || unexpected
}

# Sets user 77, who is not there, for order 13, while SQL holds.
let_in_orphan() {
    sql "BEGIN; $1; SET LOCAL session_replication_role = 'replica';
         UPDATE orders.orders SET user_id = 77 WHERE id = 13; COMMIT" >/dev/null
}

expect_orphan() {
    run_load --verify
    expect_status 6
    expect_broken 'orders.user_id -> users.users' 6 1
    expect_example 'id 13, user_id 77'
}

@test "a foreign key that the server does not enforce on all rows proves nothing" {
    make_shop
    let_in_orphan 'ALTER TABLE orders.orders DISABLE TRIGGER ALL'
    expect_orphan
    expect_stdout_line '        (the constraint is disabled)'
    # The other half of its triggers stands at the table that it leads to.
    expect_holds 'order_items.order_id -> orders.orders' 7 disabled
    expect_proven 'order_items.product_id -> products.products' order_items_product_id_fkey
    # That they were disabled cannot be seen afterwards.
    sql 'ALTER TABLE orders.orders ENABLE TRIGGER ALL'
    run_load --verify
    expect_status 0
    expect_proven 'orders.user_id -> users.users' orders_user_id_fkey
    run_load --verify=full
    expect_status 6
    expect_broken 'orders.user_id -> users.users' 6 1
    expect_nowhere 'the constraint is'

    # One that fires for replicated rows alone; rows of a subscription, for which none fires.
    sql "DO \$\$ BEGIN EXECUTE (SELECT format('ALTER TABLE orders.orders ENABLE REPLICA TRIGGER %I', tgname)
         FROM pg_trigger JOIN pg_constraint k ON k.oid = tgconstraint
         WHERE tgrelid = 'orders.orders'::regclass AND conname = 'orders_user_id_fkey' LIMIT 1); END \$\$"
    expect_orphan
    sql 'ALTER TABLE orders.orders ENABLE TRIGGER ALL'
    for table in orders.orders users.users; do
        sql "INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate) VALUES (1, '$table'::regclass, 'r')"
        expect_orphan
        sql 'DELETE FROM pg_subscription_rel'
    done

    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey;
         ALTER TABLE orders.orders ADD CONSTRAINT young FOREIGN KEY (user_id) REFERENCES users.users NOT VALID'
    expect_orphan
    expect_stdout_line '        (the constraint is not valid)'
    # To another column of the right table.
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT young;
         ALTER TABLE users.users ADD COLUMN number bigint UNIQUE;
         UPDATE users.users SET number = CASE id WHEN 2 THEN 77 ELSE id END;
         ALTER TABLE orders.orders ADD CONSTRAINT other FOREIGN KEY (user_id) REFERENCES users.users (number)'
    expect_orphan
    sql "ALTER TABLE orders.orders DROP CONSTRAINT other;
         UPDATE orders.orders SET user_id = 2 WHERE id = 13;
         ALTER TABLE orders.orders ADD CONSTRAINT another FOREIGN KEY (user_id)
         REFERENCES users.users NOT VALID, ADD CONSTRAINT old FOREIGN KEY (user_id) REFERENCES users.users"
    run_load --verify
    expect_status 0
    expect_proven 'orders.user_id -> users.users' old

    # Rows that are read with those of the table, and not its own.
    sql "CREATE TABLE orders.archive () INHERITS (orders.orders);
         INSERT INTO orders.archive SELECT * FROM orders.orders WHERE id = 13;
         UPDATE orders.archive SET user_id = 77, id = 14, total_items = 0, total_price = 0"
    run_load --verify
    expect_status 6
    expect_broken 'orders.user_id -> users.users' 7 1
    expect_example 'id 14, user_id 77'
    expect_broken 'orders.external_order_id: unique' 6 1
    expect_example 'ids 13 and 14 have the same'
}

# expect_not_unique INDEX: users 1 and 2 have the same external id, and this index lets them.
expect_not_unique() {
    sql "$1"
    run_load --verify
    expect_status 6
    expect_broken 'users.external_user_id: unique' 2 1
    expect_example 'ids 1 and 2 have the same'
}

@test "an index that does not keep a column unique proves nothing" {
    make_shop
    sql "ALTER TABLE users.users DROP CONSTRAINT users_external_user_id_key;
         CREATE UNIQUE INDEX plain ON users.users (external_user_id) INCLUDE (id)"
    run_load --verify
    expect_status 0
    expect_proven 'users.external_user_id: unique' plain
    sql "DROP INDEX users.plain;
         UPDATE users.users SET external_user_id = (SELECT external_user_id FROM users.users WHERE id = 1) WHERE id = 2"
    expect_not_unique 'CREATE INDEX one ON users.users (external_user_id)'
    expect_not_unique 'CREATE UNIQUE INDEX two ON users.users (external_user_id, id)'
    expect_not_unique 'CREATE UNIQUE INDEX three ON users.users (external_user_id) WHERE id <> 2'
    expect_not_unique 'CREATE UNIQUE INDEX four ON users.users ((external_user_id::text || id))'
    run sql 'CREATE UNIQUE INDEX CONCURRENTLY five ON users.users (external_user_id)'
    expect_not_unique "SELECT 1 / count(*) FROM pg_class WHERE relname = 'five'"

    sql "DROP INDEX users.five; UPDATE users.users SET external_user_id = DEFAULT WHERE id = 2;
         ALTER TABLE users.users ADD CONSTRAINT six UNIQUE (external_user_id) DEFERRABLE"
    run_load --verify
    expect_status 0
    expect_holds 'users.external_user_id: unique' 3
    sql "ALTER TABLE users.users ADD EXCLUDE USING hash (external_user_id WITH =)"
    run_load --verify
    expect_status 0
    expect_holds 'users.external_user_id: unique' 3
}

# Tables as small as these are read by workers when they say so.
@test "parallel plans see what the load has written" {
    make_shop
    for table in orders.orders orders.order_items orders.order_status_history users.users; do
        sql "ALTER TABLE $table SET (parallel_workers = 2)"
    done
    sql "UPDATE orders.order_items SET price = 7 WHERE order_id = 12"
    printf 'user_id,first_name,last_name,email_address,city\n1,Ada,Adams,ada@example.org,Bergen\n' >moved.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n15,1,9,1,1\n' >more.csv
    run_load --mode=upsert --verify=full moved.csv more.csv
    expect_status 6
    expect_broken 'orders.total_items, total_price: as the items' 4 1
    expect_example 'id 12: total_items 2, items 2; total_price 0.3, prices 14'
    expect_holds "orders: delivery details as the user's" 4
    expect_holds 'orders.user_id -> users.users' 7
    sql "UPDATE orders.orders SET total_price = 14 WHERE id = 12"
    run_load --mode=upsert --verify moved.csv more.csv
    expect_status 0
    # Few rows are worth no worker, and the leader would read them before one has begun.
    PGOPTIONS='-c parallel_leader_participation=off -c cpu_tuple_cost=10' run_load --verify
    expect_status 0
}

@test "before the commit of a load: what would be broken is not committed" {
    make_shop
    printf 'user_id,email_address\n3,cy@example.org\n' >more_users.csv
    run_load --verify --dry-run more_users.csv
    expect_status 0
    expect_proven 'users.external_user_id: unique' users_external_user_id_key
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
        expect_stderr_contains "timele-load: error: 1 of 29 invariants broken in $PGDATABASE on"
        expect_stderr_contains 'timele-load: hint: The load was rolled back'
        expect_unchanged "$before"
    done
    run_load --quiet more_users.csv
    expect_status 0

    # Constraints that this very transaction has made, and one that is checked at its end.
    sql "UPDATE orders.orders SET status = 'shipped' WHERE id = 11;
         ALTER TABLE orders.orders ALTER CONSTRAINT orders_user_id_fkey DEFERRABLE INITIALLY DEFERRED;
         ALTER TABLE orders.order_status_history DROP CONSTRAINT order_status_history_order_id_fkey"
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n15,4,9,1,1\n' >more_orders.csv
    run_load --create-schema --rebuild=always --verify more_orders.csv more_history.csv
    expect_status 0
    expect_proven 'orders.user_id -> users.users' orders_user_id_fkey
    expect_proven 'order_status_history.order_id -> orders.orders' order_status_history_order_id_fkey
    run_load --mode=skip --verify=full more_orders.csv
    expect_status 0
    expect_holds 'orders.user_id -> users.users' 7
}

# The service numbers its rows from 1: in a range that its sequences do not respect.
@test "a database that TimeL-E's service made" {
    start_empty_test
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

    start_load --verify=full
    eventually waiting_for_lock
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    finish_load
    expect_status 0
    expect_holds 'order_items.order_id -> orders.orders' 1
}

#!/usr/bin/env bats
#
# The API on a cluster of Citus: what its functions and views give is what they give on one server.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load citus_cluster
load small_shop
load api_server
load api_race

# The catalogue and a user with an order of long ago, and the API.
make_shop() {
    setup_schema
    sql <<'SQL'
BEGIN;
INSERT INTO products.aisles (aisle_id, aisle) VALUES (1, 'fresh fruit'), (2, 'soap');
INSERT INTO products.departments (department_id, department) VALUES (1, 'food'), (2, 'household');
INSERT INTO products.products (product_id, product_name, aisle_id, department_id)
SELECT n, 'product ' || n, n % 2 + 1, n % 2 + 1 FROM generate_series(1, 1100) n;
INSERT INTO products.product_enriched (product_id, price) SELECT n, n + 0.1 FROM generate_series(2, 20) n;
INSERT INTO users.users (id, external_user_id, email_address, first_name, city)
VALUES (1, '00000000-0000-1000-8000-000000000001', 'ada@example.net', 'Ada', 'Velm'),
       (2, '00000000-0000-1000-8000-000000000002', 'bob@example.net', 'Bob', NULL);
INSERT INTO orders.orders (id, external_order_id, user_id, order_number, order_dow, order_hour_of_day, created_at)
VALUES (1, '00000000-0000-1000-8000-000000000003', 1, 1, 2, 3, now() - interval '9 days 1 hour'),
       (2, '00000000-0000-1000-8000-000000000004', 2, 1, 2, 3, '2020-01-01Z');
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (1, 7, 1), (2, 8, 1);
INSERT INTO orders.carts (external_cart_id, user_id) VALUES ('00000000-0000-1000-8000-000000000005', 1);
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) SELECT id, 7, 1 FROM orders.carts;
COMMIT;
SQL
    setup_api
}

# The shop on the cluster; roles of a database without Citus reach no other node by themselves.
distribute_shop() {
    local host
    make_shop
    distribute
    setup_api
    api_server=server_of_$PGDATABASE
    for host in "$PGHOST" "$CITUS_WORKER_1" "$CITUS_WORKER_2"; do
        PGHOST=$host PGDATABASE=postgres sql "DROP ROLE IF EXISTS $api_server; CREATE ROLE $api_server LOGIN;
                                              GRANT timele_api TO $api_server" 2>/dev/null
    done
}

# on_plain COMMAND...: beside the cluster, in a database of the server of all tests.
on_plain() (
    export PGHOST=$PLAIN WITH_POSTGRES_DIRECTORY=$PLAIN
    make_database "$PGDATABASE" template0
    make_shop
    create_api_server
    "$@"
)

# No two servers give the same random ids and times.
without_random() {
    sed -E "s/$V4/random/g; s/[0-9]{4}-[0-9]{2}-[0-9]{2}.[0-9]{2}:[0-9]{2}:[0-9.]+\+00(:00)?/time/g; s/^psql:[^ ]*: //"
}

# asked <FILE: what the API server sees of it; a value has not more than 200 letters.
asked() {
    PGUSER=$api_server PGTZ=UTC psql -XAtq -v VERBOSITY=verbose 2>&1 |
        grep -vE '^(LOCATION|LINE|CONTEXT|SQL statement|PL/pgSQL| *\^)' | without_random | cut -c 1-200
}

expect_same() {
    "$@" >there
    on_plain "$@" >here
    diff here there
}

# Calls --------------------------------------------------------------------------------------------

# Each function with each wrong value, and with right ones alone, in a transaction that is undone.
wrong_calls() {
    asked <<SQL
\set ada 00000000-0000-1000-8000-000000000001
\set bob 00000000-0000-1000-8000-000000000002
\set placed 00000000-0000-1000-8000-000000000003
\set other 00000000-0000-1000-8000-000000000004
\set cart 00000000-0000-1000-8000-000000000005
SET client_min_messages = error;
\i $PROJECT_ROOT/tests/e2e/fixtures/wrong_api_calls.sql
SELECT 'BEGIN', format('SELECT %L, t FROM api.%s(%s) t', left(name || ' ' || arguments, 40), proname, arguments), 'ROLLBACK'
  FROM (SELECT DISTINCT * FROM pg_temp.call) call ORDER BY proname COLLATE "C", name COLLATE "C", arguments COLLATE "C" \gexec
SQL
}

@test "each function, with each wrong value, gives what it gives on one server" {
    distribute_shop
    expect_same wrong_calls
    [ "$(grep -c '^ERROR:  TE' there)" -ge 200 ]
    [ "$(grep -oE '^ERROR:  TE[0-9]{3}' there | sort -u | wc -l)" -ge 14 ]
    run ! grep -E 'TE999|XX000|0A000' there
    [ "$(grep -vc '^ERROR' there)" -ge 100 ]
}

# One after the other, more often than PostgreSQL plans a statement for its values alone.
right_calls() {
    asked <<'SQL'
SELECT external_user_id AS u FROM api.create_user('cy@example.net', 'h', 'Cy', 'Quist', city => 'Velm') \gset
SELECT to_jsonb(u) FROM api.update_user(:'u', '{"city": null, "days_between_order_notifications": 3, "last_login": "2024-05-06T07:08:09Z"}') u;
SELECT api.set_password_hash(:'u', 'other');
SELECT api.update_user(:'u', '{"email_address": "bob@example.net"}');
SELECT api.update_user(:'u', '{"days_between_order_notifications": 400}');
SELECT api.create_user('bob@example.net');
SELECT external_cart_id AS c FROM api.create_cart(:'u') \gset
SELECT to_jsonb(c) FROM generate_series(1, 8) n, api.set_cart_item(:'u', :'c', n, n * 2) c;
SELECT to_jsonb(c) FROM api.set_cart_item(:'u', :'c', 3, 1) c;
SELECT to_jsonb(c) FROM generate_series(4, 5) n, api.remove_cart_item(:'u', :'c', n) c;
SELECT external_order_id AS o, order_number, total_items, total_price, delivery_name FROM api.checkout(:'u', :'c', 'key') \gset
SELECT external_order_id = :'o', total_price FROM api.checkout(:'u', :'c', 'key');
SELECT api.checkout(:'u', :'c', 'key', 'elsewhere');
SELECT api.checkout(:'u', :'c');
SELECT to_jsonb(o) FROM generate_series(10, 17) n, api.add_order_items(:'u', :'o', format('[{"product_id": %s, "quantity": 3}]', n)::jsonb) o;
SELECT api.add_order_items(:'u', :'o', '[{"product_id": 10}]');
SELECT to_jsonb(o) FROM generate_series(1, 8) n, api.create_order(:'u', format('[{"product_id": %s}, {"product_id": 999}]', n)::jsonb, 'order ' || n) o;
SELECT to_jsonb(o) FROM api.create_order('00000000-0000-1000-8000-000000000001', '[{"product_id": 7}, {"product_id": 8}]') o;
SELECT to_jsonb(o) FROM unnest('{processing,shipped,delivered,return_requested,returned,refunded,failed,cancelled}'::public.order_status_enum[]) s,
       api.set_order_status(:'o', s, :'u', 'to ' || s, 'T-' || s) o;
SELECT to_jsonb(o) FROM api.set_order_status(:'o', 'cancelled', tracking_url => 'u') o;
SELECT api.set_order_status(:'o', 'cancelled');
SELECT api.add_order_items(:'u', :'o', '[{"product_id": 20}]');
SELECT api.delete_user(:'u');
SELECT external_user_id AS gone FROM api.create_user('gone@example.net') \gset
SELECT external_cart_id AS c1 FROM api.create_cart(:'gone') \gset
SELECT external_cart_id AS c2 FROM api.create_cart(:'gone') \gset
SELECT to_jsonb(c) FROM api.set_cart_item(:'gone', :'c1', 1) c;
SELECT to_jsonb(c) FROM api.set_cart_item(:'gone', :'c2', 2) c;
SELECT to_jsonb(c) FROM api.clear_cart(:'gone', :'c2') c;
SELECT api.delete_cart(:'gone', :'c2'), api.delete_cart(:'gone', :'c2');
SELECT api.delete_user(:'gone');
SELECT api.delete_user(:'gone');
BEGIN;
SELECT status FROM api.set_order_status('00000000-0000-1000-8000-000000000003', 'shipped');
SELECT status FROM api.set_order_status('00000000-0000-1000-8000-000000000003', 'delivered');
SELECT order_number FROM api.create_order(:'u', '[{"product_id": 3}]');
COMMIT;
SELECT * FROM api.users ORDER BY email_address;
SELECT order_number, o.* FROM api.orders o ORDER BY external_user_id = :'u', external_user_id, order_number;
SELECT order_number, i.* FROM api.order_items i JOIN api.orders o USING (external_order_id)
 ORDER BY external_user_id = :'u', external_user_id, order_number, product_id;
SELECT * FROM api.order_status_history
 ORDER BY external_order_id <> :'o', external_order_id <> '00000000-0000-1000-8000-000000000003', changed_at;
SELECT * FROM api.carts ORDER BY total_items;
SELECT * FROM api.cart_items ORDER BY product_id;
SELECT * FROM api.products ORDER BY product_id LIMIT 30;
SELECT * FROM api.departments ORDER BY department_id;
SELECT * FROM api.aisles ORDER BY aisle_id;
SQL
}

@test "right calls leave what they leave on one server, the status history, too" {
    distribute_shop
    expect_same right_calls
    [ "$(grep -c '^ERROR' there)" -eq 11 ]
    # No trigger is there that could have written it.
    expect_sql "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders.orders'::regclass AND NOT tgisinternal" 0
    grep -qx 'random|processing|shipped|time|random|to shipped' there
    # Nothing is left behind in the shards.
    expect_sql "SELECT count(*) FROM orders.order_items i LEFT JOIN orders.orders o ON o.id = i.order_id WHERE o.id IS NULL" 0
    expect_sql "SELECT count(*) FROM orders.cart_items i LEFT JOIN orders.carts c ON c.id = i.cart_id WHERE c.id IS NULL" 0
}

@test "a time and a price arrive as they are, whatever the client has set" {
    local order
    distribute_shop
    sql "UPDATE products.product_enriched SET price = 1234567.89 WHERE product_id = 2"
    order=$(PGTZ=Asia/Kathmandu PGDATESTYLE='SQL, DMY' api <<'SQL'
SET extra_float_digits = -15;
SELECT external_order_id AS o
  FROM api.create_order('00000000-0000-1000-8000-000000000001', '[{"product_id": 2, "quantity": 3}]') \gset
SELECT FROM api.set_order_status(:'o', 'shipped', '00000000-0000-1000-8000-000000000001');
SELECT FROM api.update_user('00000000-0000-1000-8000-000000000002', '{"last_login": "2024-05-06T07:08:09Z"}');
SELECT FROM api.create_cart('00000000-0000-1000-8000-000000000002');
SELECT :'o';
SQL
    )
    order=${order##*$'\n'}
    expect_sql "SELECT total_price, now() - created_at BETWEEN '0' AND '1 minute', updated_at - created_at BETWEEN '0' AND '1 minute'
                  FROM orders.orders WHERE external_order_id = '$order'" '3703703.67|t|t'
    expect_sql "SELECT price FROM orders.order_items WHERE price > 1000" 1234567.89
    expect_sql "SELECT now() - max(changed_at) BETWEEN '0' AND '1 minute' FROM orders.order_status_history" t
    expect_sql "SELECT last_login AT TIME ZONE 'UTC' FROM users.users WHERE id = 2" '2024-05-06 07:08:09'
    expect_sql "SELECT bool_and(now() - created_at BETWEEN '0' AND '1 minute') FROM orders.carts WHERE user_id = 2" t
}

# Constraints --------------------------------------------------------------------------------------

@test "a constraint is recognised by its name on another node, one that ends in a number, too" {
    local name settings
    distribute_shop
    for name in '' users_email_12 users_102008_7; do
        [[ -z $name ]] || sql "ALTER INDEX users.$(sql "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid
                                       WHERE indrelid = 'users.users'::regclass
                                         AND pg_get_indexdef(oid) LIKE '%email_address%'") RENAME TO $name"
        # Without the second setting this node refuses the row first, and says by itself what is violated.
        for settings in on off; do
            refused TE012 "the e-mail address is another user's" \
                "SET citus.enable_local_execution = $settings; SELECT api.create_user('bob@example.net')"
            refused TE011 'days_between_order_notifications is not valid' \
                "SELECT api.update_user('00000000-0000-1000-8000-000000000001', '{\"days_between_order_notifications\": 366}')"
        done
        expect_refusals
    done
    # Another unique value is no e-mail address.
    sql 'CREATE UNIQUE INDEX users_email_1 ON users.users (phone_number)'
    sql "ALTER INDEX users.users_102008_7 RENAME TO users_email"
    expect_api "SELECT city FROM api.update_user('00000000-0000-1000-8000-000000000001', '{\"phone_number\": \"1\"}')" Velm
    refused TE999 'the database cannot do this' \
        "SELECT api.update_user('00000000-0000-1000-8000-000000000002', '{\"phone_number\": \"1\"}')"
    expect_refusals
}

# Sessions -----------------------------------------------------------------------------------------

# The lock that the second one waits for is another node's, mostly.
second_waits() {
    local host
    for host in "$PGHOST" "$CITUS_WORKER_1" "$CITUS_WORKER_2"; do
        [[ $(PGHOST=$host sql "SELECT count(*) FROM pg_stat_activity
                                WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 ]] || return 0
    done
    return 1
}

@test "of two sessions that want the same thing at once, one gets it" {
    local user=00000000-0000-1000-8000-000000000001 order=00000000-0000-1000-8000-000000000003
    local cart=00000000-0000-1000-8000-000000000005 checkout create
    distribute_shop
    checkout="SELECT order_number FROM api.checkout('$user', '$cart')"
    race "$checkout" "$checkout"
    expect_race 2 "ERROR:  TE007: cart $cart is empty"
    api "SELECT FROM api.set_cart_item('$user', '$cart', 7)"
    checkout="SELECT order_number, external_order_id FROM api.checkout('$user', '$cart', 'key')"
    race "$checkout" "$checkout"
    grep -xE "3\|$V4" first
    diff first second

    create="SELECT order_number FROM api.create_order('$user', '[{\"product_id\": 1}]')"
    race "$create" "$create"
    expect_race 4 5
    race "$create" "$create" 'repeatable\ read'
    expect_race 6 "$CONFLICT"

    race "SELECT status FROM api.set_order_status('$order', 'shipped')" \
        "SELECT status FROM api.set_order_status('$order', 'shipped')"
    expect_race shipped "ERROR:  TE014: order $order is shipped already"
    race "SELECT total_items FROM api.set_cart_item('$user', '$cart', 8)" \
        "SELECT total_items FROM api.set_cart_item('$user', '$cart', 9)"
    expect_race 1 2
    race "SELECT api.delete_cart('$user', '$cart'), 'gone'" "${checkout/key/other}"
    expect_race '|gone' "ERROR:  TE003: no such cart: $cart"
    race "SELECT external_user_id IS NULL FROM api.create_cart('00000000-0000-1000-8000-000000000002')" \
        "SELECT api.delete_user('00000000-0000-1000-8000-000000000002')"
    expect_race f 'ERROR:  TE017: user 00000000-0000-1000-8000-000000000002 has orders'
    expect_sql "SELECT count(*), count(DISTINCT order_number), max(order_number) FROM orders.orders WHERE user_id = 1" '6|6|6'
    expect_sql "SELECT old_status, new_status FROM orders.order_status_history WHERE order_id = 1" 'pending|shipped'
    expect_sql 'SELECT count(*) FROM pg_prepared_xacts' 0
}

# The boundary -------------------------------------------------------------------------------------

@test "--create-api says nothing but what it did: before the tables are distributed, after, and again" {
    run_load --create-schema --create-api
    expect_status 0
    expect_silence
    distribute
    run_load --create-api
    expect_status 0
    expect_silence
    run_load --create-api
    expect_status 0
    expect_silence
    expect_stdout_contains 'API: created or brought up to date'
}

@test "the role reads the views by their columns alone: no table, no internal id, no hash" {
    distribute_shop
    sql "UPDATE users.users SET hashed_password = 'hidden'"
    expect_api "SELECT (SELECT count(*) FROM api.users), (SELECT count(*) FROM api.orders), (SELECT count(*) FROM api.order_items),
                       (SELECT count(*) FROM api.order_status_history), (SELECT count(*) FROM api.carts), (SELECT count(*) FROM api.cart_items),
                       (SELECT count(*) FROM api.products), (SELECT count(*) FROM api.departments), (SELECT count(*) FROM api.aisles)" \
        '2|2|2|0|1|1|1100|2|2'
    expect_api "SELECT u.first_name, o.order_number, i.product_id, p.aisle
                  FROM api.users u JOIN api.orders o USING (external_user_id) JOIN api.order_items i USING (external_order_id)
                  JOIN api.products p USING (product_id) ORDER BY 1" $'Ada|1|7|soap\nBob|1|8|fresh fruit'
    for query in 'id FROM users.users' 'email_address FROM users.users' 'id FROM orders.orders' 'cart_id FROM orders.cart_items'; do
        PGUSER=$api_server run ! sql "SELECT $query"
        [[ $output == *'permission denied for table'* ]]
    done
    # No node gives the hash, however it is asked.
    expect_api "SELECT DISTINCT result ~ 'permission denied', result ~ 'hidden'
                  FROM run_command_on_workers('SELECT hashed_password FROM $(sql "SELECT shard_name('users.users', shardid) FROM pg_dist_shard WHERE logicalrelid = 'users.users'::regclass") LIMIT 1')" \
        't|f'
}

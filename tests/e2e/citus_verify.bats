#!/usr/bin/env bats
#
# --verify on a cluster of Citus: it finds there what it finds on PostgreSQL, in the same words, checks
# what no constraint keeps there, and says what it cannot tell.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load small_shop
load history_shop
load concurrency
load own_server
load citus_cluster

# A shop with a history, whose application works on it; loaded before its tables are distributed.
make_shop() {
    load_history_shop
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day, status)
         VALUES (3422002, 1, 4, 0, 0, 'processing');
         SELECT setval('orders.orders_id_seq', 3422002), setval('users.users_id_seq', 400000)" >/dev/null
}

make_plain_shop() {
    make_database "$PGDATABASE" template0
    make_shop
}

# What --verify finds, blanks made one; the name of the database is that of both.
findings() {
    run_load --verify="$1"
    printf 'exit status %s\n' "$status"
    printf '%s\n%s\n' "$output" "$stderr" | tr -s ' ' | sed -E 's/^ //; s/ in [0-9.]+ s$//; s/ in [^ ]+ on .*//'
}

# expect_line LINE: standard output has it, however far its words stand apart.
expect_line() {
    grep --quiet --line-regexp --fixed-strings -e "$1" <<<"$(tr --squeeze-repeats ' ' <<<"$output")" ||
        unexpected "expected a line like: $1"
}

expect_example() {
    expect_stdout_line "          $1"
}

# One for each invariant that is checked on both. What is wrong lies on several nodes.
break_everything() {
    sql <<'SQL'
SET timele.loading = 'on';
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint
 WHERE contype = 'f' AND conrelid::regclass::text ~ '^(products|users|orders)\.[a-z_]+$' \gexec
ALTER TABLE users.users DROP CONSTRAINT users_external_user_id_key;
ALTER TABLE users.users ALTER external_user_id DROP NOT NULL;
ALTER TABLE orders.orders DROP CONSTRAINT IF EXISTS orders_external_order_id_key;
ALTER TABLE orders.orders ALTER external_order_id DROP NOT NULL;
ALTER TABLE orders.carts DROP CONSTRAINT IF EXISTS carts_external_cart_id_key;

DELETE FROM products.aisles WHERE aisle_id = 100;
DELETE FROM products.departments WHERE department_id = 21;
INSERT INTO products.product_enriched (product_id) VALUES (300);
UPDATE orders.orders SET user_id = 77 WHERE id IN (13, 3422000);
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) SELECT i, 101, 1 FROM generate_series(200, 211) i;
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) SELECT 3422000, p, 1 FROM generate_series(200, 211) p;
INSERT INTO orders.order_status_history (order_id, new_status, changed_at)
  SELECT i, 'shipped', '2024-02-03 04:05:06Z' FROM generate_series(14, 16) i;
UPDATE orders.carts SET user_id = 78;
INSERT INTO orders.carts (user_id) SELECT 1 FROM generate_series(1, 8);
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) VALUES (99, 101, 1), (2, 301, 1);

UPDATE users.users SET external_user_id = '6ba7b810-9dad-51d1-80b4-00c04fd430c8' WHERE id IN (1, 400000);
UPDATE users.users SET external_user_id = NULL WHERE id = 2;
UPDATE orders.orders SET external_order_id = '6ba7b810-9dad-41d1-00b4-00c04fd430c8' WHERE id IN (11, 12, 13);
UPDATE orders.orders SET external_order_id = '6ba7b810-9dad-41d1-80b4-00c04fd430c8' WHERE id IN (3422000, 3422001);
UPDATE orders.orders SET external_order_id = NULL WHERE id = 3422002;
UPDATE orders.carts SET external_cart_id = '6ba7b810-9dad-41d1-80b4-00c04fd430c9' WHERE id > 2;

INSERT INTO users.users (id, inferred) VALUES (400001, true);
UPDATE orders.order_items SET price_given = true WHERE order_id = 3422001;
INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
  SELECT 3422003 + i, 2, 8, 0, 0 FROM generate_series(0, 9) i;
UPDATE orders.orders SET total_items = 3 WHERE id = 11;
UPDATE orders.orders SET total_price = total_price + 0.000001 WHERE id = 12;
UPDATE orders.orders SET status = 'delivered' WHERE id IN (13, 3422001);
SELECT setval('products.products_product_id_seq', 5), setval('orders.orders_id_seq', 3422000, false);
SQL
}

# expect_same DIFFERENCE...: the findings on both servers, but for these lines, "<" before those of
# PostgreSQL, ">" before those of Citus.
expect_same() {
    expect_equal "$(printf '%s\n' "$@")" "$(diff "$BATS_TEST_TMPDIR"/findings.{plain,citus} | grep '^[<>]')"
}

expect_same_findings() {
    findings full >findings.citus
    on_plain findings full >findings.plain
    expect_same "$@"
}

@test "finds what it finds on PostgreSQL, in the same words" {
    make_shop
    distribute
    on_plain make_plain_shop
    expect_same_findings '> ok order_status_history.history_id: unique 3' \
        "< ok orders: delivery details as the user's 3" \
        "> - orders: delivery details as the user's not checked" \
        "> (Citus' nodes do not know which run wrote a row)" \
        '< all hold' \
        '> 1 not checked' \
        '> all that were checked hold'
    grep -qxF 'exit status 0' findings.citus

    break_everything
    on_plain break_everything
    export PGTZ=Asia/Kolkata PGDATESTYLE=German
    expect_same_findings '> ok order_status_history.history_id: unique 6' \
        "< ok orders: delivery details as the user's 0" \
        "> - orders: delivery details as the user's not checked" \
        "> (Citus' nodes do not know which run wrote a row)"
    grep -qxF 'exit status 6' findings.citus
    grep -qxF 'order_id 14, changed_at 03.02.2024 09:35:06 IST, new_status shipped' findings.citus
    (($(grep -c '^FAILED ' findings.citus) == 23))
}

@test "checks what no constraint keeps, and says what it cannot tell" {
    make_shop
    distribute
    run_load --verify -v
    expect_status 0
    expect_line 'ok users.external_user_id: unique proven by users_external_user_id_key'
    expect_line 'ok orders.external_order_id: unique 6'
    expect_line 'ok carts.external_cart_id: unique 1'
    expect_line 'ok order_status_history.history_id: unique 3'
    expect_line "- orders: delivery details as the user's not checked"
    expect_stdout_line "        (Citus' nodes do not know which run wrote a row)"
    expect_stderr_contains "orders: delivery details as the user's is not checked: Citus' nodes do not know"
    grep -qE '^29 invariants checked in ' <<<"$output" || unexpected
    expect_stdout_line '11 proven by constraints, whose rows --verify=full reads'
    expect_stdout_line '1 not checked'
    expect_stdout_line "all that were checked hold in $PGDATABASE on $PGHOST"
    run_load --verify --quiet
    expect_status 0
    expect_silence
    expect_stdout ''

    # What the application wrote on a node, where a transaction has the number that one of the
    # coordinator has, which was a run.
    sql "BEGIN; UPDATE users.users SET city = 'Rome' WHERE id = 1;
         UPDATE orders.orders SET city = 'Oslo' WHERE id = 11; COMMIT"
    sql "UPDATE timele_load.runs SET transaction_id = '$(sql 'SELECT xmin FROM orders.orders WHERE id = 11')'"
    run_load --verify
    expect_status 0

    sql "UPDATE orders.orders SET external_order_id = '6ba7b810-9dad-41d1-80b4-00c04fd430c8'
          WHERE id IN (11, 12, 3422000)"
    sql "INSERT INTO orders.order_status_history (history_id, order_id, new_status, changed_at)
         VALUES (1, 12, 'pending', '2024-01-01Z'), (1, 13, 'pending', '2024-01-01Z')"
    run_load --verify --report=report.json
    expect_status 6
    expect_line 'FAILED orders.external_order_id: unique 4 1'
    expect_example 'ids 11 and 3422000 have the same (3 rows)'
    expect_line 'FAILED order_status_history.history_id: unique 3 1'
    expect_example 'history_id 1 stands in 3 rows: order_id 11, order_id 13'
    expect_stderr_contains 'error: 2 of 29 invariants broken in'
    expect_equal '["orders: delivery details as the user'"'"'s",0,0]' \
        "$(jq -c '.invariants[] | select(.not_checked) | [.invariant, .checked, .broken]' report.json)"
}

# Nodes send no whole table to the coordinator to tell that it is not empty. What has to be counted over
# all nodes is sent, however much it is.
@test "large tables" {
    make_shop
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         SELECT i, 1, i, 0, 0 FROM generate_series(100, 5000) i;
         INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
         SELECT i, 103, 1 FROM generate_series(100, 5000) i;
         UPDATE orders.orders SET total_items = 1 WHERE id BETWEEN 100 AND 5000"
    distribute
    PGOPTIONS='-c citus.max_intermediate_result_size=2' run_load --verify
    expect_status 0
    expect_line 'ok orders.external_order_id: unique 4,907'
}

@test "a foreign key that is not valid proves nothing on any node" {
    make_shop
    distribute
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey'
    sql 'ALTER TABLE orders.orders ADD CONSTRAINT young FOREIGN KEY (user_id) REFERENCES users.users NOT VALID'
    run_load --verify
    expect_status 0
    expect_line 'ok orders.user_id -> users.users 6 not valid'
    expect_line 'ok order_items.order_id -> orders.orders proven by order_items_order_id_fkey'
    sql 'ALTER TABLE orders.orders VALIDATE CONSTRAINT young'
    run_load --verify
    expect_status 0
    expect_line 'ok orders.user_id -> users.users proven by young'

    # A row that the constraint came too late for: Citus validates it on each node.
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT young'
    sql 'UPDATE orders.orders SET user_id = 77 WHERE id = 13'
    sql 'ALTER TABLE orders.orders ADD CONSTRAINT young FOREIGN KEY (user_id) REFERENCES users.users NOT VALID'
    run sql 'ALTER TABLE orders.orders VALIDATE CONSTRAINT young'
    ((status != 0))
    run_load --verify
    expect_status 6
    expect_line 'FAILED orders.user_id -> users.users 6 1'
    expect_stdout_line '        (the constraint is not valid)'
    expect_example 'id 13, user_id 77'
}

@test "a role that may read and nothing else" {
    make_shop
    distribute
    # Citus makes it on all nodes.
    sql "CREATE ROLE looker_of_$PGDATABASE LOGIN"
    for granted in 'USAGE ON' 'SELECT ON ALL TABLES IN' 'SELECT ON ALL SEQUENCES IN'; do
        sql "GRANT $granted SCHEMA products, users, orders TO looker_of_$PGDATABASE"
    done
    PGUSER=looker_of_$PGDATABASE run_load --verify=full
    expect_status 0
    expect_line 'ok orders.id: next value 1'
    sql 'ALTER TABLE orders.orders ENABLE ROW LEVEL SECURITY'
    PGUSER=looker_of_$PGDATABASE run_load --verify
    expect_status 3
    expect_stderr_contains "row-level security hides rows of orders.orders from role looker_of_$PGDATABASE"
    sql 'ALTER TABLE orders.orders DISABLE ROW LEVEL SECURITY'
    sql "REVOKE SELECT ON orders.carts FROM looker_of_$PGDATABASE"
    PGUSER=looker_of_$PGDATABASE run_load --verify
    expect_status 3
    expect_stdout ''
    expect_stderr_line 'timele-load: error: no SELECT privilege on orders.carts'
}

@test "waits for a table that is locked, and sees what comes then" {
    make_shop
    distribute
    # A snapshot that is older sees none of the items.
    hold BEGIN "SET LOCAL citus.multi_shard_modify_mode = 'sequential'" \
        'CREATE TEMPORARY TABLE items AS SELECT * FROM orders.order_items' \
        'TRUNCATE orders.order_items' \
        'INSERT INTO orders.order_items SELECT * FROM items'
    PGOPTIONS='-c lock_timeout=100' run_load --verify
    expect_status 3
    expect_stderr_contains 'timele-load: detail: orders.order_items is in use by server process'
    start_load --verify=full
    eventually waiting_for_lock
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    finish_load
    expect_status 0
    expect_line 'ok orders.total_items, total_price: as the items 3'
}

@test "before the commit of a load: what would be broken is not committed" {
    local before
    write_history
    write_catalogue
    setup_schema
    distribute
    run_load --rebuild=never --verify=full ./*.csv
    expect_status 0
    expect_line 'ok orders.external_order_id: unique 3'
    expect_line 'ok orders.total_items, total_price: as the items 3'
    expect_line "- orders: delivery details as the user's not checked"
    expect_stdout_line "committed to $PGDATABASE on $PGHOST"

    sql "UPDATE orders.orders SET status = 'failed' WHERE id = 11"
    before=$(contents)
    printf 'user_id,email_address\n4,di@example.org\n' >more_users.csv
    run_load --rebuild=never --verify more_users.csv
    expect_status 6
    expect_line 'FAILED orders.status: as the last status change 3 1'
    expect_example 'id 11: status failed, last change pending'
    expect_stderr_contains 'timele-load: hint: The load was rolled back'
    expect_equal "$before" "$(contents)"
}

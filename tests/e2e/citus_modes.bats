#!/usr/bin/env bats
#
# --mode on a cluster of Citus: each run says and leaves there what it does on PostgreSQL, and the
# copies of a table on the nodes are the same.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load small_shop
load concurrency
load own_server
load citus_cluster

setup() {
    start_cluster_test
    setup_schema
    distribute
}

make_plain_shop() {
    make_database "$PGDATABASE" template0
    setup_schema
}

# What a run made up differs between two databases. So does a history's id: there a dry run draws some.
IFS= read -r -d '' ROWS <<'SQL' || true
SET timezone TO 'UTC';
SELECT format('SELECT %L, %s FROM %s', c.oid::regclass, string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum), c.oid::regclass)
  FROM pg_class c
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.oid::regclass IN ('users.users', 'orders.orders', 'orders.order_items', 'orders.order_status_history',
                           'orders.carts', 'orders.cart_items', 'products.departments', 'products.aisles',
                           'products.products', 'products.product_enriched')
   AND a.attname NOT IN ('external_user_id', 'external_order_id', 'external_cart_id', 'created_at', 'updated_at',
                         'history_id')
 GROUP BY c.oid
 ORDER BY 1 \gexec
SQL

rows() {
    sql <<<"$ROWS" | sort
}

# What the last run said, without its speed and the database's place.
said() {
    printf 'exit status %s\n' "$status"
    printf '%s\n%s\n' "$output" "$stderr" | tr -s ' ' |
        sed -E '/rows read/d; s/ [0-9,]+$//; s/ in [0-9.]+ s( \(.*\))?$//; s/ \([0-9.]+ s\)$//; s/^(dry run: nothing )?committed to .*/\1committed/'
}

run_and_tell() {
    rm -rf rejects
    run_load "$@"
    said
    rows
}

# Every node has the same rows of a reference table, and nothing of the run is left in its schema.
expect_nodes_alike() {
    local table
    for table in users.users products.{departments,aisles,products,product_enriched}; do
        expect_sql "SELECT count(*), count(DISTINCT result) FROM run_command_on_placements('$table',
                      'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM %s t')" '3|1'
    done
    expect_sql "SELECT relname FROM pg_class WHERE relnamespace = 'timele_load'::regnamespace
                   AND relkind = 'r' ORDER BY 1" $'files\nruns'
}

# same STATUS ARGUMENT...: the run ends so on both servers, says the same and leaves the same.
same() {
    local expected=$1
    shift
    on_plain run_and_tell "$@" >"$BATS_TEST_TMPDIR.plain"
    run_and_tell "$@" >"$BATS_TEST_TMPDIR.citus"
    diff "$BATS_TEST_TMPDIR".{plain,citus} >&2
    expect_nodes_alike
    run_head=$(head -n 1 "$BATS_TEST_TMPDIR.citus")
    expect_equal "$run_head" "exit status $expected"
}

expect_equal() {
    [[ $1 == "$2" ]] || {
        printf -- '-- got --\n%s\n-- expected --\n%s\n' "$1" "$2" >&2
        return 1
    }
}

write_prices() {
    write_csv prices.csv <<'END'
product_id,description,price
101,Yellow,1.25
103,,
END
}

write_events() {
    write_csv events.csv <<'END'
order_id,status,changed_at
11,pending,2024-01-01T00:00:00Z
11,shipped,2024-01-02T00:00:00Z
12,pending,2024-01-01T00:00:00Z
END
}

FILES=({users,orders,items,products,aisles,departments,prices,events}.csv)

write_shop() {
    write_history
    write_catalogue
    write_prices
    write_events
}

load_both() {
    on_plain make_plain_shop
    write_shop
    same 0 "${FILES[@]}"
}

@test "every mode on every table: what changed, what did not, what is new, what is gone" {
    local mode
    load_both
    for mode in skip upsert replace; do
        same 0 --mode=$mode "${FILES[@]}"
    done
    same 2 --mode=insert "${FILES[@]}"
    on_plain add_application_rows
    add_application_rows
    sed -i 's/Oslo/Bergen/; s/,ada@/,eve@/' users.csv
    sed -i 's/^13,2,prior,1,6/13,1,prior,3,0/; $a 14,2,prior,1,1,01,' orders.csv
    sed -i 's/^12,101,1,0/12,101,5,1/; /^11,103/d; $a 14,103,1,0' items.csv
    sed -i 's/Banana/Bananas/; s/^102,.*/102,Apples,100,21/' products.csv
    sed -i 's/1.25/2.50/; $a 102,Red,0.25' prices.csv
    sed -i '/shipped/d; $a 13,shipped,2024-03-01T00:00:00Z' events.csv
    sed -i 's/produce/fruit/; $a 5,cellar' departments.csv
    sed -i 's/fresh fruits/fresh/' aisles.csv
    same 0 --mode=replace --dry-run "${FILES[@]}"
    same 0 --mode=skip "${FILES[@]}"
    same 0 --mode=upsert "${FILES[@]}"
    same 0 --mode=replace "${FILES[@]}"
    expect_sql 'SELECT price, total_price FROM orders.order_items JOIN orders.orders ON id = order_id
                 WHERE order_id = 12 ORDER BY product_id' $'2.5|2.75\n0.25|2.75'
}

@test "files with different columns, rejected rows, duplicates, and ids of rows that are there" {
    load_both
    printf 'user_id,first_name,email_address\n2,Rob,bob@example.org\n3,Cy,cy@example.org\n' >names.csv
    printf 'user_id,city,email_address\n1,Rome,ada@example.org\nx,Rome,eve@example.org\n' >cities.csv
    printf 'user_id,city,email_address\n4,Paris,pat@example.org\n5,Wien,dan@example.org\n5,Graz,dan@example.org\n' >more.csv
    same 1 --mode=upsert --rejects=rejects --duplicates=last --id-map=map.csv names.csv cities.csv more.csv
    expect_equal "$(sort map.csv)" "$(sql "SELECT 'table,id,external_id' UNION ALL
        SELECT format('users.users,%s,%s', id, external_user_id) FROM users.users ORDER BY 1")"
}

@test "placeholders: real rows take their place, and those that nobody needs go" {
    on_plain make_plain_shop
    write_shop
    same 0 --infer=users orders.csv items.csv events.csv
    sed -i /102/d products.csv
    same 0 --mode=upsert products.csv aisles.csv departments.csv users.csv
    expect_sql 'SELECT product_id FROM products.products WHERE inferred' 102
    same 0 --mode=replace products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_id FROM products.products WHERE inferred' 102
    sed -i /,102,/d items.csv
    same 0 --mode=replace products.csv items.csv
    expect_sql 'SELECT product_id FROM products.products ORDER BY 1' $'101\n103'
}

@test "unique values pass from row to row, the same on each node" {
    on_plain make_plain_shop
    printf 'user_id,email_address\n1,a@x.org\n2,b@x.org\n3,c@x.org\n' >users.csv
    printf 'aisle_id,aisle\n1,tea\n2,cake\n' >aisles.csv
    same 0 users.csv aisles.csv
    printf 'user_id,email_address\n4,c@x.org\n1,b@x.org\n3,d@x.org\n2,a@x.org\n' >users.csv
    printf 'aisle_id,aisle\n1,cake\n2,tea\n' >aisles.csv
    same 0 --mode=upsert users.csv aisles.csv
    printf 'user_id,email_address\n2,d@x.org\n9,b@x.org\n' >users.csv
    same 0 --mode=replace users.csv
    # In skip mode nobody gives anything up.
    printf 'user_id,email_address\n2,z@x.org\n6,d@x.org\n' >users.csv
    same 2 --mode=skip users.csv
}

@test "an external id that another order has, in the database or in the files, is found without a constraint" {
    local lookup
    on_plain make_plain_shop
    write_history
    same 0 users.csv
    printf '%s\n' order_id,user_id,order_number,order_dow,order_hour_of_day,external_order_id \
        11,1,1,2,8,00000000-0000-4000-8000-00000000000{1..2} >both.csv
    sed '$s/^11/12/' both.csv >orders.csv
    same 0 orders.csv
    sed 's/^1/2/' orders.csv >other.csv
    sed 's/^1/3/; s/[12]$/3/' orders.csv >again.csv
    for lookup in whole named; do
        export TIMELE_LOAD_LOOKUP=$lookup
        same 2 --mode=upsert other.csv
        expect_stderr_line 'other.csv:3: external_order_id: is in the database already, with order 12 ("00000000-0000-4000-8000-000000000002")'
        same 2 again.csv
        expect_stderr_line 'again.csv:3: external_order_id: stands twice, first on line 2 ("00000000-0000-4000-8000-000000000003")'
    done
}

@test "a row that something points to stays, whichever node has what points to it" {
    load_both
    sed -i /101/d products.csv
    same 3 --mode=replace products.csv
    expect_stderr_line 'timele-load: detail: orders.order_items (11, 101) to products (101), orders.order_items (12, 101) to products (101)'
    sed -i /^12/d orders.csv
    same 3 --mode=replace orders.csv
    sed -i /^1,/d users.csv
    same 3 --mode=replace users.csv
    sed -i /^11/d orders.csv
    sed -i '/^1[12]/d' items.csv events.csv
    sed -i /101/d prices.csv
    same 0 --mode=replace "${FILES[@]}"
}

# waits_at_a_node: a session of the loader waits for a lock there.
waits_at_a_node() {
    [[ $(at_worker 1 "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()
                         AND wait_event_type = 'Lock'") == t ]]
}

@test "a row that somebody is about to point to, through a node, is not deleted" {
    load_both
    sed -i /102/d products.csv
    sed -i /,102,/d items.csv
    # Nothing of the files points to product 102 any more.
    PGHOST=$CITUS_WORKER_1 hold BEGIN \
        "INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (13, 102, 7)
           ON CONFLICT (order_id, product_id) DO UPDATE SET add_to_cart_order = 7" \
        "INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (11, 102, 7)"
    start_load --mode=replace products.csv prices.csv
    eventually waits_at_a_node
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    finish_load
    expect_status 3
    expect_stderr_contains 'orders.order_items (11, 102) to products (102)'
    expect_sql 'SELECT product_id FROM products.products ORDER BY 1' $'101\n102\n103'
}

@test "who does not own the tables needs CREATE in the schema timele_load, and is told so" {
    load_both
    sql "CREATE ROLE loader LOGIN;
         GRANT USAGE ON SCHEMA users, orders, products, timele_load TO loader;
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA users, orders, products TO loader;
         GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA users, orders, products TO loader;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA timele_load TO loader;
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA timele_load TO loader"
    sed -i 's/Oslo/Rome/' users.csv
    sed -i /^12,102/d items.csv
    PGUSER=loader run_load --mode=replace --rebuild=never users.csv items.csv
    expect_status 3
    expect_stderr_contains 'hint: GRANT CREATE ON SCHEMA timele_load TO loader allows it.'
    sql 'GRANT CREATE ON SCHEMA timele_load TO loader'
    PGUSER=loader run_load --mode=replace --rebuild=never users.csv items.csv
    expect_status 0
    expect_stdout_line 'orders.order_items: 1 deleted, in no file'
    # The tables that point to rows that go are locked.
    sql 'REVOKE UPDATE, DELETE ON orders.order_status_history FROM loader'
    sed -i /^13/d orders.csv items.csv
    PGUSER=loader run_load --mode=replace --rebuild=never orders.csv items.csv
    expect_status 3
    expect_stderr_contains 'cannot lock orders.order_status_history, which points to orders.orders: permission denied'
    sql 'DROP OWNED BY loader; DROP ROLE loader'
}

#!/usr/bin/env bats
#
# Databases whose changes leave by logical replication: a subscriber with foreign keys and with rows
# from elsewhere goes on, and keeps those.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load small_shop

# A server of its own: publications take another wal_level than that of the other tests.
setup_file() {
    start_own_server --set wal_level=logical --set max_wal_senders=4 \
        --set wal_receiver_status_interval=1s --set wal_retrieve_retry_interval=200ms
    start_file
    setup_schema
}

teardown_file() {
    stop_own_server
}

setup() {
    use_own_server
    start_test
    subscriber=${test_database}_subscriber
    write_history
    write_catalogue
    # Without the columns that are ignored, which every run would name.
    cut -d, -f1-3,5- users.csv >known.csv && mv known.csv users.csv
    cut -d, -f1-2,4- orders.csv >known.csv && mv known.csv orders.csv
}

# Neither database could be dropped while they are connected.
teardown() {
    if [[ -n ${subscribed:-} ]]; then
        at_subscriber 'ALTER SUBSCRIPTION changes DISABLE;
                       ALTER SUBSCRIPTION changes SET (slot_name = NONE);
                       DROP SUBSCRIPTION changes'
        eventually drop_slots
        maintain "DROP DATABASE $subscriber WITH (FORCE)"
    fi
}

drop_slots() {
    psql -XAtqc 'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots' >/dev/null 2>&1
}

FILES=({users,orders,items,products,aisles,departments}.csv)

at_subscriber() {
    PGDATABASE=$subscriber sql "$@"
}

# subscribe WHAT [OPTIONS]: publishes it, to a database of the same schema that has rows from
# elsewhere: 10,000 items of an order. Both databases are on one server, so the slot comes first.
subscribe() {
    maintain "CREATE DATABASE $subscriber TEMPLATE $FILE_DATABASE"
    at_subscriber "INSERT INTO users.users (id, email_address) VALUES (900000, 'far@example.org');
         INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
           VALUES (9000000, 900000, 1, 0, 0);
         INSERT INTO products.departments (department_id, department) VALUES (900, 'far');
         INSERT INTO products.aisles (aisle_id, aisle) VALUES (900, 'far');
         INSERT INTO products.products (product_id, product_name, aisle_id, department_id)
           SELECT n, 'far ' || n, 900, 900 FROM generate_series(100001, 110000) AS n;
         INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
           SELECT 9000000, product_id, 1 FROM products.products"
    sql "CREATE PUBLICATION changes FOR $1 ${2:-}"
    start_replication
}

start_replication() {
    sql "SELECT pg_create_logical_replication_slot('$test_database', 'pgoutput')" >/dev/null
    at_subscriber "CREATE SUBSCRIPTION changes CONNECTION 'dbname=$test_database host=$PGHOST'
                   PUBLICATION changes
                   WITH (create_slot = false, slot_name = '$test_database', copy_data = false)"
    subscribed=true
}

caught_up() {
    [[ $(sql "SELECT confirmed_flush_lsn >= '$1' FROM pg_replication_slots
               WHERE slot_name = '$test_database'") == t ]]
}

# expect_replicated: the subscriber takes all that was committed, within a minute, and goes on.
expect_replicated() {
    local position attempt
    # What is written to the WAL after all commits, and flushed: these alone are sent.
    position=$(sql "SET synchronous_commit TO on; SELECT pg_logical_emit_message(true, 'tests', 'here')")
    for ((attempt = 0; attempt < 600; attempt++)); do
        ! caught_up "$position" || break
        sleep 0.1
    done
    caught_up "$position" || {
        grep -B2 -A3 'logical replication' "$WITH_POSTGRES_DIRECTORY/data/server.log" | tail -n 20 >&2
        return 1
    }
    expect_equal t "$(at_subscriber 'SELECT pid IS NOT NULL FROM pg_stat_subscription')"
    expect_equal '1|1|10000' "$(at_subscriber "SELECT
        (SELECT count(*) FROM users.users WHERE id = 900000),
        (SELECT count(*) FROM orders.orders WHERE id = 9000000),
        (SELECT count(*) FROM orders.order_items WHERE order_id = 9000000)")"
}

# Rows of a table, but those from elsewhere.
rows() {
    sql "SELECT t FROM users.users t WHERE id < 900000 ORDER BY id;
         SELECT t FROM orders.orders t WHERE id < 9000000 ORDER BY id;
         SELECT t FROM orders.order_items t WHERE order_id < 9000000 ORDER BY 1"
}

expect_same_rows() {
    expect_equal "$(rows)" "$(PGDATABASE=$subscriber rows)"
}

without_freeze() {
    echo "timele-load: $1 is loaded without FREEZE: publication changes would replicate the TRUNCATE that it needs"
}

# expect_frozen EXPECTED TABLE: in PostgreSQL 13 one cannot see it.
expect_frozen() {
    ! server_is 14 ||
        expect_sql "SELECT relallvisible > 0 FROM pg_class WHERE oid = '$2'::regclass" "$1"
}

# What must not leave -------------------------------------------------------------------------------

@test "the first load of a database whose tables are all published: no TRUNCATE leaves it" {
    local before table
    subscribe 'ALL TABLES'
    before=$(definitions)
    run_load "${FILES[@]}"
    expect_status 0
    expect_equal "$(for table in products.{departments,aisles,products} users.users orders.{orders,order_items}; do
        without_freeze "$table"
    done)" "$stderr"
    expect_replicated
    expect_same_rows
    # The ledger too.
    expect_equal "$(sql 'SELECT t FROM timele_load.files t ORDER BY number')" \
        "$(at_subscriber 'SELECT t FROM timele_load.files t ORDER BY number')"
    expect_equal "$before" "$(definitions)"
    expect_equal 5 "$(sql 'SELECT count(*) FROM orders.order_items')"
}

@test "order items alone are published, and empty here: the subscriber's other items stay" {
    subscribe 'TABLE orders.order_items'
    run_load "${FILES[@]}"
    expect_status 0
    expect_equal "$(without_freeze orders.order_items)" "$stderr"
    expect_replicated
    expect_equal 5 "$(at_subscriber 'SELECT count(*) FROM orders.order_items WHERE order_id < 9000000')"
    expect_frozen f orders.order_items
    expect_frozen t users.users
}

@test "the tables of a schema are published" {
    sql 'CREATE PUBLICATION supported FOR TABLES IN SCHEMA products' ||
        skip 'this server publishes no schemas'
    sql 'DROP PUBLICATION supported'
    subscribe 'TABLES IN SCHEMA orders'
    run_load "${FILES[@]}"
    expect_status 0
    expect_equal "$(without_freeze orders.orders; without_freeze orders.order_items)" "$stderr"
    expect_replicated
}

@test "a publication without truncate costs nothing" {
    subscribe 'ALL TABLES' "WITH (publish = 'insert, update, delete')"
    load_quietly "${FILES[@]}"
    expect_replicated
    expect_same_rows
    expect_frozen t orders.order_items
}

@test "another plugin's slot sees the TRUNCATE too, that of another database does not" {
    sql "SELECT pg_create_logical_replication_slot('decoder', 'test_decoding')" >/dev/null ||
        skip 'there is no other plugin'
    run_load users.csv
    expect_status 0
    expect_equal 'timele-load: users.users is loaded without FREEZE: logical replication slot decoder would replicate the TRUNCATE that it needs' "$stderr"
    run sql "SELECT data FROM pg_logical_slot_get_changes('decoder', NULL, NULL)"
    [[ $output == *'users.users: INSERT'* && $output != *TRUNCATE* ]]
    sql "SELECT pg_drop_replication_slot('decoder')" >/dev/null
    maintain "SELECT pg_create_logical_replication_slot('decoder', 'test_decoding')" >/dev/null
    run_load departments.csv
    maintain "SELECT pg_drop_replication_slot('decoder')" >/dev/null
    expect_status 0
    expect_silence
    expect_frozen t products.departments
}

@test "a table or column that --create-schema adds, and that the subscriber lacks, is warned of" {
    subscribe 'ALL TABLES' "WITH (publish = 'insert, update, delete')"
    load_quietly --create-schema "${FILES[@]}"
    expect_replicated
    sql 'DROP SCHEMA timele_load CASCADE; ALTER TABLE users.users DROP COLUMN inferred'
    at_subscriber 'DROP SCHEMA timele_load CASCADE'
    printf 'user_id,email_address\n7,gil@example.org\n' >users.csv
    run_load --create-schema users.csv
    expect_status 0
    expect_equal 'timele-load: warning: publication changes publishes tables that are new or altered: timele_load.files, timele_load.runs, users.users; a subscriber stops until it has them too (run schema.sql there)' "$stderr"
    eventually grep -q 'logical replication target relation "timele_load.runs" does not exist' \
        "$WITH_POSTGRES_DIRECTORY/data/server.log"
    # Then it goes on. What comes before the refresh is left out, as the manual says.
    PGDATABASE=$subscriber setup_schema
    at_subscriber 'ALTER SUBSCRIPTION changes REFRESH PUBLICATION WITH (copy_data = false)'
    expect_replicated
    expect_same_rows
    load_quietly --mode=upsert --create-schema users.csv
    expect_replicated
    expect_equal "$(sql 'SELECT t FROM timele_load.runs t ORDER BY run_id DESC LIMIT 1')" \
        "$(at_subscriber 'SELECT t FROM timele_load.runs t ORDER BY run_id DESC LIMIT 1')"
}

# What the server refuses ---------------------------------------------------------------------------

NO_INDEX='has no replica identity without its indexes, and publication changes publishes its updates'

change_users() {
    sed -i 's/Ada/ADA/' users.csv
}

@test "rows to be updated: always is refused, auto and never go on, in upsert and in replace" {
    local mode before
    subscribe 'ALL TABLES'
    load_quietly "${FILES[@]}"
    expect_replicated
    for mode in upsert replace; do
        change_users
        before=$(snapshot)
        run_load --mode="$mode" --rebuild=always "${FILES[@]}"
        expect_status 3
        expect_stdout ''
        expect_equal "timele-load: error: indexes and constraints cannot be rebuilt: users.users $NO_INDEX
timele-load: hint: --rebuild=auto loads such a table in place." "$stderr"
        expect_unchanged "$before"
        load_quietly --mode="$mode" "${FILES[@]}"
        expect_equal ADA "$(sql 'SELECT first_name FROM users.users WHERE id = 1')"
        expect_replicated
        expect_same_rows
        sed -i 's/ADA/Ann/; s/Adams/Adler/' users.csv
        load_quietly --mode="$mode" --rebuild=never users.csv
        expect_replicated
        expect_same_rows
        sed -i 's/Ann/Ada/' users.csv
    done
    # A row that goes takes its items along, at the subscriber too.
    sed -i '/^13,/d' orders.csv items.csv
    load_quietly --mode=replace orders.csv items.csv
    expect_replicated
    expect_same_rows
    expect_equal 0 "$(at_subscriber 'SELECT count(*) FROM orders.orders WHERE id = 13')"
}

@test "rows to be deleted: always is refused, auto and never go on" {
    local before
    load_quietly "${FILES[@]}"
    sql "CREATE PUBLICATION changes FOR ALL TABLES WITH (publish = 'insert, delete')"
    # Nothing goes.
    load_quietly --mode=replace --rebuild=always users.csv
    sed -i '/^13,/d' orders.csv items.csv
    before=$(snapshot)
    run_load --mode=replace --rebuild=always orders.csv items.csv
    expect_status 3
    expect_stdout ''
    expect_equal "timele-load: error: indexes and constraints cannot be rebuilt: orders.orders has no replica identity without its indexes, and publication changes publishes its deletes
timele-load: hint: --rebuild=auto loads such a table in place." "$stderr"
    expect_unchanged "$before"
    load_quietly --mode=replace orders.csv items.csv
    expect_sql 'SELECT count(*) FROM orders.orders WHERE id = 13' 0
    sed -i '/^12,/d' orders.csv items.csv
    load_quietly --mode=replace --rebuild=never orders.csv items.csv
    expect_sql 'SELECT count(*) FROM orders.orders WHERE id = 12' 0
}

@test "always rebuilds where no row is updated, and where the identity is the whole row" {
    subscribe 'ALL TABLES'
    load_quietly --rebuild=always "${FILES[@]}"
    printf 'user_id,email_address\n7,gil@example.org\n' >new.csv
    load_quietly --mode=upsert --rebuild=always new.csv
    sql 'ALTER TABLE users.users REPLICA IDENTITY FULL'
    change_users
    load_quietly --mode=upsert --rebuild=always users.csv
    expect_replicated
    expect_same_rows
    expect_equal ADA "$(at_subscriber 'SELECT first_name FROM users.users WHERE id = 1')"
}

@test "auto leaves the one table in place whose rows give up a unique value" {
    local ids
    subscribe 'ALL TABLES'
    load_quietly "${FILES[@]}"
    ids=$(sql "SELECT indexrelid FROM pg_index WHERE indrelid = 'users.users'::regclass")
    # User 2 goes, and a new one takes over his address.
    { printf 'user_id,email_address\n5,bob@example.org\n' &&
        seq 10 30 | sed 's/.*/&,u&@example.org/'; } >users.csv
    sql 'DELETE FROM orders.order_items; DELETE FROM orders.orders'
    run_load --mode=replace users.csv
    expect_status 0
    expect_equal "timele-load: indexes and constraints of users.users stay in place during the load: users.users $NO_INDEX" "$stderr"
    expect_equal "$ids" "$(sql "SELECT indexrelid FROM pg_index WHERE indrelid = 'users.users'::regclass")"
    expect_replicated
    expect_same_rows
}

# expect_refused WHY ARGUMENT...: before anything is changed.
expect_refused() {
    local before
    before=$(snapshot)
    run_load "${@:2}"
    expect_status 3
    expect_stdout ''
    expect_equal "timele-load: error: $1
timele-load: hint: The replica identity tells other databases which rows are meant, and all of its columns have to be published: ALTER TABLE ... REPLICA IDENTITY FULL makes it the whole row, DEFAULT the primary key." "$stderr"
    expect_unchanged "$before"
}

@test "a table without any replica identity: who has to update it or to delete is refused" {
    local updates='has no replica identity, and publication changes publishes its updates'
    local deletes='has no replica identity, and publication changes publishes its deletes'
    load_quietly "${FILES[@]}"
    sql 'CREATE PUBLICATION changes FOR ALL TABLES; ALTER TABLE users.users REPLICA IDENTITY NOTHING'
    change_users
    expect_refused "users.users $updates" --mode=upsert users.csv
    expect_refused "users.users $updates" --mode=upsert --rebuild=always users.csv
    # Nothing to update or to delete.
    printf 'user_id,email_address\n7,gil@example.org\n' >new.csv
    load_quietly --mode=upsert --rebuild=never new.csv
    load_quietly --mode=upsert orders.csv items.csv
    sql 'ALTER TABLE users.users REPLICA IDENTITY DEFAULT; DELETE FROM users.users WHERE id = 7;
         ALTER TABLE users.users REPLICA IDENTITY NOTHING'
    # Rows to delete, none to update.
    sql "ALTER PUBLICATION changes SET (publish = 'insert, delete')"
    load_quietly --mode=replace users.csv
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
    expect_refused "users.users $deletes" --mode=replace users.csv
    # A table of the user's own, without a primary key.
    sql "ALTER PUBLICATION changes SET (publish = 'insert, update, delete');
         ALTER TABLE users.users REPLICA IDENTITY DEFAULT;
         ALTER TABLE users.users DROP CONSTRAINT users_pkey CASCADE"
    load_quietly --mode=upsert users.csv
    sed -i 's/ada@/ann@/' users.csv
    expect_refused "users.users $updates" --mode=upsert users.csv
    sql 'ALTER TABLE users.users REPLICA IDENTITY FULL'
    load_quietly --mode=upsert users.csv
}

@test "derived values of a table without any replica identity" {
    local updates='has no replica identity, and publication changes publishes its updates'
    load_quietly "${FILES[@]}"
    sql 'CREATE PUBLICATION changes FOR TABLE orders.orders; ALTER TABLE orders.orders REPLICA IDENTITY NOTHING'
    printf 'order_id,product_id,add_to_cart_order\n13,101,2\n' >items.csv
    # The order's totals.
    expect_refused "orders.orders $updates" items.csv
    # The delivery details, when it is known that a user changes.
    change_users
    expect_refused "orders.orders $updates" --mode=upsert users.csv
    printf 'user_id,email_address\n7,gil@example.org\n' >users.csv
    load_quietly users.csv
}

@test "partitions are updated with their table" {
    sql 'ALTER TABLE orders.order_items RENAME TO items_before'
    sql 'CREATE TABLE orders.order_items (LIKE orders.items_before INCLUDING ALL) PARTITION BY RANGE (order_id);
         CREATE TABLE public."Low" PARTITION OF orders.order_items FOR VALUES FROM (0) TO (12);
         CREATE TABLE public.high PARTITION OF orders.order_items FOR VALUES FROM (12) TO (90000000)'
    sql 'ALTER TABLE orders.order_items ADD FOREIGN KEY (order_id) REFERENCES orders.orders,
           ADD FOREIGN KEY (product_id) REFERENCES products.products'
    load_quietly "${FILES[@]}"
    sed -i 's/^12,101,1/12,101,3/' items.csv
    sql 'CREATE PUBLICATION changes FOR TABLE orders.order_items WITH (publish_via_partition_root = true)'
    load_quietly --mode=upsert items.csv
    sql 'ALTER TABLE public."Low" REPLICA IDENTITY NOTHING'
    load_quietly --mode=upsert items.csv
    sed -i 's/^11,101,1/11,101,4/' items.csv
    expect_refused 'public."Low" has no replica identity, and publication changes publishes its updates' \
        --mode=upsert items.csv
    sql 'ALTER PUBLICATION changes SET (publish_via_partition_root = false)'
    expect_refused 'public."Low" has no replica identity, and publication changes publishes its updates' \
        --mode=upsert items.csv
}

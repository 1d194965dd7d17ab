#!/usr/bin/env bats
#
# The schema on a cluster of Citus: --create-schema, --reset and --create-api, sequences and floors,
# how large tables are, and which nodes and layouts are refused.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load small_shop
load loaded_rows
load concurrency
load own_server
load citus_cluster

distributed_schema() {
    load_quietly --create-schema
    distribute
}

# distributed_shop: the small shop, loaded and then distributed.
distributed_shop() {
    load_shop
    distribute
}

# The order of columns is not that of a new table.
sorted_definitions() {
    definitions | sed 's/,$//' | sort
}

NOT_DISTRIBUTED="timele-load: hint: contrib/citus.sql distributes TimeL-E's tables as this program needs them."

@test "to create the schema again changes nothing and waits for nobody" {
    distributed_shop
    before=$(snapshot)
    hold 'SELECT 1 FROM orders.order_items JOIN orders.orders ON id = order_id JOIN products.products USING (product_id) LIMIT 1'
    run_load --create-schema --lock-timeout=1
    expect_status 0
    expect_silence
    release
    expect_unchanged "$before"
}

@test "what is missing is added on all nodes" {
    distributed_shop
    before=$(sorted_definitions)
    sql <<'SQL'
SET client_min_messages = warning;
SET citus.multi_shard_modify_mode = 'sequential';
ALTER TABLE orders.order_items DROP CONSTRAINT order_items_order_id_fkey;
ALTER TABLE orders.order_items DROP CONSTRAINT order_items_product_id_fkey;
ALTER TABLE orders.order_items DROP CONSTRAINT order_items_pkey;
ALTER TABLE orders.order_items DROP COLUMN price_given;
ALTER TABLE orders.order_status_history DROP CONSTRAINT order_status_history_pkey;
DROP INDEX orders.orders_external_order_id_idx;
ALTER TABLE orders.orders DROP COLUMN external_order_id;
DROP INDEX orders.orders_user_id_idx;
ALTER TABLE products.products DROP CONSTRAINT products_aisle_id_fkey;
ALTER TABLE products.aisles DROP COLUMN inferred;
COMMENT ON TABLE orders.carts IS NULL;
SQL
    run_load --create-schema
    expect_status 0
    expect_silence
    expect_equal "$before" "$(sorted_definitions)"
    expect_sql "SELECT count(*), bool_and(result = 't') FROM run_command_on_placements('orders.order_items',
                  \$\$SELECT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = '%s'::regclass AND attname = 'price_given')\$\$)" \
        '8|t'
    expect_sql 'SELECT count(DISTINCT external_order_id) FROM orders.orders' 3
    run_load --verify
    expect_status 0
}

@test "a check that rows violate is left out with a warning, as anywhere" {
    distributed_shop
    sql 'ALTER TABLE orders.order_items DROP CONSTRAINT order_items_quantity_check'
    sql 'UPDATE orders.order_items SET quantity = 0 WHERE order_id = 11'
    run_load --create-schema
    expect_status 0
    expect_stderr_contains 'orders.order_items gets no CHECK (quantity > 0), because of 2 rows with another value'
}

@test "a random value is never another one on each node" {
    distributed_shop
    sql 'ALTER TABLE users.users DROP CONSTRAINT users_external_user_id_key'
    sql 'ALTER TABLE users.users DROP COLUMN external_user_id'
    before=$(snapshot)
    run_load --create-schema
    expect_status 3
    expect_stderr_contains 'users.users has no column external_user_id, whose random values would be others on each node of Citus'
    expect_stderr_contains "undistribute_table('users.users', cascade_via_foreign_keys => true)"
    expect_unchanged "$before"
}

@test "a distributed table that lost its sequence keeps without, with a warning" {
    distributed_shop
    sql 'ALTER TABLE users.users ALTER id DROP DEFAULT'
    sql 'DROP SEQUENCE users.users_id_seq'
    run_load --create-schema
    expect_status 0
    expect_stderr_line 'timele-load: warning: the server says: users.users gets no sequence for id: Citus takes none for a table that is distributed'
}

@test "--reset drops what is distributed, and says that the new tables are not" {
    distributed_shop
    run_load --reset --create-schema ./*.csv
    expect_status 0
    expect_stderr_line 'timele-load: warning: --reset drops what Citus has distributed; the new tables are on the coordinator alone, until contrib/citus.sql distributes them'
    expect_sql 'SELECT count(*) FROM pg_dist_partition' 0
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    [[ -z $(at_worker 1 "SELECT 1 FROM pg_class WHERE relname ~ '^orders'") ]]
    distribute
    run_load --reset
    expect_status 0
    expect_silence
    expect_sql "SELECT to_regnamespace('orders') IS NULL" t
}

@test "--reset keeps rows of the application, wherever they are" {
    distributed_shop
    sql 'INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day) VALUES (1, 9, 0, 0)'
    before=$(snapshot)
    run_load --reset
    expect_status 3
    expect_stderr_contains '--reset would drop rows of the application: orders.orders has ids from 3422000 up'
    expect_unchanged "$before"
    run_load --reset --force
    expect_status 0
}

@test "the API is created without a warning, before the tables are distributed and after" {
    run_load --create-schema --create-api
    expect_status 0
    expect_silence
    distribute
    run_load --create-schema --create-api
    expect_status 0
    expect_silence
    [[ $(at_worker 1 "SELECT count(*) FROM pg_views WHERE schemaname = 'api'") == 9 ]]
    run_load --create-api
    expect_status 0
    expect_silence
}

@test "a floor that stays is taken, one that would move is refused" {
    distributed_shop
    run_load --floor=orders=3422000 --mode=upsert orders.csv
    expect_status 0
    expect_silence
    before=$(snapshot)
    run_load --floor=orders=3422001 --mode=upsert orders.csv
    expect_status 3
    expect_stderr_contains 'the floor of orders.orders cannot move from 3422000 to 3422001: Citus has distributed the table, and lets nobody alter its sequence'
    expect_stderr_contains '--floor works before contrib/citus.sql distributes the table; docs/citus.md says how to go back to one server.'
    expect_unchanged "$before"
}

@test "sequences of the coordinator go past its ids, and not into the range of another node" {
    distributed_schema
    write_history
    write_catalogue
    load_quietly ./*.csv
    expect_sql "SELECT last_value, is_called FROM products.products_product_id_seq" '104|f'
    at_worker 1 "INSERT INTO users.users (first_name) VALUES ('Eve')"
    expect_sql 'SELECT max(id) > 281474976710656 FROM users.users' t
    load_quietly --mode=upsert users.csv
    expect_sql 'SELECT last_value, is_called FROM users.users_id_seq' '400000|f'
    run_load --verify
    expect_stdout_contains 'users.id: next value'
    expect_status 0
}

@test "one new order leaves the indexes of many in place" {
    load_quietly --create-schema "${SAMPLE_FILES[@]}"
    distribute
    printf 'order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day\n2000,1,prior,99,0,0\n' >new.csv
    indexes=$(sql "SELECT oid FROM pg_class WHERE relname ~ '^orders_' AND relkind = 'i' ORDER BY 1")
    run_load --verbose new.csv
    expect_status 0
    # The nodes may count a row twice until they have looked again.
    [[ $stderr =~ 'orders.orders: about '[12]'000 rows, of which the files name about' ]]
    expect_nowhere 'dropped the indexes'
    expect_equal "$indexes" "$(sql "SELECT oid FROM pg_class WHERE relname ~ '^orders_' AND relkind = 'i' ORDER BY 1")"
}

@test "a worker node is refused, whatever is asked of it" {
    distributed_shop
    for arguments in 'users.csv' '--verify' '--create-schema' '--dry-run users.csv' '--reset'; do
        # shellcheck disable=SC2086 # words
        PGHOST=$CITUS_WORKER_1 run_load $arguments
        expect_status 3
        expect_stderr_contains 'is a worker node of Citus: each run goes through the coordinator'
        expect_stderr_line "timele-load: hint: Connect to the coordinator, $PGHOST:5432."
    done
}

@test "a table that Citus keeps on the coordinator is refused by name" {
    load_shop
    sql "SET client_min_messages = warning; SELECT citus_add_local_table_to_metadata('users.users', cascade_via_foreign_keys => true)" >/dev/null
    run_load --mode=upsert users.csv
    expect_status 3
    expect_stderr_contains ' is distributed as a local table, and cannot be loaded into'
    expect_stderr_contains 'makes an ordinary table of it.'
}

@test "a table that was left behind is refused by name" {
    load_shop
    sql "SET client_min_messages = warning;
         ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey;
         ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_fkey;
         SELECT create_reference_table('users.users')" >/dev/null
    run_load --mode=upsert users.csv
    expect_status 3
    expect_stderr_contains 'products.departments is not distributed, and other tables are: nothing can be loaded'
    expect_stderr_line "$NOT_DISTRIBUTED"
}

@test "a trigger that may keep rows out of a distributed table is refused" {
    distributed_shop
    sql "CREATE FUNCTION public.keep_out() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
    sql <<<'SET citus.enable_unsafe_triggers = on;
        CREATE TRIGGER keep_out BEFORE INSERT ON users.users FOR EACH ROW EXECUTE FUNCTION public.keep_out();'
    printf 'user_id,first_name,last_name,email_address\n7,Eve,Lee,eve@example.org\n' >new.csv
    run_load new.csv
    expect_status 3
    expect_stderr_contains 'trigger keep_out of users.users may keep rows from being inserted, and Citus does not tell whether it has'
    # Nothing is inserted into it.
    run_load --mode=upsert orders.csv
    expect_status 0
}

@test "the ledger stays on the coordinator, and knows each run" {
    distributed_schema
    write_history
    write_catalogue
    load_quietly ./*.csv
    run_load --skip-loaded ./*.csv
    expect_status 0
    expect_stdout_contains 'nothing new'
    expect_sql 'SELECT count(*), count(DISTINCT transaction_id) FROM timele_load.runs' '3|3'
    [[ -z $(at_worker 1 "SELECT 1 FROM pg_class WHERE relname = 'runs'") ]]
    before=$(snapshot)
    run_load --dry-run --mode=upsert ./*.csv
    expect_status 0
    expect_unchanged "$before"
    # The record of a failure is a transaction of its own.
    printf 'order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day\n2000,77,prior,1,0,0\n' >bad.csv
    run_load bad.csv
    expect_status 2
    expect_sql 'SELECT result FROM timele_load.runs ORDER BY run_id DESC LIMIT 1' failed
}

@test "the roles of the API are made where the tables are distributed already, but not with a FILE" {
    local host
    run_load --create-schema
    distribute
    for host in "$PGHOST" "$CITUS_WORKER_1" "$CITUS_WORKER_2"; do
        PGHOST=$host maintain 'DROP ROLE timele_api' 'DROP ROLE timele_auth'
    done
    printf 'user_id,email_address\n1,a@example.org\n' >users.csv
    run_load --create-api users.csv
    expect_status 3
    expect_stderr_contains 'cannot create the API: role "timele_api" does not exist'
    expect_stderr_contains 'run --create-api without a FILE'
    run_load --create-api --verify
    expect_status 0
    expect_silence
    run_load --create-api users.csv
    expect_status 0
    expect_silence
}

@test "settings of the role change nothing, and leave nothing on the nodes" {
    distributed_shop
    sed '$d' items.csv >less.csv
    PGOPTIONS='-c citus.enable_ddl_propagation=off -c citus.propagate_set_commands=local' \
        PGOPTIONS+=' -c plan_cache_mode=force_generic_plan' run_load --mode=replace less.csv
    expect_status 0
    expect_silence
    expect_stdout_line 'orders.order_items: 1 deleted, in no file'
    PGOPTIONS='-c citus.enable_ddl_propagation=off' run_load --verify
    expect_status 0
    expect_sql "SELECT count(*) FROM run_command_on_all_nodes('SELECT relname FROM pg_class WHERE relname ~ ''^timele_load_''')
                 WHERE result <> ''" 0
}

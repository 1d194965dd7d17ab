#!/usr/bin/env bats
#
# contrib/citus.sql on a cluster of Citus: empty and filled tables, what stays as it was, and what it
# refuses.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load citus_cluster
load small_shop
load loaded_rows

setup() {
    start_cluster_test
    setup_schema
}

fill() {
    run_load "${SAMPLE_FILES[@]}"
    expect_status 0
}

LAYOUT='orders.cart_items|distributed|cart_id
orders.carts|distributed|id
orders.order_items|distributed|order_id
orders.order_status_history|distributed|order_id
orders.orders|distributed|id
products.aisles|reference|<none>
products.departments|reference|<none>
products.product_enriched|reference|<none>
products.products|reference|<none>
users.users|reference|<none>'

# All else, such as the ledger, is as it was.
expect_layout() {
    expect_sql 'SELECT table_name, citus_table_type, distribution_column FROM citus_tables ORDER BY table_name::text' \
        "$LAYOUT"
    # An order and its items are on one node, a cart and its items on another one maybe.
    expect_sql "SELECT string_agg(table_name::text, ' ' ORDER BY table_name::text) FROM citus_tables
                 WHERE citus_table_type = 'distributed' GROUP BY colocation_id ORDER BY 1" \
        $'orders.cart_items orders.carts\norders.order_items orders.order_status_history orders.orders'
}

# changed_definitions BEFORE: the lines of the schema that are others than before.
changed_definitions() {
    diff <(printf '%s\n' "$1") <(definitions) |
        grep -E '^[<>] +(CREATE|ADD|ALTER|COMMENT|GRANT|DROP)' | grep -vE '^[<>] ALTER TABLE ONLY [a-z.]+$' | sort
}

CHANGES='<     ADD CONSTRAINT carts_external_cart_id_key UNIQUE (external_cart_id);
<     ADD CONSTRAINT order_status_history_pkey PRIMARY KEY (history_id);
<     ADD CONSTRAINT orders_external_order_id_key UNIQUE (external_order_id);
< CREATE TRIGGER record_status_change AFTER UPDATE OF status ON orders.orders FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION orders.record_status_change();
>     ADD CONSTRAINT order_status_history_pkey PRIMARY KEY (order_id, history_id);
> CREATE INDEX carts_external_cart_id_idx ON orders.carts USING btree (external_cart_id);
> CREATE INDEX orders_external_order_id_idx ON orders.orders USING btree (external_order_id);'

# From standard input, messages do not name the file and the line.
run_citus_sql() {
    run_program psql -Xq <"$PROJECT_ROOT/contrib/citus.sql"
}

# expect_refused MESSAGE [HINT]: nothing is distributed, and nothing else changed.
expect_refused() {
    local before
    before=$(snapshot)
    run_citus_sql
    expect_status 3
    expect_equal "ERROR:  $1${2:+$'\n'HINT:  $2}" "$stderr"
    expect_unchanged "$before"
}

@test "empty tables are distributed, and a second time nothing is left to do" {
    local before
    before=$(definitions)
    run_citus_sql
    expect_status 0
    expect_stderr_contains 'INFO:  orders.orders: no trigger record_status_change any more: set_order_status of the API writes the status history, and nothing else does'
    expect_stderr_contains 'INFO:  users.users: a copy on each node'
    expect_stderr_contains 'INFO:  orders.order_items: distributed by order_id'
    [[ ${#stderr_lines[@]} == 11 ]] || unexpected
    expect_layout
    expect_equal "$CHANGES" "$(changed_definitions "$before")"
    before=$(snapshot)
    run_citus_sql
    expect_status 0
    [[ $(grep -c 'INFO:  [a-z_.]*: is there already$' <<<"$stderr") == 10 && ${#stderr_lines[@]} == 10 ]] ||
        unexpected
    expect_unchanged "$before"
}

@test "filled tables keep every row, and all that belongs to them" {
    local rows before
    sql 'ALTER TABLE orders.orders DROP tracking_url; ALTER TABLE orders.orders ADD tracking_url varchar(255)'
    setup_api 2>warnings
    fill
    sql "CREATE VIEW public.spent AS SELECT user_id, sum(total_price) FROM orders.orders GROUP BY user_id;
         ALTER TABLE orders.orders ALTER status SET STATISTICS 500, SET (fillfactor = 80);
         ALTER TABLE users.users ADD lower_name text GENERATED ALWAYS AS (lower(last_name)) STORED;
         CREATE STATISTICS orders.numbers ON user_id, order_number FROM orders.orders;
         ALTER TABLE orders.order_items REPLICA IDENTITY FULL;
         CREATE INDEX many ON orders.order_items (quantity) WHERE quantity > 1;
         ALTER TABLE orders.orders ENABLE ROW LEVEL SECURITY;
         CREATE POLICY own ON orders.orders FOR SELECT TO timele_auth USING (user_id > 0);
         GRANT SELECT (id, status) ON orders.orders TO timele_auth;
         GRANT SELECT ON users.users TO timele_auth;
         COMMENT ON CONSTRAINT order_status_history_pkey ON orders.order_status_history IS 'the history''s';
         COMMENT ON CONSTRAINT orders_user_id_fkey ON orders.orders IS 'the buyer'" 2>>warnings
    sql "INSERT INTO orders.carts (user_id) SELECT id FROM users.users;
         INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order)
         SELECT carts.id, product_id, 1 FROM orders.carts, (SELECT min(product_id) FROM products.products) AS p (product_id)"
    sql "UPDATE orders.orders SET status = 'shipped' WHERE id % 3 = 0"
    rows=$(contents)
    before=$(definitions)
    run_citus_sql
    expect_status 0
    expect_layout
    [[ $(contents) == "$rows" ]]
    expect_equal "$CHANGES" "$(changed_definitions "$before")"
    # The shards have statistics.
    expect_sql "SELECT sum(result::real) FROM run_command_on_shards('orders.order_items',
                  'SELECT reltuples FROM pg_class WHERE oid = ''%s''::regclass')" 10000
    # Nothing is left where nobody sees it.
    expect_sql "SELECT sum(pg_relation_size(logicalrelid)) FROM pg_dist_partition" 0
    expect_sql "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated" 0
    at_worker 1 'SELECT count(*) FROM users.users' >answer
    expect_equal 80 "$(<answer)"
}

@test "foreign keys come back as they were" {
    local rows before
    fill
    sql "ALTER TABLE orders.order_items DROP CONSTRAINT order_items_order_id_fkey,
           ADD CONSTRAINT \"The Order\" FOREIGN KEY (order_id) REFERENCES orders.orders ON DELETE CASCADE
           DEFERRABLE INITIALLY DEFERRED NOT VALID;
         COMMENT ON CONSTRAINT \"The Order\" ON orders.order_items IS 'cascades'"
    rows=$(contents)
    before=$(definitions)
    distribute
    [[ $(contents) == "$rows" ]]
    expect_equal "$CHANGES" "$(changed_definitions "$before")"
    # Each node enforces them.
    run -1 --separate-stderr sql 'INSERT INTO orders.carts (user_id) VALUES (-1)'
    expect_stderr_contains 'violates foreign key constraint'
}

@test "partitions are distributed with their table" {
    local rows
    fill
    sql 'ALTER TABLE orders.order_items RENAME TO items_before'
    sql 'CREATE TABLE orders.order_items (LIKE orders.items_before INCLUDING ALL) PARTITION BY RANGE (order_id);
         CREATE TABLE orders.low PARTITION OF orders.order_items FOR VALUES FROM (0) TO (300);
         CREATE TABLE orders.high PARTITION OF orders.order_items FOR VALUES FROM (300) TO (90000000);
         INSERT INTO orders.order_items SELECT * FROM orders.items_before;
         DROP TABLE orders.items_before;
         ALTER TABLE orders.order_items ADD FOREIGN KEY (order_id) REFERENCES orders.orders,
           ADD FOREIGN KEY (product_id) REFERENCES products.products'
    rows=$(contents)
    distribute
    [[ $(contents) == "$rows" ]]
    expect_sql "SELECT count(*) FROM citus_tables WHERE citus_table_type = 'distributed'" 7
    expect_sql "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'orders.low'::regclass" 2
}

@test "what is missing is distributed by a second run" {
    fill
    distribute
    # The new table refers to a reference table, so Citus makes it one that it calls local.
    sql 'CREATE TABLE orders.new_items (LIKE orders.cart_items INCLUDING ALL);
         DROP TABLE orders.cart_items;
         ALTER TABLE orders.new_items RENAME TO cart_items;
         ALTER TABLE orders.cart_items ADD FOREIGN KEY (product_id) REFERENCES products.products'
    expect_sql "SELECT repmodel FROM pg_dist_partition WHERE logicalrelid = 'orders.cart_items'::regclass" s
    run_citus_sql
    expect_status 0
    expect_stderr_contains 'INFO:  orders.carts: is there already'
    expect_stderr_contains 'INFO:  orders.cart_items: distributed by cart_id'
    expect_layout
    # One of the tables was made a reference table by hand, and so all became what Citus calls local.
    start_cluster_test
    setup_schema
    fill
    sql "CREATE TABLE public.notes (user_id bigint REFERENCES users.users);
         SELECT create_reference_table('users.users')" >answer 2>&1
    sql 'CREATE VIEW public.recent AS SELECT id FROM orders.orders' 2>>answer
    expect_refused 'Citus has made orders.orders a table that it calls local, and would drop the view public.recent' \
        'Drop it yourself, and create it again afterwards (--create-api creates those of the API).'
    sql 'DROP VIEW public.recent'
    run_citus_sql
    expect_status 0
    sql 'ALTER TABLE public.notes DROP CONSTRAINT notes_user_id_fkey; DROP TABLE public.notes'
    expect_layout
    expect_sql 'SELECT count(*) FROM orders.order_items' 10000
}

@test "a failure at the end leaves nothing distributed" {
    fill
    sql "SET session_replication_role = replica; UPDATE orders.order_items SET product_id = -1 WHERE order_id = 1 AND add_to_cart_order = 1"
    local before
    before=$(snapshot)
    run_citus_sql
    expect_status 3
    expect_stderr_contains 'violates foreign key constraint'
    expect_unchanged "$before"
    expect_sql 'SELECT count(*) FROM pg_dist_partition' 0
}

waits_for_a_lock() {
    [[ -n $(sql "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
                    AND query LIKE '%ACCESS EXCLUSIVE MODE%' AND wait_event_type = 'Lock'") ]]
}

@test "rows that somebody commits while it waits are copied, too" {
    local process
    hold BEGIN "INSERT INTO users.users (email_address) VALUES ('ada@example.com')"
    # A snapshot from before the wait would not have the row.
    PGOPTIONS='-c default_transaction_isolation=serializable' distribute 3>&- &
    process=$!
    eventually waits_for_a_lock
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    wait "$process"
    expect_layout
    expect_sql 'SELECT email_address FROM users.users' ada@example.com
    at_worker 1 'SELECT email_address FROM users.users' >answer
    expect_equal ada@example.com "$(<answer)"
}

@test "a worker, a cluster without workers, and a run that goes on are refused" {
    local coordinator
    hold BEGIN 'SELECT pg_advisory_xact_lock(1953066341, 1819238756)'
    expect_refused "timele-load is loading the database $PGDATABASE, or another session is distributing it" \
        'Wait until it has ended, then run this file again.'
    release
    coordinator=$PGHOST
    PGHOST=$CITUS_WORKER_1 expect_refused "this node is a worker: tables are distributed on the coordinator, which is $coordinator, port 5432"
    sql "SELECT citus_remove_node('$CITUS_WORKER_1', 5432), citus_remove_node('$CITUS_WORKER_2', 5432)" >answer
    expect_refused 'no node takes rows of a distributed table' "SELECT citus_add_node('host name of a worker', 5432)"
    sql "SELECT citus_remove_node('$PGHOST', 5432)" >answer
    expect_refused 'the workers do not know the coordinator' "SELECT citus_set_coordinator_host('its host name', 5432)"
}

@test "what keeps a table from being distributed is named" {
    sql 'CREATE TABLE public.countries (id integer PRIMARY KEY)'
    sql 'CREATE TRIGGER quiet BEFORE UPDATE ON users.users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()'
    expect_refused 'users.users has the trigger quiet, and Citus distributes no table with triggers' \
        'If nobody needs it, or something else does what it does: DROP TRIGGER quiet ON users.users'
    sql 'DROP TRIGGER quiet ON users.users;
         CREATE UNIQUE INDEX once ON orders.orders (user_id, order_number)'
    expect_refused 'orders.orders is distributed by id, and orders.once is unique without it' 'Drop it, or give it this column.'
    sql 'DROP INDEX orders.once;
         ALTER TABLE orders.carts ADD EXCLUDE USING btree (user_id WITH =)'
    expect_refused 'orders.carts is distributed by id, and orders.carts_user_id_excl is unique without it' \
        'Drop it, or give it this column.'
    sql 'ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_excl;
         CREATE TABLE public.parcels (order_id bigint REFERENCES orders.orders)'
    expect_refused 'public.parcels refers to orders.orders, and Citus lets no other table refer to a distributed one' \
        'ALTER TABLE public.parcels DROP CONSTRAINT parcels_order_id_fkey'
    sql 'DROP TABLE public.parcels;
         CREATE TABLE public.notes (user_id bigint REFERENCES users.users)'
    expect_refused 'public.notes refers to users.users, and Citus would make it anew' \
        'ALTER TABLE public.notes DROP CONSTRAINT notes_user_id_fkey. See docs/citus.md about adding it again.'
    sql 'DROP TABLE public.notes;
         ALTER TABLE users.users ADD country_id integer REFERENCES public.countries'
    expect_refused 'users.users refers to public.countries, which is on the coordinator only' \
        "Put that on every node before: SELECT create_reference_table('public.countries')"
    sql 'ALTER TABLE users.users DROP country_id;
         CREATE TABLE orders.old_orders () INHERITS (orders.orders)'
    expect_refused 'orders.old_orders inherits from orders.orders, and Citus distributes no such table' \
        'Make it a table of its own, or orders.orders a partitioned one.'
    sql "DROP TABLE orders.old_orders, orders.cart_items;
         ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_fkey, DROP CONSTRAINT carts_external_cart_id_key;
         ALTER TABLE orders.carts DROP CONSTRAINT carts_pkey;
         SELECT create_distributed_table('orders.carts', 'user_id')" >answer
    expect_refused 'orders.carts is distributed in another way already' \
        "SELECT undistribute_table('orders.carts', cascade_via_foreign_keys => true) makes it an ordinary table. See docs/citus.md for what that drops."
    sql "SELECT undistribute_table('orders.carts')" >answer 2>&1
    expect_refused 'there is no table orders.cart_items' 'timele-load --create-schema creates what is missing.'
}

# An empty database in which the role shopkeeper, who is no superuser, may create the schema and the API.
become_owner() {
    start_cluster_test
    sql "DO \$\$ BEGIN
           IF to_regrole('shopkeeper') IS NULL THEN CREATE ROLE shopkeeper LOGIN CREATEROLE; END IF;
         END \$\$"
    sql "GRANT CREATE ON DATABASE \"$PGDATABASE\" TO shopkeeper; GRANT CREATE ON SCHEMA public TO shopkeeper"
    superuser=$PGUSER
    export PGUSER=shopkeeper
}

@test "the owner of the tables distributes them, but where a policy hides rows, which would be lost" {
    local rows
    become_owner
    setup_schema
    fill
    sql 'ALTER TABLE orders.orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         CREATE POLICY recent ON orders.orders USING (id > 500)'
    expect_refused 'query would be affected by row-level security policy for table "orders"' \
        "To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY."
    sql 'ALTER TABLE orders.orders NO FORCE ROW LEVEL SECURITY'
    rows=$(contents)
    distribute
    expect_layout
    [[ $(contents) == "$rows" ]]
}

@test "the owner distributes tables with the API's views on them, also where Citus does not know its roles" {
    local before rows
    PGDATABASE=postgres sql "DO \$\$ BEGIN
        IF to_regrole('timele_api') IS NULL THEN CREATE ROLE timele_api; END IF;
        IF to_regrole('timele_auth') IS NULL THEN CREATE ROLE timele_auth; END IF;
      END \$\$"
    become_owner
    run_load --create-schema --create-api "${SAMPLE_FILES[@]}"
    expect_status 0
    PGUSER=$superuser expect_sql "SELECT count(*) FROM pg_dist_object
                           WHERE objid IN ('timele_api'::regrole, to_regnamespace('api'))" 0
    rows=$(contents)
    before=$(definitions)
    distribute
    expect_layout
    [[ $(contents) == "$rows" ]]
    expect_equal "$CHANGES" "$(changed_definitions "$before")"
    at_worker 1 "SELECT nspowner::regrole, to_regclass('api.timele_layout') IS NULL,
                        has_schema_privilege('timele_api', 'api', 'USAGE'), 'api.orders'::regclass
                   FROM pg_namespace WHERE nspname = 'api'" >answer
    expect_equal 'shopkeeper|t|t|api.orders' "$(<answer)"
    run_load --create-api
    expect_status 0
    PGUSER=$superuser sql "DO \$\$ BEGIN
        IF to_regrole('shop_server') IS NULL THEN CREATE ROLE shop_server LOGIN; END IF;
      END \$\$;
      GRANT timele_api TO shop_server"
    PGUSER=shop_server expect_sql 'SELECT count(*) FROM api.orders' 1000
}

@test "what the owner cannot put on the nodes is named, and a superuser can" {
    become_owner
    setup_schema
    # As if it were from the time before Citus.
    sql "SET citus.enable_ddl_propagation = off;
         CREATE TYPE public.mood AS ENUM ('sad');
         CREATE VIEW public.moods AS SELECT id, 'sad'::public.mood AS mood FROM users.users"
    run_citus_sql
    expect_status 3
    expect_stderr_contains 'ERROR:  type "public.mood" does not exist
HINT:  The tables, or a view on them, need something on each node that their owner cannot put there. A superuser can run this file.'
    PGUSER=$superuser expect_sql 'SELECT count(*) FROM pg_dist_partition' 0
    PGUSER=$superuser run_citus_sql
    expect_status 0
    expect_layout
}

# blocks INFO: the fenced blocks of docs/citus.md that are marked so, as text.
blocks() {
    awk -v info="$1" '/^```/ { inside = !inside && substr($0, 4) == info ? 1 : inside ? 0 : 2; next }
                      inside == 1' "$PROJECT_ROOT/docs/citus.md"
}

# run_block INFO: as its first word says, with psql or sh, on this cluster.
run_block() {
    local commands
    commands=$(blocks "$1")
    [[ -n $commands ]]
    commands=${commands//coordinator.example.com/"$PGHOST"}
    commands=${commands//worker1.example.com/"$CITUS_WORKER_1"}
    commands=${commands//worker2.example.com/"$CITUS_WORKER_2"}
    if [[ $1 == sql* ]]; then
        PGOPTIONS='--client-min-messages=warning' run_program psql -XAtq -v ON_ERROR_STOP=1 --command "$commands"
    else
        run_program env --chdir "$PROJECT_ROOT" PATH="${TIMELE_LOAD%/*}:$PATH" sh -ec "$commands"
    fi
    expect_status 0
}

@test "docs/citus.md: from an empty cluster to loaded data" {
    local host
    for host in "$CITUS_WORKER_1" "$CITUS_WORKER_2" "$PGHOST"; do
        PGHOST=$host WITH_POSTGRES_DIRECTORY=$host make_database "$PGDATABASE" template0
    done
    for host in "$CITUS_WORKER_1" "$CITUS_WORKER_2" "$PGHOST"; do
        PGHOST=$host run_block 'sql citus extension'
    done
    run_block 'sql citus nodes'
    run_block 'sh citus load'
    expect_layout
    expect_sql 'SELECT count(*) FROM orders.order_items' 10000
}

@test "docs/citus.md: back to one server" {
    local before rows
    setup_api 2>warnings
    fill
    before=$(definitions | sort)
    rows=$(contents)
    distribute
    run_block 'sql citus back'
    run_block 'sh citus back'
    expect_sql 'SELECT count(*) FROM pg_dist_partition' 0
    [[ $(contents) == "$rows" ]]
    expect_equal "$before" "$(definitions | sort)"
}

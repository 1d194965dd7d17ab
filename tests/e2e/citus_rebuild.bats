#!/usr/bin/env bats
#
# Indexes and constraints of distributed tables, dropped and made again: on the coordinator, and on the
# nodes that have the rows.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load citus_cluster
load loaded_rows

# node_definitions: the indexes and constraints of all parts of TimeL-E's tables on the connected node.
node_definitions() {
    sql "SET citus.override_table_visibility = off;
         SELECT pg_get_indexdef(i.indexrelid), i.indisclustered, i.indisreplident, i.indisvalid, c.reloptions,
                c.reltablespace, (SELECT array_agg(attstattarget ORDER BY attnum) FROM pg_attribute
                                  WHERE attrelid = i.indexrelid)
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relnamespace::regnamespace::text IN ('orders', 'products', 'users');
         SELECT k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.conindid::regclass,
                (SELECT count(*) FROM pg_trigger WHERE tgconstraint = k.oid AND tgenabled = 'O')
         FROM pg_constraint k
         WHERE k.connamespace::regnamespace::text IN ('orders', 'products', 'users') AND k.contype <> 't'"
}

# definitions: those of all nodes, and what else pg_dump tells of the coordinator's.
definitions() {
    local host
    pg_dump --schema-only | grep -Ev '^\\(un)?restrict '
    for host in "$PGHOST" "$CITUS_WORKER_1" "$CITUS_WORKER_2"; do
        PGHOST=$host node_definitions | LC_ALL=C sort
    done
}

# expect_rebuilt_alike OPTION...: of a load of the sample.
expect_rebuilt_alike() {
    definitions >before
    run_load "$@" --verbose "${SAMPLE_FILES[@]}"
    expect_status 0
    definitions >after
    diff before after
    expect_sql 'SELECT count(*) FROM orders.order_items' 10000
}

@test "every index and constraint is made again as it was, on each node" {
    setup_schema
    distribute
    sql <<'END'
CREATE INDEX filled ON orders.order_items (product_id, quantity) WITH (fillfactor = 70);
COMMENT ON INDEX orders.filled IS 'it''s; so';
CREATE INDEX partial ON orders.orders (user_id) WHERE total_items > 3;
CREATE INDEX expression ON orders.order_items ((quantity + 1));
ALTER INDEX orders.expression ALTER COLUMN 1 SET STATISTICS 250;
CREATE INDEX including ON orders.order_items (order_id) INCLUDE (quantity);
CREATE INDEX hashed ON users.users USING hash (phone_number);
CREATE UNIQUE INDEX identity ON orders.order_items (order_id, product_id);
ALTER TABLE orders.order_items REPLICA IDENTITY USING INDEX identity;
ALTER TABLE orders.orders ADD CONSTRAINT pair UNIQUE (id, user_id) WITH (fillfactor = 60)
  DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT pair ON orders.orders IS 'deferred; odd';
ALTER TABLE orders.orders ADD CONSTRAINT not_valid FOREIGN KEY (user_id) REFERENCES users.users NOT VALID;
ALTER TABLE orders.order_items ADD CONSTRAINT later FOREIGN KEY (order_id) REFERENCES orders.orders
  ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT later ON orders.order_items IS 'later; once more';
CREATE STATISTICS orders.both_columns ON user_id, total_items FROM orders.orders
END
    expect_rebuilt_alike --rebuild=always
    expect_stderr_contains 'dropped the indexes and constraints of 6 tables'
    expect_stderr_contains 'create foreign key later of orders.order_items'
    # The statistics are those of the rows on the nodes.
    [[ $(at_worker 1 "SET citus.override_table_visibility = off;
                      SELECT count(*) > 0 FROM pg_stats WHERE tablename ~ '^order_items_'") == t ]]
    run_load --verify
    expect_status 0
}

@test "what Citus cannot make again keeps its table in place" {
    setup_schema
    sql 'ALTER TABLE orders.orders CLUSTER ON orders_pkey'
    distribute
    sql 'CREATE VIEW grouped AS SELECT product_id, product_name FROM products.products GROUP BY product_id' \
        2>/dev/null
    run_load --rebuild=always "${SAMPLE_FILES[@]}"
    expect_status 3
    expect_stderr_contains 'indexes and constraints cannot be rebuilt: Citus cannot CLUSTER orders.orders ON orders.orders_pkey'
    expect_rebuilt_alike
    expect_stderr_contains 'orders.orders stay in place during the load: Citus cannot CLUSTER orders.orders ON orders.orders_pkey'
    expect_stderr_contains 'products.products stay in place during the load: cannot drop constraint products_pkey'
    expect_stderr_contains 'dropped the indexes and constraints of 4 tables'
}

@test "a table of somebody else's that points to one keeps it in place, and is looked at by a deletion" {
    setup_schema
    distribute
    run_load --quiet "${SAMPLE_FILES[@]}"
    expect_status 0
    sql "CREATE TABLE favourite (product_id integer REFERENCES products.products);
         INSERT INTO products.products (product_id, product_name, aisle_id, department_id) VALUES (501, 'new', 1, 1);
         INSERT INTO favourite VALUES (501)" 2>/dev/null
    products=$(printf '%s\n' "${SAMPLE_FILES[@]}" | grep '/products.csv$')
    run_load --mode=replace --rebuild=always "$products"
    expect_status 3
    expect_stderr_contains 'indexes and constraints cannot be rebuilt: Citus keeps public.favourite on the coordinator for its foreign key favourite_product_id_fkey'
    run_load --mode=replace "$products"
    expect_status 3
    expect_stderr_contains 'products.products that no file names cannot be deleted: 1 row of public.favourite points to them'
    sql 'TRUNCATE favourite'
    run_load --mode=replace "$products"
    expect_status 0
    expect_stdout_line 'products.products: 1 deleted, in no file'
}

@test "many rows of a reference table are deleted, and each counts once" {
    setup_schema
    distribute
    seq 49001 | sed 's/.*/&,&@example.org/; 1i user_id,email_address' >users.csv
    run_load --quiet users.csv
    expect_status 0
    sed -i '3,$d' users.csv
    run_load --mode=replace --rebuild=always users.csv
    expect_status 0
    expect_stdout_line 'users.users: 49,000 deleted, in no file'
}

@test "deferred constraints of a table in place keep in place what it refers to" {
    setup_schema
    distribute
    sql 2>/dev/null <<'END'
ALTER TABLE orders.order_items DROP CONSTRAINT order_items_product_id_fkey;
ALTER TABLE orders.order_items ADD CONSTRAINT deferred FOREIGN KEY (product_id)
  REFERENCES products.products DEFERRABLE INITIALLY DEFERRED;
CREATE VIEW items AS SELECT order_id, product_id, quantity FROM orders.order_items GROUP BY order_id, product_id;
CREATE VIEW catalogue AS SELECT product_id, product_name FROM products.products GROUP BY product_id
END
    expect_rebuilt_alike
    expect_stderr_contains 'orders.orders stay in place during the load: foreign key order_items_order_id_fkey of orders.order_items could not be created again'
}

@test "partitioned order items stay in place, the other tables are rebuilt" {
    setup_schema
    sql <<'END'
DROP TABLE orders.order_items CASCADE;
CREATE TABLE orders.order_items (
  order_id bigint NOT NULL REFERENCES orders.orders, product_id integer NOT NULL REFERENCES products.products,
  add_to_cart_order integer NOT NULL, reordered integer NOT NULL, quantity integer NOT NULL,
  price double precision NOT NULL, price_given boolean,
  PRIMARY KEY (order_id, product_id)) PARTITION BY RANGE (order_id);
CREATE TABLE orders.items_1 PARTITION OF orders.order_items FOR VALUES FROM (MINVALUE) TO (500);
CREATE TABLE orders.items_2 PARTITION OF orders.order_items FOR VALUES FROM (500) TO (MAXVALUE)
END
    distribute
    expect_rebuilt_alike
    expect_stderr_contains 'orders.order_items stay in place during the load: orders.order_items is partitioned'
    expect_stderr_contains 'dropped the indexes and constraints of 5 tables'
}

@test "an event trigger that refuses an index, and a run that fails, leave all as it was" {
    setup_schema
    distribute
    sql 2>/dev/null <<'END'
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE 'no %', tg_tag; END $$;
CREATE EVENT TRIGGER no_comment ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION refuse()
END
    expect_rebuilt_alike
    expect_stderr_contains 'stay in place during the load: no COMMENT'
    sql 2>/dev/null <<'END'
DROP EVENT TRIGGER no_comment; TRUNCATE orders.order_items;
CREATE UNIQUE INDEX violated ON orders.order_items (order_id)
END
    definitions >before
    run_load --rebuild=always --mode=skip "${SAMPLE_FILES[@]}"
    expect_status 3
    expect_stderr_contains 'index orders.violated: could not create unique index'
    definitions >after
    diff before after
    expect_sql 'SELECT count(*) FROM orders.order_items' 0
}

#!/usr/bin/env bats
#
# schema.sql on a database that has its schema already, whole or changed: it only ever adds to it.

load harness
load schema_database

# The same once more -------------------------------------------------------------------------------

@test "a second run changes nothing, in a transaction of its own or not" {
    local before
    setup_schema
    make_order
    before=$(snapshot)
    run_schema
    run_schema --single-transaction
    expect_unchanged "$before"
}

@test "a second run locks no table and says only that tables and schemas are there" {
    setup_schema
    run --separate-stderr sql <<SQL
BEGIN;
\i $SCHEMA
SELECT DISTINCT relation::regclass, mode
  FROM pg_locks
 WHERE pid = pg_backend_pid() AND relation::regclass::text ~ '^(products|users|orders|timele_load)\.';
SQL
    ((status == 0))
    [[ -z $output ]]
    # shellcheck disable=SC2154 # stderr is set by bats' run
    [[ $(wc -l <<<"$stderr") == 16 ]]
    [[ $(grep -Ec '(relation|schema) "[a-z_]+" already exists, skipping$' <<<"$stderr") == 16 ]]
}

@test "one simple query inside a transaction makes the same schema, whatever the search_path" {
    local expected
    setup_schema
    expected=$(definitions)
    start_test
    PGOPTIONS='-c search_path=orders,users --client-min-messages=warning' \
        sql "BEGIN; $(<"$SCHEMA") COMMIT"
    expect_equal "$expected" "$(definitions)"

    start_test
    PGOPTIONS='-c search_path=' run_schema --single-transaction
    expect_equal "$expected" "$(definitions)"
}

@test "what someone dropped comes back" {
    local expected
    setup_schema
    expected=$(definitions)
    sql 'ALTER TABLE orders.order_items DROP CONSTRAINT order_items_order_id_fkey'
    sql 'ALTER TABLE users.users DROP CONSTRAINT users_email_address_key'
    sql 'DROP INDEX orders.orders_user_id_id_idx'
    sql 'DROP TABLE orders.cart_items, orders.carts'
    sql 'DROP TRIGGER record_status_change ON orders.orders'
    [[ $(definitions) != "$expected" ]]
    run_schema
    expect_equal "$expected" "$(definitions)"
}

# What counts as there -----------------------------------------------------------------------------

@test "an index counts by what it covers: not in part, not on an expression" {
    setup_schema
    sql 'ALTER TABLE users.users DROP CONSTRAINT users_email_address_key'
    sql 'CREATE UNIQUE INDEX ON users.users (email_address) WHERE id > 1'
    sql 'CREATE UNIQUE INDEX ON users.users (lower(email_address))'
    sql 'DROP INDEX orders.order_items_product_id_idx'
    sql 'CREATE INDEX ON orders.order_items (product_id, quantity)'
    sql 'CREATE INDEX ON orders.order_items USING hash (product_id)'
    run_schema
    expect_sql "SELECT pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE conrelid = 'users.users'::regclass AND contype = 'u' ORDER BY 1" \
        $'UNIQUE (email_address)\nUNIQUE (external_user_id)'
    expect_sql "SELECT count(*) FROM pg_indexes
                 WHERE indexdef LIKE '% ON orders.order_items USING btree (product_id)'" 1
}

@test "an index that a failed CREATE INDEX CONCURRENTLY left behind does not count" {
    setup_schema
    sql 'ALTER TABLE users.users DROP CONSTRAINT users_email_address_key'
    sql "INSERT INTO users.users (email_address) VALUES ('a@example.org'), ('a@example.org')"
    run sql 'CREATE UNIQUE INDEX CONCURRENTLY broken ON users.users (email_address)'
    ((status != 0))
    sql 'DELETE FROM users.users'
    run_schema
    expect_sql "SELECT indisvalid FROM pg_index WHERE indrelid = 'users.users'::regclass
                   AND pg_get_indexdef(indexrelid) LIKE '%(email_address)' ORDER BY 1" $'f\nt'
}

@test "a primary key counts in any order of its columns, an index with further payload too" {
    local before
    setup_schema
    sql 'ALTER TABLE orders.order_items DROP CONSTRAINT order_items_pkey'
    sql 'ALTER TABLE orders.order_items ADD PRIMARY KEY (product_id, order_id)'
    sql 'DROP INDEX orders.order_items_product_id_idx'
    sql 'CREATE INDEX ON orders.order_items (product_id) INCLUDE (quantity)'
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

@test "a foreign key to another table or a constraint of another kind does not count" {
    setup_schema
    sql 'ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_fkey'
    sql 'CREATE TABLE people (id bigint PRIMARY KEY)'
    sql 'ALTER TABLE orders.carts ADD FOREIGN KEY (user_id) REFERENCES people'
    sql 'ALTER TABLE orders.carts DROP CONSTRAINT carts_total_items_check'
    sql 'ALTER TABLE orders.carts ADD UNIQUE (total_items)'
    run_schema
    expect_sql "SELECT contype, pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE conrelid = 'orders.carts'::regclass AND conkey <> '{1}' AND contype <> 'n'
                 ORDER BY 1, 2" \
        'c|CHECK ((total_items >= 0))
f|FOREIGN KEY (user_id) REFERENCES people(id)
f|FOREIGN KEY (user_id) REFERENCES users.users(id)
u|UNIQUE (external_cart_id)
u|UNIQUE (total_items)'
}

@test "a column that draws its ids from elsewhere gets no second sequence" {
    local before
    setup_schema
    sql 'ALTER SEQUENCE users.users_id_seq RENAME TO users_user_id_seq'
    sql 'ALTER TABLE orders.carts ALTER id DROP DEFAULT'
    sql 'DROP SEQUENCE orders.orders_id_seq CASCADE'
    sql 'ALTER TABLE orders.orders
           ALTER id ADD GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME orders.order_numbers)'
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

# The status trigger -------------------------------------------------------------------------------

# make_record_status_change BODY
make_record_status_change() {
    sql "CREATE OR REPLACE FUNCTION orders.record_status_change() RETURNS trigger
         LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS \$function\$$1\$function\$"
}

@test "the function of an earlier schema.sql is brought up to date, with its trigger or without" {
    local wanted earlier
    # As it was written when it had the time of the transaction.
    earlier="
    BEGIN
      IF current_setting('timele.loading', true) = 'on' THEN
        RETURN NULL;
      END IF;

      -- A setting that was SET LOCAL once is empty afterwards, not unknown.
      INSERT INTO orders.order_status_history
        (order_id, old_status, new_status, changed_at, changed_by)
      VALUES
        (NEW.id, OLD.status, NEW.status, now(),
         nullif(current_setting('timele.changed_by', true), '')::uuid);
      RETURN NULL;
    END
    "
    setup_schema
    wanted=$(definitions)
    make_record_status_change "$earlier"
    [[ $(definitions) != "$wanted" ]]
    run_schema
    expect_equal "$wanted" "$(definitions)"
    sql 'DROP TRIGGER record_status_change ON orders.orders'
    make_record_status_change "$earlier"
    run_schema
    expect_equal "$wanted" "$(definitions)"
}

@test "a function of that name that somebody has changed stays" {
    local before
    setup_schema
    make_record_status_change "
    BEGIN
      INSERT INTO orders.order_status_history (order_id, new_status, note) VALUES (NEW.id, NEW.status, 'mine');
      RETURN NULL;
    END"
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

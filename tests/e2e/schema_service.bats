#!/usr/bin/env bats
#
# schema.sql on a database that TimeL-E's service made, today or before it had external ids: it only
# ever adds to it.

load harness
load schema_database

@test "a database of TimeL-E's service gets what it lacks and keeps the rest" {
    make_service_database
    definitions >definitions.before
    rows >rows.before
    run_schema
    definitions | grep -v '^comment' >definitions.after
    expect_equal "\
> column orders.order_items.price_given boolean
> column products.aisles.inferred boolean not null false
> column products.departments.inferred boolean not null false
> column products.products.inferred boolean not null false
> column users.users.inferred boolean not null false
> constraint orders.orders orders_order_dow_check CHECK (((order_dow >= 0) AND (order_dow <= 6)))
> constraint orders.orders orders_order_hour_of_day_check CHECK (((order_hour_of_day >= 0) AND (order_hour_of_day <= 23)))
> constraint products.product_enriched product_enriched_price_check CHECK (((price >= (0)::numeric) AND ((price)::double precision < 'Infinity'::double precision)))" \
        "$(changes <(grep -v '^comment' definitions.before) definitions.after)"
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
    rows | diff rows.before -
    expect_sql "SELECT external_user_id FROM users.users WHERE id = 1" \
        0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
    expect_sql "SELECT obj_description('users.users'::regclass),
                       obj_description('orders.orders'::regclass) > ''" \
        'Registered users.|t'
}

@test "a database of TimeL-E's service: a second run changes nothing" {
    local before
    make_service_database
    run_schema
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

@test "a database of TimeL-E's service gets the tables that it lacks" {
    local before
    make_service_database
    sql 'DROP TABLE orders.cart_items, orders.carts, orders.order_status_history'
    sql 'DROP TABLE products.product_enriched'
    sql 'DROP TRIGGER trg_status ON orders.orders'
    run_schema
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
    expect_sql "UPDATE orders.orders SET status = 'returned' WHERE id = 1;
                SELECT order_id, old_status, new_status FROM orders.order_status_history" \
        '1|delivered|returned'
    expect_sql "INSERT INTO orders.carts (user_id) VALUES (1)
                RETURNING id, external_cart_id::text ~ '$V4'" '1|t'
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

@test "an older database gets external ids, and its rows are as they were" {
    make_older_database
    definitions | grep -v '^comment' >definitions.before
    rows >rows.before
    run_schema
    definitions | grep -v '^comment' >definitions.after
    expect_equal "\
> CREATE UNIQUE INDEX carts_external_cart_id_key ON orders.carts USING btree (external_cart_id)
> CREATE UNIQUE INDEX orders_external_order_id_key ON orders.orders USING btree (external_order_id)
> CREATE UNIQUE INDEX users_external_user_id_key ON users.users USING btree (external_user_id)
> column orders.carts.external_cart_id uuid not null gen_random_uuid()
> column orders.order_items.price_given boolean
> column orders.orders.external_order_id uuid not null gen_random_uuid()
> column products.aisles.inferred boolean not null false
> column products.departments.inferred boolean not null false
> column products.products.inferred boolean not null false
> column users.users.external_user_id uuid not null gen_random_uuid()
> column users.users.inferred boolean not null false
> constraint orders.carts carts_external_cart_id_key UNIQUE (external_cart_id)
> constraint orders.orders orders_external_order_id_key UNIQUE (external_order_id)
> constraint orders.orders orders_order_dow_check CHECK (((order_dow >= 0) AND (order_dow <= 6)))
> constraint orders.orders orders_order_hour_of_day_check CHECK (((order_hour_of_day >= 0) AND (order_hour_of_day <= 23)))
> constraint products.product_enriched product_enriched_price_check CHECK (((price >= (0)::numeric) AND ((price)::double precision < 'Infinity'::double precision)))
> constraint users.users users_external_user_id_key UNIQUE (external_user_id)" \
        "$(changes definitions.before definitions.after)"
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
    rows | diff rows.before -
    expect_sql "SELECT count(DISTINCT external_user_id), bool_and(external_user_id::text ~ '$V4')
                  FROM users.users" '2|t'
    expect_sql "SELECT count(DISTINCT external_order_id), bool_and(external_order_id::text ~ '$V4')
                  FROM orders.orders" '2|t'
    expect_sql "SELECT count(DISTINCT external_cart_id), bool_and(external_cart_id::text ~ '$V4')
                  FROM orders.carts" '1|t'
}

@test "an older database: a second run changes nothing, external ids included" {
    local before
    make_older_database
    run_schema
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

@test "rows that break a missing foreign key stop the run, and nothing is changed" {
    local before
    make_service_database
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT fk_order_user;
         UPDATE orders.orders SET user_id = 77 WHERE id = 1'
    before=$(snapshot)
    run run_schema --single-transaction
    ((status != 0))
    [[ $output == *'violates foreign key constraint'* ]]
    expect_unchanged "$before"
}

# A check that is NOT VALID would keep the application from changing anything about these rows.
@test "a check that rows break is left out, with a warning, until they are mended" {
    local before
    make_service_database
    sql "UPDATE orders.orders SET order_dow = 9 WHERE id = 1;
         ALTER TABLE orders.orders DROP CONSTRAINT ck_order_total_price_nonnegative;
         UPDATE orders.orders SET total_price = 'Infinity';
         INSERT INTO products.product_enriched (product_id, price) SELECT 1, -1 ON CONFLICT (product_id) DO UPDATE SET price = -1"
    run_load --create-schema
    expect_status 0
    expect_stdout $'schema: created what was missing\n'"committed to $PGDATABASE on $PGHOST"
    [[ $stderr == "timele-load: warning: the server says: products.product_enriched gets no CHECK (price >= 0 AND price < float8 'Infinity'), because of a row with another value; mend what is wrong, then create the schema again
timele-load: warning: the server says: orders.orders gets no CHECK (order_dow BETWEEN 0 AND 6), because of a row with another value; mend what is wrong, then create the schema again
timele-load: warning: the server says: orders.orders gets no CHECK (total_price >= 0 AND total_price < float8 'Infinity'), because of 2 rows with another value; mend what is wrong, then create the schema again" ]] ||
        unexpected
    # The application can go on, and so can the loader; the next night is like this one.
    sql "UPDATE orders.orders SET tracking_number = 'T' WHERE id = 1"
    before=$(snapshot)
    run_load --create-schema
    expect_status 0
    expect_stderr_contains 'gets no CHECK (order_dow'
    expect_unchanged "$before"
    printf 'product_id,description,price\n1,Yellow,0.25\n' >prices.csv
    run_load --mode=upsert prices.csv
    expect_status 0

    sql 'UPDATE orders.orders SET order_dow = 1, total_price = 1'
    run_load --quiet --create-schema
    expect_status 0
    expect_silence
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
}

@test "a check on the column that is there counts, whatever it says, NOT VALID too" {
    local before
    make_service_database
    sql "ALTER TABLE products.product_enriched ADD CHECK (price < 1000) NOT VALID"
    run_schema
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
    expect_sql "SELECT pg_get_constraintdef(oid) FROM pg_constraint
                 WHERE conrelid = 'products.product_enriched'::regclass AND contype = 'c'" \
        'CHECK ((price < (1000)::numeric)) NOT VALID'
}

# A second trigger would write every change twice, and TimeL-E's own fails on every change.
@test "a trigger that writes the history is the only one, enabled or not" {
    make_service_database
    sql 'ALTER TABLE orders.orders DISABLE TRIGGER trg_status'
    run_schema
    expect_sql "SELECT tgname, tgenabled FROM pg_trigger
                 WHERE tgrelid = 'orders.orders'::regclass AND NOT tgisinternal" 'trg_status|D'
    expect_sql "SELECT count(*) FROM pg_proc WHERE proname = 'record_status_change'" 0

    sql 'DROP TRIGGER trg_status ON orders.orders'
    run_schema
    expect_sql "UPDATE orders.orders SET status = 'returned' WHERE id = 1;
                SELECT count(*) FROM orders.order_status_history WHERE new_status = 'returned'" 1
}

@test "a trigger that does something else leaves room for ours" {
    make_service_database
    sql 'DROP TRIGGER trg_status ON orders.orders'
    sql <<'SQL'
CREATE FUNCTION orders.touch() RETURNS trigger LANGUAGE plpgsql
AS 'BEGIN NEW.updated_at := now(); RETURN NEW; END';
CREATE TRIGGER touch BEFORE UPDATE ON orders.orders
  FOR EACH ROW EXECUTE FUNCTION orders.touch();
SQL
    run_schema
    expect_sql "UPDATE orders.orders SET status = 'returned' WHERE id = 1;
                SELECT count(*) FROM orders.order_status_history WHERE new_status = 'returned'" 1
}

# The column refers to the internal id there.
@test "an older database whose changed_by is an integer: the trigger notes the internal id" {
    make_older_database
    sql 'DROP TRIGGER trg_status ON orders.orders;
         ALTER TABLE orders.order_status_history ALTER changed_by TYPE integer USING NULL,
           ADD FOREIGN KEY (changed_by) REFERENCES users.users'
    run_schema
    sql <<'SQL'
BEGIN;
SELECT set_config('timele.changed_by', external_user_id::text, true) FROM users.users WHERE id = 2 \g /dev/null
UPDATE orders.orders SET status = 'returned' WHERE id = 1;
SET LOCAL timele.changed_by = 'c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f';
UPDATE orders.orders SET status = 'refunded' WHERE id = 1;
COMMIT;
UPDATE orders.orders SET status = 'failed' WHERE id = 1;
SQL
    expect_sql "SELECT new_status, changed_by FROM orders.order_status_history
                 WHERE order_id = 1 AND old_status IS NOT NULL ORDER BY history_id DESC LIMIT 3" \
        $'failed|\nrefunded|\nreturned|2'

    # The loader neither reads nor writes the column.
    printf 'order_id,status,changed_at\n1,shipped,2039-01-02Z\n' >history.csv
    run_load history.csv
    expect_status 0
    expect_sql "SELECT changed_by FROM orders.order_status_history WHERE changed_at > '2039-01-01'" ''
}

#!/usr/bin/env bats
#
# schema.sql: what it makes in an empty database, and that its status trigger keeps the history.

load harness
load schema_database

expect_check_violation() {
    run sql "$1"
    [[ $status != 0 && $output == *'violates check constraint'* ]] || {
        printf 'expected the violation of a check: %s\n%s\n' "$1" "$output"
        return 1
    }
}

# An empty database --------------------------------------------------------------------------------

@test "every column has its type and says whether it may be NULL" {
    setup_schema
    expect_sql "
        SELECT concat_ws(' ', a.attrelid::regclass || '.' || attname,
                         format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
                         pg_get_expr(adbin, adrelid))
          FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid AND relkind = 'r'
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relnamespace::regnamespace::text IN ('products', 'users', 'orders')
           AND attnum > 0 AND NOT attisdropped
         ORDER BY a.attrelid::regclass::text COLLATE \"C\", attname COLLATE \"C\"" \
        "orders.cart_items.add_to_cart_order integer not null
orders.cart_items.cart_id bigint not null
orders.cart_items.product_id integer not null
orders.cart_items.quantity integer not null 1
orders.cart_items.reordered integer not null 0
orders.carts.created_at timestamp with time zone not null now()
orders.carts.external_cart_id uuid not null gen_random_uuid()
orders.carts.id bigint not null nextval('orders.carts_id_seq'::regclass)
orders.carts.total_items integer not null 0
orders.carts.updated_at timestamp with time zone not null now()
orders.carts.user_id bigint not null
orders.order_items.add_to_cart_order integer not null
orders.order_items.order_id bigint not null
orders.order_items.price double precision not null 0
orders.order_items.price_given boolean
orders.order_items.product_id integer not null
orders.order_items.quantity integer not null 1
orders.order_items.reordered integer not null 0
orders.order_status_history.changed_at timestamp with time zone not null now()
orders.order_status_history.changed_by uuid
orders.order_status_history.history_id integer not null nextval('orders.order_status_history_history_id_seq'::regclass)
orders.order_status_history.new_status order_status_enum not null
orders.order_status_history.note text
orders.order_status_history.old_status order_status_enum
orders.order_status_history.order_id bigint not null
orders.orders.city character varying(100)
orders.orders.country character varying(100)
orders.orders.created_at timestamp with time zone not null now()
orders.orders.days_since_prior_order integer
orders.orders.delivery_name character varying(100)
orders.orders.external_order_id uuid not null gen_random_uuid()
orders.orders.id bigint not null nextval('orders.orders_id_seq'::regclass)
orders.orders.invoice bytea
orders.orders.order_dow integer not null
orders.orders.order_hour_of_day integer not null
orders.orders.order_number integer not null
orders.orders.phone_number character varying(50)
orders.orders.postal_code character varying(20)
orders.orders.shipping_carrier character varying(50)
orders.orders.status order_status_enum not null 'pending'::order_status_enum
orders.orders.street_address character varying(255)
orders.orders.total_items integer not null 0
orders.orders.total_price double precision not null 0
orders.orders.tracking_number character varying(100)
orders.orders.tracking_url character varying(255)
orders.orders.updated_at timestamp with time zone not null now()
orders.orders.user_id bigint not null
products.aisles.aisle character varying not null
products.aisles.aisle_id integer not null nextval('products.aisles_aisle_id_seq'::regclass)
products.aisles.inferred boolean not null false
products.departments.department character varying not null
products.departments.department_id integer not null nextval('products.departments_department_id_seq'::regclass)
products.departments.description text
products.departments.image_url text
products.departments.inferred boolean not null false
products.departments.parent_id integer
products.product_enriched.description text
products.product_enriched.image_url text
products.product_enriched.price numeric(10,2)
products.product_enriched.product_id integer not null
products.products.aisle_id integer not null
products.products.department_id integer not null
products.products.inferred boolean not null false
products.products.product_id integer not null nextval('products.products_product_id_seq'::regclass)
products.products.product_name character varying(255) not null
users.users.city character varying(100)
users.users.country character varying(100)
users.users.days_between_order_notifications integer
users.users.email_address character varying
users.users.external_user_id uuid not null gen_random_uuid()
users.users.first_name character varying
users.users.hashed_password character varying(128)
users.users.id bigint not null nextval('users.users_id_seq'::regclass)
users.users.inferred boolean not null false
users.users.last_login timestamp with time zone
users.users.last_name character varying
users.users.last_notification_sent_at timestamp with time zone
users.users.last_notifications_viewed_at timestamp with time zone
users.users.order_notifications_next_scheduled_time timestamp with time zone
users.users.order_notifications_start_date_time timestamp with time zone
users.users.order_notifications_via_email boolean not null false
users.users.pending_order_notification boolean not null true
users.users.phone_number character varying(50)
users.users.postal_code character varying(20)
users.users.street_address character varying(255)"
}

@test "keys, constraints and indexes cover what they should, each once" {
    setup_schema
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
    expect_sql "SELECT DISTINCT confdeltype, confupdtype, convalidated
                  FROM pg_constraint WHERE contype = 'f' AND conrelid <> 'timele_load.files'::regclass" 'a|a|t'
}

@test "the checks let in what they should and nothing else" {
    local values
    setup_schema
    sql "INSERT INTO users.users (id) VALUES (1)"
    sql "INSERT INTO users.users (days_between_order_notifications) VALUES (1), (365), (NULL)"
    for values in 0 366; do
        expect_check_violation "INSERT INTO users.users (days_between_order_notifications)
                                VALUES ($values)"
    done

    sql "INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day)
         VALUES (1, 1, 0, 0), (1, 2, 6, 23)"
    for values in '-1, 0, 0, 0' '7, 0, 0, 0' '0, -1, 0, 0' '0, 24, 0, 0' \
        '0, 0, -1, 0' '0, 0, 0, -1' "0, 0, 0, 'NaN'" "0, 0, 0, 'Infinity'"; do
        expect_check_violation "INSERT INTO orders.orders (user_id, order_number,
                   order_dow, order_hour_of_day, total_items, total_price) VALUES (1, 3, $values)"
    done

    sql "INSERT INTO products.departments (department) VALUES ('produce')"
    sql "INSERT INTO products.aisles (aisle) VALUES ('fresh fruits')"
    sql "INSERT INTO products.products (product_name, aisle_id, department_id)
         VALUES ('Banana', 1, 1), ('Apple', 1, 1)"
    sql "INSERT INTO orders.order_items
         VALUES (3422000, 1, 0, 0, 1, 0), (3422000, 2, 1, 1, 9, 2.5)"
    for values in '-1, 0, 1, 0' '0, 2, 1, 0' '0, -1, 1, 0' '0, 0, 0, 0' '0, 0, 1, -1' \
        "0, 0, 1, 'NaN'" "0, 0, 1, 'Infinity'"; do
        expect_check_violation "INSERT INTO orders.order_items VALUES (3422001, 1, $values)"
    done

    sql "INSERT INTO products.product_enriched (product_id, price) VALUES (1, NULL), (2, 0);
         UPDATE products.product_enriched SET price = 99999999.99"
    for values in -0.01 "'NaN'"; do
        expect_check_violation "UPDATE products.product_enriched SET price = $values"
    done

    expect_check_violation "INSERT INTO orders.carts (user_id, total_items) VALUES (1, -1)"
    sql "INSERT INTO orders.carts (id, user_id) VALUES (1, 1)"
    sql "INSERT INTO orders.cart_items VALUES (1, 1, 0, 1, 1)"
    for values in '-1, 0, 1' '0, 2, 1' '0, 0, 0'; do
        expect_check_violation "INSERT INTO orders.cart_items VALUES (1, 2, $values)"
    done
}

@test "order_status_enum has its labels in order" {
    setup_schema
    expect_sql "SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder)
                  FROM pg_enum WHERE enumtypid = 'public.order_status_enum'::regtype" \
        'pending processing shipped delivered cancelled failed return_requested returned refunded'
}

@test "sequences start at the floor and belong to their columns" {
    setup_schema
    expect_sql "
        SELECT (schemaname || '.' || sequencename) COLLATE \"C\", data_type, start_value,
               min_value, increment_by, last_value, refobjid::regclass, attname
          FROM pg_sequences
          LEFT JOIN pg_depend ON classid = 'pg_class'::regclass AND deptype = 'a'
           AND objid = (schemaname || '.' || sequencename)::regclass
          LEFT JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
         WHERE schemaname <> 'timele_load' ORDER BY 1" \
        'orders.carts_id_seq|bigint|1|1|1||orders.carts|id
orders.order_status_history_history_id_seq|integer|1|1|1||orders.order_status_history|history_id
orders.orders_id_seq|bigint|3422000|3422000|1||orders.orders|id
products.aisles_aisle_id_seq|integer|1|1|1||products.aisles|aisle_id
products.departments_department_id_seq|integer|1|1|1||products.departments|department_id
products.products_product_id_seq|integer|1|1|1||products.products|product_id
users.users_id_seq|bigint|400000|400000|1||users.users|id'
}

@test "an application's rows get ids from the floor and version 4 UUIDs" {
    setup_schema
    expect_sql "INSERT INTO users.users (email_address) VALUES ('a@example.org'), ('b@example.org')
                RETURNING id, external_user_id::text ~ '$V4'" $'400000|t\n400001|t'
    expect_sql "INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day)
                VALUES (400000, 1, 0, 0)
                RETURNING id, external_order_id::text ~ '$V4', status" '3422000|t|pending'
    expect_sql "INSERT INTO orders.carts (user_id) VALUES (400000)
                RETURNING id, external_cart_id::text ~ '$V4'" '1|t'
    expect_sql 'SELECT count(DISTINCT external_user_id) FROM users.users' 2
    expect_sql "INSERT INTO products.departments (department) VALUES ('produce')
                RETURNING department_id, inferred" '1|f'
    expect_sql "INSERT INTO products.aisles (aisle) VALUES ('fruits')
                RETURNING aisle_id, inferred" '1|f'
    expect_sql "INSERT INTO products.products (product_name, aisle_id, department_id)
                VALUES ('Banana', 1, 1) RETURNING product_id, inferred" '1|f'
}

@test "several users may be without an e-mail address" {
    setup_schema
    sql 'INSERT INTO users.users (id, inferred) VALUES (1, true), (2, true)'
    expect_sql 'SELECT count(*) FROM users.users WHERE email_address IS NULL' 2
}

@test "every table and every id column has a comment" {
    setup_schema
    expect_sql "
        SELECT relname
          FROM pg_class
         WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('products', 'users', 'orders')
           AND obj_description(oid, 'pg_class') > ''
         ORDER BY relname" \
        'aisles
cart_items
carts
departments
order_items
order_status_history
orders
product_enriched
products
users'
    expect_sql "
        SELECT count(*) FILTER (WHERE col_description(attrelid, attnum) > ''), count(*)
          FROM pg_attribute
          JOIN pg_class c ON c.oid = attrelid AND relkind = 'r'
         WHERE relnamespace::regnamespace::text IN ('products', 'users', 'orders')
           AND (attname ~ '(^|_)id$' OR attname IN ('changed_by', 'inferred'))" \
        '26|26'
}

# The status trigger -------------------------------------------------------------------------------

@test "a change of status leaves a row of history, anything else none" {
    setup_schema
    make_order
    sql "UPDATE orders.orders SET total_items = 3"
    sql "UPDATE orders.orders SET status = 'pending'"
    expect_sql 'SELECT count(*) FROM orders.order_status_history' 0
    sql "UPDATE orders.orders SET status = 'shipped'"
    sql "UPDATE orders.orders SET status = 'delivered', total_items = 4"
    expect_sql "SELECT history_id, order_id, old_status, new_status,
                       changed_at > now() - '1 minute'::interval, changed_by, note
                  FROM orders.order_status_history ORDER BY history_id" \
        '1|7|pending|shipped|t||
2|7|shipped|delivered|t||'
}

@test "two changes of status in one transaction have their order in time" {
    setup_schema
    make_order
    sql "BEGIN; UPDATE orders.orders SET status = 'shipped'; UPDATE orders.orders SET status = 'delivered'; COMMIT"
    expect_sql "SELECT string_agg(new_status::text, ' ' ORDER BY changed_at), count(DISTINCT changed_at)
                  FROM orders.order_status_history" 'shipped delivered|2'
}

@test "the history says who changed the status, when the application does" {
    setup_schema
    make_order
    sql <<'SQL'
BEGIN;
SET LOCAL timele.changed_by = 'c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f';
UPDATE orders.orders SET status = 'shipped';
COMMIT;
UPDATE orders.orders SET status = 'failed';
SQL
    expect_sql 'SELECT new_status, changed_by
                  FROM orders.order_status_history ORDER BY history_id' \
        'shipped|c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f
failed|'
}

@test "a loader can keep the trigger silent, until its transaction ends" {
    setup_schema
    make_order
    sql <<'SQL'
BEGIN;
SET LOCAL timele.loading = 'on';
UPDATE orders.orders SET status = 'shipped';
COMMIT;
SQL
    expect_sql 'SELECT status FROM orders.orders' shipped
    expect_sql 'SELECT count(*) FROM orders.order_status_history' 0
    sql "UPDATE orders.orders SET status = 'delivered'"
    expect_sql 'SELECT old_status FROM orders.order_status_history' shipped
}

@test "the trigger works whatever the search_path" {
    setup_schema
    make_order
    PGOPTIONS='-c search_path=' sql "UPDATE orders.orders SET status = 'shipped'"
    sql "CREATE FUNCTION public.current_setting(text, boolean) RETURNS text
         LANGUAGE sql AS \$\$ SELECT 'on' \$\$"
    PGOPTIONS='-c search_path=public,pg_catalog' sql "UPDATE orders.orders SET status = 'failed'"
    expect_sql 'SELECT new_status FROM orders.order_status_history ORDER BY history_id' \
        $'shipped\nfailed'
}

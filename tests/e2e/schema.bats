#!/usr/bin/env bats
#
# schema.sql: what it makes in an empty database, and that it only ever adds to another one.

load harness

SCHEMA=$PROJECT_ROOT/schema.sql
SUPERUSER=$PGUSER
SERVICE=$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql
V4='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

teardown() {
    if [[ -n ${owner:-} ]]; then
        PGUSER=$SUPERUSER
        end_test
        maintain "DROP ROLE $owner"
    fi
}

# From here on the test is run by an ordinary role that owns the database.
become_owner() {
    owner=owner_of_$PGDATABASE
    maintain "CREATE ROLE $owner LOGIN" "ALTER DATABASE $PGDATABASE OWNER TO $owner"
    PGUSER=$owner
}

# run_schema [PSQL-ARGUMENT...]
run_schema() {
    PGOPTIONS="${PGOPTIONS:-} --client-min-messages=warning" \
        psql -Xq -v ON_ERROR_STOP=1 "$@" --file "$SCHEMA"
}

make_service_database() {
    psql -Xq -v ON_ERROR_STOP=1 --file "$SERVICE"
}

# As the service made it before it had external ids; their unique indexes go with the columns.
make_older_database() {
    make_service_database
    sql 'ALTER TABLE users.users DROP COLUMN external_user_id'
    sql 'ALTER TABLE orders.orders DROP COLUMN external_order_id'
    sql 'ALTER TABLE orders.carts DROP COLUMN external_cart_id'
}

# Every key, constraint and index as "table kind columns [parent]", by what it covers: an index
# that stands behind a constraint is not a second line, so a line that comes twice is a duplicate.
coverage() {
    sql <<'SQL'
WITH fact (relation, kind, key, parent) AS (
  SELECT conrelid,
         CASE contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique'
                      WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' END,
         conkey, confrelid
    FROM pg_constraint
   WHERE contype IN ('p', 'u', 'f', 'c')
  UNION ALL
  SELECT indrelid, CASE WHEN indisunique THEN 'unique' ELSE 'index' END, indkey::int2[], 0
    FROM pg_index
   WHERE NOT EXISTS (
     SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
)
SELECT concat_ws(' ', relation::regclass, kind,
                 (SELECT string_agg(attname, ',' ORDER BY place)
                    FROM unnest(key) WITH ORDINALITY AS k (attnum, place)
                    JOIN pg_attribute a ON a.attrelid = relation AND a.attnum = k.attnum),
                 CASE WHEN parent <> 0 THEN parent::regclass END) COLLATE "C"
  FROM fact
 WHERE relation::regclass::text ~ '^(products|users|orders)\.'
 ORDER BY 1
SQL
}

# Every definition, a line each: what schema.sql must leave as it is. The ledger is the loader's own.
definitions() {
    sql <<'SQL'
SELECT concat_ws(' ', 'column', attrelid::regclass || '.' || attname,
                 format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END,
                 pg_get_expr(adbin, adrelid))
  FROM pg_attribute
  JOIN pg_class c ON c.oid = attrelid AND relkind = 'r'
  LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attnum > 0 AND NOT attisdropped AND relnamespace::regnamespace::text !~ '^(pg_|information_|timele_load)'
UNION ALL
SELECT concat_ws(' ', 'constraint', conrelid::regclass, conname, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE connamespace::regnamespace::text !~ '^(pg_|information_|timele_load)'
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname !~ '^(pg_|information_|timele_load)'
UNION ALL
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || oid::regprocedure || md5(prosrc)
  FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^(pg_|information_|timele_load)'
UNION ALL
SELECT concat_ws(' ', 'sequence', schemaname || '.' || sequencename, data_type, min_value,
                 last_value)
  FROM pg_sequences WHERE schemaname <> 'timele_load'
UNION ALL
SELECT concat_ws(' ', 'comment', objoid::regclass, objsubid, description)
  FROM pg_description
  JOIN pg_class c ON c.oid = objoid AND classoid = 'pg_class'::regclass
 WHERE relnamespace::regnamespace::text !~ '^(pg_|information_|timele_load)'
 ORDER BY 1
SQL
}

# Every row without the columns that schema.sql may add.
rows() {
    local table
    for table in products.{departments,aisles,products,product_enriched} users.users \
        orders.{orders,order_items,order_status_history,carts,cart_items}; do
        sql "SELECT '$table', to_jsonb(t) - '{inferred, price_given}'::text[]
                      - '{external_user_id, external_order_id, external_cart_id}'::text[]
               FROM $table t ORDER BY t::text"
    done
}

# changes FILE FILE: lines that came or went.
changes() {
    diff "$1" "$2" | grep '^[<>]' | LC_ALL=C sort
}

expect_equal() {
    diff <(printf '%s\n' "$1") <(printf '%s\n' "$2") || {
        printf '< expected, > got\n'
        return 1
    }
}

expect_check_violation() {
    run sql "$1"
    [[ $status != 0 && $output == *'violates check constraint'* ]] || {
        printf 'expected the violation of a check: %s\n%s\n' "$1" "$output"
        return 1
    }
}

EXPECTED_COVERAGE='orders.cart_items check add_to_cart_order
orders.cart_items check quantity
orders.cart_items check reordered
orders.cart_items foreign key cart_id orders.carts
orders.cart_items foreign key product_id products.products
orders.cart_items index product_id
orders.cart_items primary key cart_id,product_id
orders.carts check total_items
orders.carts foreign key user_id users.users
orders.carts index user_id
orders.carts primary key id
orders.carts unique external_cart_id
orders.order_items check add_to_cart_order
orders.order_items check price
orders.order_items check quantity
orders.order_items check reordered
orders.order_items foreign key order_id orders.orders
orders.order_items foreign key product_id products.products
orders.order_items index product_id
orders.order_items primary key order_id,product_id
orders.order_status_history foreign key order_id orders.orders
orders.order_status_history index changed_at
orders.order_status_history index order_id
orders.order_status_history index order_id,changed_at
orders.order_status_history primary key history_id
orders.orders check order_dow
orders.orders check order_hour_of_day
orders.orders check total_items
orders.orders check total_price
orders.orders foreign key user_id users.users
orders.orders index user_id
orders.orders index user_id,id
orders.orders primary key id
orders.orders unique external_order_id
products.aisles primary key aisle_id
products.aisles unique aisle
products.departments primary key department_id
products.departments unique department
products.product_enriched foreign key product_id products.products
products.product_enriched primary key product_id
products.products foreign key aisle_id products.aisles
products.products foreign key department_id products.departments
products.products index aisle_id
products.products index department_id
products.products index product_name
products.products primary key product_id
users.users check days_between_order_notifications
users.users primary key id
users.users unique email_address
users.users unique external_user_id'

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
        '0, 0, -1, 0' '0, 0, 0, -1'; do
        expect_check_violation "INSERT INTO orders.orders (user_id, order_number,
                   order_dow, order_hour_of_day, total_items, total_price) VALUES (1, 3, $values)"
    done

    sql "INSERT INTO products.departments (department) VALUES ('produce')"
    sql "INSERT INTO products.aisles (aisle) VALUES ('fresh fruits')"
    sql "INSERT INTO products.products (product_name, aisle_id, department_id)
         VALUES ('Banana', 1, 1), ('Apple', 1, 1)"
    sql "INSERT INTO orders.order_items
         VALUES (3422000, 1, 0, 0, 1, 0), (3422000, 2, 1, 1, 9, 2.5)"
    for values in '-1, 0, 1, 0' '0, 2, 1, 0' '0, -1, 1, 0' '0, 0, 0, 0' '0, 0, 1, -1'; do
        expect_check_violation "INSERT INTO orders.order_items VALUES (3422001, 1, $values)"
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

make_order() {
    sql "INSERT INTO users.users (id) VALUES (1)"
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (7, 1, 1, 0, 0)"
}

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

# Run again ----------------------------------------------------------------------------------------

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

# Other people's databases -------------------------------------------------------------------------

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
> constraint orders.orders orders_order_hour_of_day_check CHECK (((order_hour_of_day >= 0) AND (order_hour_of_day <= 23)))" \
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

@test "rows that break a missing constraint stop the run, and nothing is changed" {
    local before
    make_service_database
    sql 'UPDATE orders.orders SET order_dow = 9 WHERE id = 1'
    before=$(snapshot)
    run run_schema --single-transaction
    ((status != 0))
    [[ $output == *'violated by some row'* ]]
    expect_unchanged "$before"
}

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
                 WHERE conrelid = 'orders.carts'::regclass AND conkey <> '{1}' ORDER BY 1, 2" \
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

# Privileges ---------------------------------------------------------------------------------------

@test "the owner of the database needs to be nobody more" {
    local before
    become_owner
    run_schema
    expect_sql 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user' f
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
    make_order
    expect_sql "UPDATE orders.orders SET status = 'shipped';
                SELECT new_status FROM orders.order_status_history" shipped
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

@test "the owner of an older database can bring it up to date" {
    become_owner
    make_older_database
    run_schema --single-transaction
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
}

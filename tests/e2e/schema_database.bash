# Sourced after harness by tests of schema.sql: the databases that it is run on, and what they have
# before and after.
#
# shellcheck shell=bash

SCHEMA=$PROJECT_ROOT/schema.sql
SERVICE=$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql
# shellcheck disable=SC2034 # used by the tests
V4='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

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
  FROM pg_constraint
 WHERE connamespace::regnamespace::text !~ '^(pg_|information_|timele_load)'
   AND contype <> 'n' -- said of the column; they are new in PostgreSQL 18
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

make_order() {
    sql "INSERT INTO users.users (id) VALUES (1)"
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (7, 1, 1, 0, 0)"
}

# shellcheck disable=SC2034 # used by the tests
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
products.product_enriched check price
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

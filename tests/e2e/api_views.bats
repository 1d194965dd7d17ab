#!/usr/bin/env bats
#
# What an API server sees by the schema `api`, and what it cannot reach.

load harness
load api_server
load api_sample

# expect_same_rows VIEW QUERY: the view gives the API server what the query gives the owner.
expect_same_rows() {
    local seen
    seen=$(api "SELECT * FROM api.$1 v ORDER BY v::text COLLATE \"C\"" | tee seen | wc -l)
    [ "$seen" -gt 0 ]
    diff seen <(sql "SELECT * FROM ($2) v ORDER BY v::text COLLATE \"C\"") | head -n 20
    return "${PIPESTATUS[0]}"
}

@test "every view shows what the tables hold, by external ids" {
    local user order
    user=$(make_user viewed)
    order=$(api "SELECT external_order_id FROM api.create_order('$user', '[{\"product_id\": 3}]')")
    sql "UPDATE orders.orders SET invoice = 'PDF', tracking_number = 'T1' WHERE external_order_id = '$order';
         UPDATE products.departments SET parent_id = 1, description = 'd', image_url = 'i' WHERE department_id = 2"
    api "SELECT FROM api.create_cart('$user') c, api.set_cart_item('$user', c.external_cart_id, 4, 2)"
    expect_same_rows users \
        "SELECT external_user_id, first_name, last_name, email_address, phone_number, street_address,
                city, postal_code, country, last_login, last_notifications_viewed_at,
                days_between_order_notifications, order_notifications_start_date_time,
                order_notifications_next_scheduled_time, last_notification_sent_at,
                pending_order_notification, order_notifications_via_email FROM users.users"
    expect_same_rows orders \
        "SELECT external_order_id, external_user_id, order_number, order_dow, order_hour_of_day,
                days_since_prior_order, total_items, total_price, status, delivery_name,
                o.phone_number, o.street_address, o.city, o.postal_code, o.country, tracking_number,
                shipping_carrier, tracking_url, invoice, created_at, updated_at
           FROM orders.orders o JOIN users.users u ON u.id = user_id"
    expect_same_rows order_items \
        "SELECT external_order_id, product_id, add_to_cart_order, reordered, quantity, price
           FROM orders.order_items JOIN orders.orders ON id = order_id"
    expect_same_rows order_status_history \
        "SELECT external_order_id, old_status, new_status, changed_at, changed_by, note
           FROM orders.order_status_history JOIN orders.orders ON id = order_id"
    expect_same_rows carts \
        "SELECT external_cart_id, external_user_id, total_items, created_at, updated_at
           FROM orders.carts c JOIN users.users u ON u.id = user_id"
    expect_same_rows cart_items \
        "SELECT external_cart_id, product_id, add_to_cart_order, reordered, quantity
           FROM orders.cart_items JOIN orders.carts ON id = cart_id"
    expect_same_rows products \
        "SELECT product_id, product_name, aisle, department, e.description, price, e.image_url,
                aisle_id, department_id
           FROM products.products JOIN products.aisles USING (aisle_id)
           JOIN products.departments USING (department_id)
           LEFT JOIN products.product_enriched e USING (product_id)"
    expect_same_rows departments \
        "SELECT department_id, department, description, image_url, parent_id FROM products.departments"
    expect_same_rows aisles "SELECT aisle_id, aisle FROM products.aisles"
}

@test "no internal id and no password is visible anywhere" {
    expect_api "SELECT table_name FROM information_schema.tables
                 WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                 ORDER BY table_schema <> 'api', table_name COLLATE \"C\"" \
        'aisles
cart_items
carts
departments
order_items
order_status_history
orders
products
users'
    expect_api "SELECT table_name, column_name FROM information_schema.columns
                 WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                   AND (data_type = 'bigint'
                     OR column_name IN ('id', 'user_id', 'order_id', 'cart_id', 'history_id',
                                        'hashed_password'))" ''
    # What a function takes or gives is no column.
    expect_api "SELECT routine_name, coalesce(type_udt_schema || '.' || type_udt_name, data_type)
                  FROM information_schema.routines
                 WHERE specific_schema NOT IN ('pg_catalog', 'information_schema')
                   AND has_schema_privilege(specific_schema, 'USAGE')
                 ORDER BY specific_schema <> 'api', routine_name" \
        'add_order_items|api.orders
checkout|api.orders
clear_cart|api.carts
create_cart|api.carts
create_order|api.orders
create_user|api.users
delete_cart|pg_catalog.void
delete_user|pg_catalog.void
remove_cart_item|api.carts
set_cart_item|api.carts
set_order_status|api.orders
set_password_hash|pg_catalog.void
update_user|api.users'
    expect_api "SELECT DISTINCT udt_name FROM information_schema.parameters
                 WHERE specific_schema = 'api' ORDER BY 1" $'int4\njsonb\norder_status_enum\ntext\nuuid'
}

@test "the keys that the comments tell are those of the data" {
    local view columns target
    # As text, by the views alone, with NULL like any value.
    api "SELECT relname, tag FROM pg_class, regexp_split_to_table(obj_description(oid, 'pg_class'), E'\n') AS tag
          WHERE relnamespace = 'api'::regnamespace AND tag LIKE '@%'" >tags
    [ "$(grep -c '@primaryKey' tags)" -eq 9 ]
    [ "$(grep -c '@unique' tags)" -eq 3 ]
    [ "$(grep -c '@foreignKey' tags)" -eq 11 ]
    while IFS='|' read -r view columns; do
        printf "SELECT '%s (%s)' FROM api.%s GROUP BY %s HAVING count(*) > 1;\n" "$view" "$columns" "$view" "$columns"
    done < <(sed -nE 's/@(primaryKey|unique) //p' tags | grep -v 'email_address$') >duplicates.sql
    while IFS='|' read -r view columns target; do
        printf 'SELECT %s FROM api.%s WHERE %s IS NOT NULL EXCEPT SELECT %s FROM %s;\n' \
            "$columns" "$view" "$columns" "${target#* }" "${target%% *}"
    done < <(sed -nE 's/@foreignKey \(([a-z_]+)\) references ([a-z_.]+) \(([a-z_]+)\)$/\1|\2 \3/p' tags) >strangers.sql
    api "SELECT format('SELECT %L FROM api.%I WHERE %I IS NULL', relname || '.' || attname, relname, attname)
           FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0
          WHERE relnamespace = 'api'::regnamespace AND col_description(pg_class.oid, attnum) LIKE E'@notNull\n%'" >nulls.sql
    [ "$(wc -l <strangers.sql)" -eq 11 ]
    [ "$(wc -l <nulls.sql)" -ge 40 ]
    [[ -z $(sed 's/\([^;]\)$/\1;/' duplicates.sql strangers.sql nulls.sql | api) ]]
}

@test "every view, column and function says what it is" {
    expect_api "
        SELECT c.relname, attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
         WHERE relnamespace = 'api'::regnamespace
           AND (coalesce(obj_description(c.oid), '') = ''
             OR coalesce(col_description(c.oid, attnum), '') = '')
        UNION ALL
        SELECT 'function', proname FROM pg_proc
         WHERE pronamespace IN ('api'::regnamespace, 'api_auth'::regnamespace) AND coalesce(obj_description(oid), '') = ''" ''
}

@test "the role reaches the schema api and nothing else" {
    # Up to PostgreSQL 14 every role may create in the schema public, as the manual says.
    server_is 15 || sql 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
    # Schemas, then whatever it could do with any relation, column, sequence or function elsewhere.
    expect_api "SELECT nspname, has_schema_privilege(oid, 'CREATE') FROM pg_namespace
                 WHERE has_schema_privilege(oid, 'USAGE') AND nspname !~ '^pg_|^information_schema$'
                 ORDER BY 1" $'api|f\npublic|f'
    expect_api "SELECT c.oid::regclass FROM pg_class c
                 WHERE relnamespace::regnamespace::text !~ '^(pg_catalog|pg_toast|information_schema)$'
                   AND CASE
                     WHEN relkind = 'S' THEN has_sequence_privilege(oid, 'USAGE, SELECT, UPDATE')
                     WHEN relkind NOT IN ('r', 'v', 'p', 'm', 'f') THEN false
                     WHEN relnamespace = 'api'::regnamespace
                       THEN has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                     ELSE has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                       OR has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                   END" ''
    expect_sql "SELECT oid::regprocedure FROM pg_proc
                 WHERE pronamespace IN ('api'::regnamespace, 'api_private'::regnamespace)
                   AND (has_function_privilege('$api_server', oid, 'EXECUTE')
                          <> (pronamespace = 'api'::regnamespace)
                     OR has_function_privilege('public', oid, 'EXECUTE'))" ''
    # What the catalogs tell of values: where sequences stand, what columns hold.
    expect_api "SELECT (SELECT count(last_value) FROM pg_sequences),
                       (SELECT count(*) FROM pg_stats WHERE schemaname !~ '^(pg_catalog|information_schema)$')" '0|0'
    # A function with its owner's rights looks up no name where a client can put one.
    expect_sql "SELECT proname, prosecdef, proconfig[1] FROM pg_proc
                 WHERE pronamespace IN ('api'::regnamespace, 'api_private'::regnamespace)
                   AND (prosecdef <> (pronamespace = 'api'::regnamespace)
                     OR proconfig[1] <> 'search_path=pg_catalog, pg_temp')" ''
    # Nor has it a setting that only Citus needs: each call would take longer.
    expect_sql "SELECT DISTINCT proconfig[2:] FROM pg_proc WHERE pronamespace = 'api'::regnamespace" \
        '{client_min_messages=error}'
}

@test "tables, sequences and hidden functions are refused, and views cannot be written" {
    local table
    for table in users.users orders.{orders,order_items,order_status_history,carts,cart_items} \
        products.{products,aisles,departments,product_enriched}; do
        refused 42501 "permission denied for schema ${table%.*}" "SELECT * FROM $table"
    done
    refused 42501 'permission denied for schema users' "SELECT nextval('users.users_id_seq')"
    refused 42501 'permission denied for schema api_private' \
        "SELECT api_private.find_user(gen_random_uuid())"
    # Three views are such that PostgreSQL could write through them.
    refused 42501 'permission denied for view users' "DELETE FROM api.users"
    refused 42501 'permission denied for view users' "UPDATE api.users SET city = 'x'"
    refused 42501 'permission denied for view users' "INSERT INTO api.users (city) VALUES ('x')"
    refused 42501 'permission denied for view users' "SELECT * FROM api.users FOR UPDATE"
    # The last number that a function drew.
    printf "SELECT FROM api.create_user('drawn@example.net');\n" >>refusals.sql
    refused 42501 'permission denied for sequence users_id_seq' "SELECT lastval()"
    expect_refusals
    for view in orders order_items order_status_history carts cart_items products departments aisles; do
        run ! api "DELETE FROM api.$view"
    done
}

#!/usr/bin/env bats
#
# A database that TimeL-E's own service made: other names, no defaults, no marks for placeholders.

load harness
load small_shop
load derived_shop

setup_file() {
    start_file
    setup_service
}

# Files that continue what the service has: users, orders and products from 11, 21 and 31 on.
write_service_shop() {
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address,city,last_login
11,Eve,Evans,hash,eve@example.org,Rome,2024-02-01 10:00Z
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,created_at
21,11,1,0,8,2024-02-02 10:00Z
22,1,2,0,8,2024-02-03 10:00Z
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
21,1,1,0,3,
21,31,2,0,1,
22,2,1,0,1,2.50
END
    write_csv history.csv <<'END'
order_id,status,changed_at
21,shipped,2024-02-04 10:00Z
21,pending,2024-02-02 10:00Z
2,cancelled,2024-02-04 10:00Z
END
    write_csv departments.csv <<'END'
department_id,department,description,image_url
31,bakery,Fresh,
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
31,bread
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
31,Loaf,31,31
END
    write_csv enriched.csv <<'END'
product_id,description,price
31,Crisp,3.05
2,Whole,1.00
END
}

SERVICE_FILES=({users,orders,items,history,departments,aisles,products,enriched}.csv)

# The rows that the service had, but for what is to change.
service_rows() {
    sql 'SELECT id, external_user_id, first_name, email_address, pending_order_notification,
                order_notifications_via_email, days_between_order_notifications FROM users.users
          WHERE id < 11 ORDER BY id'
    sql 'SELECT id, external_order_id, user_id, created_at, delivery_name FROM orders.orders
          WHERE id < 11 ORDER BY id'
    sql 'SELECT order_id, product_id, quantity, price FROM orders.order_items WHERE order_id < 11
          ORDER BY 1, 2'
    sql 'SELECT id, external_cart_id, user_id, total_items FROM orders.carts ORDER BY id'
    sql 'SELECT cart_id, product_id, quantity FROM orders.cart_items ORDER BY 1, 2'
}

expect_service_shop() {
    expect_sql 'SELECT id, total_items, total_price, status, delivery_name, city FROM orders.orders
                 ORDER BY id' '1|2|1.5|delivered||
2|1|0.5|cancelled||
21|2|3.8|shipped|Eve Evans|Rome
22|1|2.5|pending|Ada Adams|'
    expect_sql 'SELECT order_id, product_id, price FROM orders.order_items WHERE order_id > 20
                 ORDER BY 1, 2' $'21|1|0.25\n21|31|3.05\n22|2|2.5'
    expect_history 21 $'|pending|2024-02-02 10:00:00\npending|shipped|2024-02-04 10:00:00'
    expect_sql "SELECT days_between_order_notifications, pending_order_notification,
                       order_notifications_via_email,
                       order_notifications_next_scheduled_time = '2024-02-08 10:00Z'
                  FROM users.users WHERE id = 11" '7|t|f|t'
    expect_sql 'SELECT product_id, price FROM products.product_enriched ORDER BY 1' \
        $'1|0.25\n2|1.00\n31|3.05'
}

@test "loads without --create-schema: everything there is" {
    local before rows
    before=$(definitions)
    rows=$(service_rows)
    write_service_shop
    load_quietly "${SERVICE_FILES[@]}"
    expect_service_shop
    expect_equal "$before" "$(definitions)"
    expect_equal "$rows" "$(service_rows)"
}

@test "loads in several runs" {
    write_service_shop
    load_quietly users.csv departments.csv aisles.csv
    load_quietly products.csv orders.csv
    load_quietly items.csv
    load_quietly history.csv
    load_quietly enriched.csv
    expect_service_shop
}

@test "loads an empty database of the service, where the indexes are built anew" {
    local before
    sql 'TRUNCATE users.users, orders.orders, orders.order_items, orders.order_status_history,
                  orders.carts, orders.cart_items, products.departments, products.aisles,
                  products.products, products.product_enriched'
    before=$(definitions)
    write_derived_shop
    sed -i 's/^3,,,/3,Cy,Cole,/; s/^2,Bob,,/2,Bob,Baker,/' users.csv
    load_quietly "${ALL_FILES[@]}"
    expect_equal "$before" "$(definitions)"
    expect_order 1 '1|24.58|delivered'
    expect_order 14 '2|200000024.56|returned'
    expect_sql 'SELECT count(*) FROM orders.order_status_history' 19
}

@test "a given price of 0 is one, at least when it comes together with the enriched one" {
    write_service_shop
    sed -i 's/2,1,0,1,2.50/2,1,0,1,0/' items.csv
    load_quietly users.csv orders.csv departments.csv aisles.csv products.csv
    load_quietly items.csv enriched.csv
    expect_sql 'SELECT order_id, price FROM orders.order_items WHERE product_id = 2 ORDER BY 1' \
        $'1|1\n22|0'
    expect_order 22 '1|0|pending'
}

@test "items without a price get the enriched one that comes later" {
    write_service_shop
    load_quietly users.csv orders.csv departments.csv aisles.csv products.csv items.csv
    expect_order 21 '2|0.75|pending'
    load_quietly enriched.csv
    expect_order 21 '2|3.8|pending'
    expect_order 22 '1|2.5|pending'
}

# Where a column is missing ------------------------------------------------------------------------

@test "--infer=users says which column is missing and what adds it" {
    local before
    write_service_shop
    before=$(snapshot)
    run_load --infer=users orders.csv
    expect_status 3
    expect_stderr_contains 'users.users has no column inferred'
    expect_stderr_contains '--create-schema adds it'
    expect_unchanged "$before"
}

@test "--infer=users with --create-schema: the names and passwords must be NULL for nobody to log in" {
    local before
    write_service_shop
    before=$(snapshot)
    run_load --create-schema --infer=users orders.csv
    expect_status 3
    expect_stderr_contains 'users.users.first_name is NOT NULL'
    expect_unchanged "$before"
    sql 'ALTER TABLE users.users ALTER first_name DROP NOT NULL, ALTER last_name DROP NOT NULL,
         ALTER hashed_password DROP NOT NULL, ALTER email_address DROP NOT NULL'
    load_quietly --create-schema --infer=users orders.csv
    expect_sql 'SELECT id, first_name, inferred FROM users.users ORDER BY id' \
        $'1|Ada|f\n2|Bob|f\n11||t'
}

@test "--infer=products says which column is missing and what adds it" {
    local before
    write_service_shop
    before=$(snapshot)
    run_load --infer=products users.csv orders.csv items.csv
    expect_status 3
    expect_stderr_contains 'products.products has no column inferred'
    expect_stderr_contains '--create-schema adds it'
    expect_unchanged "$before"
}

@test "users without the names that the service wants are told of by row" {
    local before
    before=$(snapshot)
    printf 'user_id,email_address,first_name,last_name,hashed_password\n11,e@example.org,Eve,,x\n' \
        >users.csv
    run_load users.csv
    [[ $status == [23] ]] || unexpected 'expected exit status 2 or 3'
    expect_stderr_contains last_name
    expect_unchanged "$before"
}

# --create-schema ----------------------------------------------------------------------------------

@test "--create-schema adds what is missing, touches nothing else, and loads" {
    local rows
    write_service_shop
    rows=$(service_rows)
    load_quietly --create-schema "${SERVICE_FILES[@]}"
    expect_service_shop
    expect_equal "$rows" "$(service_rows)"
    expect_sql "SELECT relation.name, attname
                  FROM (VALUES ('products.departments'), ('products.aisles'), ('products.products'),
                               ('users.users'), ('orders.order_items')) relation (name)
                  JOIN pg_attribute ON attrelid = relation.name::regclass
                   AND attname IN ('inferred', 'price_given') ORDER BY 1" \
        $'orders.order_items|price_given\nproducts.aisles|inferred\nproducts.departments|inferred
products.products|inferred\nusers.users|inferred'
    # The names of the service stay.
    expect_sql "SELECT count(*) FROM pg_constraint WHERE conname IN ('fk_order_user', 'fk_item_order',
                       'ck_order_total_items_nonnegative', 'fk_history_order')" 4
    expect_sql "SELECT to_regclass('users.ix_users_users_email_address') IS NOT NULL" t
}

@test "what items cost before the upgrade they cost after it, prices or none" {
    local rows
    write_service_shop
    sed -i s/1.00/1.10/ enriched.csv
    load_quietly --create-schema
    rows=$(service_rows)
    load_quietly departments.csv aisles.csv products.csv enriched.csv
    expect_equal "$rows" "$(service_rows)"
    expect_sql 'SELECT id, total_price FROM orders.orders ORDER BY id' $'1|1.5\n2|0.5'
}

@test "--create-schema gives the rows of an older database external ids" {
    sql 'ALTER TABLE users.users DROP external_user_id; ALTER TABLE orders.orders
         DROP external_order_id; ALTER TABLE orders.carts DROP external_cart_id'
    local before rows="SELECT id, first_name, email_address FROM users.users ORDER BY id"
    before=$(sql "$rows")
    write_service_shop
    run_load users.csv orders.csv
    expect_status 3
    expect_stderr_contains 'users.users has no column external_user_id'
    expect_stderr_contains '--create-schema'
    load_quietly --create-schema
    expect_sql "SELECT count(DISTINCT id), bool_and(id::text ~ '$V4') FROM (
                  SELECT external_user_id FROM users.users
                  UNION ALL SELECT external_order_id FROM orders.orders
                  UNION ALL SELECT external_cart_id FROM orders.carts) t (id)" '5|t'
    expect_equal "$before" "$(sql "$rows")"
    load_quietly "${SERVICE_FILES[@]}"
    expect_service_shop
}

@test "--create-schema is part of the run: a bad row takes it back" {
    local before
    write_service_shop
    echo '21,lost,2024-02-04 10:00Z' >>history.csv
    before=$(snapshot)
    expect_refused 2 "$before" 'history.csv:5: status: not an order status ("lost")' \
        --create-schema "${SERVICE_FILES[@]}"
}

@test "a database without product_enriched or history is enough for those who load neither" {
    sql 'DROP TABLE products.product_enriched, orders.order_status_history'
    write_service_shop
    load_quietly users.csv orders.csv departments.csv aisles.csv products.csv items.csv
    expect_sql 'SELECT id, total_items, total_price FROM orders.orders WHERE id > 20 ORDER BY id' \
        $'21|2|0\n22|1|2.5'
    run_load history.csv
    expect_status 3
    expect_stderr_contains orders.order_status_history
    expect_stderr_contains '--create-schema'
}

@test "foreign keys that are checked at the commit do not get in the way of the trigger" {
    local before
    write_service_shop
    sql 'ALTER TABLE orders.orders ALTER CONSTRAINT fk_order_user DEFERRABLE INITIALLY DEFERRED;
         ALTER TABLE orders.order_items ALTER CONSTRAINT fk_item_order DEFERRABLE INITIALLY DEFERRED'
    before=$(definitions)
    load_quietly "${SERVICE_FILES[@]}"
    expect_service_shop
    expect_equal "$before" "$(definitions)"
}

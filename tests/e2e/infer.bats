#!/usr/bin/env bats
#
# Inferred members: placeholder products for ids that nobody names, and the real ones after them.

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

PRODUCTS='SELECT * FROM products.products ORDER BY 1'
AISLES='SELECT * FROM products.aisles ORDER BY 1'
DEPARTMENTS='SELECT department_id, department, inferred FROM products.departments ORDER BY 1'

items() {
    sql 'SELECT xmin, t FROM orders.order_items t ORDER BY order_id, product_id'
}

external_ids() {
    sql 'SELECT id, external_user_id FROM users.users ORDER BY id'
    sql 'SELECT id, external_order_id FROM orders.orders ORDER BY id'
}

# One more item, of a product that no file and no row names.
write_item_of_unknown_product() {
    printf 'order_id,product_id,add_to_cart_order\n13,777,9\n' >more_items.csv
}

# When products are inferred -----------------------------------------------------------------------

@test "without any catalogue, a second run infers what it needs beside what is there" {
    load_history
    write_item_of_unknown_product
    load_quietly more_items.csv
    expect_sql "$PRODUCTS" \
        '101|Product 101|100|21|t
102|Product 102|100|21|t
103|Product 103|100|21|t
777|Product 777|100|21|t'
    expect_sql "$AISLES" '100|missing|t'
    expect_sql "$DEPARTMENTS" '21|missing|t'
}

@test "with a catalogue in the files, an unknown product is an error" {
    start_empty_test
    write_history
    write_catalogue
    sed -i /^103/d products.csv
    run_load --create-schema {users,orders,items,products,aisles,departments}.csv
    expect_status 2
    expect_stderr_line \
        'items.csv:3: product_id: no such product in the files or the database ("103")'
    expect_sql "SELECT to_regclass('products.products') IS NULL" t
}

@test "with a catalogue in the database, an unknown product is an error" {
    local before
    load_shop
    before=$(snapshot)
    write_item_of_unknown_product
    run_load more_items.csv
    expect_status 2
    expect_stderr_line \
        'more_items.csv:2: product_id: no such product in the files or the database ("777")'
    expect_unchanged "$before"
}

@test "one real product among inferred ones is a catalogue" {
    load_history
    write_catalogue
    sed -i '3,$d' products.csv
    load_quietly products.csv aisles.csv departments.csv
    write_item_of_unknown_product
    run_load more_items.csv
    expect_status 2
    expect_stderr_contains 'no such product'
}

@test "a product of the application is a catalogue" {
    setup_schema
    sql "INSERT INTO products.aisles (aisle_id, aisle) VALUES (1, 'a')"
    sql "INSERT INTO products.departments (department_id, department) VALUES (1, 'd')"
    sql "INSERT INTO products.products VALUES (5, 'Real', 1, 1)"
    write_history
    run_load users.csv orders.csv items.csv
    expect_status 2
    expect_stderr_contains 'items.csv:2: product_id: no such product'
}

@test "--infer=products infers beside a catalogue in the files" {
    write_history
    write_catalogue
    sed -i /^103/d products.csv
    run_load --create-schema --infer=products {users,orders,items,products,aisles,departments}.csv
    expect_status 0
    expect_sql "$PRODUCTS" \
        $'101|Banana|24|4|f\n102|Apples, red|24|4|f\n103|Product 103|100|21|t'
    expect_sql "$AISLES" $'24|fresh fruits|f\n100|missing|f'
    expect_sql "$DEPARTMENTS" $'4|produce|f\n21|missing|f'
}

@test "--infer=products infers beside a catalogue in the database" {
    load_shop
    write_item_of_unknown_product
    load_quietly --infer=products more_items.csv
    expect_sql 'SELECT product_id, product_name, inferred FROM products.products ORDER BY 1' \
        $'101|Banana|f\n102|Apples, red|f\n103|Mystery box|f\n777|Product 777|t'
    expect_sql "$AISLES" $'24|fresh fruits|f\n100|missing|f'
}

@test "--infer=products makes aisle and department when the catalogue lacks them" {
    write_history
    write_catalogue
    sed -i /^103/d products.csv
    sed -i /missing/d aisles.csv departments.csv
    load_quietly --create-schema --infer=products \
        {users,orders,items,products,aisles,departments}.csv
    expect_sql "$AISLES" $'24|fresh fruits|f\n100|missing|t'
    expect_sql "$DEPARTMENTS" $'4|produce|f\n21|missing|t'
}

@test "--infer=none infers nothing" {
    start_empty_test
    write_history
    run_load --create-schema --infer=none users.csv orders.csv items.csv
    expect_status 2
    expect_stderr_line \
        'items.csv:2: product_id: no such product in the files or the database ("101" in 2 rows)'
    expect_stderr_contains '5 bad rows in 1 file; nothing was loaded'
    expect_sql "SELECT to_regclass('products.products') IS NULL" t
}

@test "--infer=none is fine where nothing is missing" {
    load_shop --infer=none
    expect_sql 'SELECT count(*) FROM products.products WHERE NOT inferred' 3
}

@test "nothing is inferred that nobody asks for" {
    write_history
    load_quietly --create-schema users.csv orders.csv
    expect_sql 'SELECT (SELECT count(*) FROM products.products),
                       (SELECT count(*) FROM products.aisles),
                       (SELECT count(*) FROM products.departments)' '0|0|0'
}

@test "only products are inferred: an unknown user or order is an error" {
    write_history
    run_load --create-schema orders.csv
    expect_status 2
    expect_stderr_contains 'orders.csv:2: user_id: no such user'
    run_load --create-schema users.csv items.csv
    expect_status 2
    expect_stderr_contains 'items.csv:2: order_id: no such order'
}

# The real catalogue after the inferred one --------------------------------------------------------

@test "the real catalogue takes the place of the inferred one; nothing else changes" {
    local before_items before_ids
    load_history
    before_items=$(items)
    before_ids=$(external_ids)
    write_catalogue
    run_load products.csv aisles.csv departments.csv
    expect_status 0
    expect_silence
    expect_stdout_contains '7 rows loaded'
    expect_sql "$PRODUCTS" \
        $'101|Banana|24|4|f\n102|Apples, red|24|4|f\n103|Mystery box|100|21|f'
    expect_sql "$AISLES" $'24|fresh fruits|f\n100|missing|f'
    expect_sql "$DEPARTMENTS" $'4|produce|f\n21|missing|f'
    expect_equal "$before_items" "$(items)"
    expect_equal "$before_ids" "$(external_ids)"
}

@test "real products replace inferred ones as they come, one by one" {
    load_history
    write_catalogue
    load_quietly aisles.csv departments.csv
    expect_sql 'SELECT count(*) FROM products.products WHERE inferred' 3
    printf 'product_id,product_name,aisle_id,department_id\n102,Apples,24,4\n' >one.csv
    load_quietly one.csv
    expect_sql "$PRODUCTS" \
        $'101|Product 101|100|21|t\n102|Apples|24|4|f\n103|Product 103|100|21|t'
    printf 'product_id,product_name,aisle_id,department_id\n103,Box,100,21\n9,New,24,4\n' >two.csv
    load_quietly two.csv
    expect_sql "$PRODUCTS" \
        $'9|New|24|4|f\n101|Product 101|100|21|t\n102|Apples|24|4|f\n103|Box|100|21|f'
}

@test "a real product is an error the second time" {
    local before
    load_history
    write_catalogue
    load_quietly products.csv aisles.csv departments.csv
    before=$(snapshot)
    run_load products.csv
    expect_status 2
    expect_stderr_line 'products.csv:2: product_id: is in the database already ("101")'
    expect_unchanged "$before"
}

@test "items and the catalogue they were missing may come in one run" {
    load_history
    write_catalogue
    echo '777,New,24,4' >>products.csv
    write_item_of_unknown_product
    load_quietly more_items.csv products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_id, inferred FROM products.products ORDER BY 1' \
        $'101|f\n102|f\n103|f\n777|f'
    expect_sql 'SELECT add_to_cart_order FROM orders.order_items WHERE product_id = 777' 9
}

@test "placeholders that the application came to use give way as well" {
    load_history
    add_application_rows
    before=$(application_rows)
    write_catalogue
    load_quietly products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_name FROM products.products
                  JOIN orders.cart_items USING (product_id)' 'Mystery box'
    expect_equal "$before" "$(application_rows)"
}

@test "enriched data of an inferred product stays with the real one" {
    load_history
    sql "INSERT INTO products.product_enriched VALUES (101, 'yellow and sweet', 0.25)"
    write_catalogue
    load_quietly products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_name, description, price FROM products.products
                  JOIN products.product_enriched USING (product_id)' 'Banana|yellow and sweet|0.25'
}

@test "a catalogue that calls other ids missing replaces the inferred ones" {
    load_history
    write_catalogue
    printf 'aisle_id,aisle\n24,fresh fruits\n100,bread\n7,missing\n' >aisles.csv
    printf 'department_id,department\n4,produce\n21,bakery\n1,missing\n' >departments.csv
    load_quietly products.csv aisles.csv departments.csv
    expect_sql "$AISLES" $'7|missing|f\n24|fresh fruits|f\n100|bread|f'
    expect_sql "$DEPARTMENTS" $'1|missing|f\n4|produce|f\n21|bakery|f'
}

@test "--duplicates decides between real rows that would replace the same placeholder" {
    load_history
    write_catalogue
    echo '101,Plantain,100,21' >>products.csv
    load_quietly --duplicates=last products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_name FROM products.products WHERE product_id = 101' Plantain
}

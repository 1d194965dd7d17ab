#!/usr/bin/env bats
#
# The main job: files that are right, into a database that has rows, or that TimeL-E's service made.

load harness
load small_shop
load loaded_rows

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

# Into a filled database ---------------------------------------------------------------------------

write_more_history() {
    write_csv users.csv <<'END'
user_id,email_address
3,eve@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
14,3,1,5,12
15,1,3,5,12
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
13,103,2
14,101,1
15,103,1
END
}

@test "a second run adds to the first: rows of the database are parents too" {
    local before
    load_shop
    before=$(external_ids)
    write_more_history
    run_load users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    expect_sql 'SELECT id, user_id FROM orders.orders ORDER BY id' \
        $'11|1\n12|1\n13|2\n14|3\n15|1'
    expect_sql 'SELECT order_id, product_id FROM orders.order_items ORDER BY 1, 2' \
        $'11|101\n11|103\n12|101\n12|102\n13|102\n13|103\n14|101\n15|103'
    expect_equal "$before" "$(external_ids | grep -Ev '^(3|14|15)\|')"
    expect_foreign_keys_proven
}

@test "each kind of file may come in a run of its own" {
    write_history
    write_catalogue
    load_quietly --create-schema departments.csv
    for name in aisles products users orders items; do
        load_quietly "$name.csv"
    done
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_sql 'SELECT count(*) FROM products.products WHERE inferred' 0
}

@test "the rows of the application stay as they are" {
    local before
    load_shop
    add_application_rows
    before=$(application_rows)
    write_more_history
    run_load users.csv orders.csv items.csv
    expect_status 0
    expect_equal "$before" "$(application_rows)"
    expect_sql 'SELECT count(*) FROM orders.orders' 7
}

@test "a historical order may be that of a user who registered" {
    load_shop
    add_application_rows
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
16,400000,2,1,1
END
    load_quietly orders.csv
    expect_sql 'SELECT id, user_id FROM orders.orders WHERE user_id >= 400000 ORDER BY id' \
        $'16|400000\n3422000|400000'
}

@test "ids just below the floor are history" {
    write_history
    write_csv users.csv <<'END'
user_id,email_address
399999,last@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
3421999,399999,1,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
3421999,2147483646,0
END
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql 'SELECT order_id, product_id FROM orders.order_items' '3421999|2147483646'
    expect_sequences 400000 3422000 1 2147483647 101 22
}

# The house it leaves ------------------------------------------------------------------------------

@test "indexes, constraints and triggers are the same after a load" {
    local before
    write_history
    write_catalogue
    setup_schema
    before=$(definitions)
    load_quietly users.csv orders.csv items.csv
    expect_equal "$before" "$(definitions)"
    load_quietly products.csv aisles.csv departments.csv
    expect_equal "$before" "$(definitions)"
    write_more_history
    load_quietly users.csv orders.csv items.csv
    expect_equal "$before" "$(definitions)"
    expect_foreign_keys_proven
}

@test "the six sample files leave no definition changed either" {
    local before
    setup_schema
    before=$(definitions)
    run_load -q "${SAMPLE_FILES[@]}"
    expect_status 0
    expect_equal "$before" "$(definitions)"
    expect_foreign_keys_proven
}

# A database of TimeL-E's service ------------------------------------------------------------------

write_service_files() {
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address
11,Eve,Evans,hash,eve@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
21,11,1,0,8
22,1,2,0,8
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
21,2,1,0
22,1,1,0
END
}

@test "a database that TimeL-E's service made is loaded as it is" {
    start_empty_test
    local before
    psql -Xq -v ON_ERROR_STOP=1 --file "$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql"
    before=$(definitions)
    write_service_files
    load_quietly users.csv orders.csv items.csv
    expect_sql 'SELECT order_id, product_id FROM orders.order_items WHERE order_id > 20 ORDER BY 1' \
        $'21|2\n22|1'
    expect_sql "SELECT external_user_id::text ~ '$V4' FROM users.users WHERE id = 11" t
    expect_equal "$before" "$(definitions)"
}

@test "--create-schema brings the database of the service up to date and loads it" {
    start_empty_test
    psql -Xq -v ON_ERROR_STOP=1 --file "$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql"
    write_service_files
    sed -i 's/^22,1,/22,77,/' items.csv
    load_quietly --create-schema --infer=products users.csv orders.csv items.csv
    expect_sql 'SELECT product_id, product_name, inferred FROM products.products ORDER BY 1' \
        $'1|Banana|f\n2|Whole Milk|f\n77|Product 77|t'
}

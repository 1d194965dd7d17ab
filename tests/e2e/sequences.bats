#!/usr/bin/env bats
#
# Sequences: the next id is free and the application's, and never goes back.

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

# What nextval really gives, in the order of expect_sequences.
next_ids() {
    sql "SELECT nextval('users.users_id_seq'), nextval('orders.orders_id_seq'),
                nextval('orders.carts_id_seq'), nextval('products.products_product_id_seq'),
                nextval('products.aisles_aisle_id_seq'),
                nextval('products.departments_department_id_seq')"
}

write_one_more() {
    printf 'user_id,email_address\n7,seven@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n17,7,1,0,0\n' >orders.csv
    printf 'product_id,product_name,aisle_id,department_id\n104,More,24,4\n' >products.csv
}

@test "after a load into an empty database the next ids are the floors and the catalogue's end" {
    load_shop
    expect_equal '400000|3422000|1|104|101|22' "$(next_ids)"
}

@test "inferred products count like others" {
    load_history
    expect_equal '400000|3422000|1|104|101|22' "$(next_ids)"
}

@test "the rows that the application adds next collide with nothing" {
    load_shop
    expect_sql "INSERT INTO users.users (email_address) VALUES ('n@example.org') RETURNING id" 400000
    expect_sql 'INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day)
                VALUES (400000, 1, 0, 0) RETURNING id' 3422000
    expect_sql 'INSERT INTO orders.carts (user_id) VALUES (1) RETURNING id' 1
    expect_sql "INSERT INTO products.products (product_name, aisle_id, department_id)
                VALUES ('New', 24, 4) RETURNING product_id" 104
}

@test "a load that brings no users or orders leaves them at their floors" {
    write_catalogue
    load_quietly --create-schema departments.csv
    expect_sequences 400000 3422000 1 1 1 22
    load_quietly aisles.csv products.csv
    expect_sequences 400000 3422000 1 104 101 22
}

@test "rows of the application: the next id is beyond them" {
    load_shop
    sql "INSERT INTO users.users (id, email_address) VALUES (400010, 'n@example.org')"
    sql 'INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (3422020, 1, 3, 0, 0)'
    sql 'INSERT INTO orders.carts (id, user_id) VALUES (30, 1)'
    sql "INSERT INTO products.products VALUES (500, 'Far', 24, 4)"
    write_one_more
    load_quietly users.csv orders.csv products.csv
    expect_sequences 400011 3422021 31 501 101 22
}

@test "ids that were drawn and not used are not given again" {
    load_shop
    for _ in 1 2 3; do
        next_ids
    done
    write_one_more
    load_quietly users.csv orders.csv products.csv
    expect_sequences 400003 3422003 4 107 104 25
    expect_equal '400003|3422003|4|107|104|25' "$(next_ids)"
}

@test "an id drawn and given back by a rollback is not given again" {
    load_shop
    sql "BEGIN; INSERT INTO users.users (email_address) VALUES ('n@example.org'); ROLLBACK"
    write_one_more
    load_quietly users.csv
    expect_sequences 400001 3422000 1 104 101 22
}

@test "rows that the application deleted leave their ids used" {
    load_shop
    add_application_rows
    sql "SELECT setval('users.users_id_seq', 400000), setval('orders.orders_id_seq', 3422001)"
    sql 'DELETE FROM orders.order_items WHERE order_id >= 3422000'
    sql 'DELETE FROM orders.orders WHERE id >= 3422000'
    sql 'DELETE FROM users.users WHERE id >= 400000'
    write_one_more
    load_quietly users.csv orders.csv
    expect_sequences 400001 3422002 2 104 101 22
}

@test "a load without news moves no sequence" {
    local before
    load_shop
    before=$(snapshot)
    echo user_id,email_address >users.csv
    load_quietly users.csv
    expect_unchanged "$before"
}

@test "a load that fails moves no sequence" {
    local before
    load_shop
    sql "INSERT INTO users.users (id, email_address) VALUES (400010, 'n@example.org')"
    before=$(snapshot)
    printf 'user_id,email_address\n8,eight@example.org\n9,ada@example.org\n' >users.csv
    run_load users.csv
    expect_status 2
    expect_unchanged "$before"
}

@test "a sequence is found by the column that draws from it, whatever its name" {
    load_shop
    sql 'ALTER SEQUENCE users.users_id_seq OWNED BY NONE'
    sql 'ALTER SEQUENCE users.users_id_seq RENAME TO "Kunden Nummern"'
    sql 'ALTER SEQUENCE users."Kunden Nummern" SET SCHEMA public'
    sql "INSERT INTO users.users (id, email_address) VALUES (400010, 'n@example.org')"
    write_one_more
    run_load users.csv
    expect_status 0
    expect_stdout_contains 'public.Kunden Nummern'
    expect_sql "SELECT nextval('public.\"Kunden Nummern\"')" 400011
}

@test "an identity column's sequence is set too" {
    setup_schema
    sql 'ALTER TABLE orders.carts ALTER id DROP DEFAULT'
    sql 'DROP SEQUENCE orders.carts_id_seq'
    sql 'ALTER TABLE orders.carts ALTER id ADD GENERATED BY DEFAULT AS IDENTITY'
    load_history
    sql 'INSERT INTO orders.carts (id, user_id) VALUES (30, 1)'
    write_one_more
    load_quietly users.csv
    expect_sql 'INSERT INTO orders.carts (user_id) VALUES (1) RETURNING id' 31
}

# TimeL-E's service makes sequences that start at 1.
@test "a sequence without a floor of its own is set to TimeL-E's floor" {
    start_empty_test
    psql -Xq -v ON_ERROR_STOP=1 --file "$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql"
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address
11,Eve,Evans,hash,eve@example.org
END
    load_quietly users.csv
    expect_sequences 400000 3422000 2 3 3 3
}

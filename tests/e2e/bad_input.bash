# Sourced after harness by tests of rows that cannot be loaded: the database that must stay as it
# is, and what is said.
#
# shellcheck shell=bash

# A database with a catalogue, some history and an application's row: what a refused run must leave.
setup_file() {
    start_file
    setup_schema
    sql <<'SQL'
INSERT INTO products.departments (department_id, department) VALUES (1, 'produce');
INSERT INTO products.aisles (aisle_id, aisle) VALUES (1, 'fresh fruits');
INSERT INTO products.products (product_id, product_name, aisle_id, department_id)
VALUES (1, 'Banana', 1, 1), (2, 'Apple', 1, 1);
INSERT INTO users.users (id, email_address, external_user_id) VALUES
  (1, 'ada@example.org', 'c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f'), (400000, 'app@example.org', DEFAULT);
INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
VALUES (1, 1, 1, 0, 8), (3422000, 400000, 1, 0, 8);
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (1, 1, 1);
SQL
    snapshot >"$BATS_FILE_TMPDIR/before"
}

setup() {
    start_test
    before=$(<"$BATS_FILE_TMPDIR/before")
}

# expect_refused STANDARD-ERROR: this was said, to the letter, and nothing was done.
expect_refused() {
    expect_status 2
    expect_stdout ''
    [[ $stderr == "$1" ]] || unexpected 'expected on standard error:' "$1"
    expect_unchanged "$before"
}

# repeat TEXT COUNT
repeat() {
    # In UTF-8, what bash itself takes for this grows with the square of the count.
    printf "%$2s" '' | sed "s/ /$1/g"
}

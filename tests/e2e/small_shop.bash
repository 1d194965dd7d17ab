# Sourced after harness by tests that load a shop small enough to be known by heart: two users,
# three orders, five items, three products.
#
# shellcheck shell=bash

# A pattern for grep and for SQL: a random UUID, version 4 and variant bits included.
# shellcheck disable=SC2034 # used by the tests
V4='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

write_history() {
    write_csv users.csv <<'END'
user_id,first_name,last_name,password,hashed_password,email_address,city
2,Bob,Baker,fake-secret-2,hash-2,bob@example.org,Oslo
1,Ada,Adams,fake-secret-1,hash-1,ada@example.org,
END
    write_csv orders.csv <<'END'
order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order
12,1,prior,1,2,08,
11,1,train,2,3,07,15.0
13,2,prior,1,6,23,
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
11,101,1,1
11,103,2,0
12,101,1,0
12,102,2,0
13,102,1,0
END
}

write_catalogue() {
    write_csv departments.csv <<'END'
department_id,department
4,produce
21,missing
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
24,fresh fruits
100,missing
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
101,Banana,24,4
102,"Apples, red",24,4
103,Mystery box,100,21
END
}

# load_quietly ARGUMENT...: a run that must succeed and is not what the test is about.
load_quietly() {
    run_load --quiet "$@"
    expect_status 0 && expect_silence && expect_stdout ''
}

# load_history, load_shop [OPTION...]: the files above into the test's database.
load_history() {
    write_history
    load_quietly --create-schema "$@" users.csv orders.csv items.csv
}

load_shop() {
    write_history
    write_catalogue
    load_quietly --create-schema "$@" {users,orders,items,products,aisles,departments}.csv
}

# What the application would add: a user, an order of theirs, an order of a historical user, a cart.
add_application_rows() {
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'new@example.org')"
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (3422000, 400000, 1, 0, 0), (3422001, 1, 3, 0, 0)"
    sql 'INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
         VALUES (3422000, 101, 1), (3422001, 102, 1)'
    sql 'INSERT INTO orders.carts (user_id) VALUES (1)'
    sql 'INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) VALUES (1, 103, 1)'
}

# Those rows and which transaction wrote each: equal text means that nobody has touched one.
application_rows() {
    sql 'SELECT xmin, t FROM users.users t WHERE id >= 400000 ORDER BY id'
    sql 'SELECT xmin, t FROM orders.orders t WHERE id >= 3422000 ORDER BY id'
    sql 'SELECT xmin, t FROM orders.order_items t WHERE order_id >= 3422000 ORDER BY order_id'
    sql 'SELECT xmin, t FROM orders.carts t'
    sql 'SELECT xmin, t FROM orders.cart_items t'
}

# expect_equal EXPECTED GOT
expect_equal() {
    [[ $1 == "$2" ]] || {
        diff <(printf '%s\n' "$1") <(printf '%s\n' "$2") >&2
        return 1
    }
}

# expect_sequences NEXT...: what nextval would give for users, orders, carts, products, aisles and
# departments, without asking it.
expect_sequences() {
    local sequences=(users.users_id_seq orders.orders_id_seq orders.carts_id_seq
        products.products_product_id_seq products.aisles_aisle_id_seq
        products.departments_department_id_seq)
    local next sequence
    next=$(for sequence in "${sequences[@]}"; do
        sql "SELECT last_value + is_called::integer FROM $sequence"
    done)
    expect_equal "$(printf '%s\n' "$@")" "$next"
}

# expect_nobody_knows_passwords: no plain-text password in the database or in what the run said.
expect_nobody_knows_passwords() {
    expect_nowhere fake-
    # The ledger's rows, too.
    run sql <<<"${CONTENTS//|timele_load/}"
    ((status == 0)) && [[ $output == *'users.users|('* && $output == *'timele_load.runs|('* ]]
    [[ $output != *fake-* && $(definitions) != *fake-* ]]
}

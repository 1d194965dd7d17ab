#!/usr/bin/env bats
#
# --duplicates: the same key, or another value that must be unique, twice in the input.
#
# lookup: both ways

load harness
load small_shop

setup_file() {
    start_file
    setup_schema
}

# expect_refused LINE...: exit status 2, each LINE on standard error, and nothing in the database.
expect_refused() {
    local line
    expect_status 2
    expect_stdout ''
    for line; do
        expect_stderr_line "$line"
    done
    expect_sql 'SELECT (SELECT count(*) FROM users.users), (SELECT count(*) FROM orders.orders),
                       (SELECT count(*) FROM orders.order_items),
                       (SELECT count(*) FROM products.products),
                       (SELECT count(*) FROM products.aisles),
                       (SELECT count(*) FROM products.departments)' '0|0|0|0|0|0'
}

# expect_kept WHAT QUERY ROWS [ARGUMENT...]: --duplicates=WHAT loads the files so that QUERY gives
# ROWS. The database is empty afterwards.
expect_kept() {
    load_quietly --reset --create-schema --duplicates="$1" "${@:4}"
    expect_sql "$2" "$3"
}

# The key of every table ---------------------------------------------------------------------------

@test "users: the same id twice" {
    write_csv users.csv <<'END'
user_id,email_address
1,first@example.org
2,bob@example.org
1,middle@example.org
1,last@example.org
END
    run_load users.csv
    expect_refused 'users.csv:4: user_id: stands twice, first on line 2 ("1")' \
        'users.csv:5: user_id: stands twice, first on line 2 ("1")'
    query='SELECT id, email_address FROM users.users ORDER BY id'
    expect_kept first "$query" $'1|first@example.org\n2|bob@example.org' users.csv
    expect_kept last "$query" $'1|last@example.org\n2|bob@example.org' users.csv
}

@test "orders: the same id twice" {
    write_history
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
11,1,1,0,0
12,1,2,0,0
13,2,1,0,0
11,2,9,0,0
END
    run_load users.csv orders.csv items.csv
    expect_refused 'orders.csv:5: order_id: stands twice, first on line 2 ("11")'
    query='SELECT user_id, order_number FROM orders.orders WHERE id = 11'
    expect_kept first "$query" '1|1' users.csv orders.csv items.csv
    expect_kept last "$query" '2|9' users.csv orders.csv items.csv
}

@test "order items: the same product twice in an order" {
    write_history
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
11,101,1
11,102,2
11,101,3
12,101,4
11,101,5
END
    run_load users.csv orders.csv items.csv
    expect_refused 'items.csv:4: product_id: stands twice, first on line 2 ("101")' \
        'items.csv:6: product_id: stands twice, first on line 2 ("101")'
    query='SELECT * FROM (SELECT order_id, product_id, add_to_cart_order FROM orders.order_items) t
            ORDER BY 1, 2'
    expect_kept first "$query" $'11|101|1\n11|102|2\n12|101|4' users.csv orders.csv items.csv
    expect_kept last "$query" $'11|101|5\n11|102|2\n12|101|4' users.csv orders.csv items.csv
}

@test "products, aisles, departments: the same id twice" {
    local files=(products.csv aisles.csv departments.csv)
    write_catalogue
    echo '101,Other,100,21' >>products.csv
    echo '24,other' >>aisles.csv
    echo '4,other' >>departments.csv
    run_load "${files[@]}"
    expect_refused 'products.csv:5: product_id: stands twice, first on line 2 ("101")' \
        'aisles.csv:4: aisle_id: stands twice, first on line 2 ("24")' \
        'departments.csv:4: department_id: stands twice, first on line 2 ("4")'
    query='SELECT product_name, aisle, department FROM products.products
             JOIN products.aisles ON aisles.aisle_id = 24
             JOIN products.departments ON departments.department_id = 4 WHERE product_id = 101'
    expect_kept first "$query" 'Banana|fresh fruits|produce' "${files[@]}"
    expect_kept last "$query" 'Other|other|other' "${files[@]}"
}

@test "a row that stands twice word by word is a duplicate too" {
    printf 'user_id,email_address\n%s\n%s\n' '1,ada@example.org' '1,ada@example.org' >users.csv
    run_load users.csv
    expect_refused 'users.csv:3: user_id: stands twice, first on line 2 ("1")'
    expect_kept first 'SELECT count(*) FROM users.users' 1 users.csv
    expect_kept last 'SELECT count(*) FROM users.users' 1 users.csv
}

# Other unique values ------------------------------------------------------------------------------

@test "users: the same e-mail address twice" {
    write_csv users.csv <<'END'
user_id,email_address
1,same@example.org
2,bob@example.org
3,same@example.org
END
    run_load users.csv
    expect_refused \
        'users.csv:4: email_address: stands twice, first on line 2 ("same@example.org")'
    query='SELECT id FROM users.users ORDER BY id'
    expect_kept first "$query" $'1\n2' users.csv
    expect_kept last "$query" $'2\n3' users.csv
}

@test "aisles and departments: the same name twice" {
    printf 'aisle_id,aisle\n1,bread\n2,bread\n' >aisles.csv
    printf 'department_id,department\n1,bakery\n2,bakery\n' >departments.csv
    run_load aisles.csv departments.csv
    expect_refused 'aisles.csv:3: aisle: stands twice, first on line 2 ("bread")' \
        'departments.csv:3: department: stands twice, first on line 2 ("bakery")'
    query='SELECT aisle_id, department_id FROM products.aisles, products.departments'
    expect_kept first "$query" '1|1' aisles.csv departments.csv
    expect_kept last "$query" '2|2' aisles.csv departments.csv
}

@test "users: the same external id twice, in whatever case" {
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
1,ada@example.org,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
2,bob@example.org,0B6D6FB5-2A3C-4D0E-8F6E-8D8D7C7B6A51
END
    run_load users.csv
    expect_refused
    expect_stderr_contains 'users.csv:3: external_user_id: stands twice, first on line 2'
    query='SELECT id FROM users.users'
    expect_kept first "$query" 1 users.csv
    expect_kept last "$query" 2 users.csv
}

# 2 takes e-mail a from 1, and 3 takes id 2 from it: 1 gave way to a row that gave way itself.
@test "with last, a row gives way even to one that gives way later" {
    write_csv users.csv <<'END'
user_id,email_address
1,a@example.org
2,a@example.org
2,b@example.org
END
    expect_kept last 'SELECT id, email_address FROM users.users' '2|b@example.org' users.csv
}

@test "with first, a row that was passed over takes neither id nor e-mail address" {
    write_csv users.csv <<'END'
user_id,email_address
1,a@example.org
2,a@example.org
2,b@example.org
1,c@example.org
3,c@example.org
END
    expect_kept first 'SELECT id, email_address FROM users.users ORDER BY id' \
        $'1|a@example.org\n2|b@example.org\n3|c@example.org' users.csv
}

@test "users without an external id in the file are no duplicates of each other" {
    printf 'user_id,email_address,external_user_id\n1,a@example.org,\n2,b@example.org,\n' >users.csv
    load_quietly users.csv
    expect_sql 'SELECT count(DISTINCT external_user_id) FROM users.users' 2
}

@test "orders of a user who gave way have nobody to belong to" {
    write_history
    sed -i 's/^1,\(.*\),ada@/1,\1,bob@/' users.csv
    run_load --duplicates=first users.csv orders.csv items.csv
    expect_status 2
    expect_stderr_line 'orders.csv:2: user_id: no such user in the files or the database ("1" in 2 rows)'
    expect_sql 'SELECT count(*) FROM users.users' 0
}

# Several files ------------------------------------------------------------------------------------

@test "a duplicate in another file is named with both files; the command line's order decides" {
    printf 'user_id,email_address\n1,one@example.org\n2,two@example.org\n' >users.csv
    printf 'user_id,email_address\n3,three@example.org\n1,other@example.org\n' >more.csv
    run_load users.csv more.csv
    expect_refused 'more.csv:3: user_id: stands twice, first on line 2 of users.csv ("1")'
    run_load more.csv users.csv
    expect_refused 'users.csv:2: user_id: stands twice, first on line 3 of more.csv ("1")'
    query='SELECT email_address FROM users.users WHERE id = 1'
    expect_kept first "$query" one@example.org users.csv more.csv
    expect_kept first "$query" other@example.org more.csv users.csv
    expect_kept last "$query" other@example.org users.csv more.csv
    expect_kept last "$query" one@example.org more.csv users.csv
}

@test "the same e-mail address in two files" {
    printf 'user_id,email_address\n1,same@example.org\n' >users.csv
    printf 'user_id,email_address\n2,same@example.org\n' >more.csv
    run_load users.csv more.csv
    expect_refused 'more.csv:2: email_address: stands twice, first on line 2 of users.csv ("same@example.org")'
    expect_kept first 'SELECT id FROM users.users' 1 users.csv more.csv
    expect_kept last 'SELECT id FROM users.users' 2 users.csv more.csv
}

@test "the same item in two files" {
    write_history
    printf 'order_id,product_id,add_to_cart_order\n13,103,8\n11,101,9\n' >more.csv
    run_load users.csv orders.csv items.csv more.csv
    expect_refused 'more.csv:3: product_id: stands twice, first on line 2 of items.csv ("101")'
    query='SELECT order_id, product_id, add_to_cart_order FROM orders.order_items
            WHERE order_id <> 12 ORDER BY 1, 2'
    expect_kept first "$query" $'11|101|1\n11|103|2\n13|102|1\n13|103|8' \
        users.csv orders.csv items.csv more.csv
    expect_kept last "$query" $'11|101|9\n11|103|2\n13|102|1\n13|103|8' \
        users.csv orders.csv items.csv more.csv
}

# Items that are not grouped by order --------------------------------------------------------------

# Orders 11, 12, 13 in turn, products 1 to 40; one row of order 12 comes again at the end.
write_scattered_items() {
    awk 'BEGIN {
        print "order_id,product_id,add_to_cart_order"
        for (product = 1; product <= 40; product++)
            for (order = 11; order <= 13; order++)
                print order "," product "," product
    }' >items.csv
}

@test "items that are not grouped by order load" {
    write_history
    write_scattered_items
    load_quietly users.csv orders.csv items.csv
    expect_sql 'SELECT order_id, count(*), sum(add_to_cart_order) FROM orders.order_items
                 GROUP BY 1 ORDER BY 1' $'11|40|820\n12|40|820\n13|40|820'
}

@test "a duplicate is found in items that are not grouped by order" {
    write_history
    write_scattered_items
    echo 12,7,99 >>items.csv
    run_load users.csv orders.csv items.csv
    expect_refused 'items.csv:122: product_id: stands twice, first on line 21 ("7")'
    query='SELECT count(*), max(add_to_cart_order) FILTER (WHERE product_id = 7)
             FROM orders.order_items WHERE order_id = 12'
    expect_kept first "$query" '40|7' users.csv orders.csv items.csv
    expect_kept last "$query" '40|99' users.csv orders.csv items.csv
}

@test "an item that comes three times, grouped and not, is kept once" {
    write_history
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
11,101,1
11,101,2
12,101,3
11,101,4
11,101,5
11,102,6
END
    run_load users.csv orders.csv items.csv
    expect_refused 'items.csv:3: product_id: stands twice, first on line 2 ("101")' \
        'items.csv:5: product_id: stands twice, first on line 2 ("101")' \
        'items.csv:6: product_id: stands twice, first on line 2 ("101")'
    query='SELECT product_id, add_to_cart_order FROM orders.order_items WHERE order_id = 11
            ORDER BY 1'
    expect_kept first "$query" $'101|1\n102|6' users.csv orders.csv items.csv
    expect_kept last "$query" $'101|5\n102|6' users.csv orders.csv items.csv
}

# The database -------------------------------------------------------------------------------------

@test "--duplicates is about the input: a row of the database is not replaced" {
    local before choice
    load_shop
    before=$(snapshot)
    printf 'user_id,email_address\n1,new@example.org\n' >one.csv
    for choice in error first last; do
        run_load --duplicates=$choice one.csv
        expect_status 2
        expect_stderr_line 'one.csv:2: user_id: is in the database already ("1")'
    done
    expect_unchanged "$before"
}

@test "the summary tells how many rows gave way, and where" {
    printf 'user_id,email_address\n1,a@example.org\n1,b@example.org\n1,c@example.org\n' >users.csv
    run_load --duplicates=last users.csv
    expect_status 0
    expect_silence
    expect_stdout_line 'users.csv: 2 rows skipped as duplicates of another'
    expect_stdout_contains '1 row loaded'
    [[ $output =~ users\.csv\ +users\ +3\ +1($|[[:space:]]) ]] ||
        unexpected 'expected 3 rows read and 1 loaded'
}

# Rows that the database has -----------------------------------------------------------------------

@test "a row that the database has stands twice all the same: one is kept, the others are skipped" {
    local which
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
    load_quietly users.csv
    write_csv users.csv <<'END'
user_id,email_address
1,a@example.org
1,b@example.org
1,c@example.org
2,b@example.org
END
    for which in first last; do
        run_load --mode=skip --duplicates=$which --dry-run users.csv
        expect_status 0
        expect_stdout_line 'users.csv: 2 rows skipped as duplicates of another'
        expect_stdout_line 'users.csv: 1 kept as the database has them'
        expect_stdout_contains '1 row loaded in'
    done
    run_load --mode=skip users.csv
    expect_status 2
    expect_stderr_line 'users.csv:3: user_id: stands twice, first on line 2 ("1")'
}

@test "with last, what a row refers to is not looked at where the database's row stays" {
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,0,0\n' >orders.csv
    load_quietly users.csv orders.csv
    printf '1,8,1,0,0\n1,9,1,0,0\n2,1,2,0,0\n' >rest.csv
    sed -i -n 1p orders.csv
    cat rest.csv >>orders.csv
    run_load --mode=skip --duplicates=last orders.csv
    expect_status 0
    expect_stdout_line 'orders.csv: 1 row skipped as duplicate of another'
    expect_stdout_line 'orders.csv: 1 kept as the database has them'
    expect_sql 'SELECT id, user_id FROM orders.orders ORDER BY id' $'1|1\n2|1'
}

@test "with last, a row that is bad takes no place, not even that of one for a placeholder" {
    printf 'department_id,department\n2,bakery\n' >departments.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,0,0\n' >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n1,7,1\n' >items.csv
    load_quietly --infer=users departments.csv orders.csv items.csv
    write_csv departments.csv <<'END'
department_id,department
21,cellar
21,bakery
END
    run_load --mode=skip --duplicates=last --rejects=rejects departments.csv
    expect_status 1
    expect_stderr_line 'departments.csv:3: department: is in the database already, with department 2 ("bakery")'
    expect_sql 'SELECT department_id, department, inferred FROM products.departments ORDER BY 1' \
        $'2|bakery|f\n21|cellar|f'
}

#!/usr/bin/env bats
#
# Rows that the database has just as the files do: they are counted, and neither sent nor written.

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

FILES=({users,orders,items,products,aisles,departments,prices,events}.csv)

# The shop with everything that a file may give, in every type of column.
write_shop() {
    write_catalogue
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address,city,last_login
1,Ada,,hash-1,ada@example.org,"",2024-01-01T08:00:00Z
2,Bob,Baker,,bob@example.org,Øslo,
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order,tracking_number,created_at
12,1,1,2,08,,T-1,2024-01-01T10:00:00Z
11,1,2,3,07,15.0,"",2024-01-02 11:00:00.5+01
13,2,1,6,23,,,2024-01-03
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
11,101,1,1,,2.5
11,103,2,0,3,0
12,101,1,,1,1e-2
12,102,2,0,3,-0
13,102,1,0,2,24.58
END
    write_csv prices.csv <<'END'
product_id,description,price,image_url
101,Yellow,1.25,
103,,,""
END
    write_csv events.csv <<'END'
order_id,status,changed_at
11,pending,2024-01-01T00:00:00Z
11,shipped,2024-01-02T00:00:00Z
12,pending,2024-01-01T00:00:00Z
END
}

load_all() {
    write_shop
    load_quietly --create-schema "${FILES[@]}"
    add_application_rows
    # The sequences are past the application's rows then.
    load_quietly --mode=upsert users.csv orders.csv
}

# Every row with the place where it lies: equal text means that none was written anew.
versions() {
    local table
    for table in users.users orders.orders orders.order_items orders.order_status_history \
        products.products products.product_enriched products.aisles products.departments; do
        sql "SELECT '$table', ctid, xmin, t FROM $table t ORDER BY ctid"
    done
}

# expect_all_unchanged ARGUMENT...: the run finds every row of all files unchanged.
expect_all_unchanged() {
    local file
    run_load --verbose "$@" "${FILES[@]}"
    expect_status 0
    for file in users:2 orders:3 items:5 products:3 aisles:2 departments:2 prices:2 events:3; do
        expect_stdout_line "${file%:*}.csv: ${file#*:} unchanged"
    done
    expect_stdout_contains 'nothing new: 22 rows unchanged ('
}

@test "rows of every table that are the same are counted, and not even sent" {
    local before
    load_all
    before=$(versions)
    expect_all_unchanged --mode=upsert
    expect_nowhere 'timele-load: copy '
    expect_nowhere 'timele-load: update '
    expect_equal "$before" "$(versions)"
    expect_all_unchanged --mode=replace
    expect_all_unchanged --mode=upsert --dry-run
    expect_all_unchanged --mode=upsert --duplicates=last
    expect_equal "$before" "$(versions)"
}

@test "one value that differs is seen, in every type of column and in every table" {
    local before change file
    load_all
    before=$(contents)
    while IFS='|' read -r file change; do
        sql "UPDATE $change"
        run_load --mode=upsert "${FILES[@]}"
        expect_status 0
        if ! expect_stdout_contains "$file.csv: 1 updated"; then
            echo "after UPDATE $change"
            return 1
        fi
        expect_equal "$before" "$(contents)"
    done <<'END'
users|users.users SET last_login = last_login + '1 microsecond' WHERE id = 1
users|users.users SET last_name = 'Baker ' WHERE id = 2
users|users.users SET last_name = '' WHERE id = 1
users|users.users SET city = NULL WHERE id = 1
users|users.users SET city = 'Oslo' WHERE id = 2
users|users.users SET hashed_password = 'x' WHERE id = 2
users|users.users SET email_address = 'Ada@example.org' WHERE id = 1
orders|orders.orders SET user_id = 1 WHERE id = 13
orders|orders.orders SET order_number = 3 WHERE id = 13
orders|orders.orders SET days_since_prior_order = 0 WHERE id = 12
orders|orders.orders SET days_since_prior_order = NULL WHERE id = 11
orders|orders.orders SET tracking_number = NULL WHERE id = 11
orders|orders.orders SET tracking_number = '' WHERE id = 13
orders|orders.orders SET created_at = created_at - interval '1 hour' WHERE id = 11
items|orders.order_items SET reordered = 1 WHERE (order_id, product_id) = (12, 101)
items|orders.order_items SET quantity = 2 WHERE (order_id, product_id) = (11, 101)
items|orders.order_items SET price = 24.580000000000002 WHERE order_id = 13
items|orders.order_items SET price = 5e-324 WHERE (order_id, product_id) = (12, 102)
items|orders.order_items SET price_given = NULL WHERE order_id = 13
items|orders.order_items SET price_given = false WHERE order_id = 13
products|products.products SET product_name = 'apples, red' WHERE product_id = 102
products|products.products SET aisle_id = 100 WHERE product_id = 102
prices|products.product_enriched SET price = 1.26 WHERE product_id = 101
prices|products.product_enriched SET price = 0 WHERE product_id = 103
prices|products.product_enriched SET price = NULL WHERE product_id = 101
prices|products.product_enriched SET description = '' WHERE product_id = 103
prices|products.product_enriched SET image_url = '' WHERE product_id = 101
aisles|products.aisles SET aisle = 'other' WHERE aisle_id = 24
departments|products.departments SET department = 'Produce' WHERE department_id = 4
END
}

# What the server takes for equal is unchanged, also where it is written in another way.
@test "a negative zero is a zero" {
    local before
    load_all
    sql "UPDATE orders.order_items SET price = '-0' WHERE price = 0"
    before=$(versions)
    expect_all_unchanged --mode=upsert
    expect_equal "$before" "$(versions)"
}

@test "rows that come, go or stand elsewhere: an order's items are the same only as a whole" {
    load_all
    # In the files order 11 lacks an item of the database, 12 has one more, 13 is the same.
    sql 'INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (11, 102, 3)'
    sql 'DELETE FROM orders.order_items WHERE (order_id, product_id) = (12, 101)'
    run_load --mode=upsert items.csv
    expect_status 0
    expect_stdout_line 'items.csv: 4 unchanged'
    expect_stdout_contains '1 row loaded in'
    expect_sql 'SELECT count(*) FROM orders.order_items WHERE order_id < 14' 6
    run_load --mode=replace items.csv
    expect_status 0
    expect_stdout_line 'items.csv: 5 unchanged'
    expect_stdout_line 'orders.order_items: 1 deleted, in no file'
    expect_sql 'SELECT id, total_items FROM orders.orders WHERE id < 14 ORDER BY id' \
        $'11|2\n12|2\n13|1'
    # The same with events; the application's own are another matter.
    sql "INSERT INTO orders.order_status_history (order_id, new_status, changed_at)
         VALUES (12, 'failed', '2024-01-05Z'), (3422001, 'failed', '2024-01-05Z')"
    run_load --mode=replace events.csv
    expect_status 0
    expect_stdout_line 'events.csv: 3 unchanged'
    expect_stdout_line 'orders.order_status_history: 1 deleted, in no file'
    expect_sql "SELECT order_id FROM orders.order_status_history WHERE new_status = 'failed'" 3422001
}

@test "skip: items and events are kept by their keys alone, and a new one is loaded" {
    local before
    load_all
    sql 'UPDATE orders.order_items SET price = 99 WHERE order_id = 12'
    before=$(versions)
    sed -i 's/^11,103,2/11,103,7/' items.csv
    run_load --verbose --mode=skip "${FILES[@]}"
    expect_status 0
    expect_stdout_line 'items.csv: 5 kept as the database has them'
    expect_stdout_line 'events.csv: 3 kept as the database has them'
    expect_equal "$before" "$(versions)"
    printf '%s\n' '13,103,2,0,1,1' >>items.csv
    printf '%s\n' '12,shipped,2024-01-03Z' >>events.csv
    run_load --verbose --mode=skip "${FILES[@]}"
    expect_status 0
    expect_stdout_line 'items.csv: 5 kept as the database has them'
    expect_stdout_line 'events.csv: 3 kept as the database has them'
    expect_stdout_contains '2 rows loaded in'
    expect_sql 'SELECT id, total_items, status FROM orders.orders WHERE id IN (12, 13) ORDER BY id' \
        $'12|2|shipped\n13|2|pending'
    # A row that stands twice is one in every mode, whether the database has it or not.
    printf '%s\n' '11,101,5,0,1,1' >>items.csv
    run_load --mode=skip items.csv
    expect_status 2
    expect_stderr_line 'items.csv:8: product_id: stands twice, first on line 2 ("101")'
}

# More rows of orders that the database has than are asked for at once.
@test "skip: a row that stands twice is one, however many rows stand between" {
    load_all
    {
        grep -v shipped events.csv
        seq -f '13,shipped,%.0f' 1600000000 1600099999 | awk -F, '{
            time = $3 - 1600000000
            printf "%s,%s,2020-01-%02dT%02d:%02d:%02dZ\n", $1, $2, 1 + int(time / 86400),
                   int(time / 3600) % 24, int(time / 60) % 60, time % 60 }'
        echo 11,pending,2024-01-01T00:00:00Z
    } >long.csv
    run_load --mode=skip long.csv
    expect_status 2
    expect_stderr_line 'long.csv:100004: status: stands twice, first on line 2 ("pending")'
    run_load --mode=skip --duplicates=last long.csv
    expect_status 0
    expect_stdout_line 'long.csv: 1 row skipped as duplicate of another'
    expect_stdout_line 'long.csv: 2 kept as the database has them'
}

@test "an order that comes back, or has a row twice, is judged as ever" {
    local before
    load_all
    before=$(contents)
    # Order 11 stands whole in the first file. The second has one of its rows again, changed.
    printf '%s\n' order_id,product_id,add_to_cart_order,reordered,quantity,price \
        13,102,1,0,2,24.58 11,103,9,0,3,0 >more.csv
    run_load --mode=upsert items.csv more.csv
    expect_status 2
    expect_stderr_line 'more.csv:2: product_id: stands twice, first on line 6 of items.csv ("102")'
    expect_stderr_line 'more.csv:3: product_id: stands twice, first on line 3 of items.csv ("103")'
    run_load --mode=upsert --rejects=bad items.csv more.csv
    expect_status 1
    expect_stdout_line 'items.csv: 5 unchanged'
    expect_equal "$before" "$(contents)"
    run_load --verbose --mode=upsert --duplicates=first items.csv more.csv
    expect_status 0
    expect_stdout_line 'items.csv: 5 unchanged'
    expect_stdout_line 'more.csv: 2 rows skipped as duplicates of another'
    expect_equal "$before" "$(contents)"
    run_load --mode=replace --duplicates=last items.csv more.csv
    expect_status 0
    expect_stdout_line 'items.csv: 2 rows skipped as duplicates of another'
    expect_stdout_line 'items.csv: 3 unchanged'
    expect_stdout_line 'more.csv: 1 updated, 1 unchanged'
    expect_sql 'SELECT add_to_cart_order FROM orders.order_items
                 WHERE order_id = 11 ORDER BY product_id' $'1\n9'
    # In one group: the last one is what the database has.
    printf '%s\n' order_id,product_id,add_to_cart_order,reordered,quantity,price \
        13,102,8,0,2,24.58 13,102,1,0,2,24.58 >more.csv
    run_load --verbose --mode=upsert --duplicates=last more.csv
    expect_status 0
    expect_stdout_line 'more.csv: 1 unchanged'
}

@test "a row's unchanged address is not taken from it by another row" {
    setup_schema
    printf 'user_id,email_address\n1,a@x.org\n2,b@x.org\n' >users.csv
    load_quietly users.csv
    # 1 wants what 2 has, and keeps.
    printf 'user_id,email_address\n1,b@x.org\n2,b@x.org\n' >users.csv
    run_load --mode=upsert users.csv
    expect_status 2
    expect_stderr_line 'users.csv:3: email_address: stands twice, first on line 2 ("b@x.org")'
    run_load --verbose --mode=upsert --duplicates=last users.csv
    expect_status 0
    expect_stdout_line 'users.csv: 1 unchanged'
    expect_sql 'SELECT id, email_address FROM users.users ORDER BY id' $'1|a@x.org\n2|b@x.org'
    run_load --mode=upsert --duplicates=first users.csv
    expect_status 2
    expect_stderr_line 'users.csv:2: email_address: is in the database already, with user 2 ("b@x.org")'
}

# The rows of the smaller file are compared by the server.
@test "files with other columns are compared as well, each by its own" {
    local before
    load_all
    before=$(versions)
    printf 'user_id,email_address\n2,bob@example.org\n' >more.csv
    grep -v '^2,' users.csv >fewer.csv
    run_load --verbose --mode=upsert fewer.csv more.csv
    expect_status 0
    expect_stdout_line 'fewer.csv: 1 unchanged'
    expect_stdout_line 'more.csv: 1 unchanged'
    expect_equal "$before" "$(versions)"
    # An empty price follows the catalogue, and is no file's any more.
    printf '%s\n' order_id,product_id,add_to_cart_order,reordered,quantity,price \
        13,102,1,0,2,24.58 12,101,1,0,1, >more.csv
    run_load --mode=upsert more.csv
    expect_status 0
    expect_stdout_line 'more.csv: 1 updated, 1 unchanged'
    expect_sql 'SELECT price, price_given FROM orders.order_items
                 WHERE (order_id, product_id) = (12, 101)' '1.25|'
    # An empty time of creation leaves the row's.
    printf '%s\n' order_id,user_id,order_number,order_dow,order_hour_of_day,created_at \
        11,1,2,3,7, 12,1,1,2,9, >more.csv
    run_load --mode=upsert more.csv
    expect_status 0
    expect_stdout_line 'more.csv: 1 updated, 1 unchanged'
}

@test "the map of external ids has the unchanged rows as well" {
    load_all
    run_load --verbose --mode=upsert --id-map=ids.csv users.csv orders.csv
    expect_status 0
    expect_stdout_line 'orders.csv: 3 unchanged'
    expect_equal "$(sql "SELECT 'users.users', id, external_user_id FROM users.users WHERE id < 3
                          UNION ALL
                         SELECT 'orders.orders', id, external_order_id FROM orders.orders
                          WHERE id < 14 ORDER BY 1, 2" | tr '|' ',')" "$(tail -n +2 ids.csv | sort)"
}

@test "a placeholder's row is replaced, whatever the placeholder has" {
    setup_schema
    write_history
    load_quietly users.csv orders.csv items.csv
    printf '%s\n' product_id,product_name,aisle_id,department_id '101,Product 101,100,21' >products.csv
    run_load --verbose --mode=upsert --infer=products products.csv
    expect_status 0
    expect_stdout_contains '1 row loaded in'
    expect_sql 'SELECT inferred FROM products.products WHERE product_id = 101' f
    run_load --verbose --mode=upsert --infer=products products.csv
    expect_status 0
    expect_stdout_line 'products.csv: 1 unchanged'
}

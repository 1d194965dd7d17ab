#!/usr/bin/env bats
#
# Values that follow from other rows, computed by hand: totals, prices, statuses, delivery details,
# notification settings.
#
# lookup: both ways

load harness
load small_shop
load derived_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

TOTALS='SELECT id, total_items, total_price FROM orders.orders ORDER BY id'
STATUSES="SELECT id, status, created_at AT TIME ZONE 'UTC', updated_at AT TIME ZONE 'UTC'
            FROM orders.orders WHERE id < 13 ORDER BY id"

load_all() {
    write_derived_shop
    load_quietly --create-schema "${ALL_FILES[@]}"
}

# All files but those of the enriched products.
load_unpriced() {
    write_derived_shop
    load_quietly --create-schema {users,orders,items,history}.csv "${CATALOGUE_FILES[@]}"
}

# Totals and prices --------------------------------------------------------------------------------

@test "the totals of fourteen orders" {
    load_all
    expect_sql "$TOTALS" '1|1|24.58
2|2|0.3
3|1|10
4|2|11.97
5|2|0
6|0|0
7|1|0
8|1|7.07
9|8|0.8
10|2|3.6
11|2|100
12|1|24.58
13|2|0.38
14|2|200000024.56'
}

@test "an item costs what its file says, else the enriched product, else nothing" {
    load_all
    expect_sql 'SELECT order_id, product_id, quantity, price, price_given
                  FROM orders.order_items WHERE order_id <> 9 ORDER BY 1, 2' '1|101|1|24.58|
2|102|1|0.1|
2|103|1|0.2|
3|104|1000|0.01|
4|101|3|3.99|t
4|107|2|0|
5|101|5|0|t
5|102|1|0|t
7|106|4|0|
8|105|7|1.01|
10|101|3|1.1|t
10|102|3|0.1|
11|101|3|33.33|t
11|104|1|0.01|
12|108|2|12.29|t
13|103|3|0.125|t
13|105|1|0.005|t
14|101|1|24.58|t
14|108|2|99999999.99|'
}

@test "without enriched products only the prices of the file count" {
    load_unpriced
    expect_sql "$TOTALS" '1|1|0
2|2|0
3|1|0
4|2|11.97
5|2|0
6|0|0
7|1|0
8|1|0
9|8|0.8
10|2|3.3
11|2|99.99
12|1|24.58
13|2|0.38
14|2|24.58'
}

@test "enriched products of the database price the items of a later run" {
    write_derived_shop
    load_quietly --create-schema "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}"
    load_quietly users.csv orders.csv items.csv
    expect_order 1 '1|24.58|pending'
    expect_order 3 '1|10|pending'
    expect_order 8 '1|7.07|pending'
    expect_order 14 '2|200000024.56|pending'
}

@test "a given price, 0 too, stays when an enriched price comes later" {
    load_unpriced
    load_quietly "${PRICE_FILES[@]}"
    expect_order 1 '1|24.58|delivered'
    expect_order 4 '2|11.97|cancelled'
    expect_order 5 '2|0|pending'
    expect_order 10 '2|3.6|pending'
    expect_order 14 '2|200000024.56|returned'
    expect_sql 'SELECT price FROM orders.order_items WHERE order_id = 5' $'0\n0'
}

@test "a file of items without a price column follows the enriched products" {
    write_derived_shop
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
1,101,1,0
1,102,2,0
1,107,3,0
END
    load_quietly --create-schema users.csv orders.csv items.csv "${CATALOGUE_FILES[@]}"
    expect_order 1 '3|0|pending'
    load_quietly "${PRICE_FILES[@]}"
    expect_order 1 '3|24.68|pending'
}

@test "a dearer product makes no difference to items that a file priced" {
    load_unpriced
    sql 'CREATE TABLE before AS SELECT id, xmin AS writer FROM orders.orders'
    load_quietly enriched21.csv
    expect_sql 'SELECT o.id FROM orders.orders o JOIN before USING (id) WHERE o.xmin <> writer
                 ORDER BY 1' $'8\n14'
}

@test "items get no price from a product whose price in the database is none" {
    local price
    write_derived_shop
    load_quietly --create-schema {users,orders,history}.csv "${CATALOGUE_FILES[@]}" \
        "${PRICE_FILES[@]}"
    # As in a database that TimeL-E's service made; one of these has no limit for a price, too.
    sql 'ALTER TABLE products.product_enriched DROP CONSTRAINT product_enriched_price_check,
           ALTER price TYPE numeric'
    for price in -0.01 NaN 1e11 1e30; do
        sql "UPDATE products.product_enriched SET price = '$price' WHERE product_id = 101"
        run_load items.csv
        expect_status 3
        [[ $stderr == 'timele-load: error: products.product_enriched has a price of product 101 that is negative, too large or not a number, so its items cannot be priced' ]] ||
            unexpected
    done
    expect_sql 'SELECT count(*) FROM orders.order_items' 0
}

@test "an order without items has none and costs nothing" {
    write_derived_shop
    load_quietly --create-schema users.csv orders.csv
    expect_sql 'SELECT DISTINCT total_items, total_price, status FROM orders.orders' '0|0|pending'
}

@test "sums are exact where binary fractions are not" {
    write_derived_shop
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,quantity,price
1,101,1,1,0.1
1,102,2,1,0.2
2,101,1,1,8.19
2,102,2,1,8.19
2,103,3,1,8.20
3,101,1,3,0.1
4,101,1,1000,0.01
5,101,1,10,1.15
6,101,1,1,1000000.1
6,102,2,1,0.2
7,101,1,1,4.35
7,102,2,99,4.35
8,101,1,7,0.00000001
9,101,1,2147483647,0.01
10,101,1,1,1e-2
10,102,2,1,2.5E1
11,101,1,1,12345678.12345678
11,102,2,1,0.00000001
END
    load_quietly --create-schema users.csv orders.csv items.csv "${CATALOGUE_FILES[@]}"
    expect_sql 'SELECT id, total_price FROM orders.orders WHERE id < 12 ORDER BY id' '1|0.3
2|24.58
3|0.3
4|10
5|11.5
6|1000000.3
7|435
8|7e-08
9|21474836.47
10|25.01
11|12345678.12345679'
    # The database works out the same when it has to: one more item in each order.
    {
        echo 'order_id,product_id,add_to_cart_order,price'
        printf '%s,108,99,0\n' {1..11}
    } >more.csv
    load_quietly more.csv
    expect_sql 'SELECT id, total_items, total_price FROM orders.orders WHERE id < 12 ORDER BY id' \
        '1|3|0.3
2|4|24.58
3|2|0.3
4|2|10
5|2|11.5
6|3|1000000.3
7|3|435
8|2|7e-08
9|2|21474836.47
10|3|25.01
11|3|12345678.12345679'
}

@test "items that are left out as duplicates do not count" {
    write_derived_shop
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,quantity,price
1,101,1,1,1.00
1,101,2,1,2.00
1,102,3,1,0.10
2,101,1,1,1.00
3,101,1,1,5.00
2,102,1,1,0.50
3,101,2,2,7.00
2,101,2,1,2.00
END
    load_quietly --create-schema --duplicates=first users.csv orders.csv items.csv \
        "${CATALOGUE_FILES[@]}"
    expect_order 1 '2|1.1|pending'
    expect_order 2 '2|1.5|pending'
    expect_order 3 '1|5|pending'
    load_quietly --reset --create-schema --duplicates=last users.csv orders.csv items.csv \
        "${CATALOGUE_FILES[@]}"
    expect_order 1 '2|2.1|pending'
    expect_order 2 '2|2.5|pending'
    expect_order 3 '1|14|pending'
}

@test "more items for an order of the database are added to its totals" {
    load_all
    write_csv more.csv <<'END'
order_id,product_id,add_to_cart_order,quantity,price
1,102,2,2,
6,101,1,1,0.42
END
    load_quietly more.csv
    expect_order 1 '2|24.78|delivered'
    expect_order 6 '1|0.42|refunded'
    expect_order 2 '2|0.3|shipped'
}

# expect_price TEXT...: product_enriched holds what a cast to its type makes of the text.
@test "an enriched price is rounded as PostgreSQL rounds the text" {
    local texts=(1.005 2.675 0.004999 0.005 1e2 1.5E-2 99999999.994 99999999.99 .5 5. 0 0.00 007.10
        1.0049999999999999999999999999 0.0049999999999999999999999 +3.14159 12345678.905 1e-400
        0.00000000000000000000000000000000000000000000000000500000000e48 -0)
    local text id=0
    write_derived_catalogue
    {
        echo 'product_id,product_name,aisle_id,department_id'
        for text in "${texts[@]}"; do echo "$((++id)),P,24,4"; done
    } >products.csv
    id=0
    {
        echo 'product_id,description,price'
        for text in "${texts[@]}"; do echo "$((++id)),$text,$text"; done
    } >prices.csv
    load_quietly --create-schema "${CATALOGUE_FILES[@]}" prices.csv
    expect_sql 'SELECT count(*) FROM products.product_enriched' "${#texts[@]}"
    expect_sql 'SELECT description, price, description::numeric(10,2)
                  FROM products.product_enriched
                 WHERE price::text <> description::numeric(10,2)::text' ''
    expect_sql 'SELECT description, price FROM products.product_enriched WHERE product_id < 4
                 ORDER BY product_id' $'1.005|1.01\n2.675|2.68\n0.004999|0.00'
}

# Status and times ---------------------------------------------------------------------------------

@test "status and times of the orders" {
    load_all
    expect_sql "$STATUSES" '1|delivered|2016-01-01 10:00:00|2016-01-04 10:00:00
2|shipped|2016-02-01 09:00:00|2016-02-03 09:00:00
3|failed|2016-03-01 09:00:00|2016-03-01 12:00:00
4|cancelled|2016-03-01 09:30:00|2016-03-01 11:00:00
5|pending|2016-04-01 09:00:00|2016-04-02 09:00:00
6|refunded|2016-05-01 09:00:00|2016-05-03 08:59:59.123456
7|pending|2016-05-02 09:00:00|2016-05-02 09:00:00
8|pending|2016-05-09 09:00:00|2016-05-09 09:00:00
9|pending|2016-05-10 09:00:00|2016-05-10 09:00:00
10|pending|2016-05-17 09:00:00|2016-05-17 09:00:00
11|pending|2016-05-18 09:00:00|2016-05-18 09:00:00
12|pending|2016-05-25 09:00:00|2016-05-25 09:00:00'
    expect_sql "SELECT id, status, now() - created_at BETWEEN '0' AND '1 minute',
                       updated_at = created_at, updated_at = '2016-06-09 09:00:00Z'
                  FROM orders.orders WHERE id > 12 ORDER BY id" $'13|pending|t|t|f\n14|returned|t|f|t'
}

@test "tracking details are the file's" {
    load_all
    expect_sql 'SELECT id, tracking_number, shipping_carrier, tracking_url FROM orders.orders
                 WHERE id < 3 ORDER BY id' \
        $'1|TRACK-1|Post|https://example.org/?a=1&n=TRACK-1\n2|||'
}

# Delivery details ---------------------------------------------------------------------------------

@test "an order is delivered to its user: from this run's users file" {
    load_all
    expect_sql "SELECT DISTINCT user_id, delivery_name, phone_number, street_address, city,
                       postal_code, country FROM orders.orders ORDER BY user_id" \
        "1|Ada Adams|+47 22 00 00 00|Storgata 1, 2nd floor|Oslo|0155|Norway
2|Bob|||Bergen||
3||||||
4|$(long_name é) $(printf 'ö%.0s' {1..39})|||||
5|Eden|||||Iceland"
    expect_sql 'SELECT DISTINCT user_id, phone_number IS NULL, delivery_name IS NULL
                  FROM orders.orders WHERE user_id IN (2, 3) ORDER BY 1' $'2|t|f\n3|f|t'
}

@test "an order is delivered to its user: from the database" {
    local expected
    load_all
    expected=$(loaded_rows)
    load_quietly --reset --create-schema users.csv
    load_quietly orders.csv items.csv history.csv "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}"
    expect_equal "$expected" "$(loaded_rows)"
}

@test "a name of just the longest length stays whole; one more is cut" {
    write_derived_shop
    local fifty
    fifty=$(printf 'x%.0s' {1..50})
    write_csv users.csv <<END
user_id,email_address,first_name,last_name
1,1@example.org,$fifty,${fifty:1}
2,2@example.org,$fifty,$fifty
3,3@example.org,$fifty$fifty,y
4,4@example.org,$fifty${fifty:1},y
5,5@example.org,$fifty$fifty$fifty,
END
    load_quietly --create-schema users.csv orders.csv
    expect_sql 'SELECT DISTINCT user_id, length(delivery_name), right(delivery_name, 2)
                  FROM orders.orders ORDER BY 1' \
        $'1|100|xx\n2|100|xx\n3|100|xx\n4|100|x \n5|100|xx'
}

@test "duplicate users: delivery follows the row that was kept" {
    write_derived_shop
    write_csv users.csv <<'END'
user_id,email_address,first_name,city
1,first@example.org,First,Oslo
1,last@example.org,Last,
END
    head -n 4 orders.csv >some.csv
    load_quietly --create-schema --duplicates=first users.csv some.csv
    expect_sql 'SELECT DISTINCT delivery_name, city FROM orders.orders' 'First|Oslo'
    load_quietly --reset --create-schema --duplicates=last users.csv some.csv
    expect_sql 'SELECT DISTINCT delivery_name, city FROM orders.orders' 'Last|'
}

@test "a historical order of a registered user is delivered there" {
    setup_schema
    sql "INSERT INTO users.users (id, first_name, last_name, email_address, city)
         VALUES (400000, 'Nora', 'New', 'nora@example.org', 'Bodø')"
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
16,400000,2,1,1
END
    load_quietly orders.csv
    expect_sql 'SELECT id, delivery_name, city FROM orders.orders' '16|Nora New|Bodø'
}

# Notification settings ----------------------------------------------------------------------------

@test "notification settings are those that TimeL-E sets" {
    load_all
    expect_sql "SELECT id, days_between_order_notifications,
                       order_notifications_start_date_time AT TIME ZONE 'UTC',
                       last_notification_sent_at AT TIME ZONE 'UTC',
                       order_notifications_next_scheduled_time AT TIME ZONE 'UTC',
                       pending_order_notification, order_notifications_via_email
                  FROM users.users ORDER BY id" \
        '1|7|2016-08-19 09:16:40|2016-08-19 09:16:40|2016-08-26 09:16:40|t|f
2|7||||t|f
3|7|2016-03-03 03:03:03.5|2016-03-03 03:03:03.5|2016-03-10 03:03:03.5|t|f
4|7|2017-02-27 12:00:00|2017-02-27 12:00:00|2017-03-06 12:00:00|t|f
5|7|2016-12-28 21:30:00|2016-12-28 21:30:00|2017-01-04 21:30:00|t|f'
}

# Bad input ----------------------------------------------------------------------------------------

@test "an order's total that cannot be held is told of, with the line" {
    local before
    write_derived_shop
    setup_schema
    before=$(snapshot)
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,quantity,price
1,101,1,1,1
1,102,2,2147483647,90000000000
END
    expect_refused 2 "$before" \
        "items.csv:3: price: the order's total is out of range (\"90000000000\")" \
        users.csv orders.csv items.csv "${CATALOGUE_FILES[@]}"
}

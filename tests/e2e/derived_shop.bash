# Sourced after harness and small_shop by tests about values that follow from other rows: five users,
# fourteen orders, their items and histories, a catalogue with prices.
#
# shellcheck shell=bash

# The names of user 4 are longer together than a delivery name may be, in two-byte characters.
long_name() {
    printf "$1%.0s" {1..60}
}

write_derived_users() {
    {
        cat <<'END'
user_id,first_name,last_name,hashed_password,email_address,phone_number,street_address,city,postal_code,country,last_login,last_notifications_viewed_at
3,,,hash-3,cy@example.org,"",,,,,2016-03-03 03:03:03.5+00:00,
1,Ada,Adams,hash-1,ada@example.org,+47 22 00 00 00,"Storgata 1, 2nd floor",Oslo,0155,Norway,2016-08-19 09:16:40+00:00,2016-08-19 09:16:25+00:00
2,Bob,,hash-2,bob@example.org,,,Bergen,,,,
5,"",Eden,hash-5,eve@example.org,,,,,Iceland,2016-12-28T23:30:00+02:00,
END
        echo "4,$(long_name é),$(long_name ö),hash-4,dan@example.org,,,,,,2017-02-27 12:00:00Z,"
    } | write_csv users.csv
}

# Orders 13 and 14 do not say when they were made.
write_derived_orders() {
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order,created_at,tracking_number,shipping_carrier,tracking_url
1,1,1,5,10,,2016-01-01 10:00:00+00:00,TRACK-1,Post,https://example.org/?a=1&n=TRACK-1
2,1,2,1,9,31.0,2016-02-01 09:00:00+00:00,,,
3,1,3,2,9,29.0,2016-03-01 09:00:00+00:00,,,
4,2,1,2,9,,2016-03-01 09:30:00+00:00,,,
5,2,2,3,9,30.0,2016-04-01 09:00:00+00:00,,,
6,2,3,4,9,30.0,2016-05-01 09:00:00+00:00,,,
7,3,1,4,9,,2016-05-02 09:00:00+00:00,,,
8,3,2,4,9,7.0,2016-05-09 09:00:00+00:00,,,
9,4,1,4,9,,2016-05-10 09:00:00+00:00,,,
10,4,2,4,9,7.0,2016-05-17 09:00:00+00:00,,,
11,5,1,4,9,,2016-05-18 09:00:00+00:00,,,
12,5,2,4,9,7.0,2016-05-25 09:00:00+00:00,,,
13,5,3,4,9,7.0,,,,
14,5,4,4,9,7.0,,,,
END
}

# Order 6 has no items; order 5 has an explicit price of 0.
write_derived_items() {
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
1,101,1,0,,
2,102,1,0,,
2,103,2,0,1,
3,104,1,1,1000,
4,101,1,0,3,3.99
4,107,2,0,2,
5,101,1,0,5,0
5,102,2,0,1,0.00
7,106,1,0,4,
8,105,1,0,7,
9,101,1,0,1,0.1
9,102,2,0,1,0.1
9,103,3,0,1,0.1
9,104,4,0,1,0.1
9,105,5,0,1,0.1
9,106,6,0,1,0.1
9,107,7,0,1,0.1
9,108,8,0,1,0.1
10,101,1,0,3,1.1
10,102,2,0,3,
11,101,1,0,3,33.33
11,104,2,0,1,
12,108,1,0,2,12.29
13,103,1,0,3,0.125
13,105,2,0,1,0.005
14,108,1,0,2,
14,101,2,0,1,24.58
END
}

# In order, backwards, interleaved, at one time (shipped before pending), alone, far apart.
write_derived_history() {
    write_csv history.csv <<'END'
order_id,status,changed_at
1,pending,2016-01-01 10:00:00+00:00
1,processing,2016-01-01 11:00:00+00:00
1,shipped,2016-01-02 10:00:00+00:00
1,delivered,2016-01-04 10:00:00+00:00
2,shipped,2016-02-03 09:00:00+00:00
2,processing,2016-02-02 09:00:00+00:00
2,pending,2016-02-01 09:00:00+00:00
3,pending,2016-03-01 09:00:00+00:00
4,pending,2016-03-01 09:30:00+00:00
3,processing,2016-03-01 10:00:00+00:00
4,cancelled,2016-03-01 11:00:00+00:00
3,failed,2016-03-01 12:00:00+00:00
5,shipped,2016-04-02 09:00:00+00:00
5,pending,2016-04-02 09:00:00+00:00
6,refunded,2016-05-03 08:59:59.123456+00:00
14,delivered,2016-06-03 09:00:00+00:00
14,pending,2016-06-01 09:00:00+00:00
14,returned,2016-06-09 09:00:00+00:00
14,shipped,2016-06-02 09:00:00+00:00
END
}

write_derived_catalogue() {
    write_csv departments.csv <<'END'
department_id,department,description,image_url
4,produce,"All that grows,
near and far",https://example.org/4.png
21,missing,,
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
24,fresh fruits
100,missing
END
    {
        echo 'product_id,product_name,aisle_id,department_id'
        printf '%s,Fruit,24,4\n' 101 102 103 104
        printf '%s,Thing,100,21\n' 105 106 107 108
    } | write_csv products.csv
}

# 106 is described and has no price; 107 is not there at all.
write_derived_prices() {
    write_csv enriched4.csv <<'END'
product_id,product_name,description,price,image_url
101,Fruit,"Sweet, ripe",24.58,https://example.org/101.jpg
103,Fruit,,0.2,
102,Fruit,Sour,0.1,
104,Fruit,,0.01,
END
    write_csv enriched21.csv <<'END'
product_id,product_name,description,price,image_url
108,Thing,Large,99999999.99,
105,Thing,Round,1.005,
106,Thing,Nobody knows,,
END
}

write_derived_shop() {
    write_derived_users
    write_derived_orders
    write_derived_items
    write_derived_history
    write_derived_catalogue
    write_derived_prices
}

CATALOGUE_FILES=({departments,aisles,products}.csv)
PRICE_FILES=(enriched{4,21}.csv)
# shellcheck disable=SC2034 # used by the tests
ALL_FILES=({users,orders,items,history}.csv "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}")

# What a load leaves, table by table, without external ids, load times (all others are before 2020)
# and the numbers of the history's rows, whose order counts.
loaded_rows() {
    sql <<'SQL'
SET timezone TO 'UTC';
SELECT 'user', to_jsonb(t) - 'external_user_id' FROM users.users t ORDER BY id;
SELECT 'order', to_jsonb(t) - '{external_order_id,created_at,updated_at}'::text[],
       CASE WHEN created_at < '2020-01-01' THEN created_at END,
       CASE WHEN updated_at < '2020-01-01' THEN updated_at END, updated_at = created_at
  FROM orders.orders t ORDER BY id;
SELECT 'item', to_jsonb(t) FROM orders.order_items t ORDER BY order_id, product_id;
SELECT 'status', to_jsonb(t) - 'history_id' FROM orders.order_status_history t
 ORDER BY order_id, changed_at, history_id;
SELECT 'product', to_jsonb(t) FROM products.products t ORDER BY product_id;
SELECT 'enriched', to_jsonb(t) FROM products.product_enriched t ORDER BY product_id;
SELECT 'aisle', to_jsonb(t) FROM products.aisles t ORDER BY aisle_id;
SELECT 'department', to_jsonb(t) FROM products.departments t ORDER BY department_id;
SELECT 'cart', t FROM orders.carts t ORDER BY id;
SELECT 'cart item', t FROM orders.cart_items t ORDER BY cart_id, product_id;
SQL
}

# An order's history in the order of time: old status, new status, time.
expect_history() {
    expect_sql "SELECT old_status, new_status, changed_at AT TIME ZONE 'UTC'
                  FROM orders.order_status_history WHERE order_id = $1
                 ORDER BY changed_at, history_id" "$2"
}

# What follows from other rows for an order.
expect_order() {
    expect_sql "SELECT total_items, total_price, status FROM orders.orders WHERE id = $1" "$2"
}

# expect_refused STATUS BEFORE LINE ARGUMENT...: the run ends so, says this line and changes nothing.
expect_refused() {
    local exit_status=$1 before=$2 line=$3
    shift 3
    run_load "$@"
    expect_status "$exit_status" && expect_stderr_line "$line" && expect_stdout '' &&
        expect_unchanged "$before"
}

# The database that TimeL-E's own service makes, with its rows.
setup_service() {
    psql -Xq -v ON_ERROR_STOP=1 --file "$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql"
}

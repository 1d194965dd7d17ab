#!/usr/bin/env bats
#
# The main job: files that are right, into an empty database.

load harness
load small_shop
load loaded_rows

# differences FILE WANTED PRESENT: rows of the query WANTED on the file (as `raw`, all text) that
# PRESENT lacks, and the other way round. psql reads the file, which is another reader than ours.
differences() {
    sql <<SQL
CREATE TEMPORARY TABLE raw ($(head -n 1 "$1" | sed 's/,/ text, /g; s/$/ text/'));
\\copy raw FROM '$1' (FORMAT csv, HEADER)
(($2) EXCEPT ALL ($3)) UNION ALL (($3) EXCEPT ALL ($2));
SQL
}

expect_same_rows() {
    expect_equal '' "$(differences "$@")"
}

# All rows of the small shop, without what is random or a time.
shop_rows() {
    sql "SELECT 'user', to_jsonb(t) - 'external_user_id' FROM users.users t ORDER BY id"
    sql "SELECT 'order', to_jsonb(t) - '{external_order_id,created_at,updated_at}'::text[]
           FROM orders.orders t ORDER BY id"
    sql 'SELECT * FROM orders.order_items ORDER BY 1, 2'
    sql 'SELECT * FROM products.products ORDER BY 1'
    sql 'SELECT * FROM products.aisles ORDER BY 1'
    sql 'SELECT * FROM products.departments ORDER BY 1'
}

# Into an empty database ---------------------------------------------------------------------------

@test "three files make users, orders and items, and the products they name" {
    write_history
    run_load --create-schema users.csv orders.csv items.csv
    expect_status 0
    expect_stdout_contains '15 rows'
    expect_sql 'SELECT id, first_name, last_name, hashed_password, email_address, city
                  FROM users.users ORDER BY id' \
        $'1|Ada|Adams|hash-1|ada@example.org|\n2|Bob|Baker|hash-2|bob@example.org|Oslo'
    expect_sql 'SELECT id, user_id, order_number, order_dow, order_hour_of_day,
                       days_since_prior_order FROM orders.orders ORDER BY id' \
        $'11|1|2|3|7|15\n12|1|1|2|8|\n13|2|1|6|23|'
    expect_sql 'SELECT order_id, product_id, add_to_cart_order, reordered, quantity, price
                  FROM orders.order_items ORDER BY order_id, add_to_cart_order' \
        $'11|101|1|1|1|0\n11|103|2|0|1|0\n12|101|1|0|1|0\n12|102|2|0|1|0\n13|102|1|0|1|0'
    expect_sql 'SELECT * FROM products.products ORDER BY 1' \
        $'101|Product 101|100|21|t\n102|Product 102|100|21|t\n103|Product 103|100|21|t'
    expect_sql 'SELECT aisle_id, aisle, inferred FROM products.aisles' '100|missing|t'
    expect_sql 'SELECT department_id, department, inferred FROM products.departments' '21|missing|t'
    expect_foreign_keys_proven
}

@test "six files make a shop in which nothing is inferred" {
    write_history
    write_catalogue
    run_load --create-schema {users,orders,items,products,aisles,departments}.csv
    expect_status 0
    expect_sql 'SELECT * FROM products.products ORDER BY 1' \
        $'101|Banana|24|4|f\n102|Apples, red|24|4|f\n103|Mystery box|100|21|f'
    expect_sql 'SELECT * FROM products.aisles ORDER BY 1' $'24|fresh fruits|f\n100|missing|f'
    expect_sql 'SELECT department_id, department, inferred FROM products.departments ORDER BY 1' \
        $'4|produce|f\n21|missing|f'
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_foreign_keys_proven
}

@test "the six sample files arrive value by value, as psql reads them" {
    run_load --create-schema "${SAMPLE_FILES[@]}"
    expect_status 0
    expect_sql 'SELECT (SELECT count(*) FROM users.users), (SELECT count(*) FROM orders.orders),
                       (SELECT count(*) FROM orders.order_items),
                       (SELECT count(*) FROM products.products),
                       (SELECT count(*) FROM products.aisles),
                       (SELECT count(*) FROM products.departments)' '80|1000|10000|500|134|21'
    expect_same_rows "$SAMPLE/users.csv" \
        'SELECT user_id::bigint, first_name, last_name, hashed_password, email_address,
                phone_number, street_address, city, postal_code, country, last_login::timestamptz,
                last_notifications_viewed_at::timestamptz FROM raw' \
        'SELECT id, first_name, last_name, hashed_password, email_address, phone_number,
                street_address, city, postal_code, country, last_login,
                last_notifications_viewed_at FROM users.users'
    expect_same_rows "$SAMPLE/orders.csv" \
        'SELECT order_id::bigint, user_id::bigint, order_number::integer, order_dow::integer,
                order_hour_of_day::integer, days_since_prior_order::numeric::integer FROM raw' \
        'SELECT id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order
           FROM orders.orders'
    expect_same_rows "$SAMPLE/order_products.csv" \
        'SELECT order_id::bigint, product_id::integer, add_to_cart_order::integer,
                reordered::integer FROM raw' \
        'SELECT order_id, product_id, add_to_cart_order, reordered FROM orders.order_items'
    expect_same_rows "$SAMPLE/products.csv" \
        'SELECT product_id::integer, product_name, aisle_id::integer, department_id::integer,
                false FROM raw' \
        'SELECT product_id, product_name, aisle_id, department_id, inferred FROM products.products'
    expect_foreign_keys_proven
}

@test "the three sample files load alone" {
    run_load --create-schema "${SAMPLE_FILES[@]:0:3}"
    expect_status 0
    expect_sql 'SELECT (SELECT count(*) FROM orders.order_items),
                       (SELECT count(*) FROM products.products WHERE inferred),
                       (SELECT count(DISTINCT product_id) FROM orders.order_items)' '10000|500|500'
    expect_sql "SELECT count(*) FROM products.products
                 WHERE product_name <> 'Product ' || product_id
                    OR (aisle_id, department_id) <> (100, 21)" 0
}

# What a file does not say -------------------------------------------------------------------------

@test "columns that no file has get their defaults, times the time of the load" {
    load_history
    expect_sql 'SELECT DISTINCT phone_number, last_login, days_between_order_notifications,
                       pending_order_notification, order_notifications_via_email
                  FROM users.users' '||7|t|f'
    expect_sql "SELECT DISTINCT total_price, status, tracking_number, invoice,
                       created_at = updated_at, now() - created_at BETWEEN '0' AND '1 minute'
                  FROM orders.orders" '0|pending|||t|t'
    expect_sql 'SELECT count(*) FROM orders.order_status_history' 0
}

@test "columns that a file has are taken instead" {
    write_history
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,created_at,tracking_number,shipping_carrier,tracking_url
11,1,1,0,0,2016-08-19 09:16:40+00:00,TRACK-1,Post,https://example.org/?a=1&b=2
12,1,2,0,0,,,,
13,2,1,0,0,2016-08-19T11:16:40+02:00,,,
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,quantity,price
11,101,1,3,24.58
12,101,1,,
END
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql "SELECT id, created_at = '2016-08-19 09:16:40Z', tracking_number, shipping_carrier,
                       tracking_url FROM orders.orders ORDER BY id" \
        $'11|t|TRACK-1|Post|https://example.org/?a=1&b=2\n12|f|||\n13|t|||'
    expect_sql 'SELECT order_id, reordered, quantity, price FROM orders.order_items ORDER BY 1' \
        $'11|0|3|24.58\n12|0|1|0'
}

@test "a status change after the load is the first line of the order's history" {
    load_history
    expect_sql "UPDATE orders.orders SET status = 'shipped' WHERE id = 11;
                SELECT order_id, old_status, new_status FROM orders.order_status_history" \
        '11|pending|shipped'
}

# Files --------------------------------------------------------------------------------------------

@test "files come in any order" {
    local expected
    load_shop
    expected=$(shop_rows)
    load_quietly --reset --create-schema {items,departments,orders,products,users,aisles}.csv
    expect_equal "$expected" "$(shop_rows)"
    load_quietly --reset --create-schema {aisles,users,departments,products,items,orders}.csv
    expect_equal "$expected" "$(shop_rows)"
}

@test "a table may have several files, each with columns of its own order" {
    local expected
    load_shop
    expected=$(shop_rows)
    write_csv more_users.csv <<'END'
city,email_address,hashed_password,user_id,last_name,first_name
,ada@example.org,hash-1,1,Adams,Ada
END
    sed -i 3d users.csv
    write_csv more_orders.csv <<'END'
days_since_prior_order,order_hour_of_day,order_dow,order_number,user_id,order_id
15.0,07,3,2,1,11
END
    sed -i 3d orders.csv
    write_csv more_items.csv <<'END'
reordered,add_to_cart_order,product_id,order_id
0,2,102,12
0,1,102,13
END
    sed -i 5,6d items.csv
    write_csv more_products.csv <<'END'
department_id,product_name,aisle_id,product_id
4,Banana,24,101
END
    sed -i 2d products.csv
    load_quietly --reset --create-schema {,more_}{users,orders,items,products}.csv \
        {aisles,departments}.csv
    expect_equal "$expected" "$(shop_rows)"
}

@test "a file with an order's items may be followed by one with more of them" {
    write_history
    write_csv train.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
11,102,3,1
13,103,2,0
END
    load_quietly --create-schema users.csv orders.csv items.csv train.csv
    expect_sql 'SELECT order_id, string_agg(product_id::text, $$ $$ ORDER BY add_to_cart_order)
                  FROM orders.order_items GROUP BY 1 ORDER BY 1' \
        $'11|101 103 102\n12|101 102\n13|102 103'
}

@test "- is standard input: a pipe" {
    write_history
    load_quietly --create-schema users.csv - orders.csv < <(cat items.csv)
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
}

@test "- is standard input: a file, from where it stands" {
    write_history
    {
        echo 'Our orders, exported by hand'
        cat orders.csv
    } >titled.csv
    {
        read -r _
        load_quietly --create-schema users.csv items.csv -
    } <titled.csv
    expect_sql 'SELECT count(*) FROM orders.orders' 3
}

@test "the shell may give files that can be read once only" {
    write_history
    load_quietly --create-schema <(cat users.csv) <(cat orders.csv) <(cat items.csv)
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
}

@test "-d says which database, whatever the environment says" {
    local database=$PGDATABASE
    write_history
    export PGDATABASE=nowhere
    run_load -q --create-schema -d "$database" users.csv
    expect_status 0
    run_load -q --dbname="dbname=$database" orders.csv
    expect_status 0
    run_load -q --dbname="postgresql:///$database" items.csv
    expect_status 0
    PGDATABASE=$database
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
}

# What is not loaded -------------------------------------------------------------------------------

@test "ignored columns are named once, well-known ones with --verbose only, likely mistakes always" {
    write_history
    run_load --create-schema users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    run_load --check -v users.csv orders.csv
    expect_status 0
    expect_stderr_contains 'timele-load: users.csv: column password has no place in users.users and is ignored'
    expect_stderr_contains 'timele-load: orders.csv: column eval_set has no place in orders.orders and is ignored'

    sed -i '1s/$/,Price,qty,note/; 2,$s/$/,1.50,5,x/' items.csv
    sed '2,$s/^1/2/' items.csv >order_items.csv
    run_load --reset --create-schema --report=report.json {users,orders,items}.csv --infer=products
    expect_status 0
    expect_equal 'timele-load: warning: items.csv: column Price is ignored; did you mean price?
timele-load: warning: items.csv: column qty is ignored; did you mean quantity?
timele-load: items.csv: column note has no place in orders.order_items and is ignored' "$stderr"
    expect_equal '["items.csv: column Price is ignored; did you mean price?","items.csv: column qty is ignored; did you mean quantity?"]' \
        "$(jq -c .warnings report.json)"
    run_load -q --check --log-format=json {items,order_items}.csv
    expect_status 0
    expect_equal 'warning items.csv (and 1 more): column Price is ignored; did you mean price?
warning items.csv (and 1 more): column qty is ignored; did you mean quantity?' \
        "$(jq -r '"\(.level) \(.message)"' <<<"$stderr")"
}

@test "a plain-text password goes nowhere" {
    write_history
    run_load --create-schema --verbose users.csv orders.csv items.csv
    expect_status 0
    expect_nobody_knows_passwords
}

@test "no plain-text password of the sample goes anywhere" {
    run_load --create-schema --verbose "${SAMPLE_FILES[@]}"
    expect_status 0
    expect_nobody_knows_passwords
}

# Dual ids -----------------------------------------------------------------------------------------

@test "the id of the file is the internal one; the external one is a random UUID of its own" {
    run_load -q --create-schema "${SAMPLE_FILES[@]}"
    expect_status 0
    expect_sql "SELECT count(DISTINCT external_id), bool_and(external_id::text ~ '$V4')
                  FROM (SELECT external_user_id FROM users.users
                        UNION ALL SELECT external_order_id FROM orders.orders) AS t (external_id)" \
        '1080|t'
    expect_sql 'SELECT min(id), max(id), count(*) FROM users.users' '1|80|80'
    expect_sql 'SELECT min(id), max(id), count(*) FROM orders.orders' '1|1000|1000'
}

@test "a second load of the same files gives other external ids" {
    local ids
    load_history
    ids=$(external_ids)
    load_quietly --reset --create-schema users.csv orders.csv items.csv
    ids+=$'\n'$(external_ids)
    [[ $(sort --unique <<<"$ids" | wc -l) == 10 ]]
}

@test "external ids in a file are used; an empty one is made" {
    write_history
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
1,ada@example.org,0B6D6FB5-2A3C-4D0E-8F6E-8D8D7C7B6A51
2,bob@example.org,
3,eve@example.org,""
END
    write_csv orders.csv <<'END'
external_order_id,order_id,user_id,order_number,order_dow,order_hour_of_day
,11,1,1,0,0
5e4f3a2b-1c0d-4e9f-ba7b-6c5d4e3f2a1b,12,1,2,0,0
,13,2,1,0,0
END
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql "SELECT id, external_user_id::text ~ '$V4',
                       external_user_id = '0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51'
                  FROM users.users ORDER BY id" $'1|t|t\n2|t|f\n3|t|f'
    expect_sql "SELECT id, external_order_id::text ~ '$V4',
                       external_order_id = '5e4f3a2b-1c0d-4e9f-ba7b-6c5d4e3f2a1b'
                  FROM orders.orders ORDER BY id" $'11|t|f\n12|t|t\n13|t|f'
    expect_sql 'SELECT count(DISTINCT external_user_id) FROM users.users' 3
}

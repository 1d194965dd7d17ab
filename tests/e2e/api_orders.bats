#!/usr/bin/env bats
#
# What an API server does with orders by the schema `api`, beside the loader.

load harness
load api_server
load api_sample
load api_race

@test "create_order: prices of today, exact totals, and what the loader derives as well" {
    local user first second unpriced
    unpriced=$(sql "SELECT min(product_id) FROM products.products
                     WHERE product_id NOT IN (SELECT product_id FROM products.product_enriched WHERE price IS NOT NULL)")
    user=$(make_user buyer)
    first=$(make_order "$user" "[{\"product_id\": 3, \"quantity\": 1}, {\"product_id\": 2.0, \"quantity\": 3},
                                {\"product_id\": $unpriced}]")
    [[ $first =~ ^$V4$ ]]
    expect_sql "SELECT id >= 3422000, order_dow = extract(dow FROM created_at AT TIME ZONE 'UTC'),
                       order_hour_of_day = extract(hour FROM created_at AT TIME ZONE 'UTC'),
                       created_at = updated_at, now() - created_at < interval '1 minute'
                  FROM orders.orders WHERE external_order_id = '$first'" 't|t|t|t|t'
    expect_sql "SELECT product_id, add_to_cart_order, reordered, quantity, i.price = coalesce(e.price, 0),
                       i.price > 0, price_given
                  FROM orders.order_items i JOIN orders.orders ON id = order_id
                  LEFT JOIN products.product_enriched e USING (product_id)
                 WHERE external_order_id = '$first' ORDER BY add_to_cart_order" \
        "3|1|0|1|t|t|
2|2|0|3|t|t|
$unpriced|3|0|1|t|f|"
    expect_api "SELECT order_number, days_since_prior_order, total_items, status, delivery_name, city,
                       total_price = (SELECT sum(price::text::numeric * quantity)::float8 FROM api.order_items i
                                       WHERE i.external_order_id = o.external_order_id)
                  FROM api.orders o WHERE external_order_id = '$first'" \
        '1||3|pending|buyer Test|Velm|t'
    expect_api "SELECT old_status, new_status, changed_by = '$user', note
                  FROM api.order_status_history WHERE external_order_id = '$first'" '|pending|t|'

    # Ordered again, four days and a bit later; what is new in it is not reordered.
    sql "UPDATE orders.orders SET created_at = now() - interval '4 days 20 hours' WHERE external_order_id = '$first'"
    second=$(make_order "$user" '[{"product_id": 5}, {"product_id": 2}]')
    expect_api "SELECT order_number, days_since_prior_order, string_agg(product_id || ':' || reordered, ' ' ORDER BY add_to_cart_order)
                  FROM api.orders JOIN api.order_items USING (external_order_id)
                 WHERE external_order_id = '$second' GROUP BY 1, 2" '2|4|5:0 2:1'
    # A price that changes later is not the order's.
    sql "UPDATE products.product_enriched SET price = price + 1 WHERE product_id = 5"
    expect_api "SELECT i.price + 1 = p.price FROM api.order_items i JOIN api.products p USING (product_id)
                 WHERE external_order_id = '$second' AND product_id = 5" t
}

@test "create_order gives the row as api.orders shows it, and takes another address" {
    local user order
    user=$(make_user elsewhere)
    # As a client's row, whatever the client's session is set to.
    order=$(api <<SQL
SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kathmandu'; SET extra_float_digits = -15;
SET IntervalStyle = 'sql_standard'; SET plpgsql.extra_errors = 'all'; SET search_path = pg_temp;
SELECT to_jsonb(o) AS row, o.external_order_id AS id
  FROM api.create_order('$user', '[{"product_id": 2, "quantity": 3}, {"product_id": 3}]') AS o \gset
SELECT :'row'::jsonb = to_jsonb(v), created_at = updated_at,
       order_hour_of_day = extract(hour FROM created_at AT TIME ZONE 'UTC'),
       now() - created_at BETWEEN '-1 minute' AND '1 minute'
  FROM api.orders v WHERE external_order_id = :'id';
SELECT to_jsonb(o) AS row
  FROM api.add_order_items('$user', :'id', '[{"product_id": 4, "quantity": 7}]') AS o \gset
SELECT :'row'::jsonb = to_jsonb(v) FROM api.orders v WHERE external_order_id = :'id';
SELECT to_jsonb(o) AS row FROM api.set_order_status(:'id', 'shipped', '$user', 'sent', 'T-1') AS o \gset
SELECT :'row'::jsonb = to_jsonb(v) FROM api.orders v WHERE external_order_id = :'id';
SELECT external_cart_id AS cart FROM api.create_cart('$user') \gset
SELECT to_jsonb(c) AS row FROM api.set_cart_item('$user', :'cart', 3) AS c \gset
SELECT :'row'::jsonb = to_jsonb(v) FROM api.carts v WHERE external_cart_id = :'cart';
SELECT order_number, total_items FROM api.checkout('$user', :'cart', 'key');
SELECT :'id';
SQL
    )
    [[ ${order%$'\n'*} == $'t|t|t|t\nt\nt\nt\n2|1' ]] || unexpected "$order"
    expect_sql "SELECT total_price = (SELECT sum(price::text::numeric * quantity)::float8
                                        FROM orders.order_items WHERE order_id = id)
                  FROM orders.orders WHERE external_order_id = '${order##*$'\n'}'" t

    # Forms send an empty text for what nobody filled in.
    expect_api "SELECT delivery_name, city
                  FROM api.create_order('$user', '[{\"product_id\": 1}]', delivery_name => '', city => '')" \
        "$(api "SELECT concat_ws(' ', first_name, last_name), city FROM api.users WHERE external_user_id = '$user'")"
    # What is left out is the neighbour's to lack, not the user's to give.
    expect_api "SELECT delivery_name, phone_number IS NULL, street_address, city, postal_code IS NULL, country IS NULL
                  FROM api.create_order('$user', '[{\"product_id\": 1}]', delivery_name => 'A neighbour',
                                        street_address => 'Kai 2', city => 'Oslo')" 'A neighbour|t|Kai 2|Oslo|t|t'
}

@test "add_order_items: to a pending order, at today's prices" {
    local user order before
    user=$(make_user adding)
    make_order "$user" '[{"product_id": 4}]' >/dev/null
    order=$(make_order "$user" '[{"product_id": 2}, {"product_id": 3}]')
    # What came later is not what the user had before.
    make_order "$user" '[{"product_id": 5}]' >/dev/null
    before=$(sql "SELECT updated_at FROM orders.orders WHERE external_order_id = '$order'")
    expect_api "SELECT total_items FROM api.add_order_items('$user', '$order', '[{\"product_id\": 5, \"quantity\": 2}, {\"product_id\": 4}]')" 4
    expect_api "SELECT string_agg(concat_ws(':', i.product_id, add_to_cart_order, reordered, quantity), ' ' ORDER BY add_to_cart_order),
                       bool_and(i.price = coalesce(p.price, 0)), min(o.total_items),
                       min(total_price) = sum(i.price::text::numeric * quantity)::float8, min(updated_at) > '$before'
                  FROM api.orders o JOIN api.order_items i USING (external_order_id) JOIN api.products p USING (product_id)
                 WHERE external_order_id = '$order'" '2:1:0:1 3:2:0:1 5:3:0:2 4:4:1:1|t|4|t|t'
    # None of a request's items is added when one cannot be.
    refused TE019 "product 3 is in order $order already" \
        "SELECT api.add_order_items('$user', '$order', '[{\"product_id\": 6}, {\"product_id\": 3}]')"
    expect_refusals
    expect_api "SELECT count(*) FROM api.order_items WHERE external_order_id = '$order'" 4
}

@test "an idempotency key: a retry gets the order that there is" {
    local user other cart order retried
    user=$(make_user retrying)
    other=$(make_user retrying2)
    order=$(api "SELECT external_order_id FROM api.create_order('$user', '[{\"product_id\": 1, \"quantity\": 2}]', 'one')")
    # In whatever way the JSON is written, and as the order is now.
    sql "UPDATE orders.orders SET status = 'shipped' WHERE external_order_id = '$order'"
    expect_api "SELECT external_order_id, status FROM api.create_order('$user', ' [{\"quantity\":2,\"product_id\":1}]', 'one')" \
        "$order|shipped"
    # The key is one user's, and twice in a transaction is a retry, too.
    retried=$(api "BEGIN; SELECT external_order_id FROM api.create_order('$other', '[{\"product_id\": 1, \"quantity\": 2}]', 'one');
                   SELECT external_order_id FROM api.create_order('$other', '[{\"product_id\": 1, \"quantity\": 2}]', 'one'); COMMIT")
    [[ $retried == "${retried%$'\n'*}"$'\n'"${retried%$'\n'*}" && $retried != *"$order"* ]]

    # A cart is empty by then, or gone.
    cart=$(make_cart "$user")
    api "SELECT api.set_cart_item('$user', '$cart', 2)" >/dev/null
    order=$(api "SELECT external_order_id FROM api.checkout('$user', '$cart', 'two')")
    expect_api "SELECT external_order_id FROM api.checkout('$user', '$cart', 'two')" "$order"
    api "SELECT api.delete_cart('$user', '$cart')"
    expect_api "SELECT external_order_id FROM api.checkout('$user', '$cart', 'two')" "$order"

    refused TE020 'the idempotency key was used for another request' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1}]', 'one')"
    refused TE020 'the idempotency key was used for another request' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1, \"quantity\": 2}]', 'one', city => 'Oslo')"
    refused TE020 'the idempotency key was used for another request' "SELECT api.checkout('$user', '$cart', 'one')"
    refused TE021 'idempotency_key is empty or longer than 255 characters' "SELECT api.create_order('$user', '[{\"product_id\": 1}]', '')"
    refused TE021 'idempotency_key is empty or longer than 255 characters' "SELECT api.checkout('$user', '$cart', repeat('k', 256))"
    # What failed may be tried again with the same key.
    refused TE005 'no such product: 70001' "SELECT api.create_order('$user', '[{\"product_id\": 70001}]', 'three')"
    refused TE003 "no such cart: $cart" "SELECT api.checkout('$user', '$cart', repeat('k', 255))"
    expect_refusals
    expect_api "SELECT order_number FROM api.create_order('$user', '[{\"product_id\": 1}]', 'three')" 3
    # Nothing of a request can be read there, nor which are equal.
    api "SELECT FROM api.create_order('$other', '[{\"product_id\": 1, \"quantity\": 2}]', 'same')"
    expect_sql "SELECT count(*), count(*) FILTER (WHERE octet_length(request) = 32), count(DISTINCT request)
                  FROM api_private.idempotency_keys WHERE external_user_id IN ('$user', '$other')" '5|5|5'
    # An order that somebody has deleted.
    sql "DELETE FROM api_private.idempotency_keys WHERE key = 'three';
         UPDATE api_private.idempotency_keys SET external_order_id = '$user' WHERE key = 'two'"
    refused TE002 "no such order: $user" "SELECT api.checkout('$user', '$cart', 'two')"
    expect_refusals
}

@test "orders of 1,000 items, and of one more" {
    local user order items all one cart
    user=$(make_user many)
    sql "INSERT INTO products.products (product_id, product_name, aisle_id, department_id)
         SELECT 200000 + n, 'Product ' || n, (SELECT min(aisle_id) FROM products.aisles),
                (SELECT min(department_id) FROM products.departments) FROM generate_series(1, 1001) n"
    items="(SELECT jsonb_agg(jsonb_build_object('product_id', 200000 + n)) FROM generate_series(%d, %d) n)"
    # shellcheck disable=SC2059 # it is a format
    printf -v all "$items" 1 1000
    # shellcheck disable=SC2059
    printf -v one "$items" 1001 1001
    order=$(api "SELECT external_order_id FROM api.create_order('$user', $all)")
    expect_sql "SELECT total_items, (SELECT count(*) FROM orders.order_items WHERE order_id = id)
                  FROM orders.orders WHERE external_order_id = '$order'" '1000|1000'
    refused TE015 'a request cannot have more than 1000 items' "SELECT api.create_order('$user', $all || $one)"
    refused TE015 'a request cannot have more than 1000 items' "SELECT api.add_order_items('$user', '$order', $all || $one)"
    refused TE015 'an order cannot have more than 1000 items' "SELECT api.add_order_items('$user', '$order', $one)"
    # The last one is wrong.
    refused TE005 'no such product: 70001' "SELECT api.create_order('$user', ($all - 999) || '[{\"product_id\": 70001}]')"
    expect_refusals
    # A cart that was filled without the functions.
    cart=$(make_cart "$user")
    sql "INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order)
         SELECT id, 200000 + n, n FROM orders.carts, generate_series(1, 1000) n WHERE external_cart_id = '$cart'"
    refused TE015 'a cart cannot have more than 1000 items' "SELECT api.set_cart_item('$user', '$cart', 201001)"
    expect_refusals
    expect_api "SELECT total_items FROM api.set_cart_item('$user', '$cart', 200001, 2)" 1000
    sql "INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order)
         SELECT id, 201001, 1 FROM orders.carts WHERE external_cart_id = '$cart'"
    refused TE015 'an order cannot have more than 1000 items' "SELECT api.checkout('$user', '$cart')"
    expect_refusals
    expect_api "SELECT count(*) FROM api.cart_items WHERE external_cart_id = '$cart'" 1001
}

drop_price_checks() {
    sql <<'SQL'
SELECT format('ALTER TABLE products.product_enriched DROP CONSTRAINT %I', conname)
  FROM pg_constraint WHERE conrelid = 'products.product_enriched'::regclass AND contype = 'c' \gexec
SQL
}

@test "prices and totals that are none" {
    local user order price got quantity=1
    user=$(make_user pricing)
    order=$(make_order "$user" '[{"product_id": 3}]')
    # In a database whose price has more room than TimeL-E's, and no check.
    sql "DROP SCHEMA api, api_private CASCADE;
         ALTER TABLE products.product_enriched ALTER price TYPE double precision"
    drop_price_checks
    setup_api
    for price in NaN Infinity -Infinity -0.01 1e15; do
        sql "INSERT INTO products.product_enriched (product_id, price) VALUES (2, '$price')
             ON CONFLICT (product_id) DO UPDATE SET price = excluded.price"
        refused TE016 'the price of product 2 is not valid' "SELECT api.create_order('$user', '[{\"product_id\": 3}, {\"product_id\": 2}]')"
        refused TE016 'the price of product 2 is not valid' "SELECT api.add_order_items('$user', '$order', '[{\"product_id\": 2}]')"
        expect_refusals
    done
    # Sixteen digits; and as somebody's sum of three prices of 1.1 came out, times three.
    sql "UPDATE products.product_enriched SET price = 12345678901234.56 WHERE product_id = 2;
         INSERT INTO products.product_enriched (product_id, price) VALUES (7, 1.1::float8 * 3)
         ON CONFLICT (product_id) DO UPDATE SET price = excluded.price"
    got=$(api <<SQL
SELECT external_order_id AS id
  FROM api.create_order('$user', '[{"product_id": 7, "quantity": 3}]') \gset
SELECT round(total_price::numeric, 2) FROM api.orders WHERE external_order_id = :'id';
SELECT round(total_price::numeric, 2) FROM api.add_order_items('$user', :'id', '[{"product_id": 6}]');
SELECT total_price FROM api.create_order('$user', '[{"product_id": 2}]');
SQL
    )
    [[ $got == $'9.90\n24.92\n12345678901234.56' ]] || unexpected "$got"
    # 2^53 cents, a cent more, and what a double precision cannot tell from its neighbour.
    sql "DROP SCHEMA api, api_private CASCADE;
         UPDATE products.product_enriched SET price = NULL WHERE product_id = 2;
         ALTER TABLE products.product_enriched ALTER price TYPE numeric(18,2)"
    setup_api
    for price in 90071992547409.92 70368744177663.99; do
        sql "UPDATE products.product_enriched SET price = $price WHERE product_id = 2"
        expect_api "SET extra_float_digits = 1; SELECT total_price FROM api.create_order('$user', '[{\"product_id\": 2}]')" "$price"
    done
    for price in 90071992547409.91 45035996273704.97; do
        sql "UPDATE products.product_enriched SET price = $price WHERE product_id = 2"
        refused TE016 'the total of the order cannot be stored exactly' \
            "SELECT api.create_order('$user', '[{\"product_id\": 2, \"quantity\": $quantity}]')"
        refused TE016 'the total of the order cannot be stored exactly' \
            "SELECT api.add_order_items('$user', '$order', '[{\"product_id\": 2, \"quantity\": $quantity}]')"
        expect_refusals
        quantity=2
    done
    sql "DROP SCHEMA api, api_private CASCADE;
         UPDATE products.product_enriched SET price = 1 WHERE product_id = 2;
         ALTER TABLE products.product_enriched ALTER price TYPE numeric(10,2)"
    setup_api
}

# At once ------------------------------------------------------------------------------------------

@test "two orders of a user at once get two numbers, or one of them a conflict" {
    local user create
    user=$(make_user racing)
    create="SELECT order_number FROM api.create_order('$user', '[{\"product_id\": 1}]')"
    race "$create" "$create"
    expect_race 1 2
    race "$create" "$create" 'repeatable\ read'
    expect_race 3 "$CONFLICT"
    race "$create" "$create" serializable
    expect_race 4 "$CONFLICT"
    # In the order of their numbers also by time, and those of one transaction, too.
    expect_api "BEGIN; $create; $create; COMMIT" $'5\n6'
    expect_api "SELECT string_agg(order_number::text, ' ' ORDER BY created_at), count(DISTINCT created_at), min(days_since_prior_order)
                  FROM api.orders WHERE external_user_id = '$user'" '1 2 3 4 5 6|6|0'
    expect_sql "SELECT bool_and(changed_at = created_at)
                  FROM orders.orders JOIN orders.order_status_history ON order_id = id
                  JOIN users.users u ON u.id = user_id WHERE external_user_id = '$user'" t
}

@test "two requests with one idempotency key at once: one order" {
    local user create cart checkout
    user=$(make_user hasty)
    create="SELECT external_order_id, order_number FROM api.create_order('$user', '[{\"product_id\": 1}]', 'k')"
    race "$create" "$create"
    grep -xE "$V4\|1" first
    diff first second
    race "${create/\'k\'/\'l\'}" "${create/\'k\'/\'l\'}" 'repeatable\ read'
    expect_race "$(grep -xE "$V4\|2" first)" "$CONFLICT"
    expect_api "${create/\'k\'/\'l\'}" "$(<first)"
    cart=$(make_cart "$user")
    api "SELECT api.set_cart_item('$user', '$cart', 7)" >/dev/null
    checkout="SELECT external_order_id, order_number FROM api.checkout('$user', '$cart', 'm')"
    race "$checkout" "$checkout"
    grep -xE "$V4\|3" first
    diff first second
    expect_api "SELECT count(*) FROM api.orders WHERE external_user_id = '$user'" 3
}

@test "a user who is deleted while an order or a cart is made for him" {
    local user statement
    user=$(make_user going)
    for statement in "create_order('$user', '[{\"product_id\": 1}]', 'key')" "create_cart('$user')"; do
        RACE_OWNER=first race "DELETE FROM users.users WHERE external_user_id = '$user' RETURNING 'gone'" \
            "SELECT FROM api.$statement"
        expect_race gone "ERROR:  TE001: no such user: $user"
        expect_sql "SELECT count(*) FROM api_private.idempotency_keys WHERE external_user_id = '$user'" 0
        sql "INSERT INTO users.users (external_user_id) VALUES ('$user')"
    done
}

# Beside the loader --------------------------------------------------------------------------------

@test "new rows count from the floor, and a load afterwards leaves them as they are" {
    local before rows user cart
    user=$(make_user beside)
    cart=$(make_cart "$user")
    api "SELECT FROM api.set_cart_item('$user', '$cart', 12)"
    expect_sql "SELECT (SELECT min(id) FROM users.users WHERE id > 80),
                       (SELECT min(id) FROM orders.orders WHERE id > 1000),
                       (SELECT min(id) FROM orders.carts)" '400000|3422000|1'
    rows="SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (
            SELECT xmin, u::text FROM users.users u WHERE id >= 400000
            UNION ALL SELECT xmin, o::text FROM orders.orders o WHERE id >= 3422000
            UNION ALL SELECT xmin, i::text FROM orders.order_items i WHERE order_id >= 3422000
            UNION ALL SELECT xmin, h::text FROM orders.order_status_history h WHERE order_id >= 3422000
            UNION ALL SELECT xmin, c::text FROM orders.carts c
            UNION ALL SELECT xmin, i::text FROM orders.cart_items i) t"
    before=$(sql "$rows")
    printf 'user_id,email_address\n2001,later@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n2001,2001,1,0,8\n' >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n2001,5,1\n' >items.csv
    printf 'order_id,status,changed_at\n2001,shipped,2024-01-02Z\n' >events.csv
    printf 'product_id,description,price\n300001,new,1\n' >enriched.csv
    printf 'product_id,product_name,aisle_id,department_id\n300001,New,1,1\n' >products.csv
    run_load --create-schema --rebuild=always {users,orders,items,events,enriched,products}.csv
    expect_status 0
    expect_silence
    expect_sql "$rows" "$before"
    expect_api "SELECT status, total_items FROM api.orders JOIN api.users USING (external_user_id)
                 WHERE email_address = 'later@example.org'" 'shipped|1'
    expect_api "SELECT total_price FROM api.create_order('$user', '[{\"product_id\": 300001}]')" 1
}

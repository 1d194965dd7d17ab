#!/usr/bin/env bats
#
# What an API server does by the schema `api`: users, orders and carts, beside the loader.

load harness
load api_server
load api_sample

# Orders -------------------------------------------------------------------------------------------

@test "create_order: prices of today, exact totals, and what the loader derives as well" {
    local user first second unpriced
    unpriced=$(sql "SELECT min(product_id) FROM products.products
                     WHERE product_id NOT IN (SELECT product_id FROM products.product_enriched WHERE price IS NOT NULL)")
    user=$(make_user buyer)
    first=$(api "SELECT api.create_order('$user', '[{\"product_id\": 3, \"quantity\": 1}, {\"product_id\": 2.0, \"quantity\": 3},
                                                  {\"product_id\": $unpriced}]')")
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
    second=$(api "SELECT api.create_order('$user', '[{\"product_id\": 5}, {\"product_id\": 2}]')")
    expect_api "SELECT order_number, days_since_prior_order, string_agg(product_id || ':' || reordered, ' ' ORDER BY add_to_cart_order)
                  FROM api.orders JOIN api.order_items USING (external_order_id)
                 WHERE external_order_id = '$second' GROUP BY 1, 2" '2|4|5:0 2:1'
    # A price that changes later is not the order's.
    sql "UPDATE products.product_enriched SET price = price + 1 WHERE product_id = 5"
    expect_api "SELECT i.price + 1 = p.price FROM api.order_items i JOIN api.products p USING (product_id)
                 WHERE external_order_id = '$second' AND product_id = 5" t
}

@test "an order of ten items is one statement" {
    local user
    user=$(make_user ten)
    expect_api "SELECT total_items FROM api.orders
                 WHERE external_order_id = (
                   SELECT api.create_order('$user', jsonb_agg(jsonb_build_object('product_id', n)))
                     FROM generate_series(1, 10) n)" ''
    expect_api "SELECT total_items, (SELECT count(*) FROM api.order_items i
                                      WHERE i.external_order_id = o.external_order_id)
                  FROM api.orders o WHERE external_user_id = '$user'" '10|10'
}

@test "set_order_status: one row of history, whatever the trigger does" {
    local user order
    user=$(make_user clerk)
    order=$(api "SELECT api.create_order('$user', '[{\"product_id\": 1}]')")
    api "SELECT api.set_order_status('$order', 'processing', '$user', 'on its way')"
    api "SELECT api.set_order_status('$order', 'shipped')"
    # Settings are any client's to make; one tells the trigger to write nothing, one is no UUID.
    expect_api "SET timele.loading = 'on';
                SET timele.changed_by = 'nonsense';
                SELECT FROM api.set_order_status('$order', 'delivered', '$user');
                SELECT current_setting('timele.changed_by')" nonsense
    sql 'ALTER TABLE orders.orders DISABLE TRIGGER record_status_change'
    api "SELECT api.set_order_status('$order', 'returned', note => 'torn')"
    sql 'ALTER TABLE orders.orders ENABLE TRIGGER record_status_change'
    # Undone together.
    api "BEGIN; SELECT api.set_order_status('$order', 'refunded'); ROLLBACK"
    expect_api "SELECT old_status, new_status, CASE changed_by WHEN '$user' THEN 'clerk' END, note
                  FROM api.order_status_history
                 WHERE external_order_id = '$order' ORDER BY changed_at" \
        '|pending|clerk|
pending|processing|clerk|on its way
processing|shipped||
shipped|delivered|clerk|
delivered|returned||torn'
    expect_api "SELECT status, updated_at = (SELECT max(changed_at) FROM api.order_status_history
                                              WHERE external_order_id = '$order')
                  FROM api.orders WHERE external_order_id = '$order'" 'returned|t'
}

# Carts --------------------------------------------------------------------------------------------

@test "a cart from its making to the order" {
    local user cart order
    user=$(make_user shopper)
    cart=$(api "SELECT api.create_cart('$user')")
    [[ $cart =~ ^$V4$ ]]
    api "SELECT api.set_cart_item('$user', '$cart', 12, 2)"
    api "SELECT api.set_cart_item('$user', '$cart', 8)"
    api "SELECT api.set_cart_item('$user', '$cart', 14, 1)"
    api "SELECT api.set_cart_item('$user', '$cart', 12, 5)"
    api "SELECT api.remove_cart_item('$user', '$cart', 14)"
    expect_api "SELECT product_id, add_to_cart_order, reordered, quantity FROM api.cart_items
                 WHERE external_cart_id = '$cart' ORDER BY 2" $'12|1|0|5\n8|2|0|1'
    expect_api "SELECT external_user_id, total_items FROM api.carts WHERE external_cart_id = '$cart'" \
        "$user|2"
    order=$(api "SELECT api.checkout('$user', '$cart')")
    expect_api "SELECT product_id, add_to_cart_order, quantity FROM api.order_items
                 WHERE external_order_id = '$order' ORDER BY 2" $'12|1|5\n8|2|1'
    expect_api "SELECT total_items, external_user_id, (SELECT count(*) FROM api.cart_items
                                                        WHERE external_cart_id = '$cart')
                  FROM api.carts WHERE external_cart_id = '$cart'" "0|$user|0"
    # It can be filled again.
    api "SELECT api.set_cart_item('$user', '$cart', 12, 1)"
    expect_api "SELECT add_to_cart_order, reordered FROM api.cart_items
                 WHERE external_cart_id = '$cart'" '1|1'
}

waits_for_lock() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'second'
               AND datname = current_database() AND wait_event_type = 'Lock'") == 1 ]]
}

@test "two checkouts of a cart at once make one order" {
    local user cart deadline=$((SECONDS + 300)) status=0
    user=$(make_user twice)
    cart=$(api "SELECT api.create_cart('$user')")
    api "SELECT api.set_cart_item('$user', '$cart', 7)"
    mkfifo commands
    PGUSER=$api_server psql -XAtq <commands >early 2>&1 3>&- &
    exec 7>commands
    echo "BEGIN; SELECT api.checkout('$user', '$cart');" >&7
    until grep -qE "^$V4$" early; do
        ((SECONDS < deadline))
        sleep 0.02
    done
    PGAPPNAME=second api "SELECT api.checkout('$user', '$cart')" >late 2>&1 3>&- 7>&- &
    until waits_for_lock; do
        ((SECONDS < deadline))
        sleep 0.02
    done
    echo 'COMMIT;' >&7
    exec 7>&-
    wait %1
    wait %2 || status=$?
    ((status != 0))
    grep -qx "ERROR:  cart $cart is empty" late
    expect_api "SELECT external_order_id FROM api.orders WHERE external_user_id = '$user'" "$(<early)"
}

# Beside the loader --------------------------------------------------------------------------------

@test "new rows count from the floor, and a load afterwards leaves them as they are" {
    local before rows
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
    run_load --create-schema --create-api --rebuild=always {users,orders,items,events,enriched,products}.csv
    expect_status 0
    expect_silence
    expect_sql "$rows" "$before"
    expect_api "SELECT status, total_items FROM api.orders JOIN api.users USING (external_user_id)
                 WHERE email_address = 'later@example.org'" 'shipped|1'
    api "SELECT api.create_order(api.create_user('last@example.net'), '[{\"product_id\": 300001}]')"
    expect_api "SELECT total_price FROM api.orders WHERE delivery_name IS NULL
                   AND external_user_id = (SELECT external_user_id FROM api.users WHERE email_address = 'last@example.net')" 1
}

@test "look-ups by external id use the unique indexes, with 100,000 orders" {
    sql <<'SQL'
SET session_replication_role = replica; -- asks for no foreign key
INSERT INTO users.users (id) SELECT n FROM generate_series(100001, 110000) n;
INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
SELECT 100000 + n, 100001 + n % 10000, 1 + n / 10000, 0, 0 FROM generate_series(0, 99999) n;
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
SELECT 100000 + n, 1, 1 FROM generate_series(0, 29999) n;
INSERT INTO orders.order_status_history (order_id, new_status)
SELECT 100000 + n, 'pending' FROM generate_series(0, 29999) n;
INSERT INTO orders.carts (user_id) SELECT 100000 + n FROM generate_series(1, 10000) n;
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) SELECT id, 1, 1 FROM orders.carts
ON CONFLICT DO NOTHING;
ANALYZE;
SQL
    # Every plan that lacks one of its indexes, or reads a table from end to end.
    api >plans <<'SQL'
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
    plan := plan || line || E'\n';
  END LOOP;
  RETURN plan;
END
$$;
\set id '\'11111111-1111-4111-8111-111111111111\''
-- From a parameter, as a server sends it.
SET plan_cache_mode = force_generic_plan;
PREPARE look_up (uuid) AS SELECT * FROM api.orders WHERE external_order_id = $1;
SELECT query, indexes, plan
  FROM (VALUES
    ('SELECT * FROM api.users WHERE external_user_id = ', '{users_external_user_id_key}'::text[]),
    ('SELECT * FROM api.users WHERE email_address = ', '{users_email_address_key}'),
    ('SELECT * FROM api.orders WHERE external_order_id = ', '{orders_external_order_id_key}'),
    ('SELECT * FROM api.orders WHERE external_user_id = ', '{users_external_user_id_key,orders_user_id}'),
    ('SELECT * FROM api.order_items WHERE external_order_id = ',
     '{orders_external_order_id_key,order_items_pkey}'),
    ('SELECT * FROM api.order_status_history WHERE external_order_id = ',
     '{orders_external_order_id_key,order_status_history_order_id}'),
    ('SELECT * FROM api.carts WHERE external_cart_id = ', '{carts_external_cart_id_key}'),
    ('SELECT * FROM api.carts WHERE external_user_id = ', '{users_external_user_id_key,carts_user_id}'),
    ('SELECT * FROM api.cart_items WHERE external_cart_id = ', '{carts_external_cart_id_key,cart_items_pkey}'),
    ('EXECUTE look_up', '{orders_external_order_id_key}'),
    ('SELECT external_order_id FROM api.orders WHERE $$nobody$$ <> ', '{}')
  ) AS look_up (query, indexes)
  CROSS JOIN LATERAL pg_temp.plan(query || '(' || quote_literal(:id) || ')') AS plan
 WHERE plan LIKE '%Seq Scan%'
    OR EXISTS (SELECT FROM unnest(indexes) AS name WHERE plan !~ ('Scan (using|on) ' || name));
SQL
    # The last one asks for all orders: the question can be answered wrongly.
    [ "$(grep -c '^SELECT' plans)" -eq 1 ]
    grep -q '^SELECT external_order_id FROM api.orders WHERE' plans
}

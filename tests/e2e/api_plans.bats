#!/usr/bin/env bats
#
# How PostgreSQL answers what an API server asks, with 100,000 orders: by indexes.

load harness
load api_server
load api_sample

setup_file() {
    start_file
    create_api_server
    load_sample
    sql <<'SQL'
SET session_replication_role = replica; -- asks for no foreign key
INSERT INTO users.users (id) SELECT n FROM generate_series(100001, 110000) n;
INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
SELECT 100000 + n, 100001 + n % 10000, 1 + n / 10000, 0, 0 FROM generate_series(0, 99999) n;
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
SELECT 100000 + n, place, place FROM generate_series(0, 29999) n, generate_series(1, 2) place;
INSERT INTO orders.order_status_history (order_id, new_status)
SELECT 100000 + n, 'pending' FROM generate_series(0, 29999) n;
INSERT INTO orders.carts (user_id) SELECT 100000 + n FROM generate_series(1, 10000) n;
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) SELECT id, 1, 1 FROM orders.carts;
ANALYZE;
SQL
}

# expect_indexes <FILE: lines of the indexes that a plan must use, separated by commas, and a query. No
# table of many rows may be read from end to end, whether the query is planned for its values or once
# for all values.
expect_indexes() {
    { cat <<'SQL' && sed "s/^\([^ ]*\) \(.*\)/SELECT * FROM pg_temp.wrong('{\1}', \$query\$\2\$query\$);/"; } |
CREATE FUNCTION pg_temp.wrong(indexes text[], query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  mode text;
  line text;
  plan text;
BEGIN
  FOREACH mode IN ARRAY '{force_custom_plan,force_generic_plan}'::text[] LOOP
    PERFORM set_config('plan_cache_mode', mode, false);
    plan := '';
    EXECUTE 'PREPARE asked AS ' || query;
    FOR line IN EXECUTE 'EXPLAIN EXECUTE asked' ||
                        CASE WHEN query LIKE '%$1%' THEN '(''11111111-1111-4111-8111-111111111111'')' ELSE '' END
    LOOP
      plan := plan || E'\n' || line;
    END LOOP;
    DEALLOCATE asked;
    IF plan ~ 'Seq Scan on (users|orders|order_items|order_status_history|carts|cart_items)\M'
      OR EXISTS (SELECT FROM unnest(indexes) AS name WHERE plan !~ ('Scan (using|Backward using|on) ' || name))
    THEN
      RETURN NEXT concat(mode, ': ', query, plan);
    END IF;
  END LOOP;
END
$$;
SQL
        api >wrong
}

@test "look-ups by external id, a user's orders, an order's items" {
    expect_indexes <<'END'
users_external_user_id_key SELECT * FROM api.users WHERE external_user_id = $1
users_email_address_key SELECT * FROM api.users WHERE email_address = $1
orders_external_order_id_key SELECT * FROM api.orders WHERE external_order_id = $1
users_external_user_id_key,orders_user_id SELECT * FROM api.orders WHERE external_user_id = $1
users_external_user_id_key,orders_user_id SELECT * FROM api.orders WHERE external_user_id = $1 ORDER BY order_number DESC
users_external_user_id_key,orders_user_id SELECT * FROM api.orders WHERE external_user_id = $1 ORDER BY created_at DESC LIMIT 20
orders_external_order_id_key,order_items_pkey SELECT * FROM api.order_items WHERE external_order_id = $1
orders_external_order_id_key,order_status_history_order_id SELECT * FROM api.order_status_history WHERE external_order_id = $1 ORDER BY changed_at
carts_external_cart_id_key SELECT * FROM api.carts WHERE external_cart_id = $1
users_external_user_id_key,carts_user_id SELECT * FROM api.carts WHERE external_user_id = $1
carts_external_cart_id_key,cart_items_pkey SELECT * FROM api.cart_items WHERE external_cart_id = $1
END
    [[ ! -s wrong ]] || unexpected "$(<wrong)"
}

@test "joins, as API servers make them" {
    expect_indexes <<'END'
orders_external_order_id_key,order_items_pkey SELECT * FROM api.orders JOIN api.order_items USING (external_order_id) WHERE external_order_id = $1
orders_external_order_id_key,order_items_pkey SELECT * FROM api.orders JOIN api.order_items USING (external_order_id) JOIN api.products USING (product_id) WHERE external_order_id = $1
users_email_address_key,orders_user_id SELECT * FROM api.users JOIN api.orders USING (external_user_id) WHERE email_address = $1
users_email_address_key,orders_user_id,order_items_pkey SELECT * FROM api.users JOIN api.orders USING (external_user_id) JOIN api.order_items USING (external_order_id) WHERE email_address = $1
orders_external_order_id_key,users_pkey SELECT o.*, u.email_address FROM api.orders o LEFT JOIN api.users u ON u.external_user_id = o.external_user_id WHERE o.external_order_id = $1
users_external_user_id_key,orders_user_id SELECT made.* FROM (SELECT (value ->> 0)::uuid AS id FROM json_array_elements(json_build_array(json_build_array($1::text)))) AS known, LATERAL (SELECT o.external_order_id::text FROM api.orders o WHERE o.external_user_id = known.id ORDER BY o.external_order_id) AS made
users_external_user_id_key,orders_user_id,order_items_pkey SELECT u.external_user_id, o.list FROM api.users u LEFT JOIN LATERAL (SELECT json_agg(x) AS list FROM (SELECT o.order_number, i.list FROM api.orders o LEFT JOIN LATERAL (SELECT json_agg(y) AS list FROM api.order_items y WHERE y.external_order_id = o.external_order_id) i ON true WHERE o.external_user_id = u.external_user_id ORDER BY o.order_number DESC LIMIT 20) x) o ON true WHERE u.external_user_id = $1
END
    [[ ! -s wrong ]] || unexpected "$(<wrong)"
}

@test "lists in the order of external ids" {
    expect_indexes <<'END'
users_external_user_id_key SELECT * FROM api.users ORDER BY external_user_id LIMIT 20
users_external_user_id_key SELECT * FROM api.users WHERE external_user_id > $1 ORDER BY external_user_id LIMIT 20
orders_external_order_id_key SELECT * FROM api.orders ORDER BY external_order_id LIMIT 20
orders_external_order_id_key SELECT * FROM api.orders WHERE external_order_id > $1 ORDER BY external_order_id LIMIT 20
orders_external_order_id_key,order_items_pkey SELECT * FROM api.order_items ORDER BY external_order_id, product_id LIMIT 20
orders_external_order_id_key,order_items_pkey SELECT * FROM api.order_items WHERE external_order_id >= $1 AND (external_order_id > $1 OR product_id > 5) ORDER BY external_order_id, product_id LIMIT 20
orders_external_order_id_key,order_status_history_order_id SELECT * FROM api.order_status_history ORDER BY external_order_id, changed_at, new_status LIMIT 20
carts_external_cart_id_key SELECT * FROM api.carts ORDER BY external_cart_id LIMIT 20
carts_external_cart_id_key,cart_items_pkey SELECT * FROM api.cart_items ORDER BY external_cart_id, product_id LIMIT 20
END
    [[ ! -s wrong ]] || unexpected "$(<wrong)"
}

# What has no index, as docs/api.md says, is found: the tests above can fail.
@test "lists of all orders by time or status read all orders" {
    expect_indexes <<'END'
orders_external_order_id_key SELECT * FROM api.orders ORDER BY created_at DESC LIMIT 20
orders_external_order_id_key SELECT count(*) FROM api.orders WHERE status = 'pending'
END
    [ "$(grep -c 'Seq Scan on orders' wrong)" -eq 4 ]
}

@test "on a server without Citus no function asks what Citus has distributed" {
    expect_sql "SET track_functions = 'pl';
        DO \$\$ BEGIN
          PERFORM api.create_cart((SELECT external_user_id FROM users.users LIMIT 1));
        END \$\$;
        SELECT pg_stat_get_xact_function_calls('api_private.find_user'::regproc) > 0,
               coalesce(pg_stat_get_xact_function_calls('api_private.citus_tables'::regproc), 0)" 't|0'
}

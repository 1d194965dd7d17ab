#!/usr/bin/env bats
#
# What an API server does by the schema `api`: users, orders and carts, beside the loader.

load harness
load api_server
load api_sample

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

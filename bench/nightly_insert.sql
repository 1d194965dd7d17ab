-- The expert's way to add new orders and their items: temporary tables, INSERT ... SELECT.
--
-- Run in the directory of the files: \copy takes no variables.

\set ON_ERROR_STOP on

BEGIN;

SET LOCAL jit = off;

CREATE TEMPORARY TABLE staged_orders (
  order_id                bigint,
  user_id                 bigint,
  eval_set                text,
  order_number            integer,
  order_dow               integer,
  order_hour_of_day       integer,
  days_since_prior_order  real
) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_items (
  order_id           bigint,
  product_id         integer,
  add_to_cart_order  integer,
  reordered          integer
) ON COMMIT DROP;

\copy staged_orders FROM 'orders.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy staged_items FROM 'order_products.csv' WITH (FORMAT csv, HEADER, FREEZE)

ANALYZE staged_orders, staged_items;

INSERT INTO orders.orders (
  id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order, total_items,
  delivery_name, phone_number, street_address, city, postal_code, country
)
SELECT staged.order_id, staged.user_id, order_number, order_dow, order_hour_of_day,
       days_since_prior_order, coalesce(counted.items, 0),
       left(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), 100),
       phone_number, street_address, city, postal_code, country
  FROM staged_orders AS staged
  JOIN users.users ON users.id = staged.user_id
  LEFT JOIN (
    SELECT order_id, count(*) AS items FROM staged_items GROUP BY order_id
  ) AS counted USING (order_id);

INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order, reordered)
SELECT order_id, product_id, add_to_cart_order, reordered
  FROM staged_items;

SELECT setval('orders.orders_id_seq', greatest(3422000, max(id) + 1), false) FROM orders.orders \g /dev/null

COMMIT;

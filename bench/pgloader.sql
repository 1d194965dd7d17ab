-- What pgloader cannot fill from the columns of one file, each table in one statement.

\set ON_ERROR_STOP on

BEGIN;

SET LOCAL work_mem = '512MB';

UPDATE users.users
   SET days_between_order_notifications = 7,
       order_notifications_start_date_time = last_login,
       order_notifications_next_scheduled_time = last_login + interval '7 days',
       last_notification_sent_at = last_login;

UPDATE orders.orders
   SET total_items = coalesce(derived.items, 0),
       delivery_name = derived.delivery_name,
       phone_number = derived.phone_number,
       street_address = derived.street_address,
       city = derived.city,
       postal_code = derived.postal_code,
       country = derived.country
  FROM (
    SELECT placed.id, counted.items,
           left(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), 100)
             AS delivery_name,
           users.phone_number, users.street_address, users.city, users.postal_code, users.country
      FROM orders.orders AS placed
      JOIN users.users ON users.id = placed.user_id
      LEFT JOIN (
        SELECT order_id, count(*) AS items FROM orders.order_items GROUP BY order_id
      ) AS counted ON counted.order_id = placed.id
  ) AS derived
 WHERE orders.id = derived.id;

SELECT setval('products.departments_department_id_seq', max(department_id)) FROM products.departments \g /dev/null
SELECT setval('products.aisles_aisle_id_seq', max(aisle_id)) FROM products.aisles \g /dev/null
SELECT setval('products.products_product_id_seq', max(product_id)) FROM products.products \g /dev/null
SELECT setval('users.users_id_seq', greatest(400000, max(id) + 1), false) FROM users.users \g /dev/null
SELECT setval('orders.orders_id_seq', greatest(3422000, max(id) + 1), false) FROM orders.orders \g /dev/null

COMMIT;

ANALYZE;

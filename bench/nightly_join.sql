-- The expert's way to load once more what the database has mostly: rows that differ are updated by a
-- join with the files' rows, and those that are not there inserted.
--
-- Variables: those of nightly_stage.sql and nightly_end.sql.

\ir nightly_stage.sql

\if :catalogue
UPDATE products.departments AS kept
   SET department = staged.department
  FROM staged_departments AS staged
 WHERE kept.department_id = staged.department_id
   AND kept.department IS DISTINCT FROM staged.department;

INSERT INTO products.departments (department_id, department)
SELECT department_id, department
  FROM staged_departments AS staged
 WHERE NOT EXISTS (SELECT FROM products.departments AS kept
                    WHERE kept.department_id = staged.department_id);

UPDATE products.aisles AS kept
   SET aisle = staged.aisle
  FROM staged_aisles AS staged
 WHERE kept.aisle_id = staged.aisle_id
   AND kept.aisle IS DISTINCT FROM staged.aisle;

INSERT INTO products.aisles (aisle_id, aisle)
SELECT aisle_id, aisle
  FROM staged_aisles AS staged
 WHERE NOT EXISTS (SELECT FROM products.aisles AS kept WHERE kept.aisle_id = staged.aisle_id);

UPDATE products.products AS kept
   SET (product_name, aisle_id, department_id) =
       ROW (staged.product_name, staged.aisle_id, staged.department_id)
  FROM staged_products AS staged
 WHERE kept.product_id = staged.product_id
   AND (kept.product_name, kept.aisle_id, kept.department_id) IS DISTINCT FROM
       (staged.product_name, staged.aisle_id, staged.department_id);

INSERT INTO products.products (product_id, product_name, aisle_id, department_id)
SELECT product_id, product_name, aisle_id, department_id
  FROM staged_products AS staged
 WHERE NOT EXISTS (SELECT FROM products.products AS kept
                    WHERE kept.product_id = staged.product_id);
\endif

\if :users
-- The orders of changed users are delivered to where they live now.
WITH changed AS (
  UPDATE users.users AS kept
     SET (first_name, last_name, hashed_password, email_address, phone_number, street_address, city,
          postal_code, country, last_login, last_notifications_viewed_at) =
         ROW (staged.first_name, staged.last_name, staged.hashed_password, staged.email_address,
              staged.phone_number, staged.street_address, staged.city, staged.postal_code,
              staged.country, staged.last_login, staged.last_notifications_viewed_at)
    FROM staged_users AS staged
   WHERE kept.id = staged.user_id
     AND (kept.first_name, kept.last_name, kept.hashed_password, kept.email_address,
          kept.phone_number, kept.street_address, kept.city, kept.postal_code, kept.country,
          kept.last_login, kept.last_notifications_viewed_at) IS DISTINCT FROM
         (staged.first_name, staged.last_name, staged.hashed_password, staged.email_address,
          staged.phone_number, staged.street_address, staged.city, staged.postal_code,
          staged.country, staged.last_login, staged.last_notifications_viewed_at)
  RETURNING kept.id AS user_id,
            left(nullif(concat_ws(' ', nullif(kept.first_name, ''), nullif(kept.last_name, '')), ''),
                 100) AS delivery_name,
            kept.phone_number, kept.street_address, kept.city, kept.postal_code, kept.country
)
UPDATE orders.orders AS kept
   SET (delivery_name, phone_number, street_address, city, postal_code, country) =
       ROW (changed.delivery_name, changed.phone_number, changed.street_address, changed.city,
            changed.postal_code, changed.country)
  FROM changed
 WHERE kept.user_id = changed.user_id
   AND kept.id < 3422000
   AND (kept.delivery_name, kept.phone_number, kept.street_address, kept.city, kept.postal_code,
        kept.country) IS DISTINCT FROM
       (changed.delivery_name, changed.phone_number, changed.street_address, changed.city,
        changed.postal_code, changed.country);

INSERT INTO users.users (
  id, first_name, last_name, hashed_password, email_address, phone_number, street_address, city,
  postal_code, country, last_login, last_notifications_viewed_at, days_between_order_notifications,
  order_notifications_start_date_time, order_notifications_next_scheduled_time,
  last_notification_sent_at
)
SELECT user_id, first_name, last_name, hashed_password, email_address, phone_number,
       street_address, city, postal_code, country, last_login, last_notifications_viewed_at, 7,
       last_login, last_login + interval '7 days', last_login
  FROM staged_users AS staged
 WHERE NOT EXISTS (SELECT FROM users.users AS kept WHERE kept.id = staged.user_id);
\endif

\if :orders
UPDATE orders.orders AS kept
   SET (user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order) =
       ROW (staged.user_id, staged.order_number, staged.order_dow, staged.order_hour_of_day,
            staged.days_since_prior_order)
  FROM staged_orders AS staged
 WHERE kept.id = staged.order_id
   AND (kept.user_id, kept.order_number, kept.order_dow, kept.order_hour_of_day,
        kept.days_since_prior_order) IS DISTINCT FROM
       (staged.user_id, staged.order_number, staged.order_dow, staged.order_hour_of_day,
        staged.days_since_prior_order);

INSERT INTO orders.orders (
  id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order, delivery_name,
  phone_number, street_address, city, postal_code, country
)
SELECT order_id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order,
       left(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), 100),
       phone_number, street_address, city, postal_code, country
  FROM staged_orders AS staged
  JOIN users.users ON users.id = staged.user_id
 WHERE NOT EXISTS (SELECT FROM orders.orders AS kept WHERE kept.id = staged.order_id);
\endif

\if :items
-- Both sides come in nearly the order of the key: that is faster than a hash of millions of rows.
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_nestloop = off;
-- One side takes the order of its index.
SET LOCAL enable_sort = off;

UPDATE orders.order_items AS kept
   SET add_to_cart_order = staged.add_to_cart_order, reordered = staged.reordered
  FROM staged_items AS staged
 WHERE kept.order_id = staged.order_id
   AND kept.product_id = staged.product_id
   AND (kept.add_to_cart_order, kept.reordered) IS DISTINCT FROM
       (staged.add_to_cart_order, staged.reordered);

SET LOCAL enable_hashjoin = on;
SET LOCAL enable_nestloop = on;
SET LOCAL enable_sort = on;

WITH added AS (
  INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order, reordered)
  SELECT order_id, product_id, add_to_cart_order, reordered
    FROM staged_items AS staged
   WHERE NOT EXISTS (SELECT FROM orders.order_items AS kept
                      WHERE kept.order_id = staged.order_id AND kept.product_id = staged.product_id)
  RETURNING order_id
)
INSERT INTO concerned_orders SELECT order_id FROM added;
\endif

\ir nightly_end.sql

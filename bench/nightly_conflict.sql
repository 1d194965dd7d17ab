-- The expert's other way to load once more what the database has mostly: INSERT, and where the key is
-- there, UPDATE.
--
-- Variables: those of nightly_stage.sql and nightly_end.sql.

\ir nightly_stage.sql

\if :catalogue
INSERT INTO products.departments AS kept (department_id, department)
SELECT department_id, department FROM staged_departments
    ON CONFLICT (department_id) DO UPDATE
   SET department = excluded.department
 WHERE kept.department IS DISTINCT FROM excluded.department;

INSERT INTO products.aisles AS kept (aisle_id, aisle)
SELECT aisle_id, aisle FROM staged_aisles
    ON CONFLICT (aisle_id) DO UPDATE
   SET aisle = excluded.aisle
 WHERE kept.aisle IS DISTINCT FROM excluded.aisle;

INSERT INTO products.products AS kept (product_id, product_name, aisle_id, department_id)
SELECT product_id, product_name, aisle_id, department_id FROM staged_products
    ON CONFLICT (product_id) DO UPDATE
   SET (product_name, aisle_id, department_id) =
       ROW (excluded.product_name, excluded.aisle_id, excluded.department_id)
 WHERE (kept.product_name, kept.aisle_id, kept.department_id) IS DISTINCT FROM
       (excluded.product_name, excluded.aisle_id, excluded.department_id);
\endif

\if :users
-- The orders of changed users are delivered to where they live now.
WITH changed AS (
  INSERT INTO users.users AS kept (
    id, first_name, last_name, hashed_password, email_address, phone_number, street_address, city,
    postal_code, country, last_login, last_notifications_viewed_at,
    days_between_order_notifications, order_notifications_start_date_time,
    order_notifications_next_scheduled_time, last_notification_sent_at
  )
  SELECT user_id, first_name, last_name, hashed_password, email_address, phone_number,
         street_address, city, postal_code, country, last_login, last_notifications_viewed_at, 7,
         last_login, last_login + interval '7 days', last_login
    FROM staged_users
      ON CONFLICT (id) DO UPDATE
     SET (first_name, last_name, hashed_password, email_address, phone_number, street_address, city,
          postal_code, country, last_login, last_notifications_viewed_at) =
         ROW (excluded.first_name, excluded.last_name, excluded.hashed_password,
              excluded.email_address, excluded.phone_number, excluded.street_address, excluded.city,
              excluded.postal_code, excluded.country, excluded.last_login,
              excluded.last_notifications_viewed_at)
   WHERE (kept.first_name, kept.last_name, kept.hashed_password, kept.email_address,
          kept.phone_number, kept.street_address, kept.city, kept.postal_code, kept.country,
          kept.last_login, kept.last_notifications_viewed_at) IS DISTINCT FROM
         (excluded.first_name, excluded.last_name, excluded.hashed_password,
          excluded.email_address, excluded.phone_number, excluded.street_address, excluded.city,
          excluded.postal_code, excluded.country, excluded.last_login,
          excluded.last_notifications_viewed_at)
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
\endif

\if :orders
INSERT INTO orders.orders AS kept (
  id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order, delivery_name,
  phone_number, street_address, city, postal_code, country
)
SELECT order_id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order,
       left(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), 100),
       phone_number, street_address, city, postal_code, country
  FROM staged_orders
  JOIN users.users ON users.id = user_id
    ON CONFLICT (id) DO UPDATE
   SET (user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order) =
       ROW (excluded.user_id, excluded.order_number, excluded.order_dow,
            excluded.order_hour_of_day, excluded.days_since_prior_order)
 WHERE (kept.user_id, kept.order_number, kept.order_dow, kept.order_hour_of_day,
        kept.days_since_prior_order) IS DISTINCT FROM
       (excluded.user_id, excluded.order_number, excluded.order_dow, excluded.order_hour_of_day,
        excluded.days_since_prior_order);
\endif

\if :items
-- A row that was inserted has no xmax.
WITH written AS (
  INSERT INTO orders.order_items AS kept (order_id, product_id, add_to_cart_order, reordered)
  SELECT order_id, product_id, add_to_cart_order, reordered FROM staged_items
      ON CONFLICT (order_id, product_id) DO UPDATE
     SET add_to_cart_order = excluded.add_to_cart_order, reordered = excluded.reordered
   WHERE (kept.add_to_cart_order, kept.reordered) IS DISTINCT FROM
         (excluded.add_to_cart_order, excluded.reordered)
  RETURNING kept.order_id, kept.xmax
)
INSERT INTO concerned_orders SELECT order_id FROM written WHERE xmax = 0;
\endif

\ir nightly_end.sql

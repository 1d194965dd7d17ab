-- The plain way: the schema as it stands, then psql's \copy, constraints and indexes on, parents
-- first. What a column list cannot say goes through a temporary table: the columns that have no
-- place (password, eval_set), days written as 14.0, delivery details from the user. The totals of
-- the orders follow when their items are there.
--
-- Run in the directory of the files: \copy takes no variables.

\set ON_ERROR_STOP on

\ir ../schema.sql

\copy products.departments (department_id, department) FROM 'departments.csv' WITH (FORMAT csv, HEADER)
\copy products.aisles (aisle_id, aisle) FROM 'aisles.csv' WITH (FORMAT csv, HEADER)
\copy products.products (product_id, product_name, aisle_id, department_id) FROM 'products.csv' WITH (FORMAT csv, HEADER)

CREATE TEMPORARY TABLE staged_users (
  user_id                       bigint,
  first_name                    varchar,
  last_name                     varchar,
  password                      text,
  hashed_password               varchar(128),
  email_address                 varchar,
  phone_number                  varchar(50),
  street_address                varchar(255),
  city                          varchar(100),
  postal_code                   varchar(20),
  country                       varchar(100),
  last_login                    timestamptz,
  last_notifications_viewed_at  timestamptz
);

\copy staged_users FROM 'users.csv' WITH (FORMAT csv, HEADER)

INSERT INTO users.users (
  id, first_name, last_name, hashed_password, email_address, phone_number, street_address, city,
  postal_code, country, last_login, last_notifications_viewed_at,
  days_between_order_notifications, order_notifications_start_date_time,
  order_notifications_next_scheduled_time, last_notification_sent_at
)
SELECT user_id, first_name, last_name, hashed_password, email_address, phone_number,
       street_address, city, postal_code, country, last_login, last_notifications_viewed_at,
       7, last_login, last_login + interval '7 days', last_login
  FROM staged_users;

CREATE TEMPORARY TABLE staged_orders (
  order_id                bigint,
  user_id                 bigint,
  eval_set                text,
  order_number            integer,
  order_dow               integer,
  order_hour_of_day       integer,
  days_since_prior_order  numeric
);

\copy staged_orders FROM 'orders.csv' WITH (FORMAT csv, HEADER)

INSERT INTO orders.orders (
  id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order,
  delivery_name, phone_number, street_address, city, postal_code, country
)
SELECT order_id, user_id, order_number, order_dow, order_hour_of_day, days_since_prior_order,
       left(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), 100),
       phone_number, street_address, city, postal_code, country
  FROM staged_orders
  JOIN users.users ON users.id = user_id;

\copy orders.order_items (order_id, product_id, add_to_cart_order, reordered) FROM 'order_products__prior.csv' WITH (FORMAT csv, HEADER)
\copy orders.order_items (order_id, product_id, add_to_cart_order, reordered) FROM 'order_products__train.csv' WITH (FORMAT csv, HEADER)

UPDATE orders.orders
   SET total_items = counted.items
  FROM (SELECT order_id, count(*) AS items FROM orders.order_items GROUP BY order_id) AS counted
 WHERE orders.id = counted.order_id;

SELECT setval('products.departments_department_id_seq', max(department_id)) FROM products.departments \g /dev/null
SELECT setval('products.aisles_aisle_id_seq', max(aisle_id)) FROM products.aisles \g /dev/null
SELECT setval('products.products_product_id_seq', max(product_id)) FROM products.products \g /dev/null
SELECT setval('users.users_id_seq', greatest(400000, max(id) + 1), false) FROM users.users \g /dev/null
SELECT setval('orders.orders_id_seq', greatest(3422000, max(id) + 1), false) FROM orders.orders \g /dev/null

ANALYZE;

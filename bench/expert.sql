-- The expert's way with psql: the schema is made, its constraints and indexes go and come back, the
-- tables are filled with COPY FREEZE, all in one transaction.
--
-- Run in the directory of the files: \copy takes no variables. With "psql -v tuned=true" it has the
-- settings that timele-load makes, see RESULTS.md; with tuned=false those that experts use.

\set ON_ERROR_STOP on

BEGIN;

\if :tuned
  -- The least with which an index build gets two workers. Each of their sorts fits a processor's cache.
  SET LOCAL maintenance_work_mem = '96MB';
  SET LOCAL parallel_leader_participation = off;
\else
  SET LOCAL maintenance_work_mem = '256MB';
\endif
SET LOCAL max_parallel_maintenance_workers = 2;
-- The counts of all orders, and all users, stay in memory.
SET LOCAL work_mem = '512MB';
-- Compiling costs the few large statements more than it saves.
SET LOCAL jit = off;


-- The schema: a load that fails leaves nothing, and COPY FREEZE asks for tables that are new ----

\ir ../schema.sql


-- Constraints and indexes go --------------------------------------------------------------------

ALTER TABLE orders.cart_items           DROP CONSTRAINT cart_items_product_id_fkey;
ALTER TABLE orders.carts                DROP CONSTRAINT carts_user_id_fkey;
ALTER TABLE orders.order_status_history DROP CONSTRAINT order_status_history_order_id_fkey;
ALTER TABLE products.product_enriched   DROP CONSTRAINT product_enriched_product_id_fkey;

ALTER TABLE orders.order_items
  DROP CONSTRAINT order_items_order_id_fkey,
  DROP CONSTRAINT order_items_product_id_fkey,
  DROP CONSTRAINT order_items_pkey;
ALTER TABLE orders.orders
  DROP CONSTRAINT orders_user_id_fkey,
  DROP CONSTRAINT orders_external_order_id_key,
  DROP CONSTRAINT orders_pkey;
ALTER TABLE users.users
  DROP CONSTRAINT users_email_address_key,
  DROP CONSTRAINT users_external_user_id_key,
  DROP CONSTRAINT users_pkey;
DROP INDEX orders.order_items_product_id_idx, orders.orders_user_id_idx, orders.orders_user_id_id_idx;

-- The catalogue is small: its own keys and indexes may stay.
ALTER TABLE products.products
  DROP CONSTRAINT products_aisle_id_fkey,
  DROP CONSTRAINT products_department_id_fkey;


-- Rows ------------------------------------------------------------------------------------------

\copy products.departments (department_id, department) FROM 'departments.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy products.aisles (aisle_id, aisle) FROM 'aisles.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy products.products (product_id, product_name, aisle_id, department_id) FROM 'products.csv' WITH (FORMAT csv, HEADER, FREEZE)

CREATE TEMPORARY TABLE staged_users (
  user_id                       bigint,
  first_name                    varchar,
  last_name                     varchar,
  password                      text,
  hashed_password               varchar,
  email_address                 varchar,
  phone_number                  varchar,
  street_address                varchar,
  city                          varchar,
  postal_code                   varchar,
  country                       varchar,
  last_login                    timestamptz,
  last_notifications_viewed_at  timestamptz
) ON COMMIT DROP;

\copy staged_users FROM 'users.csv' WITH (FORMAT csv, HEADER, FREEZE)

INSERT INTO users.users (
  id, external_user_id, first_name, last_name, hashed_password, email_address, phone_number,
  street_address, city, postal_code, country, last_login, last_notifications_viewed_at,
  days_between_order_notifications, order_notifications_start_date_time,
  order_notifications_next_scheduled_time, last_notification_sent_at
)
SELECT user_id, gen_random_uuid(), first_name, last_name, hashed_password, email_address,
       phone_number, street_address, city, postal_code, country, last_login,
       last_notifications_viewed_at, 7, last_login, last_login + interval '7 days', last_login
  FROM staged_users;

\copy orders.order_items (order_id, product_id, add_to_cart_order, reordered) FROM 'order_products__prior.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy orders.order_items (order_id, product_id, add_to_cart_order, reordered) FROM 'order_products__train.csv' WITH (FORMAT csv, HEADER, FREEZE)

CREATE TEMPORARY TABLE staged_orders (
  order_id                bigint,
  user_id                 bigint,
  eval_set                text,
  order_number            integer,
  order_dow               integer,
  order_hour_of_day       integer,
  days_since_prior_order  real
) ON COMMIT DROP;

\copy staged_orders FROM 'orders.csv' WITH (FORMAT csv, HEADER, FREEZE)

INSERT INTO orders.orders (
  id, external_order_id, user_id, order_number, order_dow, order_hour_of_day,
  days_since_prior_order, total_items, delivery_name, phone_number, street_address, city,
  postal_code, country
)
SELECT staged.order_id, gen_random_uuid(), staged.user_id, order_number, order_dow,
       order_hour_of_day, days_since_prior_order, coalesce(counted.items, 0),
       left(nullif(concat_ws(' ', nullif(first_name, ''), nullif(last_name, '')), ''), 100),
       phone_number, street_address, city, postal_code, country
  FROM staged_orders AS staged
  JOIN users.users ON users.id = staged.user_id
  LEFT JOIN (
    SELECT order_id, count(*) AS items FROM orders.order_items GROUP BY order_id
  ) AS counted USING (order_id);


-- Constraints and indexes come back -------------------------------------------------------------

ALTER TABLE orders.order_items ADD CONSTRAINT order_items_pkey PRIMARY KEY (order_id, product_id);
CREATE INDEX order_items_product_id_idx ON orders.order_items (product_id);

ALTER TABLE orders.orders ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE orders.orders ADD CONSTRAINT orders_external_order_id_key UNIQUE (external_order_id);
CREATE INDEX orders_user_id_idx ON orders.orders (user_id);
CREATE INDEX orders_user_id_id_idx ON orders.orders (user_id, id);

ALTER TABLE users.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE users.users ADD CONSTRAINT users_external_user_id_key UNIQUE (external_user_id);
ALTER TABLE users.users ADD CONSTRAINT users_email_address_key UNIQUE (email_address);

\if :tuned
  -- Keys are proven by a merge of two indexes, not by a hash of the tables.
  SET LOCAL enable_seqscan = off;
  SET LOCAL enable_hashjoin = off;
  SET LOCAL maintenance_work_mem = '256MB';
\endif

ALTER TABLE products.products
  ADD CONSTRAINT products_aisle_id_fkey FOREIGN KEY (aisle_id) REFERENCES products.aisles (aisle_id),
  ADD CONSTRAINT products_department_id_fkey FOREIGN KEY (department_id) REFERENCES products.departments (department_id);
ALTER TABLE orders.orders
  ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES users.users (id);
ALTER TABLE orders.order_items
  ADD CONSTRAINT order_items_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.orders (id);
ALTER TABLE orders.order_items
  ADD CONSTRAINT order_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES products.products (product_id);

ALTER TABLE orders.cart_items
  ADD CONSTRAINT cart_items_product_id_fkey FOREIGN KEY (product_id) REFERENCES products.products (product_id);
ALTER TABLE orders.carts
  ADD CONSTRAINT carts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users.users (id);
ALTER TABLE orders.order_status_history
  ADD CONSTRAINT order_status_history_order_id_fkey FOREIGN KEY (order_id) REFERENCES orders.orders (id);
ALTER TABLE products.product_enriched
  ADD CONSTRAINT product_enriched_product_id_fkey FOREIGN KEY (product_id) REFERENCES products.products (product_id);

\if :tuned
  SET LOCAL enable_seqscan = on;
  SET LOCAL enable_hashjoin = on;
\endif


-- Statistics and sequences ----------------------------------------------------------------------

ANALYZE products.departments, products.aisles, products.products, users.users, orders.orders,
        orders.order_items;

SELECT setval('products.departments_department_id_seq', max(department_id)) FROM products.departments \g /dev/null
SELECT setval('products.aisles_aisle_id_seq', max(aisle_id)) FROM products.aisles \g /dev/null
SELECT setval('products.products_product_id_seq', max(product_id)) FROM products.products \g /dev/null
SELECT setval('users.users_id_seq', greatest(400000, max(id) + 1), false) FROM users.users \g /dev/null
SELECT setval('orders.orders_id_seq', greatest(3422000, max(id) + 1), false) FROM orders.orders \g /dev/null

COMMIT;

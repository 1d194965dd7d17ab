-- How both scripts of the expert's for the following loads begin: the files that there are go into
-- temporary tables, of which the planner learns how large they are. nightly_end.sql is the end.
--
-- Variables: catalogue, users, orders, items (true or false: there are such files). Run in the
-- directory of the files: \copy takes no variables.

\set ON_ERROR_STOP on

BEGIN;

-- The hashes of millions of rows stay in memory.
SET LOCAL work_mem = '512MB';
-- Compiling costs more than it saves.
SET LOCAL jit = off;
-- With the default, 1 % of the orders are found by reading all of them.
SET LOCAL random_page_cost = 1.1;
-- Once some rows of a table have changed, its index alone does not tell what is visible.
SET LOCAL enable_indexonlyscan = off;

\if :catalogue
CREATE TEMPORARY TABLE staged_departments (department_id integer, department varchar) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_aisles (aisle_id integer, aisle varchar) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_products (
  product_id     integer,
  product_name   varchar,
  aisle_id       integer,
  department_id  integer
) ON COMMIT DROP;

\copy staged_departments FROM 'departments.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy staged_aisles FROM 'aisles.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy staged_products FROM 'products.csv' WITH (FORMAT csv, HEADER, FREEZE)

ANALYZE staged_departments, staged_aisles, staged_products;
\endif

\if :users
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

ANALYZE staged_users (user_id);
\endif

\if :orders
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

ANALYZE staged_orders (order_id, user_id);
\endif

\if :items
CREATE TEMPORARY TABLE staged_items (
  order_id           bigint,
  product_id         integer,
  add_to_cart_order  integer,
  reordered          integer
) ON COMMIT DROP;

\copy staged_items FROM 'order_products__prior.csv' WITH (FORMAT csv, HEADER, FREEZE)
\copy staged_items FROM 'order_products__train.csv' WITH (FORMAT csv, HEADER, FREEZE)

ANALYZE staged_items (order_id, product_id);
\endif

-- Orders that got or lost items.
CREATE TEMPORARY TABLE concerned_orders (order_id bigint) ON COMMIT DROP;

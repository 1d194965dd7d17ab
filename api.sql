-- The API of TimeL-E's database: what clients may see and do, by external ids alone.
--
--   api          views and functions; docs/api.md shows each with an example
--   api_private  what these functions are made of; nobody is granted anything there
--   timele_api   the role to grant to whatever an API server logs in as; it reaches api, no more
--
-- Runs after schema.sql, on any database that has its tables and columns, any number of times:
-- functions are replaced, a view only when its query has changed, because that locks out its
-- readers. No psql commands and no BEGIN or COMMIT: the caller decides on the transaction. Nothing
-- depends on search_path. PostgreSQL 13 or later; no superuser, no extension.
--
-- How the boundary holds:
--
--   * Views read the tables with their owner's rights, and functions write them so (SECURITY
--     DEFINER), with a search_path of their own. The role needs, and has, no right to a table.
--   * Views hide columns, not rows, so no function in a client's WHERE can see more through them
--     than they show: security_barrier would guard nothing, and keep such conditions from indexes.
--   * Whatever goes wrong in a function leaves it through api_private.refuse. PostgreSQL's own
--     message about a constraint quotes the row, internal id and all.
--   * Settings that print plans, with the ids in them, are the client's to choose; the functions'
--     client_min_messages keeps what they print in the server.


-- Role and schemas -----------------------------------------------------------------------------

-- A role belongs to all databases of the server: another one's run may create it at this moment.
DO $$
BEGIN
  IF pg_catalog.to_regrole('timele_api') IS NOT NULL THEN
    RETURN;
  END IF;
  IF EXISTS (
    SELECT FROM pg_catalog.pg_roles
     WHERE rolname = current_user AND (rolsuper OR rolcreaterole)
  ) THEN
    BEGIN
      CREATE ROLE timele_api NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  ELSE
    -- INFO, because no client_min_messages keeps it from the client.
    RAISE INFO 'nobody can use the API: there is no role timele_api, and % may not create it; let someone else run "CREATE ROLE timele_api NOLOGIN", then create the schema again', current_user;
  END IF;
END
$$;

-- "api" is a common name: somebody else's schema may have it, and must not be filled here nor be
-- dropped by --reset. TimeL-E's own is known by its comment.
DO $$
BEGIN
  IF pg_catalog.to_regnamespace('api') IS NULL THEN
    CREATE SCHEMA api;
  ELSIF coalesce(
          pg_catalog.obj_description(pg_catalog.to_regnamespace('api'), 'pg_namespace')
            NOT LIKE 'TimeL-E: %', true)
    AND EXISTS (
      SELECT FROM pg_catalog.pg_class
       WHERE relnamespace = pg_catalog.to_regnamespace('api')
      UNION ALL
      SELECT FROM pg_catalog.pg_proc
       WHERE pronamespace = pg_catalog.to_regnamespace('api')
    )
  THEN
    RAISE EXCEPTION 'there is a schema "api" already that is not TimeL-E''s';
  END IF;
END
$$;

COMMENT ON SCHEMA api IS
  'TimeL-E: what an API server may see and do, by external ids (see docs/api.md)';

CREATE SCHEMA IF NOT EXISTS api_private;
COMMENT ON SCHEMA api_private IS
  'TimeL-E: what the functions of schema api are made of; no role needs a privilege here';


-- Views ----------------------------------------------------------------------------------------
--
-- The joins are LEFT JOINs on unique keys: one whose columns nobody asks for is left out of the
-- plan, and a look-up by the joined column makes it an inner join.
--
-- To tell whether a view has changed, the wanted one is made beside it and both are compared as
-- PostgreSQL prints them.

DO $$
DECLARE
  wanted record;
  definition text;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('users', $view$
         SELECT u.external_user_id, u.first_name, u.last_name, u.email_address, u.phone_number,
                u.street_address, u.city, u.postal_code, u.country, u.last_login,
                u.last_notifications_viewed_at, u.days_between_order_notifications,
                u.order_notifications_start_date_time, u.order_notifications_next_scheduled_time,
                u.last_notification_sent_at, u.pending_order_notification,
                u.order_notifications_via_email
           FROM users.users u
       $view$),

      ('orders', $view$
         SELECT o.external_order_id, u.external_user_id, o.order_number, o.order_dow,
                o.order_hour_of_day, o.days_since_prior_order, o.total_items, o.total_price,
                o.status, o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code,
                o.country, o.tracking_number, o.shipping_carrier, o.tracking_url, o.invoice,
                o.created_at, o.updated_at
           FROM orders.orders o
           LEFT JOIN users.users u ON u.id = o.user_id
       $view$),

      ('order_items', $view$
         SELECT o.external_order_id, i.product_id, i.add_to_cart_order, i.reordered, i.quantity,
                i.price
           FROM orders.order_items i
           LEFT JOIN orders.orders o ON o.id = i.order_id
       $view$),

      ('order_status_history', $view$
         SELECT o.external_order_id, h.old_status, h.new_status, h.changed_at, h.changed_by, h.note
           FROM orders.order_status_history h
           LEFT JOIN orders.orders o ON o.id = h.order_id
       $view$),

      ('carts', $view$
         SELECT c.external_cart_id, u.external_user_id, c.total_items, c.created_at, c.updated_at
           FROM orders.carts c
           LEFT JOIN users.users u ON u.id = c.user_id
       $view$),

      ('cart_items', $view$
         SELECT c.external_cart_id, i.product_id, i.add_to_cart_order, i.reordered, i.quantity
           FROM orders.cart_items i
           LEFT JOIN orders.carts c ON c.id = i.cart_id
       $view$),

      ('products', $view$
         SELECT p.product_id, p.product_name, a.aisle, d.department, e.description, e.price,
                e.image_url
           FROM products.products p
           LEFT JOIN products.aisles a ON a.aisle_id = p.aisle_id
           LEFT JOIN products.departments d ON d.department_id = p.department_id
           LEFT JOIN products.product_enriched e ON e.product_id = p.product_id
       $view$)
    ) AS list (name, query)
  LOOP
    EXECUTE pg_catalog.format('CREATE VIEW api_private.wanted AS %s', wanted.query);
    definition := pg_catalog.pg_get_viewdef('api_private.wanted'::regclass);
    DROP VIEW api_private.wanted;

    IF pg_catalog.pg_get_viewdef(pg_catalog.to_regclass('api.' || wanted.name)) = definition THEN
      CONTINUE;
    END IF;
    BEGIN
      EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW api.%I AS %s', wanted.name, wanted.query);
    EXCEPTION WHEN invalid_table_definition THEN
      EXECUTE pg_catalog.format('DROP VIEW api.%I', wanted.name);
      EXECUTE pg_catalog.format('CREATE VIEW api.%I AS %s', wanted.name, wanted.query);
    END;
  END LOOP;
END
$$;


-- Refusals -------------------------------------------------------------------------------------
--
-- Errors of class TE are raised on purpose and say what is wrong with the client's request;
-- docs/api.md lists them. Some of PostgreSQL's own errors tell an API server whether to try again
-- and keep their state and message: read-only, conflict, deadlock, lock timeout, cancelled. Any
-- other error becomes TE999 for the client; the server's log has it as it was.

CREATE OR REPLACE FUNCTION api_private.refuse(state text, message text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF state NOT LIKE 'TE%' AND state NOT IN ('25006', '40001', '40P01', '55P03', '57014') THEN
    RAISE LOG 'TimeL-E API: SQLSTATE %: %', state, message;
    state := 'TE999';
    message := 'the database cannot do this';
  END IF;
  RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
END
$$;

CREATE OR REPLACE FUNCTION api_private.require(name text, is_given boolean) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT is_given THEN
    RAISE EXCEPTION '% is missing', name USING ERRCODE = 'TE010';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api_private.require_product(product_id numeric) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM api_private.require('product_id', product_id IS NOT NULL);
  IF product_id NOT BETWEEN 1 AND 2147483647 OR NOT EXISTS (
    SELECT FROM products.products p WHERE p.product_id = require_product.product_id::integer
  ) THEN
    RAISE EXCEPTION 'no such product: %', left(product_id::text, 60) USING ERRCODE = 'TE005';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api_private.require_quantity(quantity numeric, product_id numeric)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF quantity BETWEEN 1 AND 2147483647 AND quantity = trunc(quantity) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'the quantity of product % is not a whole number from 1 to 2147483647', product_id
    USING ERRCODE = 'TE008';
END
$$;


-- External to internal ids ---------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api_private.find_user(external_user_id uuid) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_id bigint;
BEGIN
  PERFORM api_private.require('external_user_id', external_user_id IS NOT NULL);
  SELECT u.id INTO found_id
    FROM users.users u
   WHERE u.external_user_id = find_user.external_user_id;
  IF found_id IS NULL THEN
    RAISE EXCEPTION 'no such user: %', external_user_id USING ERRCODE = 'TE001';
  END IF;
  RETURN found_id;
END
$$;

-- The cart is locked against whatever else would change it, until the transaction ends: also
-- against an item that is inserted without these functions, whose foreign key asks for the cart.
CREATE OR REPLACE FUNCTION api_private.lock_cart(user_id bigint, external_user_id uuid,
                                                 external_cart_id uuid) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  cart record;
BEGIN
  PERFORM api_private.require('external_cart_id', external_cart_id IS NOT NULL);
  SELECT c.id, c.user_id INTO cart
    FROM orders.carts c
   WHERE c.external_cart_id = lock_cart.external_cart_id
     FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such cart: %', external_cart_id USING ERRCODE = 'TE003';
  END IF;
  IF cart.user_id <> lock_cart.user_id THEN
    RAISE EXCEPTION 'cart % is not of user %', external_cart_id, external_user_id
      USING ERRCODE = 'TE004';
  END IF;
  RETURN cart.id;
END
$$;


-- Users ----------------------------------------------------------------------------------------

-- Checks every field by itself, so that the message can name it. A value is never shown: it may be
-- a password's hash.
CREATE OR REPLACE FUNCTION api_private.check_user(fields jsonb) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  field record;
BEGIN
  FOR field IN
    SELECT given.key, given.value,
           given.key = 'email_address' AND given.value IN ('null', '""')
           OR given.value = 'null' AND EXISTS (
             SELECT FROM pg_attribute
              WHERE attrelid = 'users.users'::regclass AND attname = given.key AND attnotnull
           ) AS is_missing
      FROM jsonb_each(fields) AS given
  LOOP
    IF field.key <> ALL (ARRAY[
      'first_name', 'last_name', 'email_address', 'hashed_password', 'phone_number',
      'street_address', 'city', 'postal_code', 'country', 'last_login',
      'last_notifications_viewed_at', 'days_between_order_notifications',
      'order_notifications_start_date_time', 'order_notifications_next_scheduled_time',
      'last_notification_sent_at', 'pending_order_notification', 'order_notifications_via_email'
    ]) THEN
      RAISE EXCEPTION 'a user has no field % that can be set', left(field.key, 60)
        USING ERRCODE = 'TE011';
    END IF;
    PERFORM api_private.require(field.key, NOT field.is_missing);
    IF jsonb_typeof(field.value) IN ('object', 'array') THEN
      RAISE EXCEPTION '% is not a single value', field.key USING ERRCODE = 'TE011';
    END IF;
    BEGIN
      PERFORM jsonb_populate_record(NULL::users.users,
                                    jsonb_build_object(field.key, field.value));
    EXCEPTION
      WHEN string_data_right_truncation THEN
        RAISE EXCEPTION '% is too long', field.key USING ERRCODE = 'TE011';
      WHEN data_exception THEN
        RAISE EXCEPTION '% is not valid', field.key USING ERRCODE = 'TE011';
    END;
  END LOOP;
END
$$;

-- Like refuse, with messages for the constraints of users.users. They may have any name, and a
-- unique one may be an index without a constraint.
CREATE OR REPLACE FUNCTION api_private.refuse_user(state text, message text, violated text)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF state = '23505' AND EXISTS (
    SELECT FROM pg_index
      JOIN pg_class ON pg_class.oid = indexrelid AND relname = violated
     WHERE indrelid = 'users.users'::regclass
       AND strpos(pg_get_indexdef(indexrelid), 'email_address') > 0
  ) THEN
    state := 'TE012';
    message := 'the e-mail address is another user''s';
  ELSIF state = '23514' AND EXISTS (
    SELECT FROM pg_constraint
     WHERE conrelid = 'users.users'::regclass AND conname = violated
       AND strpos(pg_get_constraintdef(oid), 'days_between_order_notifications') > 0
  ) THEN
    state := 'TE011';
    message := 'days_between_order_notifications is not valid';
  END IF;
  PERFORM api_private.refuse(state, message);
END
$$;

CREATE OR REPLACE FUNCTION api.create_user(
  email_address text, hashed_password text DEFAULT NULL, first_name text DEFAULT NULL,
  last_name text DEFAULT NULL, phone_number text DEFAULT NULL, street_address text DEFAULT NULL,
  city text DEFAULT NULL, postal_code text DEFAULT NULL, country text DEFAULT NULL
) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  made uuid := gen_random_uuid();
  violated text;
BEGIN
  PERFORM api_private.check_user(jsonb_build_object(
    'email_address', email_address, 'hashed_password', hashed_password,
    'first_name', first_name, 'last_name', last_name, 'phone_number', phone_number,
    'street_address', street_address, 'city', city, 'postal_code', postal_code,
    'country', country));
  -- A database of TimeL-E's service has none of our defaults.
  INSERT INTO users.users
    (external_user_id, email_address, hashed_password, first_name, last_name, phone_number,
     street_address, city, postal_code, country,
     pending_order_notification, order_notifications_via_email)
  VALUES
    (made, email_address, hashed_password, first_name, last_name, phone_number,
     street_address, city, postal_code, country,
     true, false);
  RETURN made;
EXCEPTION WHEN query_canceled OR OTHERS THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
  PERFORM api_private.refuse_user(SQLSTATE, SQLERRM, violated);
END
$$;

CREATE OR REPLACE FUNCTION api.update_user(external_user_id uuid, changes jsonb) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  user_id bigint;
  violated text;
BEGIN
  user_id := api_private.find_user(external_user_id);
  PERFORM api_private.require('changes', changes IS NOT NULL);
  IF jsonb_typeof(changes) <> 'object' THEN
    RAISE EXCEPTION 'changes is not an object' USING ERRCODE = 'TE011';
  END IF;
  PERFORM api_private.check_user(changes);
  UPDATE users.users u
     SET (first_name, last_name, email_address, hashed_password, phone_number, street_address,
          city, postal_code, country, last_login, last_notifications_viewed_at,
          days_between_order_notifications, order_notifications_start_date_time,
          order_notifications_next_scheduled_time, last_notification_sent_at,
          pending_order_notification, order_notifications_via_email)
       = (SELECT n.first_name, n.last_name, n.email_address, n.hashed_password, n.phone_number,
                 n.street_address, n.city, n.postal_code, n.country, n.last_login,
                 n.last_notifications_viewed_at, n.days_between_order_notifications,
                 n.order_notifications_start_date_time, n.order_notifications_next_scheduled_time,
                 n.last_notification_sent_at, n.pending_order_notification,
                 n.order_notifications_via_email
            FROM jsonb_populate_record(u, changes) AS n)
   WHERE u.id = user_id;
EXCEPTION WHEN query_canceled OR OTHERS THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
  PERFORM api_private.refuse_user(SQLSTATE, SQLERRM, violated);
END
$$;


-- Orders ---------------------------------------------------------------------------------------

-- Makes sure that the history has one row for the status that an order now has, with its note and
-- who changed it. A trigger may have written the row already; but a trigger knows no note, may not
-- know who changed the status, and writes nothing where a client's setting forbids it. `known` are
-- the rows that the history had of the order before.
CREATE OR REPLACE FUNCTION api_private.record_status(
  order_id bigint, known integer[], old_status public.order_status_enum,
  new_status public.order_status_enum, changed_by uuid, note text
) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE orders.order_status_history h
     SET changed_by = record_status.changed_by, note = record_status.note
   WHERE h.order_id = record_status.order_id
     AND h.history_id <> ALL (known);
  IF NOT FOUND THEN
    INSERT INTO orders.order_status_history
      (order_id, old_status, new_status, changed_at, changed_by, note)
    VALUES
      (order_id, old_status, new_status, now(), changed_by, note);
  END IF;
END
$$;

-- What the loader derives for an order from a file is derived here for a new one. The user's row
-- is locked, so that two orders at once do not get the same number.
CREATE OR REPLACE FUNCTION api_private.place_order(user_id bigint, product_ids integer[],
                                                   quantities integer[]) RETURNS uuid
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  made uuid := gen_random_uuid();
  made_id bigint;
  buyer record;
  prior record;
BEGIN
  SELECT u.external_user_id, u.phone_number, u.street_address, u.city, u.postal_code, u.country,
         left(nullif(concat_ws(' ', nullif(u.first_name, ''), nullif(u.last_name, '')), ''), 100)
           AS name
    INTO buyer
    FROM users.users u
   WHERE u.id = place_order.user_id
     FOR NO KEY UPDATE;

  SELECT coalesce(max(o.order_number), 0) AS order_number,
         CASE WHEN count(*) > 0 THEN
           greatest(floor(extract(epoch FROM now() - max(o.created_at)) / 86400), 0)::integer
         END AS days
    INTO prior
    FROM orders.orders o
   WHERE o.user_id = place_order.user_id;

  -- One statement, so that the total and the items see the same prices.
  WITH item AS (
    SELECT ordered.product_id, ordered.quantity, ordered.place::integer AS place,
           coalesce(e.price, 0) AS price,
           EXISTS (
             SELECT FROM orders.orders o
               JOIN orders.order_items i ON i.order_id = o.id
              WHERE o.user_id = place_order.user_id
                AND i.product_id = ordered.product_id
           ) AS reordered
      FROM unnest(product_ids, quantities) WITH ORDINALITY AS ordered (product_id, quantity, place)
      LEFT JOIN products.product_enriched e ON e.product_id = ordered.product_id
  ), made_order AS (
    INSERT INTO orders.orders
      (external_order_id, user_id, order_number, order_dow, order_hour_of_day,
       days_since_prior_order, total_items, total_price, status, delivery_name, phone_number,
       street_address, city, postal_code, country, created_at, updated_at)
    SELECT made, place_order.user_id, prior.order_number + 1,
           extract(dow FROM now() AT TIME ZONE 'UTC')::integer,
           extract(hour FROM now() AT TIME ZONE 'UTC')::integer,
           prior.days, count(*), sum(item.price * item.quantity)::double precision, 'pending',
           buyer.name, buyer.phone_number, buyer.street_address, buyer.city, buyer.postal_code,
           buyer.country, now(), now()
      FROM item
    RETURNING id
  ), made_items AS (
    INSERT INTO orders.order_items
      (order_id, product_id, add_to_cart_order, reordered, quantity, price)
    SELECT made_order.id, item.product_id, item.place, item.reordered::integer, item.quantity,
           item.price::double precision
      FROM made_order CROSS JOIN item
  )
  SELECT id INTO made_id FROM made_order;

  PERFORM api_private.record_status(made_id, '{}', NULL, 'pending', buyer.external_user_id, NULL);
  RETURN made;
END
$$;

CREATE OR REPLACE FUNCTION api_private.read_items(items jsonb, OUT product_ids integer[],
                                                  OUT quantities integer[])
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  item record;
  product_id numeric;
  quantity numeric;
  stranger text;
BEGIN
  PERFORM api_private.require('items', items IS NOT NULL);
  IF jsonb_typeof(items) <> 'array' OR items = '[]' THEN
    RAISE EXCEPTION 'items is not an array with at least one item' USING ERRCODE = 'TE009';
  END IF;
  FOR item IN
    SELECT element.value, element.place
      FROM jsonb_array_elements(items) WITH ORDINALITY AS element (value, place)
  LOOP
    IF jsonb_typeof(item.value) <> 'object' THEN
      RAISE EXCEPTION 'item % is not an object', item.place USING ERRCODE = 'TE009';
    END IF;
    stranger := (SELECT min(given.key) FROM jsonb_object_keys(item.value) AS given (key)
                  WHERE given.key NOT IN ('product_id', 'quantity'));
    IF stranger IS NOT NULL THEN
      RAISE EXCEPTION 'item % has a field that is not known: %', item.place, left(stranger, 60)
        USING ERRCODE = 'TE009';
    END IF;
    IF jsonb_typeof(item.value -> 'product_id') IS DISTINCT FROM 'number'
      OR (item.value ->> 'product_id')::numeric % 1 <> 0
    THEN
      RAISE EXCEPTION 'item % has no product_id that is a whole number', item.place
        USING ERRCODE = 'TE009';
    END IF;
    product_id := trim_scale((item.value ->> 'product_id')::numeric);
    PERFORM api_private.require_product(product_id);
    IF product_id::integer = ANY (product_ids) THEN
      RAISE EXCEPTION 'product % stands twice in items', product_id USING ERRCODE = 'TE009';
    END IF;
    quantity := CASE
      WHEN NOT item.value ? 'quantity' THEN 1
      WHEN jsonb_typeof(item.value -> 'quantity') = 'number'
        THEN (item.value ->> 'quantity')::numeric
      ELSE 0
    END;
    PERFORM api_private.require_quantity(quantity, product_id);
    product_ids := product_ids || product_id::integer;
    quantities := quantities || quantity::integer;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION api.create_order(external_user_id uuid, items jsonb) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  user_id bigint;
  wanted record;
BEGIN
  user_id := api_private.find_user(external_user_id);
  SELECT * INTO wanted FROM api_private.read_items(items);
  RETURN api_private.place_order(user_id, wanted.product_ids, wanted.quantities);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.set_order_status(
  external_order_id uuid, status text, changed_by uuid DEFAULT NULL, note text DEFAULT NULL
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  changed record;
  known integer[];
  setting text := coalesce(current_setting('timele.changed_by', true), '');
BEGIN
  PERFORM api_private.require('external_order_id', external_order_id IS NOT NULL);
  PERFORM api_private.require('status', status IS NOT NULL);
  IF changed_by IS NOT NULL THEN
    PERFORM api_private.find_user(changed_by);
  END IF;
  IF status <> ALL (enum_range(NULL::public.order_status_enum)::text[]) THEN
    RAISE EXCEPTION 'no such status: %', left(status, 60) USING ERRCODE = 'TE013';
  END IF;

  SELECT o.id, o.status INTO changed
    FROM orders.orders o
   WHERE o.external_order_id = set_order_status.external_order_id
     FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such order: %', external_order_id USING ERRCODE = 'TE002';
  END IF;
  IF changed.status::text = set_order_status.status THEN
    RAISE EXCEPTION 'order % is % already', external_order_id, status USING ERRCODE = 'TE014';
  END IF;

  known := ARRAY(SELECT h.history_id FROM orders.order_status_history h
                  WHERE h.order_id = changed.id);
  -- The trigger of schema.sql reads this setting. The function has no SET clause for it, because
  -- only a superuser could create such a function.
  PERFORM set_config('timele.changed_by', coalesce(changed_by::text, ''), true);
  UPDATE orders.orders o
     SET status = set_order_status.status::public.order_status_enum, updated_at = now()
   WHERE o.id = changed.id;
  PERFORM set_config('timele.changed_by', setting, true);
  PERFORM api_private.record_status(changed.id, known, changed.status,
                                    set_order_status.status::public.order_status_enum,
                                    changed_by, note);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;


-- Carts ----------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api.create_cart(external_user_id uuid) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  made uuid := gen_random_uuid();
BEGIN
  INSERT INTO orders.carts (external_cart_id, user_id, total_items, created_at, updated_at)
  VALUES (made, api_private.find_user(external_user_id), 0, now(), now());
  RETURN made;
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api_private.count_cart(cart_id bigint) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE orders.carts c
     SET total_items = (SELECT count(*) FROM orders.cart_items i
                         WHERE i.cart_id = count_cart.cart_id),
         updated_at = now()
   WHERE c.id = count_cart.cart_id;
END
$$;

CREATE OR REPLACE FUNCTION api.set_cart_item(
  external_user_id uuid, external_cart_id uuid, product_id integer, quantity integer DEFAULT 1
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
#variable_conflict use_column
DECLARE
  buyer_id bigint;
  locked_id bigint;
BEGIN
  buyer_id := api_private.find_user(external_user_id);
  locked_id := api_private.lock_cart(buyer_id, external_user_id, external_cart_id);
  PERFORM api_private.require_product(set_cart_item.product_id);
  PERFORM api_private.require('quantity', set_cart_item.quantity IS NOT NULL);
  PERFORM api_private.require_quantity(set_cart_item.quantity, set_cart_item.product_id);
  INSERT INTO orders.cart_items AS item (cart_id, product_id, add_to_cart_order, reordered, quantity)
  SELECT locked_id, set_cart_item.product_id,
         (SELECT coalesce(max(i.add_to_cart_order), 0) + 1
            FROM orders.cart_items i WHERE i.cart_id = locked_id),
         EXISTS (
           SELECT FROM orders.orders o
             JOIN orders.order_items i ON i.order_id = o.id
            WHERE o.user_id = buyer_id AND i.product_id = set_cart_item.product_id
         )::integer,
         set_cart_item.quantity
  ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity;
  PERFORM api_private.count_cart(locked_id);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.remove_cart_item(
  external_user_id uuid, external_cart_id uuid, product_id integer
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  locked_id bigint;
BEGIN
  locked_id := api_private.lock_cart(api_private.find_user(external_user_id), external_user_id,
                                     external_cart_id);
  PERFORM api_private.require('product_id', product_id IS NOT NULL);
  DELETE FROM orders.cart_items i
   WHERE i.cart_id = locked_id AND i.product_id = remove_cart_item.product_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'product % is not in cart %', product_id, external_cart_id
      USING ERRCODE = 'TE006';
  END IF;
  PERFORM api_private.count_cart(locked_id);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

-- When two checkouts of a cart run at once, the second one waits for the first one's lock, and then
-- finds the cart empty.
CREATE OR REPLACE FUNCTION api.checkout(external_user_id uuid, external_cart_id uuid) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  buyer_id bigint;
  locked_id bigint;
  taken record;
BEGIN
  buyer_id := api_private.find_user(external_user_id);
  locked_id := api_private.lock_cart(buyer_id, external_user_id, external_cart_id);
  WITH item AS (
    DELETE FROM orders.cart_items i WHERE i.cart_id = locked_id
    RETURNING i.product_id, i.quantity, i.add_to_cart_order
  )
  SELECT array_agg(item.product_id ORDER BY item.add_to_cart_order, item.product_id) AS product_ids,
         array_agg(item.quantity ORDER BY item.add_to_cart_order, item.product_id) AS quantities
    INTO taken
    FROM item;
  IF taken.product_ids IS NULL THEN
    RAISE EXCEPTION 'cart % is empty', external_cart_id USING ERRCODE = 'TE007';
  END IF;
  PERFORM api_private.count_cart(locked_id);
  RETURN api_private.place_order(buyer_id, taken.product_ids, taken.quantities);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;


-- Privileges -----------------------------------------------------------------------------------
--
-- Whatever default privileges the database has, the views can be read and no more. What somebody
-- has added to the schema api is not touched.

DO $$
DECLARE
  views constant text := 'api.users, api.orders, api.order_items, api.order_status_history, '
                         'api.carts, api.cart_items, api.products';
  functions constant text := 'api.create_user, api.update_user, api.create_order, '
                             'api.set_order_status, api.create_cart, api.set_cart_item, '
                             'api.remove_cart_item, api.checkout';
BEGIN
  REVOKE ALL ON SCHEMA api, api_private FROM PUBLIC;
  REVOKE ALL ON ALL FUNCTIONS IN SCHEMA api_private FROM PUBLIC;
  EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC', views);
  EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', functions);
  IF pg_catalog.to_regrole('timele_api') IS NOT NULL THEN
    REVOKE ALL ON SCHEMA api, api_private FROM timele_api;
    GRANT USAGE ON SCHEMA api TO timele_api;
    EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM timele_api', views);
    EXECUTE pg_catalog.format('GRANT SELECT ON %s TO timele_api', views);
    EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO timele_api', functions);
  END IF;
END
$$;


-- Comments -------------------------------------------------------------------------------------
--
-- API servers show them as documentation.

COMMENT ON FUNCTION api.create_user IS
  'Makes a user and returns the external id';
COMMENT ON FUNCTION api.update_user IS
  'Sets the fields of a user that the object `changes` has; null empties one';
COMMENT ON FUNCTION api.create_order IS
  'Places an order of [{"product_id": 1, "quantity": 2}, ...] at today''s prices and returns its external id; quantity is 1 where it is left out';
COMMENT ON FUNCTION api.set_order_status IS
  'Changes the status of an order and records that in its history';
COMMENT ON FUNCTION api.create_cart IS
  'Makes an empty cart for a user and returns its external id';
COMMENT ON FUNCTION api.set_cart_item IS
  'Puts a product into a cart of the user, or changes its quantity there';
COMMENT ON FUNCTION api.remove_cart_item IS
  'Takes a product out of a cart of the user';
COMMENT ON FUNCTION api.checkout IS
  'Turns what is in a cart of the user into an order, empties the cart and returns the external id of the order';

DO $$
DECLARE
  described record;
BEGIN
  FOR described IN
    SELECT * FROM (VALUES
      ('users', NULL, 'Users, without their passwords'),
      ('users', 'external_user_id', 'External id, a random UUID: the only id of a user'),
      ('users', 'first_name', 'First name'),
      ('users', 'last_name', 'Last name'),
      ('users', 'email_address', 'E-mail address; no two users have the same'),
      ('users', 'phone_number', 'Telephone number'),
      ('users', 'street_address', 'Street and number'),
      ('users', 'city', 'City'),
      ('users', 'postal_code', 'Postal code'),
      ('users', 'country', 'Country'),
      ('users', 'last_login', 'When the user last logged in'),
      ('users', 'last_notifications_viewed_at', 'When the user last looked at notifications'),
      ('users', 'days_between_order_notifications',
       'Every how many days the user is reminded to order, 1 to 365; NULL: never'),
      ('users', 'order_notifications_start_date_time', 'From when on the user is reminded'),
      ('users', 'order_notifications_next_scheduled_time', 'When the next reminder is due'),
      ('users', 'last_notification_sent_at', 'When the last reminder was sent'),
      ('users', 'pending_order_notification', 'Whether a reminder waits to be sent'),
      ('users', 'order_notifications_via_email', 'Whether reminders go out by e-mail'),

      ('orders', NULL, 'Orders'),
      ('orders', 'external_order_id', 'External id, a random UUID: the only id of an order'),
      ('orders', 'external_user_id', 'External id of the user who placed the order'),
      ('orders', 'order_number', 'Which order of this user it is, from 1'),
      ('orders', 'order_dow', 'Day of the week on which it was placed, 0 to 6'),
      ('orders', 'order_hour_of_day', 'Hour at which it was placed, 0 to 23'),
      ('orders', 'days_since_prior_order', 'Days since the order before; NULL: it is the first'),
      ('orders', 'total_items', 'How many items it has'),
      ('orders', 'total_price', 'Sum of price times quantity of its items'),
      ('orders', 'status', 'Status now'),
      ('orders', 'delivery_name', 'Who it is delivered to'),
      ('orders', 'phone_number', 'Telephone number for the delivery'),
      ('orders', 'street_address', 'Street and number of the delivery'),
      ('orders', 'city', 'City of the delivery'),
      ('orders', 'postal_code', 'Postal code of the delivery'),
      ('orders', 'country', 'Country of the delivery'),
      ('orders', 'tracking_number', 'The carrier''s number of the parcel'),
      ('orders', 'shipping_carrier', 'Who carries the parcel'),
      ('orders', 'tracking_url', 'Where the parcel can be followed'),
      ('orders', 'invoice', 'The invoice as a file'),
      ('orders', 'created_at', 'When it was placed'),
      ('orders', 'updated_at', 'When it was last changed'),

      ('order_items', NULL, 'The products of an order'),
      ('order_items', 'external_order_id', 'External id of the order'),
      ('order_items', 'product_id', 'The product that was ordered'),
      ('order_items', 'add_to_cart_order', 'Its place in the order'),
      ('order_items', 'reordered', '1: this user had ordered it before; 0: not'),
      ('order_items', 'quantity', 'How many of it'),
      ('order_items', 'price', 'Price of one when it was ordered'),

      ('order_status_history', NULL, 'What became of an order: a row for each status that it had'),
      ('order_status_history', 'external_order_id', 'External id of the order'),
      ('order_status_history', 'old_status', 'Status before; NULL: there was none'),
      ('order_status_history', 'new_status', 'Status after'),
      ('order_status_history', 'changed_at', 'When it changed'),
      ('order_status_history', 'changed_by',
       'External id of the user who changed it; NULL: not known'),
      ('order_status_history', 'note', 'What that user said about it'),

      ('carts', NULL, 'Carts'),
      ('carts', 'external_cart_id', 'External id, a random UUID: the only id of a cart'),
      ('carts', 'external_user_id', 'External id of the user whose cart it is'),
      ('carts', 'total_items', 'How many items it has'),
      ('carts', 'created_at', 'When it was made'),
      ('carts', 'updated_at', 'When it was last changed'),

      ('cart_items', NULL, 'The products in a cart'),
      ('cart_items', 'external_cart_id', 'External id of the cart'),
      ('cart_items', 'product_id', 'The product in the cart'),
      ('cart_items', 'add_to_cart_order', 'Its place in the cart'),
      ('cart_items', 'reordered', '1: this user had ordered it before; 0: not'),
      ('cart_items', 'quantity', 'How many of it'),

      ('products', NULL, 'The catalogue'),
      ('products', 'product_id', 'The id in the catalogue files'),
      ('products', 'product_name', 'Name'),
      ('products', 'aisle', 'Name of the aisle that it stands in'),
      ('products', 'department', 'Name of the department that it belongs to'),
      ('products', 'description', 'Description; NULL: not known'),
      ('products', 'price', 'Price of one today; NULL: not known, and an order counts it as 0'),
      ('products', 'image_url', 'Where its picture is; NULL: there is none')
    ) AS list (name, field, comment)
  LOOP
    IF described.field IS NULL THEN
      EXECUTE pg_catalog.format('COMMENT ON VIEW api.%I IS %L', described.name, described.comment);
    ELSE
      EXECUTE pg_catalog.format('COMMENT ON COLUMN api.%I.%I IS %L', described.name,
                                described.field, described.comment);
    END IF;
  END LOOP;
END
$$;

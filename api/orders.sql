-- Orders ---------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api_private.show_order(external_order_id uuid) RETURNS api.orders
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  shown api.orders;
BEGIN
  SELECT o.* INTO shown
    FROM api.orders o
   WHERE o.external_order_id = show_order.external_order_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such order: %', external_order_id USING ERRCODE = 'TE002';
  END IF;
  RETURN shown;
END
$$;

-- Against all that writes the order, or a row that refers to it, until the transaction ends: also
-- without these functions, since such a row's foreign key asks for the order.
CREATE OR REPLACE FUNCTION api_private.lock_order(
  external_order_id uuid, OUT id bigint, OUT user_id bigint, OUT order_number integer,
  OUT status public.order_status_enum
)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF current_setting('citus.multi_shard_modify_mode', true) = 'parallel' THEN
    PERFORM api_private.read_in_sequence();
  END IF;
  SELECT o.id INTO lock_order.id
    FROM orders.orders o
   WHERE o.external_order_id = lock_order.external_order_id;
  SELECT o.user_id, o.order_number, o.status
    INTO lock_order.user_id, lock_order.order_number, lock_order.status
    FROM orders.orders o
   WHERE o.id = lock_order.id
     FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM api_private.require('external_order_id', lock_order.external_order_id IS NOT NULL);
    RAISE EXCEPTION 'no such order: %', lock_order.external_order_id USING ERRCODE = 'TE002';
  END IF;
END
$$;

-- Of two orders at once the second one waits here, so that they do not get the same number. Under
-- REPEATABLE READ it could not see the first one's: that the row is changed, and not only locked,
-- makes it fail with 40001.
CREATE OR REPLACE FUNCTION api_private.lock_buyer(external_user_id uuid) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  locked_id bigint;
BEGIN
  UPDATE users.users u
     SET pending_order_notification = u.pending_order_notification
   WHERE u.external_user_id = lock_buyer.external_user_id
  RETURNING u.id INTO locked_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no such user: %', lock_buyer.external_user_id USING ERRCODE = 'TE001';
  END IF;
  RETURN locked_id;
END
$$;

-- The values may be anyone's, so they are not shown.
CREATE OR REPLACE FUNCTION api_private.require_lengths(fields jsonb) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  too_long text;
BEGIN
  too_long := (
    SELECT field.attname
      FROM pg_attribute AS field
     WHERE field.attrelid = 'orders.orders'::regclass
       AND char_length(fields ->> field.attname)
         > CASE WHEN field.atttypmod > 4 THEN field.atttypmod - 4 ELSE 255 END
     ORDER BY field.attnum
     LIMIT 1);
  IF too_long IS NOT NULL THEN
    RAISE EXCEPTION '% is too long', too_long USING ERRCODE = 'TE011';
  END IF;
END
$$;

-- Where an order goes: as it is given, or to the user when nothing is. An empty text is nothing, as
-- in a file: forms send one for what nobody filled in.
CREATE OR REPLACE FUNCTION api_private.deliver_to(user_id bigint, INOUT delivery jsonb)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  delivery := (
    SELECT jsonb_object_agg(field.key, nullif(field.value, ''))
      FROM jsonb_each_text(delivery) AS field);
  IF jsonb_strip_nulls(delivery) <> '{}' THEN
    RETURN;
  END IF;
  delivery := (
    SELECT jsonb_build_object(
             'delivery_name', left(nullif(concat_ws(' ', nullif(u.first_name, ''),
                                                    nullif(u.last_name, '')), ''), 100),
             'phone_number', u.phone_number, 'street_address', u.street_address,
             'city', u.city, 'postal_code', u.postal_code, 'country', u.country)
      FROM users.users u
     WHERE u.id = deliver_to.user_id);
END
$$;

-- What the loader derives for an order from a file is derived here for a new one. The user's row
-- is locked, so the time is later than that of the order before.
CREATE OR REPLACE FUNCTION api_private.place_order(
  made uuid, user_id bigint, product_ids integer[], quantities integer[], delivery jsonb
) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  placed_at timestamptz := clock_timestamp();
  made_id bigint;
  prior record;
  item record;
BEGIN
  PERFORM api_private.require_few('an order', cardinality(product_ids));
  delivery := api_private.deliver_to(place_order.user_id, delivery);
  SELECT coalesce(max(o.order_number), 0) AS order_number,
         CASE WHEN count(*) > 0 THEN
           greatest(floor(extract(epoch FROM placed_at - max(o.created_at)) / 86400), 0)::integer
         END AS days
    INTO prior
    FROM orders.orders o
   WHERE o.user_id = place_order.user_id;
  item := api_private.price_items(place_order.user_id, prior.order_number + 1, product_ids,
                                  quantities);
  PERFORM api_private.require_exact(item.total);

  INSERT INTO orders.orders
    (external_order_id, user_id, order_number, order_dow, order_hour_of_day,
     days_since_prior_order, total_items, total_price, status, delivery_name, phone_number,
     street_address, city, postal_code, country, created_at, updated_at)
  VALUES
    (made, place_order.user_id, prior.order_number + 1,
     extract(dow FROM placed_at AT TIME ZONE 'UTC')::integer,
     extract(hour FROM placed_at AT TIME ZONE 'UTC')::integer,
     prior.days, cardinality(product_ids), item.total::double precision, 'pending',
     delivery ->> 'delivery_name', delivery ->> 'phone_number', delivery ->> 'street_address',
     delivery ->> 'city', delivery ->> 'postal_code', delivery ->> 'country',
     placed_at, placed_at)
  RETURNING id INTO made_id;
  INSERT INTO orders.order_items
    (order_id, product_id, add_to_cart_order, reordered, quantity, price)
  SELECT made_id, given.product_id, given.place, given.reordered, given.quantity, given.price
    FROM unnest(product_ids, quantities, item.prices, item.reordered) WITH ORDINALITY
         AS given (product_id, quantity, price, reordered, place);
  PERFORM api_private.record_status(
    made_id, '{}', NULL,
    (SELECT u.external_user_id FROM users.users u WHERE u.id = place_order.user_id), NULL);
END
$$;

CREATE OR REPLACE FUNCTION api.create_order(
  external_user_id uuid, items jsonb, idempotency_key text DEFAULT NULL,
  delivery_name text DEFAULT NULL, phone_number text DEFAULT NULL,
  street_address text DEFAULT NULL, city text DEFAULT NULL, postal_code text DEFAULT NULL,
  country text DEFAULT NULL
) RETURNS api.orders
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  made uuid := gen_random_uuid();
  placed uuid;
  wanted record;
  delivery jsonb;
BEGIN
  delivery := jsonb_build_object(
    'delivery_name', delivery_name, 'phone_number', phone_number,
    'street_address', street_address, 'city', city, 'postal_code', postal_code,
    'country', country);
  PERFORM api_private.find_user(external_user_id);
  PERFORM api_private.require_lengths(delivery);
  placed := api_private.claim_key(
    external_user_id, idempotency_key, made,
    jsonb_build_object('function', 'create_order', 'items', items, 'delivery', delivery));
  IF placed = made THEN
    wanted := api_private.read_items(items);
    PERFORM api_private.place_order(made, api_private.lock_buyer(external_user_id),
                                    wanted.product_ids, wanted.quantities, delivery);
  END IF;
  RETURN api_private.show_order(placed);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.add_order_items(
  external_user_id uuid, external_order_id uuid, items jsonb
) RETURNS api.orders
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
#variable_conflict use_column
DECLARE
  buyer_id bigint;
  changed record;
  present record;
  wanted record;
  item record;
  total numeric;
  changed_at timestamptz;
BEGIN
  buyer_id := api_private.find_user(add_order_items.external_user_id);
  changed := api_private.lock_order(add_order_items.external_order_id);
  IF changed.user_id <> buyer_id THEN
    RAISE EXCEPTION 'order % is not of user %', add_order_items.external_order_id,
      add_order_items.external_user_id USING ERRCODE = 'TE004';
  END IF;
  IF changed.status <> 'pending' THEN
    RAISE EXCEPTION 'order % is not pending', add_order_items.external_order_id
      USING ERRCODE = 'TE018';
  END IF;
  wanted := api_private.read_items(add_order_items.items);
  SELECT count(*) AS items, coalesce(max(i.add_to_cart_order), 0) AS last_place,
         min(i.product_id) FILTER (WHERE i.product_id = ANY (wanted.product_ids)) AS twice
    INTO present
    FROM orders.order_items i
   WHERE i.order_id = changed.id;
  IF present.twice IS NOT NULL THEN
    RAISE EXCEPTION 'product % is in order % already', present.twice,
      add_order_items.external_order_id USING ERRCODE = 'TE019';
  END IF;
  PERFORM api_private.require_few('an order', present.items + cardinality(wanted.product_ids));

  item := api_private.price_items(buyer_id, changed.order_number, wanted.product_ids,
                                  wanted.quantities);
  INSERT INTO orders.order_items
    (order_id, product_id, add_to_cart_order, reordered, quantity, price)
  SELECT changed.id, given.product_id, present.last_place + given.place, given.reordered,
         given.quantity, given.price
    FROM unnest(wanted.product_ids, wanted.quantities, item.prices, item.reordered)
         WITH ORDINALITY AS given (product_id, quantity, price, reordered, place);
  total := api_private.sum_items(changed.id);
  PERFORM api_private.require_exact(total);
  changed_at := clock_timestamp();
  UPDATE orders.orders o
     SET total_items = present.items + cardinality(wanted.product_ids),
         total_price = total::double precision, updated_at = changed_at
   WHERE o.id = changed.id;
  RETURN api_private.show_order(add_order_items.external_order_id);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

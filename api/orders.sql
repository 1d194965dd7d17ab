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

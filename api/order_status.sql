-- The status of orders -------------------------------------------------------------------------

-- In TimeL-E's older schema the history has the internal id of who changed the status.
CREATE OR REPLACE FUNCTION api_private.history_has_internal_ids() RETURNS boolean
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
    SELECT 1 FROM pg_attribute
     WHERE attrelid = 'orders.order_status_history'::regclass
       AND attname = 'changed_by'
       AND atttypid IN ('integer'::regtype, 'bigint'::regtype)
  )
$$;

-- Makes sure that the history has one row for the status that an order now has, with its note and
-- who changed it, as of when the order was last updated. A trigger may have written the row
-- already; but a trigger knows no note, may not know who changed the status, and writes nothing
-- where a client's setting forbids it. `known` are the rows that the history had of the order
-- before; the order is locked, so that nobody else has added one since.
CREATE OR REPLACE FUNCTION api_private.record_status(
  order_id bigint, known bigint[], old_status public.order_status_enum, changed_by uuid, note text
) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  changed record;
  changer text := record_status.changed_by;
  history orders.order_status_history;
BEGIN
  IF api_private.history_has_internal_ids() THEN
    changer := (SELECT u.id FROM users.users u
                 WHERE u.external_user_id = record_status.changed_by);
  END IF;
  history := jsonb_populate_record(NULL::orders.order_status_history,
                                   jsonb_build_object('changed_by', changer));
  SELECT o.status, o.updated_at INTO changed
    FROM orders.orders o
   WHERE o.id = record_status.order_id;
  UPDATE orders.order_status_history h
     SET changed_at = changed.updated_at, changed_by = history.changed_by,
         note = record_status.note
   WHERE h.order_id = record_status.order_id
     AND h.history_id <> ALL (known);
  IF NOT FOUND THEN
    INSERT INTO orders.order_status_history
      (order_id, old_status, new_status, changed_at, changed_by, note)
    VALUES
      (record_status.order_id, record_status.old_status, changed.status, changed.updated_at,
       history.changed_by, record_status.note);
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api.set_order_status(
  external_order_id uuid, status public.order_status_enum, changed_by uuid DEFAULT NULL,
  note text DEFAULT NULL, tracking_number text DEFAULT NULL, shipping_carrier text DEFAULT NULL,
  tracking_url text DEFAULT NULL
) RETURNS api.orders
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
#variable_conflict use_column
DECLARE
  changed record;
  changed_at timestamptz;
  known bigint[];
  setting text := coalesce(current_setting('timele.changed_by', true), '');
  loading text := coalesce(current_setting('timele.loading', true), '');
  tracking jsonb;
BEGIN
  tracking := jsonb_strip_nulls(jsonb_build_object(
    'tracking_number', set_order_status.tracking_number,
    'shipping_carrier', set_order_status.shipping_carrier,
    'tracking_url', set_order_status.tracking_url));
  PERFORM api_private.require('status', set_order_status.status IS NOT NULL);
  IF set_order_status.changed_by IS NOT NULL THEN
    PERFORM api_private.find_user(set_order_status.changed_by);
  END IF;
  IF char_length(set_order_status.note) > 10000 THEN
    RAISE EXCEPTION 'note is too long' USING ERRCODE = 'TE011';
  END IF;
  PERFORM api_private.require_lengths(tracking);
  changed := api_private.lock_order(set_order_status.external_order_id);
  IF changed.status = set_order_status.status
    AND (tracking = '{}' OR set_order_status.note IS NOT NULL)
  THEN
    RAISE EXCEPTION 'order % is % already', set_order_status.external_order_id, changed.status
      USING ERRCODE = 'TE014';
  END IF;

  known := ARRAY(SELECT h.history_id FROM orders.order_status_history h
                  WHERE h.order_id = changed.id);
  -- The trigger of schema.sql reads these settings; it could not write an internal id. The function
  -- has no SET clause for them, because only a superuser could create such a function.
  PERFORM set_config('timele.changed_by', coalesce(set_order_status.changed_by::text, ''), true);
  IF api_private.history_has_internal_ids() THEN
    PERFORM set_config('timele.loading', 'on', true);
  END IF;
  changed_at := clock_timestamp();
  UPDATE orders.orders o
     SET status = set_order_status.status, updated_at = changed_at,
         tracking_number = coalesce(set_order_status.tracking_number, o.tracking_number),
         shipping_carrier = coalesce(set_order_status.shipping_carrier, o.shipping_carrier),
         tracking_url = coalesce(set_order_status.tracking_url, o.tracking_url)
   WHERE o.id = changed.id;
  PERFORM set_config('timele.changed_by', setting, true);
  PERFORM set_config('timele.loading', loading, true);
  IF changed.status <> set_order_status.status THEN
    PERFORM api_private.record_status(changed.id, known, changed.status,
                                      set_order_status.changed_by, set_order_status.note);
  END IF;
  RETURN api_private.show_order(set_order_status.external_order_id);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

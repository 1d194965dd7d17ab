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

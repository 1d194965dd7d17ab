-- Users ----------------------------------------------------------------------------------------

-- Characters that nobody sees: blanks, control and format characters, fillers, variation selectors.
-- With one, two addresses that look the same could be two users'. They are told by their bytes in
-- UTF-8, whatever the encoding of the database.
CREATE OR REPLACE FUNCTION api_private.has_invisible_character(value text) RETURNS boolean
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT encode(convert_to(value, 'UTF8'), 'hex') ~ ('^(..)*(' || array_to_string(ARRAY[
    '[01].|20|7f',                                    -- U+0000..U+0020, U+007F
    'c2([89].|a0|ad)',                                -- U+0080..U+00A0, U+00AD
    'cd8f',                                           -- U+034F
    'd8(8[0-5]|9c)',                                  -- U+0600..U+0605, U+061C
    'db9d|dc8f',                                      -- U+06DD, U+070F
    'e0a29[01]|e0a3a2',                               -- U+0890, U+0891, U+08E2
    'e185(9f|a0)',                                    -- U+115F, U+1160
    'e19a80|e19eb[45]',                               -- U+1680, U+17B4, U+17B5
    'e1a08[b-f]',                                     -- U+180B..U+180F
    'e280(8.|a[89a-f])',                              -- U+2000..U+200F, U+2028..U+202F
    'e281(9f|a.)',                                    -- U+205F, U+2060..U+206F
    'e2a080',                                         -- U+2800
    'e38080|e385a4',                                  -- U+3000, U+3164
    'efb88.',                                         -- U+FE00..U+FE0F
    'efbbbf|efbea0|efbf(b[0-9ab])',                   -- U+FEFF, U+FFA0, U+FFF0..U+FFFB
    'f09182bd|f091838d',                              -- U+110BD, U+110CD
    'f09390b.',                                       -- U+13430..U+1343F
    'f09bb2a[0-3]',                                   -- U+1BCA0..U+1BCA3
    'f09d85(b[3-9a])',                                -- U+1D173..U+1D17A
    'f3a08[0-7]..'                                    -- U+E0000..U+E01FF
  ], '|') || ')')
$$;

-- A time that means the same whatever DateStyle and TimeZone are.
CREATE OR REPLACE FUNCTION api_private.is_timestamp(value jsonb) RETURNS boolean
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_typeof(value) = 'string'
     AND value #>> '{}' ~ ('^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}'
                           '(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')
$$;

-- Checks every field by itself, so that the message can name it. A value is never shown: it may be
-- a password's hash.
CREATE OR REPLACE FUNCTION api_private.check_user(fields jsonb) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  field record;
  given text;
BEGIN
  FOR field IN
    SELECT member.key, member.value, atttypid AS type,
           CASE WHEN member.key = 'email_address' THEN 254
                WHEN atttypid IN ('text'::regtype, 'varchar'::regtype)
                     AND atttypmod = -1 THEN 255 -- the table sets no limit
           END AS longest,
           member.key = 'email_address' AND member.value IN ('null', '""')
           OR member.value = 'null' AND attnotnull AS is_missing
      FROM jsonb_each(fields) AS member
      LEFT JOIN pg_attribute ON attrelid = 'users.users'::regclass AND attname = member.key
  LOOP
    IF field.key <> ALL (ARRAY[
      'first_name', 'last_name', 'email_address', 'hashed_password', 'phone_number',
      'street_address', 'city', 'postal_code', 'country', 'last_login',
      'last_notifications_viewed_at', 'days_between_order_notifications',
      'order_notifications_start_date_time', 'order_notifications_next_scheduled_time',
      'last_notification_sent_at', 'pending_order_notification', 'order_notifications_via_email'
    ]) THEN
      RAISE EXCEPTION 'a user has no field % that can be set', api_private.show_name(field.key)
        USING ERRCODE = 'TE011';
    END IF;
    PERFORM api_private.require(field.key, NOT field.is_missing);
    IF jsonb_typeof(field.value) IN ('object', 'array') THEN
      RAISE EXCEPTION '% is not a single value', field.key USING ERRCODE = 'TE011';
    END IF;
    given := field.value #>> '{}';
    IF length(given) > field.longest THEN
      RAISE EXCEPTION '% is too long', field.key USING ERRCODE = 'TE011';
    END IF;
    BEGIN
      IF field.key = 'email_address' AND api_private.has_invisible_character(given)
        OR field.type IN ('timestamptz'::regtype, 'timestamp'::regtype)
           AND field.value <> 'null' AND NOT api_private.is_timestamp(field.value)
      THEN
        RAISE data_exception;
      END IF;
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

-- Whether an error names a constraint. `violated` is what the error says of it by itself: nothing, where
-- another node of Citus has refused the row; then the message alone has the name, with a number behind.
CREATE OR REPLACE FUNCTION api_private.is_violated(name text, violated text, message text)
  RETURNS boolean
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE violated
    WHEN '' THEN message ~ ('(^|\W)' || regexp_replace(name, '([][(){}.*+?^$|\\])', '\\\1', 'g')
                            || '(_\d+)?(\W|$)')
    ELSE violated = name
  END
$$;

-- Like refuse, with messages for constraints on users.users. They may have any name, and a
-- unique one may be an index without a constraint.
CREATE OR REPLACE FUNCTION api_private.refuse_user(state text, message text, violated text)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The tables that Citus keeps rows in have constraints with a number behind the name. A name that ends
  -- in a number by itself is taken as it is.
  IF NOT EXISTS (
    SELECT 1 FROM pg_index
      JOIN pg_class ON pg_class.oid = indexrelid AND relname = violated
     WHERE indrelid = 'users.users'::regclass
    UNION ALL
    SELECT 1 FROM pg_constraint
     WHERE conname = violated AND 'users.users'::regclass IN (conrelid, confrelid)
  ) THEN
    violated := regexp_replace(violated, '_[0-9]+$', '');
  END IF;
  IF state = '23505' AND EXISTS (
    SELECT 1 FROM pg_index
      JOIN pg_class ON pg_class.oid = indexrelid
     WHERE indrelid = 'users.users'::regclass
       AND api_private.is_violated(relname, violated, refuse_user.message)
       AND strpos(pg_get_indexdef(indexrelid), 'email_address') > 0
  ) THEN
    state := 'TE012';
    message := 'the e-mail address is another user''s';
  ELSIF state = '23514' AND EXISTS (
    SELECT 1 FROM pg_constraint
     WHERE conrelid = 'users.users'::regclass
       AND api_private.is_violated(conname, violated, refuse_user.message)
       AND strpos(pg_get_constraintdef(oid), 'days_between_order_notifications') > 0
  ) THEN
    state := 'TE011';
    message := 'days_between_order_notifications is not valid';
  ELSIF state = '23503' AND current_setting('transaction_isolation') <> 'read committed'
    AND EXISTS (
      SELECT 1 FROM pg_constraint
       WHERE confrelid = 'users.users'::regclass
         AND api_private.is_violated(conname, violated, refuse_user.message)
         AND conrelid IN ('orders.orders'::regclass, 'orders.carts'::regclass)
    )
  THEN
    -- From delete_user: an order or a cart that came after its snapshot. A retry sees it.
    state := '40001';
    message := 'could not serialize access due to concurrent update';
  ELSIF state = '23503' THEN
    -- From delete_user: a table that is not TimeL-E's refers to the user.
    state := 'TE017';
    message := 'something refers to the user';
  END IF;
  PERFORM api_private.refuse(state, message);
END
$$;

CREATE OR REPLACE FUNCTION api_private.show_user(external_user_id uuid) RETURNS api.users
  LANGUAGE sql
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT * FROM api.users u WHERE u.external_user_id = show_user.external_user_id
$$;

-- With what a user gets who registers with TimeL-E's service: reminders every week, from now on.
CREATE OR REPLACE FUNCTION api.create_user(
  email_address text, hashed_password text DEFAULT NULL, first_name text DEFAULT NULL,
  last_name text DEFAULT NULL, phone_number text DEFAULT NULL, street_address text DEFAULT NULL,
  city text DEFAULT NULL, postal_code text DEFAULT NULL, country text DEFAULT NULL
) RETURNS api.users
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
     street_address, city, postal_code, country, last_login, days_between_order_notifications,
     order_notifications_start_date_time, order_notifications_next_scheduled_time,
     last_notification_sent_at, pending_order_notification, order_notifications_via_email)
  VALUES
    (made, email_address, hashed_password, first_name, last_name, phone_number,
     street_address, city, postal_code, country, now(), 7,
     now(), now() + interval '168 hours', -- no matter what TimeZone is
     now(), false, false);
  RETURN api_private.show_user(made);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
  PERFORM api_private.refuse_user(SQLSTATE, SQLERRM, violated);
END
$$;

CREATE OR REPLACE FUNCTION api_private.change_user(external_user_id uuid, changes jsonb)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  user_id bigint := api_private.find_user(external_user_id);
  given users.users;
BEGIN
  PERFORM api_private.check_user(changes);
  given := jsonb_populate_record(NULL::users.users, changes);
  UPDATE users.users u
     SET first_name = CASE WHEN changes ? 'first_name' THEN given.first_name ELSE u.first_name END,
         last_name = CASE WHEN changes ? 'last_name' THEN given.last_name ELSE u.last_name END,
         email_address =
           CASE WHEN changes ? 'email_address'
             THEN given.email_address
             ELSE u.email_address
           END,
         hashed_password =
           CASE WHEN changes ? 'hashed_password'
             THEN given.hashed_password
             ELSE u.hashed_password
           END,
         phone_number =
           CASE WHEN changes ? 'phone_number'
             THEN given.phone_number
             ELSE u.phone_number
           END,
         street_address =
           CASE WHEN changes ? 'street_address'
             THEN given.street_address
             ELSE u.street_address
           END,
         city = CASE WHEN changes ? 'city' THEN given.city ELSE u.city END,
         postal_code =
           CASE WHEN changes ? 'postal_code'
             THEN given.postal_code
             ELSE u.postal_code
           END,
         country = CASE WHEN changes ? 'country' THEN given.country ELSE u.country END,
         last_login = CASE WHEN changes ? 'last_login' THEN given.last_login ELSE u.last_login END,
         last_notifications_viewed_at =
           CASE WHEN changes ? 'last_notifications_viewed_at'
             THEN given.last_notifications_viewed_at
             ELSE u.last_notifications_viewed_at
           END,
         days_between_order_notifications =
           CASE WHEN changes ? 'days_between_order_notifications'
             THEN given.days_between_order_notifications
             ELSE u.days_between_order_notifications
           END,
         order_notifications_start_date_time =
           CASE WHEN changes ? 'order_notifications_start_date_time'
             THEN given.order_notifications_start_date_time
             ELSE u.order_notifications_start_date_time
           END,
         order_notifications_next_scheduled_time =
           CASE WHEN changes ? 'order_notifications_next_scheduled_time'
             THEN given.order_notifications_next_scheduled_time
             ELSE u.order_notifications_next_scheduled_time
           END,
         last_notification_sent_at =
           CASE WHEN changes ? 'last_notification_sent_at'
             THEN given.last_notification_sent_at
             ELSE u.last_notification_sent_at
           END,
         pending_order_notification =
           CASE WHEN changes ? 'pending_order_notification'
             THEN given.pending_order_notification
             ELSE u.pending_order_notification
           END,
         order_notifications_via_email =
           CASE WHEN changes ? 'order_notifications_via_email'
             THEN given.order_notifications_via_email
             ELSE u.order_notifications_via_email
           END
   WHERE u.id = user_id;
  PERFORM api_private.find_user(external_user_id); -- another transaction may have deleted the user
END
$$;

CREATE OR REPLACE FUNCTION api.update_user(external_user_id uuid, changes jsonb) RETURNS api.users
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  violated text;
BEGIN
  PERFORM api_private.require('external_user_id', external_user_id IS NOT NULL);
  PERFORM api_private.require('changes', changes IS NOT NULL);
  IF jsonb_typeof(changes) <> 'object' THEN
    RAISE EXCEPTION 'changes is not an object' USING ERRCODE = 'TE011';
  END IF;
  PERFORM api_private.change_user(external_user_id, changes);
  RETURN api_private.show_user(external_user_id);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
  PERFORM api_private.refuse_user(SQLSTATE, SQLERRM, violated);
END
$$;

CREATE OR REPLACE FUNCTION api.set_password_hash(external_user_id uuid, hashed_password text)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  violated text;
BEGIN
  PERFORM api_private.change_user(external_user_id,
                                  jsonb_build_object('hashed_password', hashed_password));
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
  PERFORM api_private.refuse_user(SQLSTATE, SQLERRM, violated);
END
$$;

-- The user is locked first and then the carts, as by checkout, so that the two do not wait for each
-- other; the carts before what is in them goes, so that nothing new comes in.
CREATE OR REPLACE FUNCTION api.delete_user(external_user_id uuid) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  former_id bigint;
  locked_id bigint;
  violated text;
BEGIN
  former_id := api_private.find_user(external_user_id);
  PERFORM 1 FROM users.users u WHERE u.id = former_id FOR UPDATE;
  PERFORM api_private.find_user(external_user_id); -- another transaction may have deleted the user
  IF EXISTS (SELECT 1 FROM orders.orders o WHERE o.user_id = former_id) THEN
    RAISE EXCEPTION 'user % has orders', external_user_id USING ERRCODE = 'TE017';
  END IF;
  IF current_setting('citus.multi_shard_modify_mode', true) IS NULL THEN
    PERFORM 1 FROM orders.carts c WHERE c.user_id = former_id ORDER BY c.id FOR UPDATE;
  ELSE
    -- Citus locks no rows of several shards in one statement.
    FOREACH locked_id IN ARRAY ARRAY(
      SELECT c.id FROM orders.carts c WHERE c.user_id = former_id ORDER BY c.id
    ) LOOP
      PERFORM 1 FROM orders.carts c WHERE c.id = locked_id FOR UPDATE;
    END LOOP;
  END IF;
  DELETE FROM orders.cart_items i
   USING orders.carts c
   WHERE c.user_id = former_id AND i.cart_id = c.id;
  DELETE FROM orders.carts c WHERE c.user_id = former_id;
  DELETE FROM api_private.idempotency_keys k
   WHERE k.external_user_id = delete_user.external_user_id;
  DELETE FROM users.users u WHERE u.id = former_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a trigger keeps the user';
  END IF;
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME;
  PERFORM api_private.refuse_user(SQLSTATE, SQLERRM, violated);
END
$$;

-- Comments -------------------------------------------------------------------------------------
--
-- API servers show them as documentation. They begin with tags that tell PostGraphile of the keys:
-- views have none in the catalog, and without a primary key a list comes in the order in which the
-- tables are read, which is that of internal ids. Others show the tags as text.
--
-- A comment is set where there is none, and where each of its lines is from here or from an earlier
-- version. Any other is somebody's own and stays.

CREATE OR REPLACE FUNCTION api_private.choose_comment(present text, object text, field text,
                                                      wanted text, lines text[]) RETURNS text
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN string_to_array(comment, E'\n') <@ lines THEN wanted
              ELSE coalesce(comment, wanted) END
    FROM coalesce(present, (
      SELECT k.comment FROM api_private.kept_comments k
       WHERE k.object = choose_comment.object
         AND k.field IS NOT DISTINCT FROM choose_comment.field
       LIMIT 1
    )) AS comment
$$;

DO $$
DECLARE
  described record;
  present text;
  tags text[];
  chosen text;
BEGIN
  FOR described IN
    SELECT list.*, pg_proc.oid AS function, pg_proc.proname AS name
      FROM (VALUES
        ('api.create_user(text,text,text,text,text,text,text,text,text)',
         'Makes a user, who is reminded to order every 7 days',
         'Makes a user and returns the external id'),
        ('api.update_user(uuid,jsonb)',
         'Sets the fields of a user that the object `changes` has; null empties one',
         NULL),
        ('api.set_password_hash(uuid,text)',
         'Sets the hash of a user''s password; null takes it away',
         NULL),
        ('api.delete_user(uuid)',
         'Deletes a user who has no orders, with all carts',
         NULL),
        ('api.create_order(uuid,jsonb,text,text,text,text,text,text,text)',
         'Places an order of [{"product_id": 1, "quantity": 2}, ...] at today''s prices; quantity is 1 where it is left out; a retry with the same idempotency key returns the first order',
         'Places an order of [{"product_id": 1, "quantity": 2}, ...] at today''s prices and returns its external id; quantity is 1 where it is left out'),
        ('api.add_order_items(uuid,uuid,jsonb)',
         'Adds products, as in create_order, to an order of the user that is pending',
         NULL),
        ('api.set_order_status(uuid,public.order_status_enum,uuid,text,text,text,text)',
         'Changes the status of an order and records that in its history; tracking is set where it is given',
         'Changes the status of an order and records that in its history'),
        ('api.create_cart(uuid)',
         'Makes an empty cart for a user',
         'Makes an empty cart for a user and returns its external id'),
        ('api.set_cart_item(uuid,uuid,integer,integer)',
         'Puts a product into a cart of the user, or changes its quantity there',
         NULL),
        ('api.remove_cart_item(uuid,uuid,integer)',
         'Takes a product out of a cart of the user',
         NULL),
        ('api.clear_cart(uuid,uuid)',
         'Takes all products out of a cart of the user',
         NULL),
        ('api.delete_cart(uuid,uuid)',
         'Deletes a cart of the user, with what is in it',
         NULL),
        ('api.checkout(uuid,uuid,text,text,text,text,text,text,text)',
         'Turns what is in a cart of the user into an order and empties the cart; a retry with the same idempotency key returns the first order',
         'Turns what is in a cart of the user into an order, empties the cart and returns the external id of the order'),
        ('api_auth.find_login(text)',
         'External id and hash of the password of the user with this e-mail address',
         NULL)
      ) AS list (signature, comment, former)
      JOIN pg_catalog.pg_proc ON pg_proc.oid = pg_catalog.to_regprocedure(list.signature)
  LOOP
    present := pg_catalog.obj_description(described.function, 'pg_proc');
    chosen := api_private.choose_comment(
      present, described.name || '()', NULL, described.comment,
      ARRAY[described.comment, described.former]);
    IF chosen IS DISTINCT FROM present THEN
      EXECUTE pg_catalog.format('COMMENT ON FUNCTION %s IS %L', described.signature, chosen);
    END IF;
  END LOOP;

  -- Referenced views first: a server stops at a key that refers to a view whose own key is not in its
  -- comment, because somebody wrote another one.
  FOR described IN
    SELECT list.*, pg_catalog.to_regclass('api.' || list.name) AS view
      FROM (VALUES
        ('aisles', 'Aisles of the shop',
         ARRAY['@primaryKey aisle_id',
               '@unique aisle']),
        ('departments', 'Departments of the shop',
         ARRAY['@primaryKey department_id',
               '@unique department',
               '@foreignKey (parent_id) references api.departments (department_id)']),
        ('products', 'The catalogue',
         ARRAY['@primaryKey product_id',
               '@foreignKey (aisle_id) references api.aisles (aisle_id)',
               '@foreignKey (department_id) references api.departments (department_id)']),
        ('users', 'Users, without their passwords',
         ARRAY['@primaryKey external_user_id',
               '@unique email_address']),
        ('orders', 'Orders',
         ARRAY['@primaryKey external_order_id',
               '@foreignKey (external_user_id) references api.users (external_user_id)']),
        ('order_items', 'The products of an order',
         ARRAY['@primaryKey external_order_id,product_id',
               '@foreignKey (external_order_id) references api.orders (external_order_id)',
               '@foreignKey (product_id) references api.products (product_id)']),
        ('order_status_history', 'What became of an order: a row for each status that it had',
         ARRAY['@primaryKey external_order_id,changed_at,new_status',
               '@foreignKey (external_order_id) references api.orders (external_order_id)',
               '@foreignKey (changed_by) references api.users (external_user_id)']),
        ('carts', 'Carts',
         ARRAY['@primaryKey external_cart_id',
               '@foreignKey (external_user_id) references api.users (external_user_id)']),
        ('cart_items', 'The products in a cart',
         ARRAY['@primaryKey external_cart_id,product_id',
               '@foreignKey (external_cart_id) references api.carts (external_cart_id)',
               '@foreignKey (product_id) references api.products (product_id)'])
      ) AS list (name, comment, tags)
     WHERE pg_catalog.to_regclass('api.' || list.name) IS NOT NULL
  LOOP
    tags := ARRAY(
      SELECT tag
        FROM pg_catalog.unnest(described.tags) WITH ORDINALITY AS tagged (tag, place)
        CROSS JOIN LATERAL pg_catalog.substring(tag, ' references (\S+)') AS referenced (name)
       WHERE referenced.name IS NULL
          OR referenced.name = 'api.' || described.name
          OR pg_catalog.obj_description(pg_catalog.to_regclass(referenced.name), 'pg_class')
               ~ '(^|\n)@primaryKey '
       ORDER BY place
    );
    present := pg_catalog.obj_description(described.view, 'pg_class');
    chosen := api_private.choose_comment(
      present, described.name, NULL,
      pg_catalog.array_to_string(tags || described.comment, E'\n'),
      described.tags || described.comment);
    IF chosen IS DISTINCT FROM present THEN
      EXECUTE pg_catalog.format('COMMENT ON VIEW api.%I IS %L', described.name, chosen);
    END IF;
  END LOOP;

  FOR described IN
    SELECT list.*, attname, attrelid AS view, attnum,
           EXISTS (
             SELECT 1 FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = pg_catalog.to_regclass(list.relation) AND a.attname = list.field
                AND a.attnotnull
           ) AS is_not_null
      FROM (VALUES
        ('users', 'external_user_id', 'users.users',
         'External id, a random UUID: the only id of a user'),
        ('users', 'first_name', 'users.users', 'First name'),
        ('users', 'last_name', 'users.users', 'Last name'),
        ('users', 'email_address', 'users.users', 'E-mail address; no two users have the same'),
        ('users', 'phone_number', 'users.users', 'Telephone number'),
        ('users', 'street_address', 'users.users', 'Street and number'),
        ('users', 'city', 'users.users', 'City'),
        ('users', 'postal_code', 'users.users', 'Postal code'),
        ('users', 'country', 'users.users', 'Country'),
        ('users', 'last_login', 'users.users', 'When the user last logged in'),
        ('users', 'last_notifications_viewed_at', 'users.users',
         'When the user last looked at notifications'),
        ('users', 'days_between_order_notifications', 'users.users',
         'Every how many days the user is reminded to order, 1 to 365; NULL: never'),
        ('users', 'order_notifications_start_date_time', 'users.users',
         'From when on the user is reminded'),
        ('users', 'order_notifications_next_scheduled_time', 'users.users',
         'When the next reminder is due'),
        ('users', 'last_notification_sent_at', 'users.users', 'When the last reminder was sent'),
        ('users', 'pending_order_notification', 'users.users',
         'Whether a reminder waits to be sent'),
        ('users', 'order_notifications_via_email', 'users.users',
         'Whether reminders go out by e-mail'),

        ('orders', 'external_order_id', 'orders.orders',
         'External id, a random UUID: the only id of an order'),
        ('orders', 'external_user_id', 'users.users',
         'External id of the user who placed the order'),
        ('orders', 'order_number', 'orders.orders', 'Which order of this user it is, from 1'),
        ('orders', 'order_dow', 'orders.orders', 'Day of the week on which it was placed, 0 to 6'),
        ('orders', 'order_hour_of_day', 'orders.orders', 'Hour at which it was placed, 0 to 23'),
        ('orders', 'days_since_prior_order', 'orders.orders',
         'Days since the order before; NULL: it is the first'),
        ('orders', 'total_items', 'orders.orders', 'How many items it has'),
        ('orders', 'total_price', 'orders.orders', 'Sum of price times quantity of its items'),
        ('orders', 'status', 'orders.orders', 'Status now'),
        ('orders', 'delivery_name', 'orders.orders', 'Who it is delivered to'),
        ('orders', 'phone_number', 'orders.orders', 'Telephone number for the delivery'),
        ('orders', 'street_address', 'orders.orders', 'Street and number of the delivery'),
        ('orders', 'city', 'orders.orders', 'City of the delivery'),
        ('orders', 'postal_code', 'orders.orders', 'Postal code of the delivery'),
        ('orders', 'country', 'orders.orders', 'Country of the delivery'),
        ('orders', 'tracking_number', 'orders.orders', 'The carrier''s number of the parcel'),
        ('orders', 'shipping_carrier', 'orders.orders', 'Who carries the parcel'),
        ('orders', 'tracking_url', 'orders.orders', 'Where the parcel can be followed'),
        ('orders', 'invoice', 'orders.orders', 'The invoice as a file'),
        ('orders', 'created_at', 'orders.orders', 'When it was placed'),
        ('orders', 'updated_at', 'orders.orders', 'When it was last changed'),

        ('order_items', 'external_order_id', 'orders.orders', 'External id of the order'),
        ('order_items', 'product_id', 'orders.order_items', 'The product that was ordered'),
        ('order_items', 'add_to_cart_order', 'orders.order_items', 'Its place in the order'),
        ('order_items', 'reordered', 'orders.order_items',
         '1: this user had ordered it before; 0: not'),
        ('order_items', 'quantity', 'orders.order_items', 'How many of it'),
        ('order_items', 'price', 'orders.order_items', 'Price of one when it was ordered'),

        ('order_status_history', 'external_order_id', 'orders.orders', 'External id of the order'),
        ('order_status_history', 'old_status', 'orders.order_status_history',
         'Status before; NULL: there was none'),
        ('order_status_history', 'new_status', 'orders.order_status_history', 'Status after'),
        ('order_status_history', 'changed_at', 'orders.order_status_history', 'When it changed'),
        ('order_status_history', 'changed_by', 'orders.order_status_history',
         'External id of the user who changed it; NULL: not known'),
        ('order_status_history', 'note', 'orders.order_status_history',
         'What that user said about it'),

        ('carts', 'external_cart_id', 'orders.carts',
         'External id, a random UUID: the only id of a cart'),
        ('carts', 'external_user_id', 'users.users', 'External id of the user whose cart it is'),
        ('carts', 'total_items', 'orders.carts', 'How many items it has'),
        ('carts', 'created_at', 'orders.carts', 'When it was made'),
        ('carts', 'updated_at', 'orders.carts', 'When it was last changed'),

        ('cart_items', 'external_cart_id', 'orders.carts', 'External id of the cart'),
        ('cart_items', 'product_id', 'orders.cart_items', 'The product in the cart'),
        ('cart_items', 'add_to_cart_order', 'orders.cart_items', 'Its place in the cart'),
        ('cart_items', 'reordered', 'orders.cart_items',
         '1: this user had ordered it before; 0: not'),
        ('cart_items', 'quantity', 'orders.cart_items', 'How many of it'),

        ('products', 'product_id', 'products.products', 'The id in the catalogue files'),
        ('products', 'product_name', 'products.products', 'Name'),
        ('products', 'aisle', 'products.aisles', 'Name of the aisle that it stands in'),
        ('products', 'department', 'products.departments',
         'Name of the department that it belongs to'),
        ('products', 'description', NULL, 'Description; NULL: not known'),
        ('products', 'price', NULL,
         'Price of one today; NULL: not known, and an order counts it as 0'),
        ('products', 'image_url', NULL, 'Where its picture is; NULL: there is none'),
        ('products', 'aisle_id', 'products.products', 'The aisle that it stands in'),
        ('products', 'department_id', 'products.products', 'The department that it belongs to'),

        ('departments', 'department_id', 'products.departments', 'The id in the catalogue files'),
        ('departments', 'department', 'products.departments',
         'Name; no two departments have the same'),
        ('departments', 'description', 'products.departments', 'Description; NULL: not known'),
        ('departments', 'image_url', 'products.departments',
         'Where its picture is; NULL: there is none'),
        ('departments', 'parent_id', 'products.departments',
         'The department that it is part of; NULL: none'),

        ('aisles', 'aisle_id', 'products.aisles', 'The id in the catalogue files'),
        ('aisles', 'aisle', 'products.aisles', 'Name; no two aisles have the same')
      ) AS list (name, field, relation, comment)
      JOIN pg_catalog.pg_attribute
        ON attrelid = pg_catalog.to_regclass('api.' || list.name) AND attname = list.field
  LOOP
    present := pg_catalog.col_description(described.view, described.attnum);
    chosen := api_private.choose_comment(
      present, described.name, described.field,
      CASE WHEN described.is_not_null THEN E'@notNull\n' ELSE '' END || described.comment,
      ARRAY['@notNull', described.comment]);
    IF chosen IS DISTINCT FROM present THEN
      EXECUTE pg_catalog.format('COMMENT ON COLUMN api.%I.%I IS %L', described.name,
                                described.field, chosen);
    END IF;
  END LOOP;
END
$$;

DELETE FROM api_private.kept_comments;

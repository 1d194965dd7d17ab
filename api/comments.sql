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

-- Views ----------------------------------------------------------------------------------------
--
-- The joins are LEFT JOINs on unique keys: one whose columns nobody asks for is left out of the
-- plan, and a look-up by the joined column makes it an inner join. What belongs to an order or a cart
-- is joined to it by JOIN: a list in the order of its external id can then begin at that index.
-- No view has an ORDER BY: PostgreSQL would sort all of it before it joins it (docs/api.md, "Lists").
--
-- To tell whether a view has changed, the wanted one is made beside it and both are compared as
-- PostgreSQL prints them.

-- A view with other columns than it has to have goes, with the functions that return its rows; they
-- are made anew as it is. Somebody else's function of that kind stays, and in the way.
CREATE OR REPLACE FUNCTION api_private.drop_view(view regclass) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  dependent record;
BEGIN
  INSERT INTO api_private.kept_comments
  SELECT relname, attname, description
    FROM pg_class
    JOIN pg_description ON classoid = 'pg_class'::regclass AND objoid = pg_class.oid
    LEFT JOIN pg_attribute ON attrelid = pg_class.oid AND attnum = objsubid AND attnum > 0
   WHERE pg_class.oid = view;
  FOR dependent IN
    SELECT pg_proc.oid, proname, description
      FROM pg_proc
      JOIN pg_type ON pg_type.oid = prorettype AND typrelid = view
      LEFT JOIN pg_description ON classoid = 'pg_proc'::regclass AND objoid = pg_proc.oid
     WHERE pronamespace = 'api_private'::regnamespace
        OR pronamespace = 'api'::regnamespace
       AND proname IN ('create_user', 'update_user', 'create_order', 'add_order_items',
                       'set_order_status', 'checkout', 'create_cart', 'set_cart_item',
                       'remove_cart_item', 'clear_cart')
  LOOP
    INSERT INTO api_private.kept_comments
    SELECT dependent.proname || '()', NULL, dependent.description
     WHERE dependent.description IS NOT NULL;
    EXECUTE format('DROP FUNCTION %s', dependent.oid::regprocedure);
  END LOOP;
  EXECUTE format('DROP VIEW %s', view);
END
$$;

-- What goes out as an external id has to be one. Without those of users, orders and carts there is
-- no API. An older database of TimeL-E has internal ids in changed_by, and does without that view.
DO $$
DECLARE
  wanted record;
  definition text;
  internal text[];
  made regclass;
BEGIN
  internal := ARRAY(
    SELECT list.relation || '.' || list.field
      FROM (VALUES
        ('users.users', 'external_user_id'),
        ('orders.orders', 'external_order_id'),
        ('orders.carts', 'external_cart_id'),
        ('orders.order_status_history', 'changed_by')
      ) AS list (relation, field)
      JOIN pg_catalog.pg_attribute ON attrelid = list.relation::regclass AND attname = list.field
      JOIN pg_catalog.pg_type ON pg_type.oid = atttypid
     WHERE 'uuid'::regtype NOT IN (atttypid, typbasetype)
     ORDER BY list.field = 'changed_by'
  );
  IF internal[1] NOT LIKE '%.changed_by' THEN
    RAISE EXCEPTION 'the column % is not of the type uuid, as an external id is', internal[1]
      USING HINT = 'Give it that type: ALTER TABLE ... ALTER COLUMN ... TYPE uuid USING ...';
  END IF;

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
           JOIN orders.orders o ON o.id = i.order_id
       $view$),

      ('order_status_history', $view$
         SELECT o.external_order_id, h.old_status, h.new_status, h.changed_at, h.changed_by, h.note
           FROM orders.order_status_history h
           JOIN orders.orders o ON o.id = h.order_id
       $view$),

      ('carts', $view$
         SELECT c.external_cart_id, u.external_user_id, c.total_items, c.created_at, c.updated_at
           FROM orders.carts c
           LEFT JOIN users.users u ON u.id = c.user_id
       $view$),

      ('cart_items', $view$
         SELECT c.external_cart_id, i.product_id, i.add_to_cart_order, i.reordered, i.quantity
           FROM orders.cart_items i
           JOIN orders.carts c ON c.id = i.cart_id
       $view$),

      ('products', $view$
         SELECT p.product_id, p.product_name, a.aisle, d.department, e.description, e.price,
                e.image_url, p.aisle_id, p.department_id
           FROM products.products p
           LEFT JOIN products.aisles a ON a.aisle_id = p.aisle_id
           LEFT JOIN products.departments d ON d.department_id = p.department_id
           LEFT JOIN products.product_enriched e ON e.product_id = p.product_id
       $view$),

      ('departments', $view$
         SELECT d.department_id, d.department, d.description, d.image_url, d.parent_id
           FROM products.departments d
       $view$),

      ('aisles', $view$
         SELECT a.aisle_id, a.aisle
           FROM products.aisles a
       $view$)
    ) AS list (name, query)
  LOOP
    made := pg_catalog.to_regclass('api.' || wanted.name);
    IF wanted.name = 'order_status_history' AND internal[1] IS NOT NULL THEN
      -- INFO, because no client_min_messages keeps it from the client.
      RAISE INFO 'there is no view api.%, because the column % is not of the type uuid and may hold internal ids', wanted.name, internal[1];
      IF made IS NOT NULL THEN
        EXECUTE pg_catalog.format('DROP VIEW api.%I', wanted.name);
      END IF;
      CONTINUE;
    END IF;

    EXECUTE pg_catalog.format('CREATE VIEW api_private.wanted AS %s', wanted.query);
    definition := pg_catalog.pg_get_viewdef('api_private.wanted'::regclass);
    DROP VIEW api_private.wanted;

    IF pg_catalog.pg_get_viewdef(made) = definition THEN
      CONTINUE;
    END IF;
    BEGIN
      EXECUTE pg_catalog.format('CREATE OR REPLACE VIEW api.%I AS %s', wanted.name, wanted.query);
    EXCEPTION WHEN invalid_table_definition THEN
      PERFORM api_private.drop_view(made);
      EXECUTE pg_catalog.format('CREATE VIEW api.%I AS %s', wanted.name, wanted.query);
    END;
  END LOOP;
END
$$;

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

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

-- Carts ----------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api.create_cart(external_user_id uuid) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  made uuid := gen_random_uuid();
BEGIN
  INSERT INTO orders.carts (external_cart_id, user_id, total_items, created_at, updated_at)
  VALUES (made, api_private.find_user(external_user_id), 0, now(), now());
  RETURN made;
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api_private.count_cart(cart_id bigint) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE orders.carts c
     SET total_items = (SELECT count(*) FROM orders.cart_items i
                         WHERE i.cart_id = count_cart.cart_id),
         updated_at = now()
   WHERE c.id = count_cart.cart_id;
END
$$;

CREATE OR REPLACE FUNCTION api.set_cart_item(
  external_user_id uuid, external_cart_id uuid, product_id integer, quantity integer DEFAULT 1
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
#variable_conflict use_column
DECLARE
  buyer_id bigint;
  locked_id bigint;
BEGIN
  buyer_id := api_private.find_user(external_user_id);
  locked_id := api_private.lock_cart(buyer_id, external_user_id, external_cart_id);
  PERFORM api_private.require_product(set_cart_item.product_id);
  PERFORM api_private.require('quantity', set_cart_item.quantity IS NOT NULL);
  PERFORM api_private.require_quantity(set_cart_item.quantity, set_cart_item.product_id);
  INSERT INTO orders.cart_items AS item (cart_id, product_id, add_to_cart_order, reordered, quantity)
  SELECT locked_id, set_cart_item.product_id,
         (SELECT coalesce(max(i.add_to_cart_order), 0) + 1
            FROM orders.cart_items i WHERE i.cart_id = locked_id),
         EXISTS (
           SELECT FROM orders.orders o
             JOIN orders.order_items i ON i.order_id = o.id
            WHERE o.user_id = buyer_id AND i.product_id = set_cart_item.product_id
         )::integer,
         set_cart_item.quantity
  ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity;
  PERFORM api_private.count_cart(locked_id);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.remove_cart_item(
  external_user_id uuid, external_cart_id uuid, product_id integer
) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  locked_id bigint;
BEGIN
  locked_id := api_private.lock_cart(api_private.find_user(external_user_id), external_user_id,
                                     external_cart_id);
  PERFORM api_private.require('product_id', product_id IS NOT NULL);
  DELETE FROM orders.cart_items i
   WHERE i.cart_id = locked_id AND i.product_id = remove_cart_item.product_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'product % is not in cart %', product_id, external_cart_id
      USING ERRCODE = 'TE006';
  END IF;
  PERFORM api_private.count_cart(locked_id);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

-- When two checkouts of a cart run at once, the second one waits for the first one's lock, and then
-- finds the cart empty.
CREATE OR REPLACE FUNCTION api.checkout(external_user_id uuid, external_cart_id uuid) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  buyer_id bigint;
  locked_id bigint;
  taken record;
BEGIN
  buyer_id := api_private.find_user(external_user_id);
  locked_id := api_private.lock_cart(buyer_id, external_user_id, external_cart_id);
  WITH item AS (
    DELETE FROM orders.cart_items i WHERE i.cart_id = locked_id
    RETURNING i.product_id, i.quantity, i.add_to_cart_order
  )
  SELECT array_agg(item.product_id ORDER BY item.add_to_cart_order, item.product_id) AS product_ids,
         array_agg(item.quantity ORDER BY item.add_to_cart_order, item.product_id) AS quantities
    INTO taken
    FROM item;
  IF taken.product_ids IS NULL THEN
    RAISE EXCEPTION 'cart % is empty', external_cart_id USING ERRCODE = 'TE007';
  END IF;
  PERFORM api_private.count_cart(locked_id);
  RETURN api_private.place_order(buyer_id, taken.product_ids, taken.quantities);
EXCEPTION WHEN query_canceled OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

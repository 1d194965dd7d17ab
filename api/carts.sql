-- Carts ----------------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION api_private.show_cart(external_cart_id uuid) RETURNS api.carts
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  shown api.carts;
BEGIN
  SELECT v.* INTO shown
    FROM api.carts v
   WHERE v.external_cart_id = show_cart.external_cart_id;
  RETURN shown;
END
$$;

CREATE OR REPLACE FUNCTION api.create_cart(external_user_id uuid) RETURNS api.carts
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  made uuid := gen_random_uuid();
  owner_id bigint;
  made_at timestamptz := clock_timestamp();
BEGIN
  owner_id := api_private.find_user(external_user_id);
  PERFORM 1 FROM users.users u WHERE u.id = owner_id FOR KEY SHARE;
  PERFORM api_private.find_user(external_user_id); -- another transaction may have deleted the user
  INSERT INTO orders.carts (external_cart_id, user_id, total_items, created_at, updated_at)
  VALUES (made, owner_id, 0, made_at, made_at);
  RETURN api_private.show_cart(made);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api_private.count_cart(cart_id bigint) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  counted_at timestamptz := clock_timestamp();
BEGIN
  UPDATE orders.carts c
     SET total_items = (SELECT count(*) FROM orders.cart_items i
                         WHERE i.cart_id = count_cart.cart_id),
         updated_at = counted_at
   WHERE c.id = count_cart.cart_id;
END
$$;

CREATE OR REPLACE FUNCTION api.set_cart_item(
  external_user_id uuid, external_cart_id uuid, product_id integer, quantity integer DEFAULT 1
) RETURNS api.carts
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
#variable_conflict use_column
DECLARE
  buyer_id bigint;
  locked_id bigint;
  present record;
  is_known boolean;
BEGIN
  buyer_id := api_private.find_user(set_cart_item.external_user_id);
  locked_id := api_private.lock_cart(buyer_id, set_cart_item.external_user_id,
                                     set_cart_item.external_cart_id);
  PERFORM api_private.require_product(set_cart_item.product_id);
  PERFORM api_private.require('quantity', set_cart_item.quantity IS NOT NULL);
  PERFORM api_private.require_quantity(set_cart_item.quantity, set_cart_item.product_id);
  SELECT count(*) AS others, coalesce(max(i.add_to_cart_order), 0) AS last_place INTO present
    FROM orders.cart_items i
   WHERE i.cart_id = locked_id
     AND i.product_id <> set_cart_item.product_id;
  PERFORM api_private.require_few('a cart', present.others + 1);
  PERFORM 1
     FROM orders.orders o
     JOIN orders.order_items i ON i.order_id = o.id
    WHERE o.user_id = buyer_id AND i.product_id = set_cart_item.product_id
    LIMIT 1;
  is_known := FOUND;
  INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order, reordered, quantity)
  VALUES
    (locked_id, set_cart_item.product_id, present.last_place + 1, is_known::integer,
     set_cart_item.quantity)
  ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity;
  PERFORM api_private.count_cart(locked_id);
  RETURN api_private.show_cart(set_cart_item.external_cart_id);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.remove_cart_item(
  external_user_id uuid, external_cart_id uuid, product_id integer
) RETURNS api.carts
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
  RETURN api_private.show_cart(external_cart_id);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.clear_cart(external_user_id uuid, external_cart_id uuid)
  RETURNS api.carts
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  locked_id bigint;
BEGIN
  locked_id := api_private.lock_cart(api_private.find_user(external_user_id), external_user_id,
                                     external_cart_id);
  DELETE FROM orders.cart_items i WHERE i.cart_id = locked_id;
  PERFORM api_private.count_cart(locked_id);
  RETURN api_private.show_cart(external_cart_id);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api.delete_cart(external_user_id uuid, external_cart_id uuid)
  RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  locked_id bigint;
BEGIN
  locked_id := api_private.lock_cart(api_private.find_user(external_user_id), external_user_id,
                                     external_cart_id);
  DELETE FROM orders.cart_items i WHERE i.cart_id = locked_id;
  DELETE FROM orders.carts c WHERE c.id = locked_id;
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

CREATE OR REPLACE FUNCTION api_private.empty_cart(
  cart_id bigint, external_cart_id uuid, OUT product_ids integer[], OUT quantities integer[]
)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  WITH item AS (
    DELETE FROM orders.cart_items i WHERE i.cart_id = empty_cart.cart_id
    RETURNING i.product_id, i.quantity, i.add_to_cart_order
  )
  SELECT array_agg(item.product_id ORDER BY item.add_to_cart_order, item.product_id),
         array_agg(item.quantity ORDER BY item.add_to_cart_order, item.product_id)
    INTO product_ids, quantities
    FROM item;
  IF product_ids IS NULL THEN
    RAISE EXCEPTION 'cart % is empty', external_cart_id USING ERRCODE = 'TE007';
  END IF;
  PERFORM api_private.count_cart(cart_id);
END
$$;

-- When two checkouts of a cart run at once, the second one waits for the first one's lock, and then
-- finds the cart empty. The user is locked before the cart, as by whatever deletes a user.
CREATE OR REPLACE FUNCTION api.checkout(
  external_user_id uuid, external_cart_id uuid, idempotency_key text DEFAULT NULL,
  delivery_name text DEFAULT NULL, phone_number text DEFAULT NULL,
  street_address text DEFAULT NULL, city text DEFAULT NULL, postal_code text DEFAULT NULL,
  country text DEFAULT NULL
) RETURNS api.orders
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
DECLARE
  made uuid := gen_random_uuid();
  placed uuid;
  buyer_id bigint;
  taken record;
  delivery jsonb;
BEGIN
  delivery := jsonb_build_object(
    'delivery_name', delivery_name, 'phone_number', phone_number,
    'street_address', street_address, 'city', city, 'postal_code', postal_code,
    'country', country);
  PERFORM api_private.find_user(external_user_id);
  PERFORM api_private.require_lengths(delivery);
  placed := api_private.claim_key(
    external_user_id, idempotency_key, made,
    jsonb_build_object('function', 'checkout', 'external_cart_id', external_cart_id,
                       'delivery', delivery));
  IF placed = made THEN
    buyer_id := api_private.lock_buyer(external_user_id);
    taken := api_private.empty_cart(
      api_private.lock_cart(buyer_id, external_user_id, external_cart_id), external_cart_id);
    PERFORM api_private.place_order(made, buyer_id, taken.product_ids, taken.quantities, delivery);
  END IF;
  RETURN api_private.show_order(placed);
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;

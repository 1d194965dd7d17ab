-- External to internal ids ---------------------------------------------------------------------

-- The tables that Citus keeps on several nodes, or as such on one; none on any other server.
CREATE OR REPLACE FUNCTION api_private.citus_tables() RETURNS SETOF regclass
  LANGUAGE plpgsql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    RETURN QUERY SELECT logicalrelid FROM pg_catalog.pg_dist_partition;
  END IF;
END
$$;

-- Where Citus distributes orders and carts, a look-up by an external id visits many shards. When it does
-- so over several sessions at once, Citus refuses to change users later in the same transaction. So
-- look-ups take one session for each node, until the transaction ends. It is called where the server has
-- Citus.
CREATE OR REPLACE FUNCTION api_private.read_in_sequence() RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF 'orders.orders'::regclass IN (SELECT api_private.citus_tables()) THEN
    PERFORM set_config('citus.multi_shard_modify_mode', 'sequential', true);
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api_private.find_user(external_user_id uuid) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found_id bigint;
BEGIN
  IF current_setting('citus.multi_shard_modify_mode', true) = 'parallel' THEN
    PERFORM api_private.read_in_sequence();
  END IF;
  SELECT u.id INTO found_id
    FROM users.users u
   WHERE u.external_user_id = find_user.external_user_id;
  IF found_id IS NULL THEN
    PERFORM api_private.require('external_user_id', external_user_id IS NOT NULL);
    RAISE EXCEPTION 'no such user: %', external_user_id USING ERRCODE = 'TE001';
  END IF;
  RETURN found_id;
END
$$;

-- The cart is locked against whatever else would change it, until the transaction ends: also
-- against an item that is inserted without these functions, whose foreign key asks for the cart.
CREATE OR REPLACE FUNCTION api_private.lock_cart(user_id bigint, external_user_id uuid,
                                                 external_cart_id uuid) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  cart record;
BEGIN
  SELECT c.id INTO cart
    FROM orders.carts c
   WHERE c.external_cart_id = lock_cart.external_cart_id;
  SELECT c.id, c.user_id INTO cart
    FROM orders.carts c
   WHERE c.id = cart.id
     FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM api_private.require('external_cart_id', external_cart_id IS NOT NULL);
    RAISE EXCEPTION 'no such cart: %', external_cart_id USING ERRCODE = 'TE003';
  END IF;
  IF cart.user_id <> lock_cart.user_id THEN
    RAISE EXCEPTION 'cart % is not of user %', external_cart_id, external_user_id
      USING ERRCODE = 'TE004';
  END IF;
  RETURN cart.id;
END
$$;

-- Refusals -------------------------------------------------------------------------------------
--
-- Errors of class TE are raised on purpose and say what is wrong with the client's request;
-- docs/api.md lists them. Some of PostgreSQL's own errors tell an API server whether to try again
-- and keep their state and message: read-only, conflict, deadlock, lock timeout, cancelled. Any
-- other error becomes TE999 for the client; the server's log has it as it was.

CREATE OR REPLACE FUNCTION api_private.refuse(state text, message text) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF state NOT LIKE 'TE%' AND state NOT IN ('25006', '40001', '40P01', '55P03', '57014') THEN
    RAISE LOG 'TimeL-E API: SQLSTATE %: %', state, message;
    state := 'TE999';
    message := 'the database cannot do this';
  END IF;
  RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message;
END
$$;

-- A name that a client made up, without what could garble a terminal or a log.
CREATE OR REPLACE FUNCTION api_private.show_name(name text) RETURNS text
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT regexp_replace(left(name, 60), '[^A-Za-z0-9_ .-]', '?', 'g')
$$;

CREATE OR REPLACE FUNCTION api_private.require(name text, is_given boolean) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT is_given THEN
    RAISE EXCEPTION '% is missing', name USING ERRCODE = 'TE010';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api_private.require_product(product_id numeric) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM api_private.require('product_id', product_id IS NOT NULL);
  IF product_id NOT BETWEEN 1 AND 2147483647 OR NOT EXISTS (
    SELECT 1 FROM products.products p WHERE p.product_id = require_product.product_id::integer
  ) THEN
    RAISE EXCEPTION 'no such product: %', left(product_id::text, 60) USING ERRCODE = 'TE005';
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION api_private.require_quantity(quantity numeric, product_id numeric)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF quantity BETWEEN 1 AND 2147483647 AND quantity = trunc(quantity) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION 'the quantity of product % is not a whole number from 1 to 2147483647', product_id
    USING ERRCODE = 'TE008';
END
$$;

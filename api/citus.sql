-- Citus ----------------------------------------------------------------------------------------
--
-- Citus sends the values of a statement to its nodes as text. Where it has the orders, these settings of
-- the functions see to it that a time and a price arrive as they are, whatever the client has set.
-- Elsewhere the functions do without: each call would have to set them, and set them back.

DO $$
DECLARE
  part record;
BEGIN
  IF 'orders.orders'::regclass NOT IN (SELECT api_private.citus_tables()) THEN
    RETURN;
  END IF;
  FOR part IN SELECT * FROM api_private.parts() WHERE kind = 'FUNCTION' LOOP
    EXECUTE pg_catalog.format('ALTER FUNCTION %s SET DateStyle = ''ISO'' SET extra_float_digits = 1',
                              part.name);
  END LOOP;
END
$$;

-- Items of orders ------------------------------------------------------------------------------

-- No request keeps the server busy for long.
CREATE OR REPLACE FUNCTION api_private.require_few(name text, items bigint) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF items > 1000 THEN
    RAISE EXCEPTION '% cannot have more than 1000 items', name USING ERRCODE = 'TE015';
  END IF;
END
$$;

-- All items at once: what each stands for, and what is wrong with it.
CREATE OR REPLACE FUNCTION api_private.judge_items(items jsonb)
  RETURNS TABLE (place bigint, product_id integer, quantity integer, problem text[])
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH given AS (
    SELECT element.place, element.value,
           CASE WHEN jsonb_typeof(element.value -> 'product_id') = 'number'
             THEN (element.value -> 'product_id')::numeric
           END AS product_id,
           CASE
             WHEN NOT element.value ? 'quantity' THEN 1
             WHEN jsonb_typeof(element.value -> 'quantity') = 'number'
               THEN (element.value -> 'quantity')::numeric
           END AS quantity
      FROM jsonb_array_elements(items) WITH ORDINALITY AS element (value, place)
  ), whole AS (
    SELECT given.place, given.value,
           CASE WHEN given.product_id % 1 = 0 THEN trim_scale(given.product_id) END AS product_id,
           CASE WHEN given.quantity BETWEEN 1 AND 2147483647 AND given.quantity % 1 = 0
             THEN given.quantity::integer
           END AS quantity,
           row_number() OVER (PARTITION BY given.product_id ORDER BY given.place) AS occurrence
      FROM given
  )
  SELECT whole.place, p.product_id, whole.quantity,
         CASE
           WHEN jsonb_typeof(whole.value) <> 'object' THEN
             ARRAY['TE009', format('item %s is not an object', whole.place)]
           WHEN whole.value - 'product_id' - 'quantity' <> '{}' THEN
             ARRAY['TE009', format('item %s has a field that is not known: %s', whole.place,
               (SELECT api_private.show_name(min(field.key))
                  FROM jsonb_object_keys(whole.value - 'product_id' - 'quantity') AS field (key)))]
           WHEN whole.product_id IS NULL THEN
             ARRAY['TE009', format('item %s has no product_id that is a whole number', whole.place)]
           WHEN p.product_id IS NULL THEN
             ARRAY['TE005', format('no such product: %s', left(whole.product_id::text, 60))]
           WHEN whole.occurrence > 1 THEN
             ARRAY['TE009', format('product %s stands twice in items', whole.product_id)]
           WHEN whole.quantity IS NULL THEN
             ARRAY['TE008', format(
               'the quantity of product %s is not a whole number from 1 to 2147483647',
               whole.product_id)]
         END
    FROM whole
    LEFT JOIN products.products p
      ON p.product_id = CASE WHEN whole.product_id BETWEEN 1 AND 2147483647
                          THEN whole.product_id::integer
                        END
$$;

-- The message is about the first item that is wrong.
CREATE OR REPLACE FUNCTION api_private.read_items(items jsonb, OUT product_ids integer[],
                                                  OUT quantities integer[])
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  wrong_at integer;
  problems text[];
BEGIN
  PERFORM api_private.require('items', items IS NOT NULL);
  IF jsonb_typeof(items) <> 'array' OR items = '[]' THEN
    RAISE EXCEPTION 'items is not an array with at least one item' USING ERRCODE = 'TE009';
  END IF;
  PERFORM api_private.require_few('a request', jsonb_array_length(items));

  SELECT array_agg(judged.product_id ORDER BY judged.place),
         array_agg(judged.quantity ORDER BY judged.place),
         min(judged.place) FILTER (WHERE judged.problem IS NOT NULL),
         array_agg(coalesce(judged.problem, ARRAY['', '']) ORDER BY judged.place)
    INTO product_ids, quantities, wrong_at, problems
    FROM api_private.judge_items(items) AS judged;
  IF wrong_at IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = problems[wrong_at][1], MESSAGE = problems[wrong_at][2];
  END IF;
END
$$;

-- What products cost today, in their order, and which of them the user had in an order before. That
-- is planned for the user at hand, who may have far more orders than others. The price may be a
-- double precision: as text it has all its digits.
CREATE OR REPLACE FUNCTION api_private.price_items(
  user_id bigint, order_number integer, product_ids integer[], quantities integer[],
  OUT prices double precision[], OUT reordered integer[], OUT total numeric
)
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET plan_cache_mode = force_custom_plan
  SET extra_float_digits = 1
AS $$
DECLARE
  ordered integer[];
  unpriced integer;
BEGIN
  SELECT array_agg(DISTINCT i.product_id) INTO ordered
    FROM orders.orders o
    JOIN orders.order_items i ON i.order_id = o.id
   WHERE o.user_id = price_items.user_id
     AND o.order_number < price_items.order_number
     AND i.product_id = ANY (product_ids);
  WITH item AS (
    SELECT given.product_id, given.quantity, given.place, coalesce(e.price, 0) AS price,
           -- NaN is more than any number.
           coalesce(e.price, 0) BETWEEN 0 AND 90071992547409.92 AS is_priced,
           known.product_id IS NOT NULL AS is_known
      FROM unnest(product_ids, quantities) WITH ORDINALITY AS given (product_id, quantity, place)
      LEFT JOIN products.product_enriched e ON e.product_id = given.product_id
      LEFT JOIN unnest(ordered) AS known (product_id) ON known.product_id = given.product_id
  )
  SELECT array_agg(item.price::double precision ORDER BY item.place),
         array_agg(item.is_known::integer ORDER BY item.place),
         sum(item.price::text::numeric * item.quantity) FILTER (WHERE item.is_priced),
         (array_agg(item.product_id ORDER BY item.place) FILTER (WHERE NOT item.is_priced))[1]
    INTO prices, reordered, total, unpriced
    FROM item;
  IF unpriced IS NOT NULL THEN
    RAISE EXCEPTION 'the price of product % is not valid', unpriced USING ERRCODE = 'TE016';
  END IF;
END
$$;

-- A total is stored as a double precision, which has not all cents of a large sum. What is less than
-- a cent comes from prices that were calculated, and is no reason to refuse an order.
CREATE OR REPLACE FUNCTION api_private.require_exact(total numeric) RETURNS void
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET extra_float_digits = 1
AS $$
BEGIN
  IF total > 90071992547409.92
    OR round(total::double precision::text::numeric, 2) <> round(total, 2)
  THEN
    RAISE EXCEPTION 'the total of the order cannot be stored exactly' USING ERRCODE = 'TE016';
  END IF;
END
$$;

-- The total of the items that an order has, as the loader sums them up.
CREATE OR REPLACE FUNCTION api_private.sum_items(order_id bigint) RETURNS numeric
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
  SET extra_float_digits = 1
AS $$
BEGIN
  RETURN (SELECT sum(i.price::text::numeric * i.quantity)
            FROM orders.order_items i
           WHERE i.order_id = sum_items.order_id);
END
$$;

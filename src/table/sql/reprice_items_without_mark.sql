-- The same as reprice_items.sql for a database whose items have no column price_given. An item that
-- this run has written has the price that it is to have: a price of 0 that its file gave would be
-- taken for none. Rows of this transaction have the age 0; a node of a distributed database tells the
-- age of its own rows.
SELECT i.order_id, i.product_id, c.price
FROM (
  SELECT p.id, coalesce(e.price::double precision, 0) AS price, f.price AS former
  FROM pg_temp.timele_load_product p
  LEFT JOIN products.product_enriched e ON e.product_id = p.id
  LEFT JOIN pg_temp.timele_load_former_price f ON f.id = p.id
) c
JOIN orders.order_items i ON i.product_id = c.id
WHERE age(i.xmin) <> 0
  AND i.order_id < current_setting('timele.orders_floor')::bigint
  AND (i.price = 0 OR i.price = c.former)
  AND i.price IS DISTINCT FROM c.price

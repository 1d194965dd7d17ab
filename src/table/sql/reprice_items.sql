-- Prices of items follow the catalogue. An item whose price no file gave costs what the catalogue
-- says now. A price that is neither 0 nor the catalogue's former one may be older than the mark
-- price_given, and stays.
--
-- Reads the products whose price changed from timele_load_product, and what they cost before from
-- timele_load_former_price. Parameters: the setting timele.orders_floor.
--
-- One row an item that differs: order_id, product_id, the new value
SELECT i.order_id, i.product_id, c.price
FROM (
  SELECT p.id, coalesce(e.price::double precision, 0) AS price, f.price AS former
  FROM pg_temp.timele_load_product p
  LEFT JOIN products.product_enriched e ON e.product_id = p.id
  LEFT JOIN pg_temp.timele_load_former_price f ON f.id = p.id
) c
JOIN orders.order_items i ON i.product_id = c.id
WHERE i.price_given IS NOT TRUE
  AND i.order_id < current_setting('timele.orders_floor')::bigint
  AND (i.price = 0 OR i.price = c.former)
  AND i.price IS DISTINCT FROM c.price

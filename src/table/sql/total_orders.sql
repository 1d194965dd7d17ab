-- The totals of orders: how many items they have, and the sum of price times quantity.
--
-- Reads the orders from timele_load_item_order. No parameters.
--
-- One row an order that differs: id, the new values
--
-- As text a price has all its digits; its own cast to numeric keeps 15.
SELECT o.id, t.items AS total_items, t.price AS total_price
FROM (
  SELECT c.id,
         count(i.order_id)::integer AS items,
         coalesce(sum(i.price::text::numeric * i.quantity), 0)::double precision AS price
  FROM pg_temp.timele_load_item_order c
  LEFT JOIN orders.order_items i ON i.order_id = c.id
  GROUP BY c.id
) t
JOIN orders.orders o ON o.id = t.id
WHERE (o.total_items, o.total_price) IS DISTINCT FROM (t.items, t.price)

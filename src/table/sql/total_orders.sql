-- The totals of orders: how many items they have, and the sum of price times quantity.
--
-- Reads the orders from timele_load_item_order. No parameters, no rows.
--
-- As text a price has all its digits; its own cast to numeric keeps 15.
UPDATE orders.orders o SET total_items = t.items, total_price = t.price
FROM (
  SELECT c.id,
         count(i.order_id)::integer AS items,
         coalesce(sum(i.price::text::numeric * i.quantity), 0)::double precision AS price
  FROM pg_temp.timele_load_item_order c
  LEFT JOIN orders.order_items i ON i.order_id = c.id
  GROUP BY c.id
) t
WHERE o.id = t.id
  AND (o.total_items, o.total_price) IS DISTINCT FROM (t.items, t.price);

-- Orders that were updated, maybe with another time of creation. One without a status change has got
-- its status then.
--
-- Reads the orders from timele_load_dated_order. No parameters.
--
-- One row an order that differs: id, the new value
SELECT o.id, o.created_at AS updated_at
FROM pg_temp.timele_load_dated_order c
JOIN orders.orders o ON o.id = c.id
WHERE o.updated_at IS DISTINCT FROM o.created_at
  AND NOT EXISTS (SELECT 1 FROM orders.order_status_history e WHERE e.order_id = o.id)

-- The status of orders and when they got it: those of the last status change. An order without any
-- is pending since it was created.
--
-- Reads the orders from timele_load_event_order. No parameters.
--
-- One row an order that differs: id, the new values
SELECT o.id, l.status, l.changed_at AS updated_at
FROM (
  SELECT DISTINCT ON (k.id)
         k.id,
         coalesce(e.new_status, 'pending') AS status,
         coalesce(e.changed_at, k.created_at) AS changed_at
  FROM pg_temp.timele_load_event_order c
  JOIN orders.orders k ON k.id = c.id
  LEFT JOIN orders.order_status_history e ON e.order_id = k.id
  ORDER BY k.id, e.changed_at DESC, e.history_id DESC
) l
JOIN orders.orders o ON o.id = l.id
WHERE (o.status, o.updated_at) IS DISTINCT FROM (l.status, l.changed_at)

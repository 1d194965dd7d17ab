-- The previous status of each status change: the status that the change before it gave.
--
-- Reads the orders from timele_load_event_order. No parameters.
--
-- One row a status change that differs: order_id, history_id, the new value
SELECT p.order_id, p.history_id, p.previous AS old_status
FROM (
  SELECT e.order_id,
         e.history_id,
         e.old_status,
         lag(e.new_status) OVER (PARTITION BY e.order_id ORDER BY e.changed_at, e.history_id)
           AS previous
  FROM orders.order_status_history e
  JOIN pg_temp.timele_load_event_order c ON c.id = e.order_id
) p
WHERE p.old_status IS DISTINCT FROM p.previous

-- The previous status of each status change: the status that the change before it gave.
--
-- Reads the orders from timele_load_event_order. No parameters.
--
-- One row a status change that differs: history_id, the new value
SELECT h.history_id, p.previous AS old_status
FROM (
  SELECT e.history_id,
         lag(e.new_status) OVER (PARTITION BY e.order_id ORDER BY e.changed_at, e.history_id)
           AS previous
  FROM orders.order_status_history e
  JOIN pg_temp.timele_load_event_order c ON c.id = e.order_id
) p
JOIN orders.order_status_history h ON h.history_id = p.history_id
WHERE h.old_status IS DISTINCT FROM p.previous

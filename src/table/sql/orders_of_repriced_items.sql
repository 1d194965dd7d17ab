-- Adds the orders of the items in timele_load_price to timele_load_item_order: their totals change. No
-- parameters, no rows.
INSERT INTO pg_temp.timele_load_item_order
SELECT DISTINCT i.order_id
FROM pg_temp.timele_load_price i
EXCEPT
SELECT c.id
FROM pg_temp.timele_load_item_order c;

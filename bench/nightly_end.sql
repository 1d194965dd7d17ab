-- How both scripts of the expert's for the following loads end: items that no file has go when it is
-- a replacement, the orders that got or lost items get their totals, and the sequences go past the
-- files' ids. What nightly_stage.sql began is committed.
--
-- Variables: items, replace (true or false).

\if :items
\if :replace
-- Both sides come in nearly the order of the key: that is faster than a hash of millions of rows.
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_nestloop = off;
-- One side takes the order of its index.
SET LOCAL enable_sort = off;

WITH gone AS (
  DELETE FROM orders.order_items AS kept
   WHERE order_id < 3422000
     AND NOT EXISTS (SELECT FROM staged_items AS staged
                      WHERE staged.order_id = kept.order_id AND staged.product_id = kept.product_id)
  RETURNING order_id
)
INSERT INTO concerned_orders SELECT order_id FROM gone;

SET LOCAL enable_hashjoin = on;
SET LOCAL enable_nestloop = on;
SET LOCAL enable_sort = on;
\endif

ANALYZE concerned_orders;

UPDATE orders.orders
   SET total_items = counted.items
  FROM (
    SELECT concerned.order_id, count(items.order_id) AS items
      FROM (SELECT DISTINCT order_id FROM concerned_orders) AS concerned
      LEFT JOIN orders.order_items AS items USING (order_id)
     GROUP BY concerned.order_id
  ) AS counted
 WHERE orders.id = counted.order_id
   AND orders.total_items <> counted.items;
\endif

SELECT setval('products.departments_department_id_seq', max(department_id)) FROM products.departments \g /dev/null
SELECT setval('products.aisles_aisle_id_seq', max(aisle_id)) FROM products.aisles \g /dev/null
SELECT setval('products.products_product_id_seq', max(product_id)) FROM products.products \g /dev/null
SELECT setval('users.users_id_seq', greatest(400000, max(id) + 1), false) FROM users.users \g /dev/null
SELECT setval('orders.orders_id_seq', greatest(3422000, max(id) + 1), false) FROM orders.orders \g /dev/null

COMMIT;

-- What a following load leaves as it was, as lines of "fact|value": external ids and load times of the
-- rows of the first load. Run where no row of the first load is deleted but items.

\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on

SELECT 'users: kept external ids', count(*), sum(hash_record_extended(ROW(id, external_user_id), 0))
  FROM users.users
 WHERE id <= :users;
SELECT 'orders: kept external ids, load times',
       count(*), sum(hash_record_extended(ROW(id, external_order_id, created_at, updated_at), 0))
  FROM orders.orders
 WHERE id <= :orders;

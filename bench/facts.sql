-- What every contender must agree on, as lines of "fact|value": for each table of TimeL-E its rows
-- and a sum of hashes over all columns, whatever they are; external ids and load times are left
-- out of the sum, because no two runs have the same, and judged by what must hold for them. An enum
-- is hashed as text: its own hash is made of an OID, which differs between databases.

\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on

SET max_parallel_workers_per_gather = 2;

SELECT format('SELECT %L, count(*) FROM %s', c.oid::regclass || ' rows', c.oid::regclass),
       format('SELECT %L, sum(hash_record_extended(ROW(%s), 0)) FROM %s',
              c.oid::regclass || ' (' || string_agg(a.attname, ', ' ORDER BY a.attname) || ')',
              string_agg(quote_ident(a.attname) || CASE t.typtype WHEN 'e' THEN '::text' ELSE '' END,
                         ', ' ORDER BY a.attname), c.oid::regclass)
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type AS t ON t.oid = a.atttypid
 WHERE c.relkind = 'r'
   AND c.relnamespace::regnamespace::text IN ('products', 'users', 'orders')
   AND NOT (a.attname LIKE 'external\_%\_id' OR a.attname IN ('created_at', 'updated_at', 'changed_at'))
 GROUP BY c.oid
 ORDER BY c.oid::regclass::text
\gexec

SELECT 'users: distinct random external ids',
       count(DISTINCT external_user_id)
         FILTER (WHERE external_user_id::text ~ '^.{14}4.{4}[89ab]')
  FROM users.users;
SELECT 'orders: distinct random external ids',
       count(DISTINCT external_order_id)
         FILTER (WHERE external_order_id::text ~ '^.{14}4.{4}[89ab]')
  FROM orders.orders;
SELECT 'orders: created at another time than now, changed since',
       count(*) FILTER (WHERE created_at > now() OR created_at < now() - interval '1 day'),
       count(*) FILTER (WHERE updated_at <> created_at)
  FROM orders.orders;
SELECT 'orders: sum of total_items', sum(total_items) FROM orders.orders;

SELECT format('SELECT %L, last_value + is_called::integer FROM %s', 'next value of ' || oid::regclass, oid::regclass)
  FROM pg_class
 WHERE relkind = 'S'
   AND relnamespace::regnamespace::text IN ('products', 'users', 'orders')
 ORDER BY oid::regclass::text
\gexec

SELECT 'constraints not validated, indexes not valid',
       (SELECT count(*) FROM pg_constraint WHERE NOT convalidated),
       (SELECT count(*) FROM pg_index WHERE NOT (indisvalid AND indisready));

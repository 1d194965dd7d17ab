-- What a database holds, in lines of NAME|VALUES: equal lines mean equal contents. Definitions are
-- left to pg_dump, but for what it does not tell. For kill_facts.bash.
--
-- Of external ids, those that the files of the filled database brought are told from those that a
-- run made, which are different each time. The ids of status changes are compared by their order.

SET timezone TO 'UTC';

SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended(ROW(%s)::text, 0)), 0) FROM %s t',
              t.oid::regclass,
              string_agg(CASE WHEN a.attname LIKE 'external\_%\_id'
                              THEN format('(t.%I::text ~ (''-000000'' || lpad(to_hex(t.id), 6, ''0'') || ''$''))', a.attname)
                              ELSE format('t.%I', a.attname) END,
                         ', ' ORDER BY a.attname COLLATE "C") FILTER (WHERE a.attname <> 'history_id'),
              t.oid::regclass)
  FROM pg_class t JOIN pg_attribute a ON a.attrelid = t.oid
 WHERE t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
   AND t.relnamespace::regnamespace::text IN ('users', 'orders', 'products')
 GROUP BY t.oid
 ORDER BY t.oid::regclass::text COLLATE "C" \gexec

SELECT format('SELECT %L, count(*), count(DISTINCT %2$I), count(*) FILTER (WHERE %2$I::text !~ '
              '''^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'') FROM %3$s',
              a.attrelid::regclass || '.' || a.attname, a.attname, a.attrelid::regclass)
  FROM pg_attribute a
 WHERE a.attname LIKE 'external\_%\_id' AND a.attrelid::regclass::text ~ '^(users|orders)\.[a-z]+$'
   AND (SELECT relkind FROM pg_class WHERE oid = a.attrelid) = 'r'
 ORDER BY a.attrelid::regclass::text COLLATE "C" \gexec

SELECT CASE WHEN to_regclass('orders.order_status_history') IS NOT NULL THEN
$$SELECT 'order of status changes', count(*), coalesce(sum(hashtextextended(ROW(
         order_id, place, new_status, changed_at)::text, 0)), 0)
    FROM (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY history_id) AS place
            FROM orders.order_status_history) h$$ END \gexec

-- Building schemas, which only a killed run may leave, are looked at by themselves.
SELECT 'index not valid', indexrelid::regclass FROM pg_index
 WHERE NOT (indisvalid AND indisready AND indislive)
   AND indexrelid::regclass::text !~ '^timele_load_building_';
SELECT 'constraint not valid', conrelid::regclass, conname FROM pg_constraint
 WHERE NOT convalidated AND connamespace::regnamespace::text !~ '^timele_load_building_';
SELECT 'trigger not enabled', tgrelid::regclass, tgname FROM pg_trigger
 WHERE tgenabled <> 'O' AND tgrelid::regclass::text !~ '^timele_load_building_';
SELECT 'temporary schema in use', relname FROM pg_class
 WHERE relnamespace::regnamespace::text ~ '^pg_temp' AND relkind = 'r';

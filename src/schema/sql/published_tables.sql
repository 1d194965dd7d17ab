-- What logical replication has to do with some tables.
--
-- $1  schemas, an array of text
-- $2  tables in them, an array of text that is as long
--
-- One row a table that there is:
--   its place in the arrays, from 1
--   who would send a TRUNCATE of it to other databases ('': nobody)
--   why it cannot be updated while its indexes are dropped ('': it can)
--   why it cannot be updated at all ('': it can)
--   why no row of it can be deleted while its indexes are dropped ('': it can)
--   why no row of it can be deleted at all ('': it can)
--
-- The server refuses every UPDATE of a table whose updates are published and that has no replica
-- identity, even one that finds no row; and so with DELETE. Partitions and child tables are updated
-- with their table; a partition is published with the tables that it is part of.
WITH RECURSIVE listed AS (
  SELECT l.place, c.oid
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS l (schema, name, place)
  JOIN pg_namespace n ON n.nspname = l.schema
  JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = l.name
),
member AS (
  SELECT place, oid FROM listed
  UNION
  SELECT m.place, h.inhrelid FROM member m JOIN pg_inherits h ON h.inhparent = m.oid
),
published AS (
  SELECT DISTINCT m.place, m.oid, p.pubname, p.pubtruncate, p.pubupdate, p.pubdelete
  FROM member m
  CROSS JOIN LATERAL (SELECT m.oid UNION SELECT relid FROM pg_partition_ancestors(m.oid)) AS a (oid)
  JOIN pg_class c ON c.oid = a.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_publication_tables t ON t.schemaname = n.nspname AND t.tablename = c.relname
  JOIN pg_publication p ON p.pubname = t.pubname
),
identified AS (
  SELECT p.*,
         format('%I.%I', n.nspname, c.relname) AS name,
         CASE c.relreplident
           WHEN 'f' THEN 'row'
           WHEN 'n' THEN 'none'
           ELSE CASE WHEN EXISTS (
                  SELECT FROM pg_index i
                  WHERE i.indrelid = c.oid
                    AND i.indisvalid
                    AND i.indimmediate
                    AND CASE c.relreplident WHEN 'i' THEN i.indisreplident ELSE i.indisprimary END
                ) THEN 'index' ELSE 'none' END
         END AS identity
  FROM published p
  JOIN pg_class c ON c.oid = p.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r'
),
told AS (
  SELECT place,
         min(format('%s has no replica identity without its indexes, and publication %I publishes '
                    'its updates', name, pubname)) FILTER (WHERE pubupdate AND identity = 'index')
           AS while_rebuilt,
         min(format('%s has no replica identity, and publication %I publishes its updates',
                    name, pubname)) FILTER (WHERE pubupdate AND identity = 'none') AS no_update,
         min(format('%s has no replica identity without its indexes, and publication %I publishes '
                    'its deletes', name, pubname)) FILTER (WHERE pubdelete AND identity = 'index')
           AS no_delete_while_rebuilt,
         min(format('%s has no replica identity, and publication %I publishes its deletes',
                    name, pubname)) FILTER (WHERE pubdelete AND identity = 'none') AS no_delete
  FROM identified
  GROUP BY place
)
-- A slot of another plugin than that of publications decodes the changes of all tables.
SELECT l.place,
       coalesce((SELECT min(format('publication %I', p.pubname))
                 FROM published p
                 WHERE p.place = l.place AND p.pubtruncate),
                (SELECT min(format('logical replication slot %I', s.slot_name))
                 FROM pg_replication_slots s
                 WHERE s.slot_type = 'logical'
                   AND s.database = current_database()
                   AND s.plugin <> 'pgoutput'),
                ''),
       coalesce(t.while_rebuilt, ''),
       coalesce(t.no_update, ''),
       coalesce(t.no_delete_while_rebuilt, ''),
       coalesce(t.no_delete, '')
FROM listed l
LEFT JOIN told t USING (place);

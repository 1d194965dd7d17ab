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
--
-- From PostgreSQL 15 on, a publication may publish some columns, or some rows. The server wants all
-- columns of the replica identity to be published, from 18 on the generated ones too, and those that
-- choose the rows to be of the replica identity. As JSON a row may lack what an older server's catalog
-- has no column for.
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
  SELECT DISTINCT m.place, m.oid, p.pubname, p.pubtruncate, p.pubupdate, p.pubdelete,
         to_jsonb(t) -> 'attnames' AS columns,
         -- Each column is a number behind :varattno in the condition as the server keeps it.
         ARRAY(SELECT b.attname
               FROM pg_publication_rel r
               CROSS JOIN regexp_matches(to_jsonb(r) ->> 'prqual', ':varattno ([0-9]+)', 'g') AS v
               JOIN pg_attribute b ON b.attrelid = r.prrelid AND b.attnum = v[1]::smallint
               WHERE r.prpubid = p.oid AND r.prrelid = a.oid) AS conditions
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
         CASE WHEN c.relreplident = 'f' THEN 'row' WHEN i.indrelid IS NULL THEN 'none' ELSE 'index' END
           AS identity,
         -- A key WITHOUT OVERLAPS stays in place during a rebuild.
         coalesce(i.indisexclusion, true) AS stays,
         ARRAY(SELECT b.attname
               FROM pg_attribute b
               WHERE b.attrelid = c.oid
                 AND b.attnum > 0
                 AND NOT b.attisdropped
                 AND (c.relreplident = 'f' OR b.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1]))
                 AND (b.attgenerated = '' OR current_setting('server_version_num')::integer >= 180000))
           AS key
  FROM published p
  JOIN pg_class c ON c.oid = p.oid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_index i
    ON i.indrelid = c.oid
   AND i.indisvalid
   AND i.indimmediate
   AND CASE c.relreplident WHEN 'i' THEN i.indisreplident WHEN 'd' THEN i.indisprimary END
  WHERE c.relkind = 'r'
),
judged AS (
  SELECT place, pubupdate, pubdelete,
         CASE WHEN identity = 'index' AND NOT stays
              THEN format('%s has no replica identity without its indexes, and publication %I publishes its',
                          name, pubname)
         END AS while_rebuilt,
         CASE WHEN identity = 'none'
              THEN format('%s has no replica identity, and publication %I publishes its', name, pubname)
              WHEN EXISTS (SELECT 1 FROM unnest(key) k WHERE NOT columns ? k)
              THEN format('publication %I leaves out columns of the replica identity of %s, and publishes its',
                          pubname, name)
              WHEN NOT conditions <@ key
              THEN format('publication %I chooses rows by columns that are not of the replica identity of %s, '
                          'and publishes its', pubname, name)
         END AS ever
  FROM identified
),
told AS (
  SELECT place,
         min(while_rebuilt || ' updates') FILTER (WHERE pubupdate) AS no_update_while_rebuilt,
         min(ever || ' updates') FILTER (WHERE pubupdate) AS no_update,
         min(while_rebuilt || ' deletes') FILTER (WHERE pubdelete) AS no_delete_while_rebuilt,
         min(ever || ' deletes') FILTER (WHERE pubdelete) AS no_delete
  FROM judged
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
       coalesce(t.no_update_while_rebuilt, ''),
       coalesce(t.no_update, ''),
       coalesce(t.no_delete_while_rebuilt, ''),
       coalesce(t.no_delete, '')
FROM listed l
LEFT JOIN told t USING (place);

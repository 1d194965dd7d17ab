-- The tables that Citus knows. No parameters. The function is Citus' own; so is the catalog.
--
-- One row a table:
--   schema
--   name
--   how its rows are distributed: hash, or another way in words
--   the column that decides where a row lies; NULL: none does
--   the group of tables whose rows lie together
--
-- A table whose rows are not distributed is a reference table, or a single one: on any node of the
-- cluster (a group has it), or on the coordinator alone.
SELECT n.nspname,
       c.relname,
       CASE WHEN p.partmethod = 'h' THEN 'hash'
            WHEN p.partmethod = 'n' AND p.repmodel = 't' THEN 'as a reference table'
            WHEN p.partmethod = 'n' AND p.colocationid = 0 THEN 'as a local table'
            WHEN p.partmethod = 'n' THEN 'as one shard'
            WHEN p.partmethod = 'a' THEN 'by append'
            ELSE 'by range'
       END,
       CASE WHEN p.partkey IS NOT NULL THEN column_to_column_name(p.logicalrelid, p.partkey) END,
       p.colocationid
FROM pg_dist_partition p
JOIN pg_class c ON c.oid = p.logicalrelid
JOIN pg_namespace n ON n.oid = c.relnamespace

-- The tables that are locked before some schemas are dropped: theirs, and those that have foreign keys
-- to them, which are dropped along. A table of another role cannot be locked; it is dropped all the same.
--
-- $1  schemas, an array of text
--
-- One row a table: its schema, its name, and what LOCK calls it, in an order that does not change
WITH replaced AS MATERIALIZED (
  SELECT c.oid
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = ANY ($1::text[]) AND c.relkind IN ('r', 'p')
)
SELECT n.nspname, c.relname, 'TABLE'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid IN (SELECT oid FROM replaced
                UNION ALL
                SELECT k.conrelid FROM pg_constraint k JOIN replaced r ON r.oid = k.confrelid
                WHERE k.contype = 'f')
  AND pg_has_role(c.relowner, 'USAGE')
ORDER BY c.oid;

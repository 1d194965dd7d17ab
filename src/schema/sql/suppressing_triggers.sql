-- The enabled triggers of a table and its partitions that fire before each row is written, and so can
-- keep it from being written (bits of tgtype: 1 each row, 2 before).
--
-- $1  schema
-- $2  table
-- $3  what fires them: a bit of pg_trigger.tgtype
--
-- One row: their names with commas between, NULL if there is none
SELECT string_agg(DISTINCT format('trigger %I', t.tgname), ', ')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_trigger t
  ON t.tgrelid = c.oid OR t.tgrelid IN (SELECT relid FROM pg_partition_tree(c.oid))
WHERE n.nspname = $1
  AND c.relname = $2
  AND NOT t.tgisinternal
  AND t.tgenabled IN ('O', 'A')
  AND t.tgtype & 3 = 3
  AND t.tgtype & $3::integer <> 0;

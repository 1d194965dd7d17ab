-- The enabled triggers of a table whose function writes another table, as its source tells, and
-- does not look at the setting timele.loading.
--
-- $1  schema
-- $2  table
-- $3  name of the table that is written
-- $4  what fires them: bits of pg_trigger.tgtype, any of which will do
--
-- One row a trigger: the statement that disables it, the statement that enables it as it was
SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', c.oid::regclass, t.tgname),
       format('ALTER TABLE %s ENABLE %sTRIGGER %I',
              c.oid::regclass,
              CASE t.tgenabled WHEN 'A' THEN 'ALWAYS ' WHEN 'R' THEN 'REPLICA ' ELSE '' END,
              t.tgname)
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE n.nspname = $1
  AND c.relname = $2
  AND NOT t.tgisinternal
  AND t.tgenabled <> 'D'
  AND t.tgtype & $4::integer <> 0
  AND strpos(p.prosrc, $3) > 0
  AND strpos(p.prosrc, 'timele.loading') = 0;

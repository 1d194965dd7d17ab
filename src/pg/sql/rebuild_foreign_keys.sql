-- The foreign keys that lead from or to some tables.
--
-- $1  tables, an array of regclass
--
-- One row a foreign key:
--   "foreign key NAME of TABLE", the statement that drops it, the statements that create it as it
--   was, the oid of its table, the oid of the referenced table, the number of its first column
SELECT format('foreign key %I of %s', k.conname, k.conrelid::regclass),

       format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname),

       format('ALTER TABLE %s ADD CONSTRAINT %I %s',
              k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
       || coalesce('; ' || format('COMMENT ON CONSTRAINT %I ON %s IS %L',
                                  k.conname,
                                  k.conrelid::regclass,
                                  nullif(obj_description(k.oid, 'pg_constraint'), '')), ''),

       k.conrelid,
       k.confrelid,
       k.conkey[1]
FROM pg_constraint k
WHERE k.contype = 'f'
  AND (k.conrelid = ANY ($1::regclass[]) OR k.confrelid = ANY ($1::regclass[]))
ORDER BY k.conrelid::regclass::text, k.conname;

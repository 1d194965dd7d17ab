-- The indexes of some tables that can be dropped and created again, those of primary keys and
-- unique constraints among them. Indexes of exclusion constraints, and of keys WITHOUT OVERLAPS, are
-- left out, and invalid ones.
--
-- $1  tables, an array of regclass
--
-- One row a statement, an index after the other, a table's primary key first:
--   "index NAME", the statement that drops it, in the first of its rows ('': in the others),
--   one of the statements that create it as it was, in their order,
--   the value of default_tablespace that gives it its tablespace, as SQL,
--   the function because of which it stays where it is ('': none, it is to be dropped),
--   the place of its table in the array, from 1
--   whether it is unique, so that a foreign key may lead to it
--
-- The index is created under the session's search path, because its functions may depend on it. So
-- its definition has to be written for that path. From PostgreSQL 17 on, the server creates indexes
-- under pg_catalog alone, and a function may fail that works when a row is inserted.
--
-- An index that belongs to a constraint is created as an index first: pg_get_constraintdef() leaves
-- out storage parameters, pg_get_indexdef() does not.
SELECT format('index %s', i.indexrelid::regclass),

       CASE WHEN s.place > 1 THEN ''
            WHEN k.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
            ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, k.conname)
       END,

       s.statement,

       coalesce((SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace),
                ''''''),

       -- A function that looks names up when it is called, and not on a search path of its own.
       CASE WHEN (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
             AND current_setting('server_version_num')::integer >= 170000
            THEN coalesce((SELECT min(p.oid::regprocedure::text)
                           FROM pg_depend r
                           JOIN pg_proc p ON p.oid = r.refobjid
                           WHERE r.classid = 'pg_class'::regclass
                             AND r.objid = i.indexrelid
                             AND r.refclassid = 'pg_proc'::regclass
                             AND p.prolang NOT IN (12, 13) -- internal and C, in every database
                             AND (to_jsonb(p) ->> 'prosqlbody') IS NULL
                             AND NOT EXISTS (SELECT 1 FROM unnest(p.proconfig) s
                                             WHERE s LIKE 'search\_path=%')), '')
            ELSE ''
       END,

       array_position($1::regclass[]::oid[], i.indrelid),

       i.indisunique
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_constraint k
  ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
CROSS JOIN LATERAL (
  SELECT set_config('search_path', current_setting('timele.search_path'), true),
         pg_get_indexdef(i.indexrelid) AS definition,
         set_config('search_path', 'pg_catalog', true)
) d
CROSS JOIN LATERAL unnest(
  ARRAY[
    d.definition,
    CASE WHEN k.oid IS NOT NULL
         THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s',
                     i.indrelid::regclass,
                     k.conname,
                     CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END,
                     c.relname,
                     CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END,
                     CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END)
    END,
    'COMMENT ON CONSTRAINT ' || quote_ident(k.conname) || format(' ON %s IS ', i.indrelid::regclass)
      || quote_literal(obj_description(k.oid, 'pg_constraint')),
    format('COMMENT ON INDEX %s IS ', i.indexrelid::regclass)
      || quote_literal(obj_description(i.indexrelid, 'pg_class')),
    CASE WHEN i.indisclustered
         THEN format('ALTER TABLE %s CLUSTER ON %I', i.indrelid::regclass, c.relname)
    END,
    CASE WHEN i.indisreplident
         THEN format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', i.indrelid::regclass, c.relname)
    END
  ]
  || ARRAY(SELECT format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s',
                         i.indexrelid::regclass, a.attnum, a.attstattarget)
           FROM pg_attribute a
           WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0
           ORDER BY a.attnum)
  || ARRAY(SELECT format('ALTER INDEX %s DEPENDS ON EXTENSION %I', i.indexrelid::regclass, e.extname)
           FROM pg_depend d
           JOIN pg_extension e ON e.oid = d.refobjid
           WHERE d.classid = 'pg_class'::regclass
             AND d.objid = i.indexrelid
             AND d.refclassid = 'pg_extension'::regclass
             AND d.deptype = 'x'
           ORDER BY e.extname)
) WITH ORDINALITY AS s (statement, place)
WHERE i.indrelid = ANY ($1::regclass[])
  AND i.indisvalid
  AND NOT i.indisexclusion
  AND s.statement IS NOT NULL
ORDER BY i.indrelid::regclass::text, NOT i.indisprimary, c.relname, s.place;

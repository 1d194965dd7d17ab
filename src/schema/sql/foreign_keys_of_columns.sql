-- The foreign keys that lead from some columns, each alone, to a table: of each column one that proves,
-- else a validated one, else any, last one that is NOT ENFORCED.
--
-- $1  schemas of the columns' tables, an array of name
-- $2  the columns' tables, an array that is as long, as are the others
-- $3  columns
-- $4  schemas of the referenced tables
-- $5  referenced tables
-- $6  their key columns
--
-- One row a column that has one: its place in the arrays, from 1, then of the foreign key its name, is
-- validated, has no disabled trigger, proves, is NOT ENFORCED
--
-- Four triggers enforce it. One that is disabled, or fires for replicated rows alone, lets in others.
-- From PostgreSQL 18 on, one may be NOT ENFORCED: it has no trigger, and the server never looks at it.
-- As JSON a row may lack what an older server's catalog has no column for.
--
-- It proves that each value is in the key column when it is validated, all its triggers fire, and nothing
-- else is read or written: no partition, whose triggers are its own; no table that inherits, whose rows
-- are read with those of the table; no rows of a subscription, for which no trigger fires.
--
-- In two steps: one join of all takes the server ten times as long to plan.
WITH child AS MATERIALIZED (
  SELECT l.place, l.parent_schema, l.parent, l.key, c.oid, a.attnum,
         c.relkind = 'r' AND NOT c.relhassubclass AS alone
  FROM unnest($1::name[], $2::name[], $3::name[], $4::name[], $5::name[], $6::name[])
       WITH ORDINALITY AS l (schema, name, column_name, parent_schema, parent, key, place)
  JOIN pg_class c
    ON c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = l.schema) AND c.relname = l.name
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = l.column_name
)
SELECT DISTINCT ON (child.place)
       child.place,
       k.conname,
       k.convalidated,
       t.disabled = 0,
       k.convalidated AND t.enabled = 4 AND t.disabled = 0
           AND EXISTS (SELECT 1 FROM pg_attribute b
                       WHERE b.attrelid = p.oid AND k.confkey = ARRAY[b.attnum] AND b.attname = child.key)
           AND child.alone AND p.relkind = 'r' AND NOT p.relhassubclass
           AND NOT EXISTS (SELECT 1 FROM pg_subscription_rel s WHERE s.srrelid IN (child.oid, p.oid)) AS proves,
       (to_jsonb(k) ->> 'conenforced') IS NOT DISTINCT FROM 'false' AS only_declared
FROM child
JOIN pg_constraint k ON k.conrelid = child.oid AND k.conkey = ARRAY[child.attnum]
JOIN pg_class p
  ON p.oid = k.confrelid
 AND p.relname = child.parent
 AND p.relnamespace = (SELECT m.oid FROM pg_namespace m WHERE m.nspname = child.parent_schema)
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE g.tgenabled IN ('O', 'A')) AS enabled,
                           count(*) FILTER (WHERE g.tgenabled NOT IN ('O', 'A')) AS disabled
                    FROM pg_trigger g WHERE g.tgconstraint = k.oid) t
WHERE k.contype = 'f'
ORDER BY child.place, proves DESC, only_declared, k.convalidated DESC, k.conname;

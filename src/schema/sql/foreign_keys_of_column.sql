-- The foreign keys that lead from one column alone to a table: one that proves first, then a validated
-- one.
--
-- $1  schema of the column's table
-- $2  the column's table
-- $3  column
-- $4  schema of the referenced table
-- $5  referenced table
-- $6  its key column
--
-- One row a foreign key: name, is validated, is enforced, proves
--
-- Four triggers enforce it. One that is disabled, or fires for replicated rows alone, lets in others.
--
-- It proves that each value is in the key column when it is validated and enforced, and when nothing
-- else is read or written: no partition, whose triggers are its own; no table that inherits, whose rows
-- are read with those of the table; no rows of a subscription, for which no trigger fires.
SELECT k.conname,
       k.convalidated,
       t.disabled = 0,
       k.convalidated AND t.enabled = 4 AND t.disabled = 0
           AND EXISTS (SELECT FROM pg_attribute b
                       WHERE b.attrelid = p.oid AND k.confkey = ARRAY[b.attnum] AND b.attname = $6)
           AND c.relkind = 'r' AND NOT c.relhassubclass AND p.relkind = 'r' AND NOT p.relhassubclass
           AND NOT EXISTS (SELECT FROM pg_subscription_rel s WHERE s.srrelid IN (c.oid, p.oid)) AS proves
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = k.confrelid
JOIN pg_namespace m ON m.oid = p.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]
CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE g.tgenabled IN ('O', 'A')) AS enabled,
                           count(*) FILTER (WHERE g.tgenabled NOT IN ('O', 'A')) AS disabled
                    FROM pg_trigger g WHERE g.tgconstraint = k.oid) t
WHERE k.contype = 'f'
  AND n.nspname = $1
  AND c.relname = $2
  AND a.attname = $3
  AND m.nspname = $4
  AND p.relname = $5
ORDER BY proves DESC, k.convalidated DESC, k.conname;

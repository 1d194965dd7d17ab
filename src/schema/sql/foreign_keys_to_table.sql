-- The foreign keys that lead to a table, those that are NOT ENFORCED included. r is a row that points,
-- t the row that it points to.
--
-- From PostgreSQL 18 on, the last column of a foreign key may be a PERIOD, which may point to several
-- rows: to all whose period overlaps its own.
--
-- $1  schema
-- $2  table
--
-- One row a foreign key:
--   the table that it belongs to, the condition under which r points to t,
--   a list of expressions that name r: its primary key, else the columns of the foreign key,
--   leads from the table to itself
SELECT k.conrelid::regclass::text,
       m.match,
       coalesce((SELECT string_agg(format('r.%I::text', a.attname), ', ' ORDER BY a.attnum)
                 FROM pg_index i
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
                 WHERE i.indrelid = k.conrelid AND i.indisprimary), m.label),
       k.conrelid = k.confrelid
FROM pg_constraint k
CROSS JOIN LATERAL (
  SELECT string_agg(format('r.%I %s t.%I', a.attname, CASE WHEN is_period THEN '&&' ELSE '=' END,
                           b.attname), ' AND ') AS match,
         string_agg(format('r.%I::text', a.attname), ', ') AS label
  FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS c (pointing, pointed, place)
  CROSS JOIN LATERAL (SELECT place = cardinality(k.conkey)
                             AND to_jsonb(k) ->> 'conperiod' = 'true') AS p (is_period)
  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.pointing
  JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = c.pointed
) m
WHERE k.contype = 'f'
  AND k.conparentid = 0
  AND k.confrelid = format('%I.%I', $1::text, $2::text)::regclass
ORDER BY k.conrelid::regclass::text, k.conname;

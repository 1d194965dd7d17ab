-- What a database has where a table is missing.
--
-- $1  schema
-- $2  table
--
-- One row:
--   what has this name and is no table ('': nothing has), five of the tables that there are, those of the same name
--   first, separated by commas ('': there are none), how many there are
SELECT coalesce((SELECT CASE c.relkind
                          WHEN 'v' THEN 'a view'
                          WHEN 'm' THEN 'a materialized view'
                          WHEN 'f' THEN 'a foreign table'
                          WHEN 'S' THEN 'a sequence'
                          WHEN 'c' THEN 'a composite type'
                          ELSE 'an index'
                        END
                 FROM pg_class c
                 WHERE c.relnamespace = (SELECT n.oid FROM pg_namespace n WHERE n.nspname = $1)
                   AND c.relname = $2
                   AND c.relkind NOT IN ('r', 'p')),
                ''),
       coalesce(string_agg(t.name, ', ' ORDER BY t.place) FILTER (WHERE t.place <= 5), ''),
       count(t.name)
FROM (SELECT format('%I.%I', n.nspname, c.relname) AS name,
             row_number() OVER (ORDER BY c.relname = $2 DESC, n.nspname, c.relname) AS place
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p')
        AND NOT c.relispartition
        AND n.nspname NOT IN ('information_schema', 'timele_load') -- the server's, and the ledger
        AND n.nspname NOT LIKE 'pg\_%') t;

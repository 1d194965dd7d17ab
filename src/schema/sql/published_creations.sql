-- The publications that publish tables which this transaction has created, or whose columns it has
-- changed. CREATE and ALTER are not replicated: a subscriber that lacks a table or a column stops
-- when the first row for it comes. No parameters.
--
-- One row a publication: name, the tables
SELECT quote_ident(t.pubname),
       string_agg(format('%I.%I', n.nspname, c.relname), ', ' ORDER BY n.nspname, c.relname)
FROM pg_publication_tables t
JOIN pg_namespace n ON n.nspname = t.schemaname
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
WHERE EXISTS (SELECT 1
              FROM pg_attribute a
              WHERE a.attrelid = c.oid
                AND a.attnum > 0
                AND a.xmin = pg_current_xact_id()::xid)
GROUP BY t.pubname
ORDER BY t.pubname;

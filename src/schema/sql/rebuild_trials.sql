-- Statements that a trial of creating an index consists of. Only where there is an event trigger that
-- might refuse it: it would end the run when all rows are sent. That dropping is allowed, and ALTER
-- TABLE, the drops tell.
--
-- $1  tables, an array of regclass
--
-- One row a table:
--   statements that create an index without entries, alter it and comment on it
--   its place in the array, from 1
SELECT format('CREATE INDEX timele_load_trial ON %s ((true)) WHERE false;'
              'ALTER INDEX %I.timele_load_trial RESET (fillfactor);'
              'COMMENT ON INDEX %I.timele_load_trial IS NULL',
              c.oid::regclass, n.nspname, n.nspname),
       l.place
FROM unnest($1::regclass[]) WITH ORDINALITY AS l (oid, place)
JOIN pg_class c ON c.oid = l.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE EXISTS (SELECT 1
              FROM pg_event_trigger e
              WHERE e.evtevent IN ('ddl_command_start', 'ddl_command_end')
                AND e.evtenabled IN ('O', 'A')
                AND (e.evttags IS NULL
                     OR e.evttags && ARRAY['CREATE INDEX', 'ALTER INDEX', 'COMMENT']));

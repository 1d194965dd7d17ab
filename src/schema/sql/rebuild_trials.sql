-- The statements that a trial of creating an index consists of. Only where there is an event trigger that
-- might refuse it: it would end the run when all rows are sent. That dropping is allowed, and ALTER
-- TABLE, the drops tell.
--
-- $1  tables, an array of regclass
--
-- One row a statement, a table after the other:
--   one of the statements that create an index without entries, alter it and comment on it
--   the table's place in the array, from 1
SELECT s.statement, l.place
FROM unnest($1::regclass[]) WITH ORDINALITY AS l (oid, place)
JOIN pg_class c ON c.oid = l.oid
CROSS JOIN LATERAL unnest(ARRAY[
  format('CREATE INDEX timele_load_trial_%s ON %s ((true)) WHERE false', l.place, c.oid::regclass),
  format('ALTER INDEX %s.timele_load_trial_%s RESET (fillfactor)', c.relnamespace::regnamespace, l.place),
  format('COMMENT ON INDEX %s.timele_load_trial_%s IS NULL', c.relnamespace::regnamespace, l.place)
]) WITH ORDINALITY AS s (statement, place)
WHERE EXISTS (SELECT 1
              FROM pg_event_trigger e
              WHERE e.evtevent IN ('ddl_command_start', 'ddl_command_end')
                AND e.evtenabled IN ('O', 'A')
                AND (e.evttags IS NULL
                     OR e.evttags && ARRAY['CREATE INDEX', 'ALTER INDEX', 'COMMENT']))
ORDER BY l.place, s.place;

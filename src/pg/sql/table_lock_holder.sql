-- The session, other than this one, that has a table of some schemas locked: the one with the
-- strongest lock, then the one whose transaction is the oldest.
--
-- $1  schemas, an array of text
--
-- One row at most: a sentence that names table, server process, application, user and start. What a
-- user may not see of another's session is NULL: without privileges, its start.
SELECT format('%I.%I is in use by server process %s (%s, user %s)%s',
              n.nspname,
              c.relname,
              a.pid,
              coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown'),
              coalesce(a.usename, 'unknown'),
              to_char(a.xact_start, '", in a transaction since "YYYY-MM-DD HH24:MI:SSOF'))
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'relation'
  AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND c.relkind IN ('r', 'p')
  AND n.nspname = ANY ($1::text[])
  AND a.pid <> pg_backend_pid()
ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock',
                              'ShareLock', 'ShareUpdateExclusiveLock', 'RowExclusiveLock',
                              'RowShareLock', 'AccessShareLock'], l.mode),
         a.xact_start, a.pid, c.oid
LIMIT 1;

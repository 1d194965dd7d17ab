-- The session, other than this one, that has a table of some schemas locked: the one with the
-- strongest lock, then the one whose transaction is the oldest.
--
-- $1  schemas, an array of text
--
-- One row at most: a sentence that names table, server process, application, user and start, or the
-- transaction that was prepared and left with it. What a user may not see of another's session is
-- NULL: without privileges, its start.
SELECT format('%I.%I is in use by ', n.nspname, c.relname) ||
       CASE
         WHEN l.pid IS NULL
           THEN format('the prepared transaction %L (user %s), prepared %s', p.gid, p.owner,
                       to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SSOF'))
         ELSE format('server process %s (%s, user %s)%s',
                     l.pid,
                     coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown'),
                     coalesce(a.usename, 'unknown'),
                     to_char(a.xact_start, '", in a transaction since "YYYY-MM-DD HH24:MI:SSOF'))
       END
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
-- A prepared transaction has no session: it is found by the lock on its own id.
LEFT JOIN pg_locks own ON l.pid IS NULL
  AND own.pid IS NULL
  AND own.locktype = 'transactionid'
  AND own.granted
  AND own.virtualtransaction = l.virtualtransaction
LEFT JOIN pg_prepared_xacts p ON p.transaction = own.transactionid
WHERE l.locktype = 'relation'
  AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND c.relkind IN ('r', 'p')
  AND n.nspname = ANY ($1::text[])
  AND l.pid IS DISTINCT FROM pg_backend_pid()
  AND (a.pid IS NOT NULL OR p.gid IS NOT NULL)
ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock',
                              'ShareLock', 'ShareUpdateExclusiveLock', 'RowExclusiveLock',
                              'RowShareLock', 'AccessShareLock'], l.mode),
         a.xact_start, l.pid, c.oid
LIMIT 1;

-- The session, other than this one, that holds an advisory lock of two keys; or the transaction that
-- was prepared and left with it.
--
-- $1  first key
-- $2  second key
--
-- One row at most: whether it has this session's application name; words that name it, as far as
-- the user may see; the statement that ends it
--
-- A pooler may add the client's address to the name (application_name_add_host of PgBouncer).
SELECT coalesce(regexp_replace(a.application_name, ' - \S+$', '') =
                regexp_replace(current_setting('application_name'), ' - \S+$', ''), false),
       CASE
         WHEN l.pid IS NULL
           THEN format('the prepared transaction %L, user %s, begun %s', p.gid, p.owner,
                       to_char(p.prepared, 'YYYY-MM-DD HH24:MI:SSOF'))
         ELSE concat_ws(', ',
                        format('server process %s', l.pid),
                        'application ' || nullif(a.application_name, ''),
                        'user ' || a.usename,
                        'from ' || CASE WHEN a.client_port = -1 THEN 'the local socket'
                                        ELSE host(a.client_addr) END,
                        coalesce(to_char(a.xact_start, '"begun "YYYY-MM-DD HH24:MI:SSOF'),
                                 to_char(a.backend_start, '"connected since "YYYY-MM-DD HH24:MI:SSOF')))
       END,
       CASE
         WHEN l.pid IS NULL THEN format('ROLLBACK PREPARED %L', p.gid)
         ELSE format('SELECT pg_terminate_backend(%s)', l.pid)
       END
FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
-- A prepared transaction has no session: it is found by the lock on its own id.
LEFT JOIN pg_locks own ON l.pid IS NULL
  AND own.pid IS NULL
  AND own.locktype = 'transactionid'
  AND own.granted
  AND own.virtualtransaction = l.virtualtransaction
LEFT JOIN pg_prepared_xacts p ON p.transaction = own.transactionid
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid = $1::oid
  AND l.objid = $2::oid
  AND l.objsubid = 2
  AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY a.backend_start, l.pid
LIMIT 1;

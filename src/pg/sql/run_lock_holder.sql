-- The session that holds an advisory lock of two keys.
--
-- $1  first key
-- $2  second key
--
-- One row at most: words that name server process, user, host and start of the transaction
SELECT format('server process %s, user %s, from %s, begun %s',
              a.pid,
              a.usename,
              coalesce(host(a.client_addr), 'the local socket'),
              to_char(a.xact_start, 'YYYY-MM-DD HH24:MI:SSOF'))
FROM pg_locks l
JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory'
  AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.classid = $1::oid
  AND l.objid = $2::oid;

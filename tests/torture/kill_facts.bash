# What is in a database, its sequences, and what a run has left in the server. For kill, which has
# $here and sql().
# shellcheck shell=bash
# shellcheck disable=SC2154 # kill sets what is used here

# write_facts DATABASE FILE: contents and definitions, in a text that is equal for equal databases.
write_facts() {
    {
        sql "$1" <"$here/kill_facts.sql"
        # The newest versions write a random word around the dump.
        pg_dump --schema-only --exclude-schema='timele_load_building_*' "$1" | sed -E '/^\\(un)?restrict /d'
    } >"$2"
}

# building_schemas DATABASE: what a run that was killed has left.
building_schemas() {
    sql "$1" <<<"SELECT nspname FROM pg_namespace WHERE nspname ~ '^timele_load_' ORDER BY 1"
}

# write_sequences DATABASE FILE: what nextval would give, in lines of NAME|NEXT, and a line with the
# name `behind` where a change of status has a higher id. The ledger's sequence counts runs that
# failed, too, and is left out.
write_sequences() {
    sql "$1" >"$2" <<'SQL'
SELECT format('SELECT %L, last_value + is_called::integer FROM %s', oid::regclass, oid::regclass)
  FROM pg_class
 WHERE relkind = 'S' AND relnamespace::regnamespace::text IN ('users', 'orders', 'products')
 ORDER BY oid::regclass::text COLLATE "C" \gexec
SELECT CASE WHEN to_regclass('orders.order_status_history') IS NOT NULL THEN
$$SELECT 'behind', max(history_id) FROM orders.order_status_history
  HAVING max(history_id) >= (SELECT last_value + is_called::integer
                               FROM orders.order_status_history_history_id_seq)$$ END \gexec
SQL
}

# ledger_runs DATABASE: the results of the runs in the ledger and how many there are of each, as
# 'failed 1,loaded 2'; nothing where there is no ledger.
ledger_runs() {
    sql "$1" <<'SQL'
SELECT CASE WHEN to_regclass('timele_load.runs') IS NOT NULL THEN
$$SELECT string_agg(result || ' ' || count, ',' ORDER BY result COLLATE "C")
    FROM (SELECT result, count(*) FROM timele_load.runs GROUP BY result) results$$ END \gexec
SQL
}

# left_behind DATABASE: sessions of the program, locks and prepared transactions of the database.
left_behind() {
    sql "$1" <<'SQL'
SELECT 'session', pid, state, wait_event, left(query, 60) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND backend_type IN ('client backend', 'parallel worker');
SELECT 'lock', locktype, mode, pid FROM pg_locks
 WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND pid IS DISTINCT FROM pg_backend_pid();
SELECT 'prepared transaction', gid FROM pg_prepared_xacts WHERE database = current_database();
SQL
}

# The external ids of all users and orders, as lines of an id map.
external_ids() {
    sql "$1" <<'SQL' | LC_ALL=C sort
SELECT 'users.users,' || id || ',' || external_user_id FROM users.users;
SELECT 'orders.orders,' || id || ',' || external_order_id FROM orders.orders;
SQL
}

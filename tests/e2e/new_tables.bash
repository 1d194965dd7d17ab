# Sourced after harness and concurrency by tests of runs that build new tables beside those that are
# there: what such a run leaves, and where it is made to stand still.
#
# shellcheck shell=bash

# All rows of TimeL-E's tables and of the ledger, without what differs from run to run: external ids,
# and times of the load, each of which is "T1", "T2" and so on; definitions; sequences; constraints with
# their indexes; statistics.
IFS= read -r -d '' FACTS <<'SQL' || true
SET timezone TO 'UTC';
CREATE TEMPORARY TABLE facts (fact text);
SELECT format('INSERT INTO facts SELECT concat_ws('' '', %L, to_jsonb(t) - ''%s''::text[]) FROM %1$s t',
              c.oid::regclass, '{external_user_id,external_order_id,started,finished,client_process,'
              'server_process,options,transaction_id}')
  FROM pg_class c
 WHERE c.relkind = 'r'
   AND c.relnamespace::regnamespace::text IN ('products', 'users', 'orders', 'timele_load')
\gexec
WITH times AS (
  SELECT DISTINCT t[1] AS time
    FROM facts, regexp_matches(fact, '"(20[2-9][0-9]-[0-9-]+T[^"]+)"', 'g') AS t
), numbers AS (
  SELECT time, 'T' || row_number() OVER (ORDER BY time) AS number FROM times
)
UPDATE facts SET fact = replace(fact, time, number) FROM numbers WHERE strpos(fact, time) > 0;
INSERT INTO facts
SELECT concat_ws(' ', schemaname, sequencename, min_value, start_value, last_value) FROM pg_sequences
UNION ALL
SELECT concat_ws(' ', conrelid::regclass, conname, contype, convalidated, conindid::regclass,
                 confrelid::regclass, pg_get_constraintdef(oid))
  FROM pg_constraint WHERE conrelid >= 16384
UNION ALL
SELECT concat_ws(' ', indrelid::regclass, indexrelid::regclass, indisvalid, indisready, indisprimary,
                 indisclustered, indisreplident)
  FROM pg_index WHERE indexrelid >= 16384 AND indrelid::regclass::text NOT LIKE 'pg_toast%'
UNION ALL
SELECT concat_ws(' ', 'rows', oid::regclass, reltuples) FROM pg_class
 WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('products', 'users', 'orders')
UNION ALL
SELECT concat_ws(' ', t.name, 'that came in the run''s transaction:', t.own)
  FROM (SELECT transaction_id::xid AS id FROM timele_load.runs ORDER BY run_id DESC LIMIT 1) run,
       LATERAL (SELECT 'users', count(*) FILTER (WHERE xmin = run.id) FROM users.users
                UNION ALL SELECT 'orders', count(*) FILTER (WHERE xmin = run.id) FROM orders.orders) t (name, own)
UNION ALL
SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp';
SELECT fact FROM facts ORDER BY fact COLLATE "C";
SQL

facts() {
    sql <<<"$FACTS" && definitions
}

# expect_same_facts FILE: what the database has is what FILE says.
expect_same_facts() {
    facts >facts_now
    diff "$1" facts_now >facts_differences || {
        head -n 40 facts_differences >&2
        unexpected 'the database has other contents (<: expected)'
    }
}

# expect_several_connections, expect_one_connection: how the last run filled the tables, as its report
# report.json tells.
expect_several_connections() {
    filled_beside || unexpected 'expected that the tables were built beside'
}

expect_one_connection() {
    ! filled_beside || unexpected 'expected that all was done over one connection'
}

filled_beside() {
    jq -e '[.phases[] | select(.phase == "publish" and .subject == "tables")] != []' report.json >/dev/null
}

building_schemas() {
    sql "SELECT nspname FROM pg_namespace WHERE nspname ~ '^timele_load_(building|replaced)' ORDER BY 1"
}

# Neither schemas nor sessions nor locks.
expect_nothing_left() {
    eventually no_backend
    expect_sql "SELECT nspname FROM pg_namespace WHERE nspname ~ '^timele_load_(building|replaced)'" ''
    expect_sql "SELECT typname FROM pg_type WHERE typname ~ '^timele_load_(building|replaced)'" ''
}

# stop_before_row CONDITION TABLE...: whoever makes the tables, the server stops before it inserts a row
# of which CONDITION holds, as long as another session holds the advisory lock 2.
stop_before_row() {
    sql "CREATE FUNCTION public.wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN PERFORM pg_advisory_xact_lock(2); RETURN NEW; END';
         CREATE FUNCTION public.make_it_wait() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
         DECLARE
           made text;
         BEGIN
           FOR made IN SELECT object_identity FROM pg_event_trigger_ddl_commands()
                        WHERE object_identity = ANY (string_to_array('${*:2}', ' ')) LOOP
             EXECUTE format('CREATE TRIGGER wait_for_lock BEFORE INSERT ON %s
                               FOR EACH ROW WHEN ($1) EXECUTE FUNCTION public.wait_for_lock()', made);
           END LOOP;
         END \$\$;
         CREATE EVENT TRIGGER make_it_wait ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
           EXECUTE FUNCTION public.make_it_wait()"
}

# stop_before_index: the server stops before it makes an index of a table that is built.
stop_before_index() {
    sql "CREATE FUNCTION public.wait_for_lock() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
         BEGIN
           -- Not before the trial, which comes when nothing is committed yet.
           IF current_query() LIKE '%timele_load_building_%' AND current_query() NOT LIKE '%_trial_%' THEN
             PERFORM pg_advisory_xact_lock(2);
           END IF;
         END \$\$;
         CREATE EVENT TRIGGER wait_for_lock ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
           EXECUTE FUNCTION public.wait_for_lock()"
}

# refuse TAG TEXT: the server refuses such a command where its text has TEXT.
refuse() {
    sql "CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS \$\$
         BEGIN
           IF current_query() LIKE '%$2%' THEN
             RAISE EXCEPTION 'no % here', lower(tg_tag);
           END IF;
         END \$\$;
         CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('$1')
           EXECUTE FUNCTION public.refuse()"
}

# stopped_in COMMAND [COUNT]: at least so many connections stand still in such a command.
stopped_in() {
    (($(sql "SELECT count(*) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'timele-load'
                AND query LIKE '$1%' AND wait_event = 'advisory'") >= ${2:-1}))
}

#!/usr/bin/env bats
#
# What was tried against the boundary of the schema `api` by somebody who has the role and may type
# any SQL. docs/api.md lists it.

load harness
load small_shop
load api_server
load api_sample

# What must not be seen: the internal ids that rows get here, which nothing else looks like, and the
# password's hash.
HIDDEN='77000[0-9]{5}|88000[0-9]{5}|99000[0-9]{5}|166000[0-9]{4}|hidden-hash'

setup_file() {
    start_file
    create_api_server
    load_sample
    export auth_server=auth_of_$PGDATABASE KNOWN=$BATS_FILE_TMPDIR/known.sql
    maintain "DROP ROLE IF EXISTS $auth_server" "CREATE ROLE $auth_server LOGIN" \
        "GRANT timele_auth TO $auth_server"
    sql >"$KNOWN" <<'SQL'
SELECT setval('users.users_id_seq', 7700000000), setval('orders.orders_id_seq', 8800000000),
       setval('orders.carts_id_seq', 9900000000),
       setval('orders.order_status_history_history_id_seq', 1660000000) \g /dev/null
SELECT (api.create_user('ada@example.net', 'hidden-hash', 'Ada')).external_user_id AS ada \gset
SELECT (api.create_user('bob@example.net', 'hidden-hash', 'Bob')).external_user_id AS bob \gset
SELECT (api.create_cart(:'ada')).external_cart_id AS cart \gset
SELECT (api.create_order(:'ada', '[{"product_id": 3}]', 'first')).external_order_id AS placed \gset
SELECT (api.create_order(:'bob', '[{"product_id": 3}]')).external_order_id AS other \gset
SELECT (api.set_cart_item(:'ada', :'cart', 4)).total_items AS items \gset
SELECT format(E'\\set %s %s', name, value)
  FROM (VALUES ('ada', :'ada'), ('bob', :'bob'), ('cart', :'cart'), ('placed', :'placed'),
               ('other', :'other')) AS known (name, value);
SQL
    # What is looked for can be found.
    [ "$(sql 'SELECT u, o, h, c FROM users.users u JOIN orders.orders o ON o.user_id = u.id
                JOIN orders.order_status_history h ON h.order_id = o.id
                LEFT JOIN orders.carts c ON c.user_id = u.id WHERE u.id >= 7700000000' |
        grep -oE "$HIDDEN" | wc -l)" -ge 12 ]
}

# attack <FILE: what the API server sees of it, errors and notices, too.
attack() {
    cat "$KNOWN" - | PGUSER=$api_server psql -XAtq 2>&1
}

# expect_hidden FILE...
expect_hidden() {
    if grep -hE "$HIDDEN" "$@" >found; then
        head -n 10 found | cut -c 1-300
        return 1
    fi
}

# Errors -------------------------------------------------------------------------------------------

# call_all SETTINGS: the calls of wrong_api_calls.sql in a session that begins with these settings.
call_all() {
    attack >output <<SQL
\i $PROJECT_ROOT/tests/e2e/fixtures/wrong_api_calls.sql
$1
CREATE TEMP TABLE given AS SELECT * FROM pg_temp.try_all();
\o rest
SELECT rest FROM pg_temp.given;
\o answers
SELECT answer FROM pg_temp.given;
SQL
}

@test "no value that a function is given makes it tell what is hidden" {
    call_all ''
    [ ! -s output ]
    expect_hidden rest answers
    # Each has a state of its own, and no part but its message.
    run ! grep -vE ': (done$|(TE0[0-9]{2}|22P02) [^|]*$)' answers
    [ "$(grep -c ': done$' answers)" -ge 100 ]
    [ "$(grep -oE ' TE0[0-9]{2} ' answers | sort -u | wc -l)" -ge 15 ]
}

@test "no setting and no object of the session changes what a function answers" {
    call_all ''
    mv answers usual
    call_all "SET standard_conforming_strings = off; SET escape_string_warning = off;
        SET extra_float_digits = -15; SET DateStyle = 'SQL, DMY'; SET IntervalStyle = sql_standard;
        SET TimeZone = 'Pacific/Kiritimati'; SET bytea_output = escape; SET array_nulls = off;
        SET transform_null_equals = on; SET quote_all_identifiers = on; SET row_security = off;
        SET search_path = pg_temp, public, pg_catalog; SET xmloption = document;
        SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_indexscan = off;
        SET plpgsql.print_strict_params = on; SET plpgsql.extra_warnings = 'all';
        SET timele.loading = 'on'; SET timele.changed_by = 'nonsense'; SET client_min_messages = debug5;
        CREATE TYPE pg_temp.uuid AS (a integer); CREATE DOMAIN pg_temp.jsonb AS pg_catalog.text;
        CREATE TEMP TABLE users AS SELECT 1 AS id; CREATE TEMP TABLE orders AS SELECT 1 AS id;
        CREATE TEMP TABLE pg_attribute AS SELECT 1 AS attrelid; CREATE TEMP TABLE pg_index (a integer);
        CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
        CREATE FUNCTION pg_temp.same(pg_catalog.uuid, pg_catalog.uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
        CREATE OPERATOR pg_temp.= (FUNCTION = pg_temp.same, LEFTARG = pg_catalog.uuid, RIGHTARG = pg_catalog.uuid);"
    # PostgreSQL's own message about an unknown status quotes the type then.
    diff usual <(sed 's/"order_status_enum"/order_status_enum/' answers)
    expect_hidden output rest
    run ! grep '^ERROR' output
}

# Plans --------------------------------------------------------------------------------------------

@test "no plan has a value that the client did not give" {
    attack >plans <<'SQL'
SELECT format('EXPLAIN (%s) SELECT * FROM api.%I AS v%s', option, relname, filter)
  FROM pg_class
 CROSS JOIN unnest(ARRAY['COSTS OFF', 'ANALYZE, VERBOSE, BUFFERS, SETTINGS', 'ANALYZE, VERBOSE, FORMAT JSON']) AS option
 CROSS JOIN unnest(ARRAY['', ' WHERE v::text > ''x''', ' ORDER BY v::text LIMIT 3']) AS filter
 WHERE relnamespace = 'api'::regnamespace AND relkind = 'v'
\gexec
SET plan_cache_mode = force_generic_plan;
PREPARE joined (uuid) AS
  SELECT * FROM api.users JOIN api.orders USING (external_user_id) JOIN api.order_items USING (external_order_id)
    JOIN api.order_status_history USING (external_order_id) JOIN api.carts USING (external_user_id)
    JOIN api.cart_items USING (external_cart_id) WHERE external_user_id = $1;
EXPLAIN (ANALYZE, VERBOSE) EXECUTE joined (:'ada');
SET enable_nestloop = off;
EXPLAIN (ANALYZE, VERBOSE, BUFFERS) EXECUTE joined (:'ada');
SET enable_hashjoin = off;
EXPLAIN (ANALYZE, VERBOSE, FORMAT YAML) EXECUTE joined (:'ada');
EXPLAIN (ANALYZE, VERBOSE) SELECT api.create_order(:'ada', '[{"product_id": 1}]');
EXPLAIN (ANALYZE, VERBOSE) SELECT api.set_order_status(:'placed', 'processing');
SET client_min_messages = debug5;
SET debug_print_parse = on;
SET debug_print_rewritten = on;
SET debug_print_plan = on;
SELECT count(*) FROM api.create_order(:'ada', '[{"product_id": 1}]');
SELECT count(*) FROM api.users WHERE email_address = 'ada@example.net';
SELECT count(*) FROM api.set_order_status(:'placed', 'shipped');
SQL
    expect_hidden plans
    # There are plans of the tables behind the views, and prints of the client's three statements, but
    # not of those in the functions: there, values are written in bytes.
    grep -q 'Scan on users.users' plans
    [ "$(grep -c 'LOG:  plan:' plans)" -eq 3 ]
    run ! grep '^ERROR' plans
}

# Statistics, sequences, sessions ------------------------------------------------------------------

@test "no statistics, no sequence, no definition and no other session tells a value" {
    sql 'ANALYZE'
    mkfifo commands
    PGAPPNAME=neighbour psql -XAtq <commands >ready 2>&1 3>&- &
    exec 7>commands
    echo "SELECT 'hidden-hash';" >&7
    until [[ -s ready ]]; do sleep 0.02; done
    attack >seen <<'SQL'
SELECT 'statistics of the tables', count(*) FROM pg_stats WHERE schemaname IN ('users', 'orders', 'products', 'api', 'api_private');
SELECT 'extended statistics', count(*) FROM pg_stats_ext;
SELECT 'sequences with a value', count(last_value) FROM pg_sequences;
SELECT 'query of a neighbour', count(*) > 0, count(nullif(query, '<insufficient privilege>')) FROM pg_stat_activity WHERE application_name = 'neighbour';
SELECT 'query of its own', query LIKE '%its own%' FROM pg_stat_activity WHERE pid = pg_backend_pid();
SELECT count(*) FROM api.create_user('drawn@example.net');
SELECT lastval();
SELECT currval((SELECT oid FROM pg_class WHERE relname = 'users_id_seq')::regclass);
SELECT pg_sequence_last_value((SELECT oid FROM pg_class WHERE relname = 'users_id_seq'));
SELECT * FROM pg_sequence_parameters((SELECT oid FROM pg_class WHERE relname = 'users_id_seq'));
SELECT * FROM pg_stat_xact_user_tables;
SELECT * FROM pg_stat_user_tables, pg_statio_user_sequences;
SELECT * FROM pg_locks;
SELECT * FROM pg_prepared_statements;
SELECT * FROM pg_cursors;
SELECT * FROM pg_settings;
SELECT pg_get_viewdef(oid) FROM pg_class WHERE relnamespace = 'api'::regnamespace AND relkind = 'v';
SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace::regnamespace::text ~ '^api';
SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef;
SELECT * FROM information_schema.columns WHERE table_schema !~ '^(pg_catalog|information_schema)$';
SQL
    exec 7>&-
    wait
    head -n 5 seen | diff - <(printf '%s\n' 'statistics of the tables|0' 'extended statistics|0' \
        'sequences with a value|0' 'query of a neighbour|t|0' 'query of its own|t')
    expect_hidden seen
}

# Privileges ---------------------------------------------------------------------------------------

# expect_states <FILE: lines of an SQLSTATE, or several that servers differ in, and the statement that
# ends so. All in one session of the API server.
expect_states() {
    tee statements | awk '{ printf "%s\n;\n\\echo ended :SQLSTATE\n", substr($0, index($0, " ") + 1) }' |
        attack >states
    expect_hidden states
    [ "$(grep -c '^ended ' states)" -eq "$(wc -l <statements)" ]
    paste -d ' ' <(sed -n 's/^ended //p' states) statements | awk 'index($2, $1) == 0' >wrong
    [[ ! -s wrong ]] || unexpected "$(<wrong)"
}

@test "what the role may not do" {
    local before
    before=$(definitions)
    expect_states <<SQL
42703 SELECT ctid FROM api.users
42703 SELECT xmin, xmax, cmin, cmax FROM api.orders
42703 SELECT tableoid FROM api.order_items
42703 SELECT u.hashed_password FROM api.users u
42703 SELECT (o).user_id FROM api.orders o
42501 SELECT jsonb_populate_record(NULL::users.users, '{}')
42501 CREATE TEMP TABLE copied (LIKE users.users)
42501 CREATE TEMP TABLE heir () INHERITS (users.users)
42501 CREATE TEMP TABLE referring (id bigint REFERENCES users.users)
42809 CREATE TEMP TABLE referring (id uuid REFERENCES api.users (external_user_id))
42501 COPY users.users TO STDOUT
42501 COPY (SELECT * FROM users.users) TO STDOUT
42501 COPY (SELECT 1) TO '/tmp/attack'
42501 COPY (SELECT 1) TO PROGRAM 'true'
42501 SET SESSION AUTHORIZATION $PGUSER
42501 SET ROLE $PGUSER
42501 SET ROLE timele_auth
42501 SET session_replication_role = replica
42501 SET log_statement = 'all'
42501 SET log_min_messages = debug5
42501 SET track_functions = 'all'
42501 SET zero_damaged_pages = on
42501 SET lc_messages = 'C'
42501 LOAD 'auto_explain'
42501 DROP EXTENSION plpgsql
42501 CREATE SCHEMA mine
42501 CREATE TABLE api.mine ()
42501 CREATE FUNCTION api.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'
42501 CREATE OR REPLACE FUNCTION api.create_cart(external_user_id uuid) RETURNS api.carts LANGUAGE sql AS 'SELECT NULL::api.carts'
42501 CREATE OR REPLACE VIEW api.users AS SELECT 1 AS one
42501 ALTER VIEW api.users SET (security_barrier = false)
42501 ALTER VIEW api.users OWNER TO CURRENT_USER
42501 DROP VIEW api.users
42501 CREATE RULE spy AS ON INSERT TO api.users DO ALSO NOTHING
42501 CREATE TRIGGER spy INSTEAD OF INSERT ON api.users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()
42501 COMMENT ON VIEW api.users IS 'x'
00000 GRANT SELECT ON api.users TO PUBLIC
42501/0LP01 GRANT timele_api TO $PGUSER
42501 CREATE ROLE mine
42501 ALTER ROLE timele_api LOGIN
42501 ALTER DEFAULT PRIVILEGES FOR ROLE $PGUSER GRANT SELECT ON TABLES TO PUBLIC
42501 ALTER SYSTEM SET log_statement = 'all'
42501 ALTER DATABASE $PGDATABASE SET work_mem = '1MB'
42501 CREATE PUBLICATION spy FOR ALL TABLES
42501 CREATE SUBSCRIPTION spy CONNECTION '' PUBLICATION spy WITH (connect = false)
42501 CREATE EVENT TRIGGER spy ON ddl_command_end EXECUTE FUNCTION suppress_redundant_updates_trigger()
42501 CREATE CAST (uuid AS bigint) WITH INOUT
42501 CREATE FUNCTION pg_temp.spy() RETURNS integer LANGUAGE internal AS 'pg_read_file'
42501 TRUNCATE users.users
42501/55000 INSERT INTO api.users (email_address) VALUES ('x') ON CONFLICT DO NOTHING RETURNING *
42501 UPDATE api.users SET city = 'x' RETURNING *
42501 DELETE FROM api.users RETURNING *
42501 SELECT * FROM api.users FOR KEY SHARE
42501 SELECT nextval('users.users_id_seq')
42501 SELECT setval('users.users_id_seq', 1)
42501 SELECT last_value FROM users.users_id_seq
42501 SELECT * FROM pg_statistic
42501 SELECT * FROM pg_statistic_ext_data
42501 SELECT * FROM pg_authid
42501 SELECT * FROM pg_largeobject
42501 SELECT * FROM pg_hba_file_rules
42501 SELECT * FROM pg_user_mapping
42P01 SELECT * FROM pg_stat_statements
42883 SELECT dblink('', '')
42883 SELECT get_raw_page('users.users', 0)
42501 SELECT pg_read_file('postgresql.conf')
42501 SELECT pg_read_binary_file('postgresql.conf')
42501 SELECT pg_ls_dir('.')
42501 SELECT pg_current_logfile()
42501 SELECT lo_import('/etc/passwd')
42501 SELECT pg_reload_conf()
42501 SELECT pg_stat_reset()
42501 SELECT pg_create_logical_replication_slot('spy', 'test_decoding')
42501 SELECT table_to_xml((SELECT oid FROM pg_class WHERE relname = 'carts' AND relkind = 'r'), true, false, '')
42501 SELECT query_to_xml('SELECT * FROM users.users', true, false, '')
42501 SELECT ts_stat('SELECT hashed_password::tsvector FROM users.users')
XX000/0A000 SELECT currtid2('api.users', '(0,1)')
42501 SELECT currtid2('users.users', '(0,1)')
42501 SELECT api_private.find_user(:'ada')
42501 SELECT * FROM api_private.idempotency_keys
42501 SELECT api_auth.find_login('ada@example.net')
42501 DO \$\$ BEGIN PERFORM FROM users.users; END \$\$
42501 DO \$\$ BEGIN EXECUTE 'SELECT id FROM users.users'; END \$\$
42501 REASSIGN OWNED BY $PGUSER TO CURRENT_USER
42501 DROP OWNED BY $PGUSER
00000 DROP OWNED BY timele_api
42501 DECLARE spy CURSOR WITH HOLD FOR SELECT id FROM users.users
42501 PREPARE spy AS SELECT id FROM users.users
00000 BEGIN
42501 LOCK TABLE api.users IN ROW EXCLUSIVE MODE
00000 ROLLBACK
SQL
    # A session of its own: psql may end when this fails, lest it take rows that follow for SQL.
    echo 'COPY api.users FROM STDIN' | PGUSER=$api_server psql -XAtq --set VERBOSITY=sqlstate >seen 2>&1 || true
    expect_equal 'ERROR:  42501' "$(<seen)"
    # What ended without an error did nothing.
    expect_equal "$before" "$(definitions)"
}

# Objects of the client ----------------------------------------------------------------------------

@test "what the role may do shows it no more than the views do" {
    expect_api "SELECT count(*) FROM api.users" "$(sql 'SELECT count(*) FROM users.users')"
    attack >seen <<'SQL'
-- Cheap functions and operators come before all other conditions and see what these would leave out.
CREATE FUNCTION pg_temp.spy(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN RAISE NOTICE 'spy: %', $1; RETURN true; END $$;
CREATE OPERATOR pg_temp.~~~ (FUNCTION = pg_temp.spy, RIGHTARG = anyelement);
SELECT count(*) FROM api.users u WHERE pg_temp.spy(u) AND email_address = 'ada@example.net';
SELECT count(*) FROM api.orders o WHERE pg_temp.spy(o) AND external_user_id = :'ada';
SELECT count(*) FROM api.order_items i JOIN api.orders o USING (external_order_id)
 WHERE OPERATOR(pg_temp.~~~) i AND pg_temp.spy(o.external_user_id) AND external_user_id = :'ada';
SELECT count(*) FROM api.order_status_history h WHERE pg_temp.spy(h) AND external_order_id = :'placed';
SELECT count(*) FROM api.carts c JOIN api.cart_items USING (external_cart_id) WHERE pg_temp.spy(c);
-- Whole rows.
SELECT u, u::text, to_jsonb(u), row_to_json(u), pg_column_size(u) FROM api.users u;
SELECT o, to_jsonb(o) FROM api.orders o ORDER BY o;
SELECT (v).* FROM (SELECT api.create_cart(:'ada') AS v) AS made;
SELECT api.set_order_status(:'placed', 'processing');
SELECT jsonb_populate_record(NULL::api.orders, '{"user_id": 1}');
SELECT query_to_xml('SELECT * FROM api.users', true, false, ''), schema_to_xml('api', true, false, '');
-- Cursors, large objects, channels, locks, settings of its own.
BEGIN;
DECLARE held SCROLL CURSOR WITH HOLD FOR SELECT * FROM api.orders;
COMMIT;
FETCH ALL FROM held;
COPY (SELECT * FROM api.orders) TO STDOUT;
SELECT lo_from_bytea(0, 'x') AS large \gset
SELECT lo_get(:large);
LISTEN orders;
NOTIFY orders, 'x';
CREATE TEMP TABLE mine (LIKE api.users INCLUDING ALL);
CREATE FUNCTION pg_temp.spy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM api.create_cart(NEW.external_user_id); RAISE NOTICE 'spy: %', NEW; RETURN NEW; END $$;
CREATE TRIGGER spy BEFORE INSERT ON mine FOR EACH ROW EXECUTE FUNCTION pg_temp.spy();
INSERT INTO mine SELECT * FROM api.users ON CONFLICT DO NOTHING RETURNING *;
SET CONSTRAINTS ALL DEFERRED;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC;
SQL
    expect_hidden seen
    run ! grep '^ERROR' seen
    grep -q '^NOTICE:  spy: .*ada@example.net' seen
}

# Inference ----------------------------------------------------------------------------------------

@test "what can be inferred, as the manual says" {
    local floor
    # The order in which rows come without ORDER BY is that of an index on an internal id, or of storage.
    floor=$(sql "SELECT string_agg(external_user_id::text, ' ' ORDER BY id) FROM users.users
                  WHERE id IN (SELECT user_id FROM orders.orders)")
    attack >inferred <<'SQL'
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SET enable_hashjoin = off;
SET enable_nestloop = off;
SELECT string_agg(external_user_id::text, ' ' ORDER BY first)
  FROM (SELECT external_user_id, min(place) AS first
          FROM (SELECT external_user_id, row_number() OVER () AS place FROM (SELECT external_user_id FROM api.orders OFFSET 0) o) numbered
         GROUP BY 1) ranked;
RESET ALL;
-- The floor, and how many rows there are.
SELECT seqmin FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid WHERE relname = 'users_id_seq';
SELECT reltuples > 0, relpages > 0, pg_relation_size(oid) > 0 FROM pg_class WHERE relname = 'users' AND relkind = 'r';
-- The lock of runs.
SELECT pg_try_advisory_lock(1953066341, 1819238756);
-- Whether an e-mail address is there: by the view, and by an error.
SELECT count(*) FROM api.users WHERE email_address = 'bob@example.net';
SELECT api.create_user('bob@example.net');
SQL
    expect_equal "$floor" "$(sed -n 1p inferred)"
    expect_equal $'400000\nt|t|t\nt\n1' "$(sed -n 2,5p inferred)"
    grep -q "^ERROR:  the e-mail address is another user's" inferred
}

# Logins -------------------------------------------------------------------------------------------

@test "the role of logins reaches its function and nothing else" {
    api_server=$auth_server attack >seen <<'SQL'
SELECT hashed_password, external_user_id = :'ada' FROM api_auth.find_login('ada@example.net');
SELECT count(*) FROM api_auth.find_login('nobody@example.net');
SELECT count(*) FROM api_auth.find_login(NULL);
SELECT count(*) FROM api_auth.find_login('%');
SELECT count(*) FROM api_auth.find_login(repeat('x', 1000000));
SELECT count(*) FROM information_schema.tables WHERE table_schema !~ '^(pg_catalog|information_schema)$';
SELECT count(*) FROM pg_namespace WHERE nspname ~ '^(api|api_private|users|orders|products|timele_load)$' AND has_schema_privilege(oid, 'USAGE, CREATE');
\set VERBOSITY sqlstate
SELECT * FROM api.users;
SELECT * FROM users.users;
SELECT api.create_cart(:'ada');
SET ROLE timele_api;
EXPLAIN (ANALYZE, VERBOSE) SELECT count(*) FROM api_auth.find_login('bob@example.net');
SQL
    expect_equal $'hidden-hash|t\n0\n0\n0\n0\n0\n0' "$(head -n 7 seen)"
    [ "$(grep -cx 'ERROR:  42501' seen)" -eq 4 ]
    [ "$(grep -c '^ERROR' seen)" -eq 4 ]
    sed 1d seen >others
    expect_hidden others
}

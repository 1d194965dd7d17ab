#!/usr/bin/env bats
#
# What the roles of the API can reach beside it, and what --create-api says of that. Roles are those
# of the whole server: a test that changes one takes that back.

load harness
load small_shop
load api_server

setup_file() {
    start_file
    setup_schema
    setup_api
}

# after STATEMENTS: what api.sql says after them, in a transaction that is undone, and "end".
after() {
    printf '%s;\n' "$1" | sed 's/;;$/;/' >statements.sql
    psql -XAtq -v ON_ERROR_STOP=1 <<SQL 2>&1 | sed 's/^psql:[^ ]*: //'
SET client_min_messages = warning;
BEGIN;
\\i statements.sql
\\i $API_SQL
\\echo end
ROLLBACK
SQL
}

# expect_said STATEMENTS LINES: api.sql says LINES after the statements, and nothing once everything
# has been run that they tell to run.
expect_said() {
    local told
    expect_equal "$2" "$(after "$1" | sed '/^end$/d')"
    told=$(sed -nE 's/.*unless that is meant, run "(.*)"$/\1;/p' <<<"$2")
    expect_equal '' "$(after "$1; $told" | sed '/^end$/d; /^INFO/d')"
}

@test "a new database has nothing to be said, whatever it is made by" {
    expect_said 'SELECT' ''
    run_load --create-schema --create-api
    expect_status 0
    expect_silence
}

@test "what PUBLIC lets the roles reach is named, with the statement that ends it" {
    expect_said 'GRANT USAGE ON SCHEMA users TO PUBLIC; GRANT SELECT ON users.users TO PUBLIC' \
        'WARNING:  timele_api and timele_auth can reach the schema users; unless that is meant, run "REVOKE ALL ON SCHEMA users FROM PUBLIC"
WARNING:  timele_api and timele_auth can reach users.users; unless that is meant, run "REVOKE ALL ON TABLE users.users FROM PUBLIC"'
    # A column, a sequence, a function, a view, the right to make something.
    expect_said 'GRANT USAGE ON SCHEMA orders TO PUBLIC;
                 GRANT UPDATE (note) ON orders.order_status_history TO PUBLIC;
                 GRANT USAGE ON SEQUENCE orders.orders_id_seq TO PUBLIC;
                 CREATE FUNCTION orders."last Order"(a int, b text) RETURNS bigint LANGUAGE sql AS $$SELECT max(id) FROM orders.orders$$' \
        'WARNING:  timele_api and timele_auth can reach the schema orders; unless that is meant, run "REVOKE ALL ON SCHEMA orders FROM PUBLIC"
WARNING:  timele_api and timele_auth can reach orders.order_status_history; unless that is meant, run "REVOKE ALL ON TABLE orders.order_status_history FROM PUBLIC"
WARNING:  timele_api and timele_auth can reach orders."last Order"(a integer, b text); unless that is meant, run "REVOKE ALL ON ROUTINE orders."last Order"(a integer, b text) FROM PUBLIC"
WARNING:  timele_api and timele_auth can reach orders.orders_id_seq; unless that is meant, run "REVOKE ALL ON SEQUENCE orders.orders_id_seq FROM PUBLIC"'
    expect_said 'GRANT CREATE ON SCHEMA products TO PUBLIC' \
        'WARNING:  timele_api and timele_auth can reach the schema products; unless that is meant, run "REVOKE ALL ON SCHEMA products FROM PUBLIC"'
}

@test "what cannot be reached without the schema is not named" {
    expect_said 'GRANT ALL ON ALL TABLES IN SCHEMA users, orders, timele_load TO PUBLIC;
                 GRANT ALL ON ALL SEQUENCES IN SCHEMA users TO PUBLIC' ''
    # The trigger function of schema.sql can be called by nobody.
    expect_said 'GRANT USAGE ON SCHEMA orders TO PUBLIC' \
        'WARNING:  timele_api and timele_auth can reach the schema orders; unless that is meant, run "REVOKE ALL ON SCHEMA orders FROM PUBLIC"'
}

@test "of many, eight are told, that with the hashes among them, and the others are named in one line" {
    after 'GRANT USAGE ON SCHEMA users, orders, products, timele_load TO PUBLIC;
           GRANT SELECT ON ALL TABLES IN SCHEMA users, orders, products, timele_load TO PUBLIC' >said
    [ "$(grep -c '^WARNING:  timele_api and timele_auth can reach ' said)" -eq 8 ]
    grep -q ' can reach users.users; ' said
    [ "$(grep -c 'REVOKE ALL ON SCHEMA' said)" -eq 4 ]
    [ "$(wc -l <said)" -eq 10 ]
    grep -qE '^WARNING:  beside these, there is in reach: ([a-z_.]+, ){4}[a-z_.]+ and 3 more$' said
}

@test "default privileges to PUBLIC that were there before the tables are found" {
    sql 'DROP SCHEMA api, api_private, api_auth, users, orders, products, timele_load CASCADE; DROP TYPE public.order_status_enum;
         ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC;
         ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO PUBLIC;
         ALTER DEFAULT PRIVILEGES GRANT ALL ON FUNCTIONS TO timele_api, timele_auth;
         ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO PUBLIC' 2>/dev/null
    create_api_server
    run_load --create-schema --create-api
    expect_status 0
    expect_stderr_line 'timele-load: warning: the server says: timele_api and timele_auth can reach the schema users; unless that is meant, run "REVOKE ALL ON SCHEMA users FROM PUBLIC"'
    [[ $stderr == *'beside these, there is in reach: '* ]] || unexpected
    sql 'REVOKE ALL ON SCHEMA users, orders, products, timele_load FROM PUBLIC'
    run_load --quiet --create-api
    expect_silence
    # Its own are made as they are to be.
    expect_api "SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'USAGE') AND nspname ~ 'api|users|orders|products'" api
    expect_api "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace::regnamespace::text ~ '^api_'
                   AND has_function_privilege(oid, 'EXECUTE')" ''
    expect_api "SELECT relname FROM pg_class WHERE relnamespace = 'api'::regnamespace AND relkind = 'v'
                   AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE')" ''
    expect_sql "SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace::regnamespace::text ~ '^api'
                   AND has_function_privilege('timele_auth', p.oid, 'EXECUTE')" 'api_auth.find_login(text)'
}

# granted: whatever the roles have been granted themselves.
granted() {
    sql "SELECT grantee::regrole, object, privilege_type, is_grantable
           FROM (SELECT oid::regnamespace::text, nspacl FROM pg_namespace
                 UNION ALL SELECT oid::regclass::text, relacl FROM pg_class
                 UNION ALL SELECT attrelid::regclass || '.' || attname, attacl FROM pg_attribute
                 UNION ALL SELECT oid::regprocedure::text, proacl FROM pg_proc) AS had (object, acl)
           CROSS JOIN LATERAL aclexplode(acl)
          WHERE grantee IN ('timele_api'::regrole, 'timele_auth'::regrole) ORDER BY 1, 2, 3"
}

@test "what was granted to the roles is revoked" {
    local before statements
    statements='GRANT USAGE, CREATE ON SCHEMA users, api_private TO timele_api;
                GRANT SELECT ON users.users TO timele_api WITH GRANT OPTION;
                GRANT UPDATE (id) ON orders.orders TO timele_api;
                GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api_private TO timele_api;
                GRANT ALL ON SCHEMA api_auth TO timele_api; GRANT EXECUTE ON FUNCTION api_auth.find_login TO timele_api;
                GRANT USAGE ON SCHEMA api TO timele_auth; GRANT EXECUTE ON FUNCTION api.create_user TO timele_auth;
                GRANT SELECT ON api.users TO timele_auth; GRANT USAGE ON SEQUENCE users.users_id_seq TO timele_auth'
    after "$statements" >said
    grep -qE '^INFO:  revoked what had been granted to timele_api on .* and [0-9]+ more$' said
    [ "$(wc -l <said)" -eq 2 ]
    before=$(granted)
    [ "$(wc -l <<<"$before")" -eq 25 ] # nine views, fourteen functions, two schemas
    sql "$statements"
    [[ $(granted) != "$before" ]]
    run_load --create-api
    expect_status 0
    [[ $stderr == 'timele-load: the server says: revoked what had been granted to timele_api on '* ]] || unexpected
    expect_equal "$before" "$(granted)"
    load_quietly --create-api
}

@test "what another role lets them reach is named, with its name" {
    expect_said "CREATE ROLE reader; CREATE ROLE \"Reader too\" NOINHERIT; GRANT reader TO \"Reader too\";
                 GRANT \"Reader too\" TO timele_api;
                 GRANT USAGE ON SCHEMA users TO reader; GRANT SELECT ON users.users TO reader" \
        'WARNING:  timele_api can reach the schema users, users.users; unless that is meant, run "REVOKE "Reader too" FROM timele_api"'
    # One role of the API in the other, a superuser, an owner.
    expect_said 'GRANT timele_auth TO timele_api' \
        'WARNING:  timele_api can reach api_auth.find_login(email_address text), the schema api_auth; unless that is meant, run "REVOKE timele_auth FROM timele_api"'
    after 'ALTER ROLE timele_auth SUPERUSER' >said
    grep -qE '^WARNING:  timele_auth can reach .*; unless that is meant, run "ALTER ROLE timele_auth NOSUPERUSER"$' said
    [ "$(wc -l <said)" -eq 2 ]
    expect_said 'ALTER TABLE products.product_enriched OWNER TO timele_api; GRANT USAGE ON SCHEMA products TO PUBLIC' \
        'WARNING:  timele_api and timele_auth can reach the schema products; unless that is meant, run "REVOKE ALL ON SCHEMA products FROM PUBLIC"
WARNING:  timele_api can reach products.product_enriched; unless that is meant, run "ALTER TABLE products.product_enriched OWNER TO CURRENT_USER"'
    if server_is 14; then
        after 'GRANT pg_read_all_data TO timele_auth' >said
        grep -qE '^WARNING:  timele_auth can reach .*; unless that is meant, run "REVOKE pg_read_all_data FROM timele_auth"$' said
    fi
    if server_is 16; then
        # Nothing is inherited, but whoever has timele_api may take the role.
        expect_said "CREATE ROLE reader; GRANT reader TO timele_api WITH INHERIT FALSE, SET TRUE;
                     GRANT USAGE ON SCHEMA users TO reader; GRANT SELECT ON users.users TO reader" \
            'WARNING:  timele_api can reach the schema users, users.users; unless that is meant, run "REVOKE reader FROM timele_api"'
    fi
}

@test "what somebody has added to the schema api and the role may use is named in a note" {
    local note='INFO:  timele_api may use what somebody has added to the schema api: '
    [[ $(after 'CREATE VIEW api.mine AS SELECT 1 AS one') == end ]]
    [[ $(after "CREATE FUNCTION api.theirs(a uuid, b int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW api.mine AS SELECT 1 AS one; GRANT SELECT ON api.mine TO PUBLIC") == \
        "${note}api.mine, api.theirs(a uuid, b integer); unless that is meant, REVOKE it from PUBLIC and from timele_api"$'\n'end ]]
    [[ $(after "CREATE FUNCTION api.theirs(a uuid) RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION api.theirs FROM PUBLIC") == end ]]
    # An overload of one of TimeL-E's: that one has its grants and its comment all the same.
    after "CREATE FUNCTION api.create_cart(owner text) RETURNS text LANGUAGE sql AS 'SELECT owner'" >said
    [[ $(<said) == "${note}api.create_cart(owner text); unless that is meant, REVOKE it from PUBLIC and from timele_api"$'\n'end ]]
}

@test "who does not own the tables is told what the owner could revoke" {
    local owner=owner_of_$PGDATABASE
    maintain "DROP ROLE IF EXISTS $owner" "CREATE ROLE $owner LOGIN" "ALTER DATABASE $PGDATABASE OWNER TO $owner"
    sql "DROP SCHEMA api, api_private, api_auth CASCADE; GRANT USAGE ON SCHEMA users, orders, products, timele_load TO $owner;
         GRANT SELECT ON ALL TABLES IN SCHEMA users, orders, products TO $owner;
         GRANT USAGE ON SCHEMA users TO timele_api; GRANT SELECT ON users.users TO timele_api" 2>/dev/null
    run_load --create-api --dbname "dbname=$PGDATABASE user=$owner"
    expect_status 0
    expect_stderr_line 'timele-load: warning: the server says: timele_api can reach the schema users; unless that is meant, run "REVOKE ALL ON SCHEMA users FROM timele_api"'
    expect_stderr_line 'timele-load: warning: the server says: timele_api can reach users.users; unless that is meant, run "REVOKE ALL ON TABLE users.users FROM timele_api"'
}

#!/usr/bin/env bats
#
# api.sql: how the schema `api` comes into a database, stays up to date there, and goes.

load harness
load small_shop
load api_server

SERVICE=$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql

# expect_no_api: neither of its schemas is there.
expect_no_api() {
    expect_sql "SELECT nspname FROM pg_namespace WHERE nspname ~ '^api'" ''
}

@test "run again it changes nothing and locks nobody out; what differs is put right" {
    local before objects made
    made="SELECT oid, proname FROM pg_proc WHERE pronamespace::regnamespace::text ~ '^api'
          UNION ALL SELECT oid, relname FROM pg_class WHERE relnamespace::regnamespace::text ~ '^api' ORDER BY 1"
    setup_schema
    create_api_server
    PGOPTIONS='-c search_path=orders,users --client-min-messages=warning' \
        psql -XAtq -v ON_ERROR_STOP=1 --file "$API_SQL"
    before=$(definitions)
    objects=$(sql "$made")
    expect_sql "BEGIN; $(<"$API_SQL")
                SELECT DISTINCT relation::regclass, mode FROM pg_locks
                 WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'
                   AND relation IN (SELECT oid FROM pg_class WHERE relnamespace = 'api'::regnamespace);
                COMMIT" ''
    expect_equal "$before" "$(definitions)"
    expect_sql "$made" "$objects"

    # A view gone, one of another shape, one with another query, a function and grants changed.
    sql "DROP VIEW api.carts, api.users CASCADE;
         CREATE VIEW api.users AS SELECT id, hashed_password FROM users.users;
         CREATE OR REPLACE VIEW api.products AS
           SELECT product_id, product_name, NULL::varchar AS aisle, NULL::varchar AS department,
                  NULL::text AS description, NULL::numeric(10,2) AS price, NULL::text AS image_url,
                  NULL::integer AS aisle_id, NULL::integer AS department_id
             FROM products.products;
         CREATE OR REPLACE FUNCTION api.delete_user(external_user_id uuid) RETURNS void LANGUAGE sql AS 'SELECT';
         GRANT ALL ON api.orders, api.order_items TO timele_api, PUBLIC;
         GRANT ALL ON SCHEMA api, api_private TO timele_api;
         GRANT EXECUTE ON FUNCTION api.checkout TO PUBLIC;
         REVOKE EXECUTE ON FUNCTION api.checkout FROM timele_api" 2>/dev/null
    [[ $(definitions) != "$before" ]]
    load_quietly --create-api
    expect_equal "$before" "$(definitions)"
}

@test "what somebody added to the schema api stays, and is not given to the role" {
    setup_schema
    setup_api
    create_api_server
    sql "CREATE VIEW api.mine AS SELECT id FROM users.users"
    load_quietly --create-api
    run ! api 'SELECT * FROM api.mine'
    expect_sql 'SELECT * FROM api.mine' ''
}

@test "a schema api of somebody else stays as it is: an error, and nothing is loaded" {
    local before
    setup_schema
    sql 'CREATE SCHEMA api; CREATE TABLE api.users AS SELECT 1 AS theirs'
    write_history
    before=$(snapshot)
    run_load --create-api users.csv orders.csv items.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_line "timele-load: error: cannot create the API: there is a schema \"api\" already that is not TimeL-E's"
    expect_stderr_line 'timele-load: hint: Rename it, or drop it if nobody needs it. If it is TimeL-E'\''s and its comment was changed: COMMENT ON SCHEMA api IS '\''TimeL-E: API'\''.'
    expect_unchanged "$before"

    # Without the option it is in nobody's way.
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql "SELECT to_regnamespace('api_private') IS NULL, (SELECT count(*) FROM orders.order_items)" 't|5'
    load_quietly --reset
    expect_sql 'SELECT * FROM api.users' 1

    # The other two schemas may be somebody else's as well, with whatever in them.
    sql 'ALTER SCHEMA api RENAME TO theirs; CREATE SCHEMA api_auth; CREATE TYPE api_auth.theirs AS ENUM ()'
    run_load --create-schema --create-api
    expect_status 3
    expect_stderr_line "timele-load: error: cannot create the API: there is a schema \"api_auth\" already that is not TimeL-E's"
    sql "DROP SCHEMA api_auth CASCADE; CREATE SCHEMA api_private;
         CREATE FUNCTION api_private.theirs() RETURNS void LANGUAGE sql AS ''" 2>/dev/null
    run_load --create-schema --create-api
    expect_status 3
    expect_stderr_line "timele-load: error: cannot create the API: there is a schema \"api_private\" already that is not TimeL-E's"
    sql 'DROP SCHEMA api_private CASCADE; ALTER SCHEMA theirs RENAME TO api' 2>/dev/null

    # An empty one is taken.
    sql 'DROP TABLE api.users'
    load_quietly --create-schema --create-api
    expect_sql 'SELECT count(*) FROM api.users' 0
    load_quietly --reset
    expect_no_api
}

@test "a database that lacks a column can be loaded, but gets no API" {
    local before
    setup_schema
    sql 'ALTER TABLE orders.orders DROP COLUMN invoice'
    printf 'product_id,product_name,aisle_id,department_id\n' >products.csv
    before=$(snapshot)
    run_load --create-schema --create-api products.csv
    expect_status 3
    [[ $stderr == 'timele-load: error: cannot create the API: column o.invoice does not exist
timele-load: hint: --create-schema adds the columns that older databases lack; any other must be added by hand, as in schema.sql.' ]] ||
        unexpected
    expect_unchanged "$before"
    load_quietly --create-schema products.csv
}

@test "in a database that TimeL-E's service made" {
    local user order cart
    psql -Xq -v ON_ERROR_STOP=1 --file "$SERVICE"
    create_api_server
    load_quietly --create-schema --create-api
    user=$(api "SELECT external_user_id FROM api.users WHERE email_address = 'ada@example.org'")
    order=$(api "SELECT external_order_id
                   FROM api.create_order('$user', '[{\"product_id\": 1, \"quantity\": 2}, {\"product_id\": 2}]')")
    expect_api "SELECT order_number, total_items, total_price, status, delivery_name
                  FROM api.orders WHERE external_order_id = '$order'" '2|2|0.5|pending|Ada Adams'
    expect_api "SELECT product_id, reordered FROM api.order_items WHERE external_order_id = '$order'" $'1|1\n2|1'
    cart=$(api "SELECT external_cart_id FROM api.carts")
    user=$(api "SELECT external_user_id FROM api.carts")
    api "SELECT api.set_cart_item('$user', '$cart', 1); SELECT api.checkout('$user', '$cart')"
    expect_api "SELECT sum(total_price) FROM api.orders WHERE external_user_id = '$user' AND order_number = 2" 0.25
    # Its unique index, its columns that must have a value, and its trigger that always fails.
    refused TE012 "the e-mail address is another user's" \
        "SELECT api.create_user('bob@example.org', 'hash', 'Bob', 'Baker')"
    refused TE010 'hashed_password is missing' "SELECT api.create_user('x@example.org', NULL, 'X', 'Y')"
    refused TE011 'days_between_order_notifications is not valid' \
        "SELECT api.update_user('$user', '{\"days_between_order_notifications\": 0}')"
    refused TE999 'the database cannot do this' "SELECT api.set_order_status('$order', 'shipped')"
    expect_refusals
    sql 'DROP TRIGGER trg_status ON orders.orders'
    load_quietly --create-schema
    api "SELECT api.create_user('x@example.org', 'hash', 'X', 'Y'); SELECT api.set_order_status('$order', 'shipped')"
    expect_api "SELECT old_status, new_status FROM api.order_status_history
                 WHERE external_order_id = '$order' ORDER BY changed_at" $'|pending\npending|shipped'
    # The service's sequences start at 1: what the functions made must not belong to files.
    expect_sql "SELECT (SELECT id >= 400000 FROM users.users WHERE email_address = 'x@example.org'),
                       (SELECT id FROM orders.orders WHERE external_order_id = '$order')" 't|3422000'
}

# The server of the other tests has the roles already.
@test "on a server without the roles: they are made, once, or a note says how" {
    cat >other_server <<'END'
set -e
psql -XAtqc 'CREATE ROLE ordinary LOGIN; CREATE ROLE maker LOGIN CREATEROLE'
for name in ordinary maker one two; do
    psql -XAtqc "CREATE DATABASE $name"
done
psql -XAtqc 'ALTER DATABASE ordinary OWNER TO ordinary; ALTER DATABASE maker OWNER TO maker'
sql() { psql -XAtq -v ON_ERROR_STOP=1 "$@"; }

# One of the two is missing.
sql -c 'CREATE ROLE timele_api NOLOGIN'
"$TIMELE_LOAD" --create-schema --create-api --dbname "dbname=ordinary user=ordinary" 2>note_of_one >/dev/null
sql -d ordinary -c 'DROP OWNED BY timele_api; DROP ROLE timele_api'

# All the rest is made. --quiet keeps no warning back.
"$TIMELE_LOAD" --create-schema --create-api --dbname "dbname=ordinary user=ordinary" 2>note >/dev/null
"$TIMELE_LOAD" -q --create-schema --create-api --dbname "dbname=ordinary user=ordinary" 2>quiet_note

# Another run is making it: this one waits, and takes what that one has made.
mkfifo commands
sql <commands 3>&- &
exec 7>commands
echo 'BEGIN; CREATE ROLE timele_api NOLOGIN;' >&7
until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")" = 1 ]; do sleep 0.02; done
"$TIMELE_LOAD" -q --create-schema --create-api --dbname one 2>one 7>&- &
until [ "$(sql -c "SELECT count(*) FROM pg_stat_activity WHERE datname = 'one' AND wait_event_type = 'Lock'")" = 1 ]; do sleep 0.02; done
echo 'COMMIT;' >&7
exec 7>&-
wait
sql -d one -c "SELECT has_schema_privilege('timele_api', 'api', 'USAGE'), rolcanlogin FROM pg_roles WHERE rolname = 'timele_api'" >made

# A second database of the server, and one who may create roles.
"$TIMELE_LOAD" -q --create-schema --create-api --dbname two 2>two
sql -d two -c 'DROP OWNED BY timele_api'
sql -d one -c 'DROP OWNED BY timele_api; DROP ROLE timele_api'
"$TIMELE_LOAD" -q --create-schema --create-api --dbname "dbname=maker user=maker" 2>maker
sql -d maker -c "SELECT has_table_privilege('timele_api', 'api.users', 'SELECT')" >>made
"$TIMELE_LOAD" -q --create-schema --create-api --dbname "dbname=ordinary user=ordinary" 2>quiet
sql -d ordinary -c "SELECT has_table_privilege('timele_api', 'api.users', 'SELECT')" >>made
"$TIMELE_LOAD" -q --reset --dbname "dbname=maker user=maker" 2>>maker
sql -d maker -c "SELECT count(*) FROM pg_roles WHERE rolname IN ('timele_api', 'timele_auth')" >>made
cat quiet one two maker
END
    run --separate-stderr "$PROJECT_ROOT/scripts/with-postgres" --memory bash other_server
    expect_status 0
    expect_silence
    expect_stdout ''
    [[ $(<note) == 'timele-load: warning: the server says: the API lacks the roles timele_api and timele_auth, which ordinary may not create; let someone else run "CREATE ROLE timele_api NOLOGIN; CREATE ROLE timele_auth NOLOGIN", then create the API again' ]]
    expect_equal "$(<note)" "$(<quiet_note)"
    [[ $(<note_of_one) == 'timele-load: warning: the server says: the API lacks the role timele_auth, which ordinary may not create; let someone else run "CREATE ROLE timele_auth NOLOGIN", then create the API again' ]]
    expect_equal $'t|f\nt\nt\n2' "$(<made)"
}

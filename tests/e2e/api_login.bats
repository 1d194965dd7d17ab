#!/usr/bin/env bats
#
# What checks passwords reaches by the schema `api_auth`, and who does not.

load harness
load small_shop
load api_server

setup_file() {
    start_file
    setup_schema
    setup_api
    create_api_server
    create_login_server
    api "SELECT FROM api.create_user('ada@example.net', 'hash of ada', 'Ada');
         SELECT FROM api.create_user('nohash@example.net')"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# login QUERY: by a login that has the role timele_auth and nothing else.
login() {
    PGUSER=$login_server sql "$@"
}

expect_login() {
    PGUSER=$login_server expect_sql "$@"
}

@test "find_login gives the external id and the hash for an e-mail address, and nothing else" {
    expect_login "SELECT hashed_password FROM api_auth.find_login('ada@example.net')" 'hash of ada'
    expect_sql "SELECT l.* = (u.external_user_id, u.hashed_password::text)
                  FROM users.users u, api_auth.find_login('ada@example.net') l
                 WHERE u.email_address = 'ada@example.net'" t
    # No user, no address, and one who has no password.
    expect_login "SELECT * FROM api_auth.find_login('nobody@example.net')" ''
    expect_login "SELECT * FROM api_auth.find_login(NULL)" ''
    expect_login "SELECT * FROM api_auth.find_login(repeat('x', 1000000))" ''
    expect_login "SELECT * FROM api_auth.find_login('ADA@example.net'' OR true --')" ''
    expect_login "SELECT external_user_id IS NOT NULL, hashed_password IS NULL
                    FROM api_auth.find_login('nohash@example.net')" 't|t'
    expect_login "SELECT * FROM api_auth.find_login('ada@example.net') WHERE hashed_password = 'hash'" ''
}

@test "the example of docs/api.md gives what the document shows" {
    api "SELECT api.set_password_hash(external_user_id, '\$argon2id\$v=19\$...') FROM api.create_user('mara@example.org')"
    diff <(document_block 'text login' | sed -E "s/$V4/ID/") \
        <(PGUSER=$login_server psql -Xq --command "$(document_block 'sql login')" |
            sed -E "s/$V4/ID/; s/ +\$//; /^\$/d")
}

@test "the role timele_auth reaches find_login and nothing else" {
    # Up to PostgreSQL 14 every role may create in the schema public, as the manual says.
    server_is 15 || sql 'REVOKE CREATE ON SCHEMA public FROM PUBLIC'
    expect_login "SELECT nspname, has_schema_privilege(oid, 'CREATE') FROM pg_namespace
                   WHERE has_schema_privilege(oid, 'USAGE') AND nspname !~ '^pg_|^information_schema$'
                   ORDER BY 1" $'api_auth|f\npublic|f'
    expect_login "SELECT oid::regclass FROM pg_class
                   WHERE relnamespace::regnamespace::text !~ '^(pg_catalog|pg_toast|information_schema)$'
                     AND CASE relkind
                       WHEN 'S' THEN has_sequence_privilege(oid, 'USAGE, SELECT, UPDATE')
                       ELSE has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                         OR has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                     END" ''
    expect_sql "SELECT oid::regprocedure, has_function_privilege('$login_server', oid, 'EXECUTE'),
                       has_function_privilege('public', oid, 'EXECUTE'),
                       has_function_privilege('$api_server', oid, 'EXECUTE'), prosecdef, proconfig
                  FROM pg_proc WHERE pronamespace = 'api_auth'::regnamespace
                    OR pronamespace IN ('api'::regnamespace, 'api_private'::regnamespace)
                       AND has_function_privilege('$login_server', oid, 'EXECUTE')" \
        'api_auth.find_login(text)|t|f|f|t|{"search_path=pg_catalog, pg_temp",client_min_messages=error}'
    PGUSER=$login_server psql -XAtq >told 2>&1 <<'SQL' || true
SELECT * FROM api.users;
SELECT * FROM users.users;
SELECT api.create_user('x@example.net');
SELECT * FROM api_private.kept_comments;
SQL
    diff <(printf 'ERROR:  permission denied for schema %s\n' api users api api_private) \
        <(grep '^ERROR' told)
}

@test "the role timele_api does not reach the hash of a password" {
    refused 42501 'permission denied for schema api_auth' "SELECT * FROM api_auth.find_login('ada@example.net')"
    expect_refusals
}

@test "what goes wrong in find_login shows no value" {
    sql "ALTER TABLE users.users RENAME COLUMN hashed_password TO hidden"
    PGUSER=$login_server psql -XAtq -v VERBOSITY=verbose -v SHOW_CONTEXT=never \
        --command "SELECT * FROM api_auth.find_login('ada@example.net')" >told 2>&1 || true
    sql "ALTER TABLE users.users RENAME COLUMN hidden TO hashed_password"
    [[ $(grep -v '^LOCATION' told) == 'ERROR:  TE999: the database cannot do this' ]]
}

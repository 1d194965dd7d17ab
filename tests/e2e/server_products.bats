#!/usr/bin/env bats
#
# Servers that speak PostgreSQL's protocol and cannot keep what the program promises: refused before
# anything is asked of them. tests/unit/test_server_product.c has the products; here a proxy makes the
# server say that it is one of them.

load harness
load concurrency
load proxy

SERVER=$PGHOST

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
}

teardown() {
    stop_proxy
    export PGHOST=$SERVER
}

# expect_refused ARGUMENT...: by whatever runs.
expect_refused() {
    run_load --dbname "host=$proxy" "$@"
    expect_status 3
    expect_stdout ''
    expect_stderr_line "timele-load: error: $PGDATABASE on $proxy is CockroachDB, which does not undo changes of the schema when a transaction fails"
    expect_stderr_line 'timele-load: hint: Use PostgreSQL 13 or later.'
    ((${#stderr_lines[@]} == 2)) || unexpected 'more is said'
}

@test "another product is refused, whatever is to be done there" {
    start_proxy cockroachdb
    expect_refused users.csv
    expect_refused --dry-run --mode=replace users.csv
    expect_refused --create-schema --create-api
    expect_refused --verify
    expect_refused --wait=60 users.csv
    expect_sql 'SELECT (SELECT count(*) FROM users.users) + (SELECT count(*) FROM timele_load.runs)' 0

    run_load --dbname "host=$proxy" --check users.csv
    expect_status 0
}

@test "a function version() of the user's own says nothing of the server" {
    sql "CREATE SCHEMA impostor;
         CREATE FUNCTION impostor.version() RETURNS text LANGUAGE sql
             AS \$\$SELECT 'CockroachDB CCL v23.2.5 (x86_64-pc-linux-gnu)'\$\$;" >/dev/null
    PGOPTIONS='-c search_path=impostor,pg_catalog' run_load users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 1
}

# Sourced by every file of tests with `load harness`. Run them inside a server of their own:
#
#     scripts/with-postgres bats tests/e2e
#
# Each test starts in an empty directory ($BATS_TEST_TMPDIR) with an empty database (PGDATABASE), or
# with a copy of the one that the file's setup_file fills after start_file. A file that needs a setup
# or teardown of its own calls start_test or end_test from there.
#
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

# The tests write letters beyond ASCII and match them; cron and CI may set no locale at all.
export LC_ALL=C.UTF-8
# What is printed goes into pipes, which have no width, and no colour unless a test says so.
unset COLUMNS NO_COLOR

# bats reads this file once for each test: what it can do without another process saves seconds.
PROJECT_ROOT=${BATS_TEST_DIRNAME%/tests/e2e}
TIMELE_LOAD=${TIMELE_LOAD:-$PROJECT_ROOT/build/timele-load}
[[ $TIMELE_LOAD == /* ]] || TIMELE_LOAD=$PWD/$TIMELE_LOAD
FILE_NAME=${BATS_TEST_FILENAME##*/}
FILE_NAME=${FILE_NAME%.bats}
# The parts in api/, joined by make.
API_SQL=${TIMELE_LOAD%/*}/api.sql
export PROJECT_ROOT TIMELE_LOAD API_SQL

# A test drops the databases of those before it in its file.
export BATS_NO_PARALLELIZE_WITHIN_FILE=true

setup() {
    start_test
}

# For setup_file: makes the database that each test of the file starts with a copy of.
start_file() {
    export FILE_DATABASE=$FILE_NAME PGDATABASE=$FILE_NAME
    make_database "$FILE_DATABASE" template0
}

start_test() {
    cd "$BATS_TEST_TMPDIR" || return 1
    test_database=${FILE_NAME}_$BATS_TEST_NUMBER
    export PGDATABASE=$test_database
    make_database "$test_database" "${FILE_DATABASE:-template0}"
}

# For a test that needs an empty database where its file's setup_file fills one.
start_empty_test() {
    FILE_DATABASE='' start_test
}

# Drops nothing but what start_test made, whatever PGDATABASE says now. Only a test that must see
# its database gone needs it: the next test of the file drops it, and the last one's goes with the
# server.
end_test() {
    if [[ -n ${test_database:-} ]]; then
        maintain "DROP DATABASE IF EXISTS \"$test_database\" WITH (FORCE)"
    fi
}

# Runs each STATEMENT by itself, outside the test's database.
maintain() {
    local statement arguments=()
    for statement; do
        arguments+=(--command "$statement")
    done
    PGOPTIONS='--client-min-messages=warning' \
        psql -XAtq -v ON_ERROR_STOP=1 --dbname postgres "${arguments[@]}"
}

# make_database NAME TEMPLATE: in the place of NAME and of what the tests of this file left. Files are
# copied as they are where the server can be asked to: that takes a third of the time that a copy
# through the WAL takes, what its checkpoints take included. All databases share the roles of the API:
# made by a test's run, they would keep other files' runs waiting until that one ends.
make_database() {
    if [[ -z ${WITH_POSTGRES_DIRECTORY:-} || ${PGHOST:-} != "$WITH_POSTGRES_DIRECTORY" ]]; then
        echo 'these tests make and drop databases: run them by scripts/with-postgres' >&2
        return 1
    fi
    PGOPTIONS='--client-min-messages=warning' psql -XAtq -v ON_ERROR_STOP=1 --dbname postgres \
        -v name="$1" -v template="$2" \
        -v left="^($1|${FILE_NAME}_[0-9]+)\$" <<'SQL'
SELECT format('DO $$BEGIN CREATE ROLE %1$I NOLOGIN;
                 EXCEPTION WHEN duplicate_object OR unique_violation THEN END$$', name)
  FROM unnest('{timele_api,timele_auth}'::text[]) name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database WHERE datname ~ :'left'
\gexec
SELECT format('CREATE DATABASE %I TEMPLATE %I', :'name', :'template') ||
       CASE WHEN current_setting('server_version_num')::integer >= 150000
            THEN ' STRATEGY file_copy' ELSE '' END
\gexec
SQL
}

# Puts the schema of schema.sql into the test's database.
setup_schema() {
    run_schema_file "$PROJECT_ROOT/schema.sql"
}

# Puts the API of api.sql on top of it.
setup_api() {
    run_schema_file "$API_SQL"
}

run_schema_file() {
    PGOPTIONS='--client-min-messages=warning' psql -XAtq -v ON_ERROR_STOP=1 \
        --single-transaction --file "$1"
}

# sql QUERY [PSQL-ARGUMENT...]: prints the rows, columns separated by |. Without QUERY: from stdin.
sql() {
    if (($# > 0)); then
        psql -XAtq -v ON_ERROR_STOP=1 --command "$@"
    else
        psql -XAtq -v ON_ERROR_STOP=1
    fi
}

# server_is MAJOR: or a newer one.
server_is() {
    (($(PGDATABASE=postgres sql 'SHOW server_version_num') >= $1 * 10000))
}

# needs_server MAJOR: an older server has not what the test is about. In setup before start_test it
# saves a database that no test uses.
needs_server() {
    server_is "$1" || skip "needs PostgreSQL $1"
}

# write_csv NAME: a file in the test's directory, from standard input.
write_csv() {
    cat >"$BATS_TEST_TMPDIR/$1"
}

# run_load ARGUMENT...: runs the program; sets $status, $output (standard output), $lines, $stderr
# and $stderr_lines. A run that hangs ends with status 124.
run_load() {
    run_program "$TIMELE_LOAD" "$@"
}

# run_program PROGRAM [ARGUMENT...]: as `run --separate-stderr` does, in half the processes.
# shellcheck disable=SC2034 # they are set as `run` sets them
run_program() {
    local stderr_file=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}.stderr
    status=0
    output=$(exec timeout --kill-after=5 120 "$@" 2>"$stderr_file") || status=$?
    read -r -d '' stderr <"$stderr_file" || true
    IFS=$'\n' read -r -d '' -a lines <<<"$output" || true
    IFS=$'\n' read -r -d '' -a stderr_lines <<<"$stderr" || true
}

# Root may read anything.
run_load_as_ordinary_user() {
    local program=("$TIMELE_LOAD")
    if ((EUID == 0)); then
        install -m 755 "$TIMELE_LOAD" ./timele-load
        chmod 755 .
        program=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups -- ./timele-load)
    fi
    run_program "${program[@]}" "$@"
}

show_run() {
    printf -- '%s\n' "exit status $status" '-- standard output --' "$output" \
        '-- standard error --' "$stderr" '--' >&2
}

# unexpected MESSAGE...: what every failed expectation about a run prints.
unexpected() {
    printf '%s\n' "$@" >&2
    show_run
    return 1
}

expect_status() {
    ((status == $1)) || unexpected "expected exit status: $1"
}

expect_stdout() {
    [[ $output == "$1" ]] || unexpected "expected standard output: $1"
}

expect_stdout_contains() {
    [[ $output == *"$1"* ]] || unexpected "expected in standard output: $1"
}

# expect_stdout_line TEXT: one whole line is TEXT.
expect_stdout_line() {
    [[ $'\n'$output$'\n' == *$'\n'"$1"$'\n'* ]] ||
        unexpected "expected as a line of standard output: $1"
}

expect_stderr_contains() {
    [[ $stderr == *"$1"* ]] || unexpected "expected in standard error: $1"
}

# expect_stderr_line TEXT: one whole line is TEXT.
expect_stderr_line() {
    [[ $'\n'$stderr$'\n' == *$'\n'"$1"$'\n'* ]] ||
        unexpected "expected as a line of standard error: $1"
}

# expect_nowhere TEXT: in neither stream.
expect_nowhere() {
    [[ $output != *"$1"* && $stderr != *"$1"* ]] || unexpected "expected nowhere: $1"
}

# expect_silence: nothing on standard error.
expect_silence() {
    [[ -z $stderr ]] || unexpected 'expected nothing on standard error'
}

# expect_sql QUERY ROWS: the query gives exactly these rows, a line each.
expect_sql() {
    local rows
    rows=$(exec psql -XAtq -v ON_ERROR_STOP=1 --command "$1")
    [[ $rows == "$2" ]] || {
        printf '%s\n' "query: $1" '-- expected --' "$2" '-- got --' "$rows" '--' >&2
        return 1
    }
}

# definitions: the schema as pg_dump writes it, or as the catalog has it where the server is newer than
# pg_dump. Equal text means equal columns, constraints, indexes, triggers, comments and privileges.
definitions() (
    set -o pipefail
    if pg_dump_reads_server; then
        pg_dump --schema-only | sed -E '/^\\(un)?restrict /d'
    else
        catalog_definitions
    fi
)

catalog_definitions() {
    psql -XAtq -v ON_ERROR_STOP=1 --file "$PROJECT_ROOT/tests/e2e/fixtures/definitions.sql"
}

pg_dump_reads_server() {
    local version
    read -r _ _ version _ < <(pg_dump --version)
    ! server_is $((${version%%[!0-9]*} + 1))
}

# Every row of every table, and every sequence. The rows of the ledger (timele_load) are left out: a
# run that fails leaves one there on purpose.
IFS= read -r -d '' CONTENTS <<'SQL' || true
SET timezone TO 'UTC';
SELECT format('SELECT %L, t FROM %s t ORDER BY t::text COLLATE "C"', c.oid::regclass, c.oid::regclass)
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|timele_load)'
 ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SELECT format('SELECT %L, last_value, is_called FROM %s', c.oid::regclass, c.oid::regclass)
  FROM pg_class c
 WHERE c.relkind = 'S' AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|timele_load)'
 ORDER BY c.oid::regclass::text COLLATE "C" \gexec
SQL

# All definitions as the catalog has them, without the estimates that the server keeps beside them.
IFS= read -r -d '' CATALOG <<'SQL' || true
SELECT 'pg_namespace', t FROM pg_namespace t WHERE nspname !~ '^pg_(toast_)?temp' ORDER BY oid;
SELECT 'pg_class', oid::regclass, to_jsonb(t)
           - '{relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,relminmxid}'::text[]
  FROM pg_class t WHERE oid >= 16384 ORDER BY oid;
SELECT format('SELECT %L, t FROM %1$s t WHERE %s >= 16384 ORDER BY t::text', catalog, key)
  FROM (VALUES ('pg_attribute', 'attrelid'), ('pg_attrdef', 'oid'), ('pg_constraint', 'oid'),
               ('pg_index', 'indexrelid'), ('pg_trigger', 'oid'), ('pg_sequence', 'seqrelid'),
               ('pg_type', 'oid'), ('pg_enum', 'oid'), ('pg_proc', 'oid'), ('pg_rewrite', 'oid'),
               ('pg_policy', 'oid'), ('pg_inherits', 'inhrelid'), ('pg_statistic_ext', 'oid'),
               ('pg_publication', 'oid'), ('pg_publication_rel', 'oid'), ('pg_extension', 'oid'),
               ('pg_default_acl', 'oid'), ('pg_description', 'objoid'), ('pg_depend', 'objid'))
       AS catalogs (catalog, key) \gexec
SQL

contents() {
    sql <<<"$CONTENTS"
}

# Everything a run could change in the database. Equal text means nothing changed: an index that was
# dropped and made again has another oid. (pg_dump would take much longer.)
snapshot() {
    sql <<<"$CONTENTS"$'\n'"$CATALOG"
}

# expect_unchanged BEFORE: the database is as it was when BEFORE=$(snapshot) was taken.
expect_unchanged() {
    local now changes
    now=$(snapshot) || return 1
    changes=$(diff <(printf '%s\n' "$1") <(printf '%s\n' "$now")) || {
        printf 'expected an unchanged database; < before, > now:\n%s\n' "$changes" |
            head -n 40 >&2
        return 1
    }
}

# Sourced after harness by tests of the schema `api`: a login that has the role timele_api and
# nothing else, as an API server would.
#
# shellcheck shell=bash

# shellcheck disable=SC2034 # used by the tests
V4='[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

API_DOCUMENT=$PROJECT_ROOT/docs/api.md

# document_block INFO: the fenced block of docs/api.md that is marked so.
document_block() {
    awk -v info="$1" '/^```/ { inside = !inside && substr($0, 4) == info; next } inside' "$API_DOCUMENT"
}

# The login and the data that docs/api.md begins with.
create_api_server() {
    local statements
    export api_server=server_of_$PGDATABASE
    mapfile -t statements < <(document_block 'sql setup' | sed "s/shop_server/$api_server/")
    maintain "DROP ROLE IF EXISTS $api_server" "${statements[@]}"
}

# The login that docs/api.md has for what checks passwords.
create_login_server() {
    local statements
    export login_server=login_of_$PGDATABASE
    mapfile -t statements < <(document_block 'sql login setup' | sed "s/shop_login/$login_server/")
    maintain "DROP ROLE IF EXISTS $login_server" "${statements[@]}"
}

load_sample() (
    cd "$PROJECT_ROOT" && PATH=$(dirname "$TIMELE_LOAD"):$PATH &&
        eval "$(document_block 'sh setup')" >/dev/null
)

# api QUERY [PSQL-ARGUMENT...], or api <FILE: like sql, by the API server.
api() {
    PGUSER=$api_server sql "$@"
}

# expect_api QUERY ROWS
expect_api() {
    PGUSER=$api_server expect_sql "$@"
}

# refused STATE MESSAGE QUERY: one of the queries that expect_refusals will try.
refused() {
    printf 'ERROR:  %s: %s\n' "$1" "$2" >>refusals.expected
    printf '%s;\n' "$3" >>refusals.sql
}

# Each refused query ends with that state and message, and with nothing beside them but a CONTEXT,
# which holds no value; all in one session of the API server.
expect_refusals() {
    PGUSER=$api_server psql -XAtq -v VERBOSITY=verbose -v SHOW_CONTEXT=always <refusals.sql 2>&1 |
        sed 's/^psql:<stdin>:[0-9]*: //; /^LINE /d; /^ *^$/d; /^LOCATION: /d' >refusals.got
    diff refusals.expected <(grep -E '^ERROR: ' refusals.got)
    # What else there is: where in which function, and in which statement, as api.sql has it.
    if grep -vE '^(ERROR:  .*|(CONTEXT:  )?PL/pgSQL function [a-z_.]+\([a-z_.,]*\) line [0-9]+ at [A-Z]+|SQL statement "SELECT api_private.refuse(_user)?\([a-z, ]*\)")$' \
        < <(sed 's/SQLSTATE, SQLERRM/state, message/' refusals.got); then
        return 1
    fi
    rm refusals.expected refusals.sql
}

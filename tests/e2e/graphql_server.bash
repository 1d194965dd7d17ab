# Sourced after api_server by tests of PostGraphile, an API server made by others, on the sample.
# scripts/fetch-postgraphile brings it to build/postgraphile; POSTGRAPHILE is another such directory.
#
# shellcheck shell=bash

POSTGRAPHILE=${POSTGRAPHILE:-$PROJECT_ROOT/build/postgraphile}

has_postgraphile() {
    [[ -x $POSTGRAPHILE/node_modules/.bin/postgraphile ]]
}

# server_command: the one of docs/api.md, for the test's login and database. What npx would fetch is
# there; it listens on a free port.
server_command() {
    document_block 'sh server' | sed \
        -e "s|npx postgraphile@5|postgraphile --port 0|" \
        -e "s|postgres://shop_server@localhost/shop|'postgres://$api_server@localhost/$PGDATABASE?host=$PGHOST'|"
}

# start_graphql LOG COMMAND: sets graphql_url once it answers. The process is that of the test, or of
# the file, which starts it and has to stop it.
start_graphql() {
    local deadline=$((SECONDS + 300))
    bash -c "exec $2" >"$1" 2>&1 3>&- </dev/null &
    graphql_process=$!
    export graphql_url=''
    until [[ -n $graphql_url ]]; do
        if ! kill -0 "$graphql_process" || ((SECONDS > deadline)); then
            cat "$1" >&2
            return 1
        fi
        sleep 0.05
        graphql_url=$(sed -nE 's|^Server listening on port [0-9]+ at (http:.*)$|\1|p' "$1")
    done
}

stop_graphql() {
    if [[ -n ${graphql_process:-} ]]; then
        kill "$graphql_process" 2>/dev/null || true
        wait "$graphql_process" || true
        graphql_process=''
    fi
}

# graphql <QUERY: prints the answer.
graphql() {
    node "$BATS_TEST_DIRNAME/fixtures/graphql.mjs" "$graphql_url"
}

# ask FILTER QUERY: what jq takes from the answer, which has to be without errors.
ask() {
    local answer
    answer=$(graphql <<<"$2") || return 1
    if jq --exit-status 'has("errors")' <<<"$answer" >/dev/null; then
        printf 'query: %s\n%s\n' "$2" "$answer" >&2
        return 1
    fi
    jq --raw-output --compact-output ".data | $1" <<<"$answer"
}

# expect_answer FILTER QUERY ROWS
expect_answer() {
    local rows
    rows=$(ask "$1" "$2") || return 1
    [[ $rows == "$3" ]] || {
        printf '%s\n' "query: $2" '-- expected --' "$3" '-- got --' "$rows" '--' >&2
        return 1
    }
}

# expect_refused STATE MESSAGE QUERY: what the client sees of an error.
expect_refused() {
    local errors
    errors=$(graphql <<<"$3" | jq --raw-output '.errors[] | "\(.extensions.code): \(.message)"')
    [[ $errors == "$1: $2" ]] || {
        printf '%s\n' "query: $3" "expected: $1: $2" "got: $errors" >&2
        return 1
    }
}

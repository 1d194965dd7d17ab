# Sourced by `load own_server`, after `load harness` and `load concurrency`: servers beside the one of
# all tests, whose settings a file of tests may change.
#
# A file that calls `start_own_server` from setup_file calls `use_own_server` first in each setup, and
# `stop_own_server` from teardown_file.
#
# shellcheck shell=bash

# start_own_server OPTION... [COMMAND...]: of with-postgres; COMMAND runs what it gets as arguments. The
# server of PGHOST and its relatives from here on, and what COMMAND exports as CITUS_*.
start_own_server() {
    local ready=$BATS_FILE_TMPDIR/own_server
    # shellcheck disable=SC2016 # the inner shell expands it
    "$PROJECT_ROOT/scripts/with-postgres" --memory "$@" bash -c '
            compgen -e | grep -E "^(PG|WITH_POSTGRES_|CITUS_)" | while read -r name; do
                printf "export %s=%q\n" "$name" "${!name}"
            done >"$1.part" && mv "$1.part" "$1" && exec sleep 3600' name "$ready" 3>&- &
    own_server=$!
    echo "$own_server" >"$ready.process"
    eventually own_server_is_settled
    [[ -e $ready ]] && use_own_server
}

own_server_is_settled() {
    [[ -e $BATS_FILE_TMPDIR/own_server ]] || ended "$own_server"
}

use_own_server() {
    # shellcheck disable=SC1091 # start_own_server makes it
    . "$BATS_FILE_TMPDIR/own_server"
}

# Nothing where none was started.
stop_own_server() {
    local process
    [[ -e $BATS_FILE_TMPDIR/own_server.process ]] || return 0
    process=$(<"$BATS_FILE_TMPDIR/own_server.process")
    kill -TERM "$process" && eventually ended "$process"
}

# In the directory of the server of PGHOST, as its user: root may start no server.
as_server_user() {
    local owner=() name
    if ((EUID == 0)); then
        name=$(stat --format %U "$PGHOST/data")
        owner=(setpriv --reuid "$name" --regid "$(id -g "$name")" --init-groups --)
    fi
    (cd "$PGHOST" && "${owner[@]}" "$@" 3>&-)
}

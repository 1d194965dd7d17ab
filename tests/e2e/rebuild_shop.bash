# Sourced after small_shop by tests of --rebuild: the small shop's files without the columns that are
# ignored.
#
# shellcheck shell=bash

# The oldest major version of which a file's tests make sense; the file may name another one.
NEEDED_SERVER=13

setup_file() {
    server_is "$NEEDED_SERVER" || return 0
    start_file
    setup_schema
}

setup() {
    needs_server "$NEEDED_SERVER"
    start_shop
}

start_shop() {
    start_test
    write_history
    write_catalogue
    # Without the columns that are ignored, which every run would name.
    cut -d, -f1-3,5- users.csv >known.csv && mv known.csv users.csv
    cut -d, -f1-2,4- orders.csv >known.csv && mv known.csv orders.csv
}

# shellcheck disable=SC2034 # used by the tests
FILES=({users,orders,items,products,aisles,departments}.csv)

# expect_obstacle WHY [USER]: the users cannot be rebuilt, and all stays as it is.
expect_obstacle() {
    local before
    before=$(snapshot)
    PGUSER=${2:-$PGUSER} run_load --rebuild=always users.csv
    expect_status 3
    expect_equal "timele-load: error: indexes and constraints cannot be rebuilt: $1
timele-load: hint: --rebuild=auto loads such a table in place." "$stderr"
    expect_unchanged "$before"
}

# expect_in_place WHY: so the users are loaded in place.
expect_in_place() {
    run_load users.csv
    expect_status 0
    expect_equal "timele-load: indexes and constraints stay in place during the load: $1" "$stderr"
}

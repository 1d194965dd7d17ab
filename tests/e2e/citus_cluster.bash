# Sourced by `load citus_cluster`, after `load harness`, `load concurrency` and `load own_server`: a
# coordinator and two workers of Citus. Where the server has no Citus, the file's tests are skipped.
#
# The file may define setup_file, setup and teardown itself, and calls start_cluster, start_cluster_test
# and end_cluster_test then. PGHOST is the coordinator; CITUS_WORKER_1 and CITUS_WORKER_2 are what PGHOST
# would be for the workers, PLAIN is what it is for the server of all tests.
#
# shellcheck shell=bash

# What setup_file exports, each test finds at its start.
export PLAIN=${PLAIN:-$PGHOST}

setup_file() {
    start_cluster
}

teardown_file() {
    stop_own_server
}

setup() {
    start_cluster_test
}

teardown() {
    end_cluster_test
}

# start_cluster OPTION...: of with-postgres, for each of the three servers.
# shellcheck disable=SC2120 # some files pass options, as citus_kills.bats does
start_cluster() {
    local host
    # The port is the same: each has a socket directory of its own, which is the name of its node.
    local node=(--memory --preload=citus --set citus.node_conninfo=sslmode=disable
        --set citus.shard_count=8 --set max_worker_processes=16 --set max_connections=200
        --set shared_buffers=32MB --set jit=off "$@")
    local next=(bash -c 'export "$1=$PGHOST"; shift; exec "$@"' name)
    # bats cannot skip a file's tests from here.
    [[ -n $(PGDATABASE=postgres sql "SELECT 1 FROM pg_available_extensions WHERE name = 'citus'") ]] || return 0
    start_own_server "${node[@]}" \
        "${next[@]}" CITUS_WORKER_1 "$PROJECT_ROOT/scripts/with-postgres" "${node[@]}" \
        "${next[@]}" CITUS_WORKER_2 "$PROJECT_ROOT/scripts/with-postgres" "${node[@]}"
    # A node connects to itself, too, by the name localhost unless it is told another one.
    for host in "$PGHOST" "$CITUS_WORKER_1" "$CITUS_WORKER_2"; do
        PGHOST=$host maintain "ALTER SYSTEM SET citus.local_hostname = '$host'" \
            'SELECT pg_reload_conf()' >/dev/null
    done
}

# As start_test: an empty database of the cluster, the two workers added.
start_cluster_test() {
    local host process processes=()
    [[ -e $BATS_FILE_TMPDIR/own_server ]] || skip 'the server has no Citus'
    use_own_server
    cd "$BATS_TEST_TMPDIR" || return 1
    test_database=${FILE_NAME}_$BATS_TEST_NUMBER
    export PGDATABASE=$test_database
    for host in "$PGHOST" "$CITUS_WORKER_1" "$CITUS_WORKER_2"; do
        make_node_database "$host" &
        processes+=("$!")
    done
    for process in "${processes[@]}"; do
        wait "$process"
    done
    sql "SELECT citus_set_coordinator_host('$PGHOST', 5432), citus_add_node('$CITUS_WORKER_1', 5432),
                citus_add_node('$CITUS_WORKER_2', 5432)" >/dev/null
}

# Ends what the test has left running.
end_cluster_test() {
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

# on_plain COMMAND...: in a database of the server of all tests.
on_plain() {
    local -x PGHOST=$PLAIN WITH_POSTGRES_DIRECTORY=$PLAIN PGDATABASE=${FILE_NAME}_plain
    "$@"
}

make_node_database() {
    export PGHOST=$1 WITH_POSTGRES_DIRECTORY=$1
    forget_prepared_transactions
    make_database "$PGDATABASE" template0
    PGOPTIONS='--client-min-messages=warning' sql 'CREATE EXTENSION citus'
    # A node connects to itself, too.
    sql "ALTER DATABASE $PGDATABASE SET citus.local_hostname = '$PGHOST'"
}

# A database with one of them cannot be dropped.
forget_prepared_transactions() {
    local database transaction
    while IFS='|' read -r database transaction; do
        PGDATABASE=$database sql "ROLLBACK PREPARED '$transaction'"
    done < <(PGDATABASE=postgres sql "SELECT database, gid FROM pg_prepared_xacts
                                       WHERE database ~ '^${FILE_NAME}_[0-9]+\$'")
}

# distribute: as contrib/citus.sql does; what it says goes into the file distributed.
distribute() {
    psql -Xq --file "$PROJECT_ROOT/contrib/citus.sql" >distributed 2>&1 || {
        cat distributed >&2
        return 1
    }
}

# at_worker NUMBER QUERY: as sql, in the test's database on that worker.
at_worker() {
    local host=CITUS_WORKER_$1
    PGHOST=${!host} sql "$2"
}

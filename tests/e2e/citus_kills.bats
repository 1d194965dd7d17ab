#!/usr/bin/env bats
#
# What becomes of a run on a cluster of Citus when somebody is in its way: a signal, a lock that is
# held on a worker, a node that dies. All of it is committed, or nothing is, and the program says which.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load citus_cluster
load small_shop
load loaded_rows

setup_file() {
    # A server without senders waits for no standby.
    start_cluster --set max_prepared_transactions=40 --set wal_level=replica --set max_wal_senders=2
}

setup() {
    start_cluster_test
    load_quietly --create-schema
    distribute
    write_history
    load_quietly --infer=products {users,orders,items}.csv
    # The run that is disturbed changes rows of all kinds of tables.
    sed -i 's/Oslo/Bergen/' users.csv
    sed -i 's/^11,103,2,0/11,103,2,1/' items.csv
    sed -i '$a 13,101,2,0' items.csv
    UPDATE=(--mode=upsert {users,items}.csv)
}

rows_of_all() {
    sql "SELECT to_jsonb(t) FROM users.users t ORDER BY id;
         SELECT to_jsonb(t) FROM orders.orders t ORDER BY id;
         SELECT to_jsonb(t) FROM orders.order_items t ORDER BY order_id, product_id;
         SELECT to_jsonb(t) FROM products.products t ORDER BY product_id;
         SELECT count(*) FROM timele_load.runs WHERE result = 'loaded'"
}

stages() {
    sql "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('timele_load')
            AND relkind = 'r' AND relname NOT IN ('runs', 'files')"
}

nothing_prepared() {
    sql 'SELECT recover_prepared_transactions()' >/dev/null &&
        [[ -z $(sql "SELECT result FROM run_command_on_all_nodes('SELECT gid FROM pg_prepared_xacts
                        WHERE database = current_database()') WHERE NOT success OR result <> ''") ]]
}

# Once the coordinator has recovered, on each node.
expect_nothing_left() {
    eventually nothing_prepared
    expect_equal "$(stages)" ''
    expect_equal "$(PGHOST=$CITUS_WORKER_1 stages)" ''
    expect_equal "$(PGHOST=$CITUS_WORKER_2 stages)" ''
}

# expect_as_before ROWS: and the same run goes through now.
expect_as_before() {
    expect_nothing_left
    expect_equal "$(rows_of_all)" "$1"
    load_quietly "${UPDATE[@]}"
    expect_updated
}

expect_updated() {
    expect_sql "SELECT city FROM users.users WHERE id = 2" Bergen
    expect_sql 'SELECT reordered FROM orders.order_items WHERE order_id = 11 AND product_id = 103' 1
    expect_sql 'SELECT total_items FROM orders.orders WHERE id = 13' 2
}

# shard_of_order ID: sets shard to the table on a worker that has the order's items, node to its place.
shard_of_order() {
    IFS='|' read -r shard node < <(sql "
        SELECT shard_name, nodename FROM citus_shards
         WHERE shardid = get_shard_id_for_distribution_column('orders.order_items', $1)")
}

# hold_on_node STATEMENT: a session of that node locks what is the cluster's own there.
hold_on_node() {
    PGHOST=$node hold 'SET citus.enable_manual_changes_to_shards = on' BEGIN "$1"
}

waits_on_node() {
    [[ $(PGHOST=$node sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                            AND wait_event_type = 'Lock' AND application_name LIKE 'citus_internal%'") == 1 ]]
}

@test "a signal ends a statement that waits on a worker" {
    before=$(rows_of_all)
    shard_of_order 11
    hold_on_node "UPDATE $shard SET quantity = quantity WHERE order_id = 11"
    start_load "${UPDATE[@]}"
    eventually waits_on_node
    kill -INT "$load_process"
    finish_load
    expect_status 130
    expect_stderr_line 'timele-load: error: interrupted; nothing was changed'
    release
    expect_as_before "$before"
}

@test "--lock-timeout holds on the workers, and the node of who holds the lock is named" {
    before=$(rows_of_all)
    shard_of_order 11
    hold_on_node "UPDATE $shard SET quantity = quantity WHERE order_id = 11"
    run_load --lock-timeout=1 "${UPDATE[@]}"
    expect_status 3
    expect_stderr_contains 'timele-load: error: canceling statement due to lock timeout'
    expect_stderr_contains "timele-load: detail: $shard is in use by server process "
    expect_stderr_contains ", on the node $node:5432."
    expect_stderr_contains 'wait longer with --lock-timeout=SECONDS.'
    release
    expect_as_before "$before"
}

# As a coordinator that crashed leaves it until Citus has recovered.
@test "a transaction that was left prepared on a worker is named as who holds the lock" {
    before=$(rows_of_all)
    shard_of_order 11
    PGHOST=$node sql "SET citus.enable_manual_changes_to_shards = on; BEGIN;
                      UPDATE $shard SET quantity = quantity WHERE order_id = 11;
                      PREPARE TRANSACTION 'left'"
    run_load --lock-timeout=1 "${UPDATE[@]}"
    PGHOST=$node sql "ROLLBACK PREPARED 'left'"
    expect_status 3
    expect_stderr_contains "timele-load: detail: $shard is in use by the prepared transaction 'left' (user "
    expect_as_before "$before"
}

# The backend of the run on a worker, while it waits there for a lock.
worker_backend() {
    PGHOST=$node sql "SELECT pid FROM pg_stat_activity WHERE datname = current_database()
                         AND wait_event_type = 'Lock' AND application_name LIKE 'citus_internal%'"
}

@test "the client, the coordinator's process or a worker's process dies: nothing is changed" {
    before=$(rows_of_all)
    shard_of_order 11
    for victim in client coordinator worker; do
        hold_on_node "UPDATE $shard SET quantity = quantity WHERE order_id = 11"
        start_load "${UPDATE[@]}"
        eventually waits_on_node
        case $victim in
        client) kill -KILL "$load_process" ;;
        coordinator) terminate_backend ;;
        worker) PGHOST=$node sql "SELECT pg_terminate_backend($(worker_backend))" >/dev/null ;;
        esac
        finish_load
        case $victim in
        client) expect_status 137 ;;
        *)
            expect_status 3
            # The worker's words, or the coordinator's about the worker.
            expect_stderr_contains 'timele-load: error: '
            ;;
        esac
        release
        eventually no_backend
        expect_nothing_left
        expect_equal "$(rows_of_all)" "$before"
    done
    expect_as_before "$before"
}

@test "a worker cannot prepare: nothing is changed" {
    before=$(rows_of_all)
    for number in {1..40}; do
        printf "BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'occupied %s';\n" "$number"
    done | PGHOST=$CITUS_WORKER_1 psql -Xq -v ON_ERROR_STOP=1 >/dev/null
    run_load "${UPDATE[@]}"
    for number in {1..40}; do
        printf "ROLLBACK PREPARED 'occupied %s';\n" "$number"
    done | PGHOST=$CITUS_WORKER_1 psql -Xq -v ON_ERROR_STOP=1
    expect_status 3
    expect_stderr_contains 'error: maximum number of prepared transactions reached'
    expect_stderr_contains 'hint: Increase max_prepared_transactions'
    expect_as_before "$before"
}

# stop_at_commit: lets the run commit on the coordinator, and wait there for a standby that never
# comes: all nodes have prepared, and none of them knows yet that all is committed.
stop_at_commit() {
    # Of this session alone: the coordinator has a part that it prepares over a connection to itself.
    sql "ALTER DATABASE $PGDATABASE SET synchronous_commit = local"
    sql "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
    sql 'SELECT pg_reload_conf()' >/dev/null
    PGOPTIONS='-c synchronous_commit=on' start_load "${UPDATE[@]}"
    eventually backends "wait_event = 'SyncRep'" 1
}

go_on() {
    sql 'ALTER SYSTEM RESET synchronous_standby_names'
    sql 'SELECT pg_reload_conf()' >/dev/null
}

answers() {
    sql 'SELECT 1' >/dev/null 2>&1
}

RECOVERY='when Citus has recovered it, within a minute, or at once with SELECT recover_prepared_transactions()'

@test "a worker dies when all is committed: it is so there too, once Citus has recovered" {
    stop_at_commit
    kill -KILL "$(PGHOST=$CITUS_WORKER_1 sql "SELECT pid FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name LIKE 'citus_internal%' LIMIT 1")"
    eventually env PGHOST="$CITUS_WORKER_1" bash -c 'psql -Xqc "SELECT 1" >/dev/null 2>&1'
    go_on
    finish_load
    expect_status 0
    expect_stderr_contains "warning: the server says: failed to commit transaction on $CITUS_WORKER_1:5432; the node has prepared it, and commits it $RECOVERY"
    expect_nothing_left
    expect_updated
}

@test "the coordinator's process dies when all is committed: it says so when it is asked again" {
    stop_at_commit
    kill -KILL "$(sql "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")"
    finish_load
    expect_status 0
    expect_stderr_contains 'warning: the answer to COMMIT was lost ('
    expect_stderr_contains "asked again, the server says that all is committed; another node may show it only $RECOVERY"
    eventually answers
    go_on
    expect_nothing_left
    expect_updated
}

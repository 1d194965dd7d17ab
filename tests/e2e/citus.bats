#!/usr/bin/env bats
#
# contrib/citus.sql on a cluster of Citus: empty and filled tables, and what it refuses.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load citus_cluster
load loaded_rows

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
    release
}

LAYOUT='orders.cart_items|distributed|cart_id
orders.carts|distributed|id
orders.order_items|distributed|order_id
orders.order_status_history|distributed|order_id
orders.orders|distributed|id
products.aisles|reference|<none>
products.departments|reference|<none>
products.product_enriched|reference|<none>
products.products|reference|<none>
users.users|reference|<none>'

expect_distributed() {
    expect_sql 'SELECT table_name, citus_table_type, distribution_column FROM citus_tables ORDER BY table_name::text' \
        "$LAYOUT"
}

@test "empty tables" {
    setup_schema
    distribute
    expect_distributed
}

@test "filled tables" {
    local before
    setup_schema
    run_load "${SAMPLE_FILES[@]}"
    expect_status 0
    before=$(contents)
    distribute
    expect_distributed
    [[ $(contents) == "$before" ]]
}

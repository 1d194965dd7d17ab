# Sourced after small_shop by tests of the main job: the sample's files, and what a load leaves.
#
# shellcheck shell=bash

SAMPLE=$PROJECT_ROOT/data/sample
# shellcheck disable=SC2034 # used by the tests
SAMPLE_FILES=("$SAMPLE"/{users,orders,order_products,products,aisles,departments}.csv)

external_ids() {
    sql 'SELECT id, external_user_id FROM users.users ORDER BY id'
    sql 'SELECT id, external_order_id FROM orders.orders ORDER BY id'
}

expect_foreign_keys_proven() {
    expect_sql "SELECT count(*), bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'
                   AND connamespace <> 'timele_load'::regnamespace" \
        '10|t'
    expect_sql 'SELECT count(*) FROM pg_index WHERE NOT indisvalid OR NOT indisready' 0
}

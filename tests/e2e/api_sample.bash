# Sourced after api_server by tests of the schema `api` with the sample loaded. The tests of a file
# share a database: each makes the users and orders that it changes.
#
# shellcheck shell=bash

setup_file() {
    start_file
    create_api_server
    load_sample
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# make_user NAME: prints the external id.
make_user() {
    api "SELECT external_user_id
           FROM api.create_user('$1@example.net', first_name => '$1', last_name => 'Test', city => 'Velm')"
}

# make_order USER ITEMS: prints the external id.
make_order() {
    api "SELECT external_order_id FROM api.create_order('$1', '$2')"
}

# make_cart USER: prints the external id.
make_cart() {
    api "SELECT external_cart_id FROM api.create_cart('$1')"
}

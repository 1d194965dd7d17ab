#!/usr/bin/env bats
#
# schema.sql run by an ordinary role, which owns the database.

load harness
load schema_database

SUPERUSER=$PGUSER

teardown() {
    if [[ -n ${owner:-} ]]; then
        PGUSER=$SUPERUSER
        end_test
        maintain "DROP ROLE $owner"
    fi
}

# From here on the test is run by an ordinary role that owns the database.
become_owner() {
    owner=owner_of_$PGDATABASE
    maintain "CREATE ROLE $owner LOGIN" "ALTER DATABASE $PGDATABASE OWNER TO $owner"
    PGUSER=$owner
}

@test "the owner of the database needs to be nobody more" {
    local before
    become_owner
    run_schema
    expect_sql 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user' f
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
    make_order
    expect_sql "UPDATE orders.orders SET status = 'shipped';
                SELECT new_status FROM orders.order_status_history" shipped
    before=$(snapshot)
    run_schema
    expect_unchanged "$before"
}

@test "the owner of an older database can bring it up to date" {
    become_owner
    make_older_database
    run_schema --single-transaction
    expect_equal "$EXPECTED_COVERAGE" "$(coverage)"
}

#!/usr/bin/env bats
#
# TimeL-E's own kind of client: SQLAlchemy, with models of the tables. It has the rights of an
# application, and schema.sql made the database.

load harness

setup_file() {
    start_file
    setup_schema
    (cd "$PROJECT_ROOT/data/sample" && "$TIMELE_LOAD" --quiet \
        {users,products,aisles,order_products}.csv enriched/*.csv)
    export shop=shop_of_$PGDATABASE
    maintain "DROP ROLE IF EXISTS $shop" "CREATE ROLE $shop LOGIN"
    sql <<SQL
GRANT USAGE ON SCHEMA products, users, orders TO $shop;
GRANT SELECT ON ALL TABLES IN SCHEMA products TO $shop;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA users, orders TO $shop;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA users, orders TO $shop;
SQL
}

# run_client: Debian's Python has the library, which warns of what its next version will not have.
run_client() {
    run --separate-stderr env PGUSER="$shop" SQLALCHEMY_WARN_20=1 \
        PYTHONDONTWRITEBYTECODE=1 timeout --kill-after=5 120 /usr/bin/python3 "$BATS_TEST_DIRNAME/fixtures/shop_client.py"
}

# client_rows: all that the client has written, with the transactions that wrote it.
client_rows() {
    sql "SELECT u.xmin, u.* FROM users.users u WHERE id >= 400000 ORDER BY id;
         SELECT o.xmin, o.* FROM orders.orders o WHERE id >= 3422000 ORDER BY id;
         SELECT i.xmin, i.* FROM orders.order_items i WHERE order_id >= 3422000 ORDER BY 2, 3;
         SELECT h.xmin, h.* FROM orders.order_status_history h WHERE order_id >= 3422000 ORDER BY 2;
         SELECT c.xmin, c.* FROM orders.carts c ORDER BY id"
}

@test "users, orders, carts and status changes by SQLAlchemy, which a later load leaves alone" {
    local before
    run_client
    expect_status 0
    expect_silence
    ((${#lines[@]} == 3)) || unexpected 'expected three external ids'
    before=$(client_rows)
    (($(wc -l <<<"$before") == 2 + 1 + 2 + 2 + 1)) || unexpected "$before"
    (cd "$PROJECT_ROOT/data/sample" && "$TIMELE_LOAD" --quiet --mode=upsert --rebuild=always \
        {users,products,aisles,order_products}.csv enriched/*.csv)
    diff <(client_rows) - <<<"$before"
    run_load --verify
    expect_status 0
}

#!/usr/bin/env bats
#
# Values that follow from other rows, on a cluster of Citus: what a load and later runs leave there is
# what they leave on a single server, table by table.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server
load citus_cluster
load small_shop
load derived_shop

# Where the server of the other tests is: bats reads this file again for each test.
export PLAIN=${PLAIN:-$PGHOST}

setup() {
    start_cluster_test
    write_derived_shop
    load_quietly --create-schema
    distribute
}

# on_plain COMMAND...: with a database of the single server.
on_plain() {
    PGHOST=$PLAIN WITH_POSTGRES_DIRECTORY=$PLAIN PGDATABASE=${FILE_NAME}_0 "$@"
}

make_plain() {
    on_plain make_database "${FILE_NAME}_0" template0
    on_plain load_quietly --create-schema
}

stages() {
    sql "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('timele_load')
            AND relkind = 'r' AND relname NOT IN ('runs', 'files')"
}

expect_no_stages() {
    expect_equal "$(stages)" ''
    expect_equal "$(PGHOST=$CITUS_WORKER_1 stages)" ''
    expect_equal "$(PGHOST=$CITUS_WORKER_2 stages)" ''
}

# expect_same ARGUMENT...: the run leaves the same here and there.
expect_same() {
    load_quietly "$@"
    on_plain load_quietly "$@"
    diff <(on_plain loaded_rows) <(loaded_rows)
    expect_no_stages
}

# expect_change ARGUMENT...: it changes something, too.
expect_change() {
    local before
    before=$(loaded_rows)
    expect_same "$@"
    [[ $(loaded_rows) != "$before" ]]
}

write_dearer_prices() {
    write_csv dearer.csv <<'END'
product_id,product_name,description,price,image_url
101,Fruit,"Sweet, ripe",30.01,https://example.org/101.jpg
103,Fruit,,,
102,Fruit,Sour,0.15,
END
}

@test "values that follow from other rows are those of a single server, run by run" {
    make_plain
    expect_change {users,orders,items,history}.csv "${CATALOGUE_FILES[@]}"
    # Prices that come later, and that change.
    expect_change "${PRICE_FILES[@]}"
    write_dearer_prices
    expect_change --mode=upsert dearer.csv
    # More items, others, and fewer.
    write_csv more_items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
6,101,1,0,2,
6,108,2,0,1,0.5
1,104,2,0,5,0
END
    expect_change more_items.csv
    sed -i 's/^3,104,1,1,1000,/3,104,1,1,7,/; s/^9,101,1,0,1,0.1/9,101,1,0,1,/' items.csv
    expect_change --mode=upsert items.csv
    sed -i '/^9,10[3-8]/d; /^14,/d' items.csv
    expect_change --mode=replace items.csv
    # Users that move, and orders that get another user or another time.
    sed -i 's/Oslo/Bergen/; s/^2,Bob,,/2,Bob,Builder,/' users.csv
    expect_change --mode=upsert users.csv
    sed -i 's/^7,3,1,4,9,,2016-05-02/7,4,1,4,9,,2015-05-02/; s/^10,4,/10,5,/' orders.csv
    expect_change --mode=upsert orders.csv
    # Status changes before, between and after those that are there.
    write_csv late_history.csv <<'END'
order_id,status,changed_at
1,returned,2016-05-04 10:00:00+00:00
2,failed,2016-02-02 10:00:00+00:00
5,processing,2016-04-01 09:00:00+00:00
7,shipped,2016-06-01 09:00:00+00:00
END
    expect_change late_history.csv
    run_load --verify
    expect_status 0
}

@test "what --infer invents follows the rows that come later" {
    make_plain
    expect_change --infer=users --infer=products {orders,items}.csv
    expect_change users.csv
    expect_change "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}"
}

# A node numbers its transactions by itself: a row of this run is told by its age.
@test "without the mark of given prices, an item of this run keeps its price of 0" {
    make_plain
    expect_same {users,orders,history}.csv "${CATALOGUE_FILES[@]}"
    sql 'ALTER TABLE orders.order_items DROP COLUMN price_given'
    on_plain sql 'ALTER TABLE orders.order_items DROP COLUMN price_given'
    grep -v '^5,' items.csv >others.csv
    expect_change others.csv
    { head -n 1 items.csv && grep '^5,' items.csv; } >zero.csv
    expect_change zero.csv "${PRICE_FILES[@]}"
    expect_order 5 '2|0|pending'
    expect_order 1 '1|24.58|delivered'
}

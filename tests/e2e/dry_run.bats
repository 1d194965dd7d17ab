#!/usr/bin/env bats
#
# --dry-run: all that a run does, the server's own proofs included, and then a rollback.

load harness
load small_shop

expect_unchanged_by_dry_run() {
    expect_stdout_line "dry run: nothing committed to $PGDATABASE on $PGHOST"
    expect_unchanged "$before"
}

without_times() {
    sed -E 's/ +[0-9,]+$//; s/ in [0-9].*//; /^(dry run|committed)/d' <<<"$output"
}

@test "says what a run would do, from nothing" {
    local rehearsed
    write_history
    write_catalogue
    before=$(snapshot)
    run_load --dry-run --create-schema --id-map=ids.csv ./*.csv
    expect_status 0
    expect_unchanged_by_dry_run
    [[ ! -e ids.csv ]]
    rehearsed=$(without_times)
    expect_stdout_line 'products.products_product_id_seq               104'

    run_load --create-schema --id-map=ids.csv ./*.csv
    expect_status 0
    expect_equal "$(without_times)" "$rehearsed"
    [[ -s ids.csv ]]
}

@test "leaves rows, indexes, triggers, floors and sequences as they were" {
    load_shop
    # The floor of orders can move while the application has none.
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'new@example.org')"
    sql 'INSERT INTO orders.carts (user_id) VALUES (1)'
    printf 'user_id,email_address\n390000,new@example.com\n' >more_users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n4000000,390000,1,0,0\n' >more_orders.csv
    printf 'order_id,product_id,add_to_cart_order,price\n11,102,3,1.5\n' >more_items.csv
    printf 'product_id,description,price\n101,Yellow,0.25\n' >prices.csv
    printf 'order_id,status,changed_at\n11,shipped,2024-01-01Z\n' >history.csv
    before=$(snapshot)
    for rebuild in always never; do
        run_load --dry-run --rebuild=$rebuild --floor=orders=5000000 \
            more_users.csv more_orders.csv more_items.csv prices.csv history.csv
        expect_status 0
        [[ $output =~ $'\n''orders.orders_id_seq'\ +5,000,000$'\n' ]] || unexpected
        expect_unchanged_by_dry_run
    done
    printf '11,delivered,2024-01-02Z\n' >>history.csv
    for mode in skip upsert replace; do
        run_load --dry-run --mode=$mode users.csv orders.csv items.csv products.csv history.csv
        expect_status 0
        expect_unchanged_by_dry_run
    done
    run_load --dry-run --reset --force --create-schema
    expect_status 0
    expect_stdout_line 'schema: dropped'
    expect_unchanged_by_dry_run

    run_load --floor=orders=5000000 more_users.csv more_orders.csv more_items.csv prices.csv history.csv
    expect_status 0
    [[ $output =~ $'\n''orders.orders_id_seq'\ +5,000,000$'\n' ]] || unexpected
    expect_sql "SELECT nextval('orders.orders_id_seq')" 5000000
}

@test "ends with the exit status of the real run" {
    load_shop
    before=$(snapshot)
    run_load --dry-run users.csv
    expect_status 2
    expect_stdout ''
    expect_unchanged "$before"
    run_load --dry-run missing.csv
    expect_status 4
    printf 'user_id,email_address\n3,cy@example.org\n' >more_users.csv
    run_load --dry-run --id-map=nowhere/ids.csv more_users.csv
    expect_status 4
    run_load --dry-run --check more_users.csv
    expect_status 64
    # What only the server checks, and only when it is asked: a deferred constraint.
    sql "ALTER TABLE users.users ADD CONSTRAINT no_cy UNIQUE (city) DEFERRABLE INITIALLY DEFERRED;
         UPDATE users.users SET city = 'Oslo' WHERE id = 2"
    printf 'user_id,email_address,city\n3,cy@example.org,Oslo\n' >more_users.csv
    before=$(snapshot)
    for option in --dry-run --quiet; do
        run_load $option --rebuild=never more_users.csv
        expect_status 3
        expect_stderr_contains 'no_cy'
        expect_unchanged "$before"
    done
}

#!/usr/bin/env bats
#
# Foreign keys and checks that are NOT ENFORCED, as PostgreSQL 18 allows: the server looks at no row,
# so they count as missing, and stay as they are.

load harness
load small_shop
load rebuild_shop

# shellcheck disable=SC2034 # rebuild_shop reads it
NEEDED_SERVER=18

WARNING='timele-load: warning: foreign key "at Home" of orders.orders on user_id is NOT ENFORCED; only this program has checked it (--create-schema adds one that is enforced)'

# The foreign key of orders, under another name, is no longer enforced.
stop_enforcing() {
    sql 'ALTER TABLE orders.orders RENAME CONSTRAINT orders_user_id_fkey TO "at Home";
         ALTER TABLE orders.orders ALTER CONSTRAINT "at Home" NOT ENFORCED;
         COMMENT ON CONSTRAINT "at Home" ON orders.orders IS $$kept by the application$$'
}

constraints_of_orders() {
    sql "SELECT conname, pg_get_constraintdef(oid), obj_description(oid, 'pg_constraint')
           FROM pg_constraint WHERE conrelid = 'orders.orders'::regclass AND contype IN ('c', 'f')
          ORDER BY conname"
}

@test "a foreign key that is NOT ENFORCED counts as missing, and is named; a rebuild makes it again" {
    local before how
    stop_enforcing
    before=$(constraints_of_orders)
    [[ $before == *'at Home|FOREIGN KEY (user_id) REFERENCES users.users(id) NOT ENFORCED|kept by the application'* ]]
    for how in never always; do
        run_load --dry-run --rebuild=$how "${FILES[@]}"
        expect_status 0
        expect_stderr_line "$WARNING"
        run_load --rebuild=$how --report=report.json "${FILES[@]}"
        expect_status 0
        expect_equal "$WARNING" "$stderr"
        [[ $output =~ 'orders.user_id -> users.users'\ +3\ +'not enforced'$'\n' ]] || unexpected
        expect_equal '[null,[]]' "$(jq -c '[(.foreign_keys[] | select(.column == "user_id") | .constraint), .problems]' report.json)"
        expect_equal "$before" "$(constraints_of_orders)"
        sql 'TRUNCATE users.users, orders.orders, products.products, products.aisles,
                      products.departments CASCADE'
    done
}

@test "rows that break a foreign key that is NOT ENFORCED are found, whatever the mode" {
    local before
    stop_enforcing
    load_quietly_but_for_the_warning "${FILES[@]}"
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n14,99,1,0,8\n' >orders.csv
    before=$(snapshot)
    run_load orders.csv
    expect_status 2
    expect_stderr_line 'orders.csv:2: user_id: no such user in the files or the database ("99")'
    run_load --mode=replace <(sed '/^1,/d' users.csv)
    expect_status 3
    expect_stderr_contains 'rows of users.users that no file names cannot be deleted: 2 rows of orders.orders point to them'
    expect_unchanged "$before"
}

load_quietly_but_for_the_warning() {
    run_load --quiet "$@"
    expect_status 0
    expect_equal "$WARNING" "$stderr"
}

@test "--verify reads the rows of a foreign key that is NOT ENFORCED" {
    stop_enforcing
    load_quietly_but_for_the_warning "${FILES[@]}"
    run_load --verify
    expect_status 0
    [[ $output =~ 'ok      orders.user_id -> users.users'\ +3\ +'not enforced'$'\n' ]] || unexpected
    sql 'UPDATE orders.orders SET user_id = 77 WHERE id = 12'
    run_load --verify --report=report.json
    expect_status 6
    expect_stdout_contains '
        (the constraint is not enforced)
          id 12, user_id 77
'
    expect_equal '["not enforced",null,3,1]' "$(jq -c '.invariants[] | select(.broken > 0)
        | [.constraint, .proven_by, .checked, .broken]' report.json)"
}

@test "--create-schema adds a foreign key and a check that are enforced; once" {
    local before
    stop_enforcing
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_order_dow_check;
         ALTER TABLE orders.orders ADD CONSTRAINT "a Day" CHECK (order_dow BETWEEN 0 AND 6) NOT ENFORCED'
    load_quietly --create-schema "${FILES[@]}"
    expect_sql "SELECT conname, conenforced, convalidated FROM pg_constraint
                 WHERE conrelid = 'orders.orders'::regclass
                   AND (contype = 'f' OR pg_get_constraintdef(oid) LIKE '%order_dow%' AND contype = 'c')
                 ORDER BY conname" \
        'a Day|f|f
at Home|f|f
orders_order_dow_check|t|t
orders_user_id_fkey|t|t'
    before=$(snapshot)
    load_quietly --create-schema
    expect_unchanged "$before"
    # Now one of the two proves.
    run_load --verify
    expect_stdout_contains 'proven  by orders_user_id_fkey'
    before=$(constraints_of_orders)
    printf 'user_id,email_address\n7,gil@example.org\n' >users.csv
    load_quietly --rebuild=always users.csv
    expect_equal "$before" "$(constraints_of_orders)"
}

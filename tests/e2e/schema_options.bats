#!/usr/bin/env bats
#
# --create-schema, --create-api, --reset, --force and --floor.

load harness
load small_shop

schemas() {
    sql "SELECT nspname FROM pg_namespace
          WHERE nspname IN ('users', 'orders', 'products') OR nspname ~ '^api'
          ORDER BY 1"
}

# expect_floors USERS ORDERS: where the sequences start, which is where the floor is kept.
expect_floors() {
    expect_sql "SELECT min_value, start_value FROM pg_sequences
                 WHERE sequencename IN ('users_id_seq', 'orders_id_seq')
                 ORDER BY schemaname DESC" "$1|$1"$'\n'"$2|$2"
}

write_user() {
    printf 'user_id,email_address\n%d,u%d@example.org\n' "$1" "$1" >users.csv
}

# --create-schema ----------------------------------------------------------------------------------

@test "--create-schema alone makes what schema.sql makes, and no role" {
    local expected
    setup_schema
    expected=$(definitions)$(contents)
    sql 'DROP SCHEMA users, orders, products CASCADE; DROP TYPE order_status_enum'
    run_load --create-schema
    expect_status 0
    expect_silence
    expect_stdout $'schema: created what was missing\n'"committed to $PGDATABASE on $PGHOST"
    expect_equal "$expected" "$(definitions)$(contents)"
}

@test "--create-schema twice changes nothing, not in a filled database either" {
    local before
    load_shop
    add_application_rows
    before=$(snapshot)
    run_load --create-schema
    expect_status 0
    expect_silence
    expect_unchanged "$before"
}

@test "--create-schema adds what is missing" {
    local expected
    load_shop
    expected=$(definitions)
    sql 'ALTER TABLE products.products DROP COLUMN inferred'
    sql 'DROP INDEX orders.order_items_product_id_idx'
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey'
    sql 'DROP TABLE orders.cart_items CASCADE'
    load_quietly --create-schema
    expect_equal "$expected" "$(definitions)"
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
}

@test "--create-schema creates nothing when the files are bad" {
    local before
    write_history
    echo 'x,bad@example.org' >>users.csv
    before=$(snapshot)
    run_load --create-schema users.csv
    expect_status 2
    expect_unchanged "$before"
}

@test "without the schema and without --create-schema nothing is loaded" {
    local before
    write_history
    before=$(snapshot)
    run_load users.csv orders.csv items.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains --create-schema
    expect_unchanged "$before"
}

# --create-api -------------------------------------------------------------------------------------

@test "--create-api makes what api.sql makes; --create-schema leaves it alone" {
    local expected before
    setup_schema
    setup_api
    expected=$(definitions)$(contents)
    load_quietly --reset
    run_load --create-api --create-schema
    expect_status 0
    expect_silence
    expect_stdout $'schema: created what was missing\nAPI: created or brought up to date\n'"committed to $PGDATABASE on $PGHOST"
    expect_equal "$expected" "$(definitions)$(contents)"
    sql 'DROP VIEW api.cart_items'
    before=$(snapshot)
    load_quietly --create-schema
    expect_unchanged "$before"
}

@test "--create-api alone is a run: with --dry-run, with --verify, in report and ledger" {
    local before
    load_shop
    before=$(snapshot)
    run_load --create-api --dry-run
    expect_status 0
    expect_silence
    expect_stdout_line 'API: created or brought up to date'
    expect_unchanged "$before"
    run_load --create-api --verify --report=report.json
    expect_status 0
    expect_stdout_line 'API: created or brought up to date'
    expect_stdout_contains 'order_items.order_id -> orders.orders'
    [[ $(jq -c '[.result, .options, [.phases[] | select(.subject == "API").phase]]' report.json) == \
        '["loaded",["--create-api","--verify","--report=report.json"],["create"]]' ]]
    expect_sql "SELECT options[1], result FROM timele_load.runs ORDER BY run_id DESC LIMIT 1" '--create-api|loaded'
    expect_sql 'SELECT count(*) FROM api.order_items' 5

    # A broken invariant takes it back.
    sql 'DROP SCHEMA api, api_private CASCADE; UPDATE orders.orders SET total_items = 99'
    run_load --create-api --verify
    expect_status 6
    expect_sql "SELECT to_regnamespace('api') IS NULL" t
}

@test "--create-api without the tables: an error that names --create-schema, with --reset too" {
    local before
    run_load --create-api
    expect_status 3
    expect_stdout ''
    [[ $stderr == "timele-load: error: cannot create the API: there is no table products.departments in $PGDATABASE"* ]] ||
        unexpected
    expect_stderr_line 'timele-load: hint: --create-schema creates what is missing of the schema.'
    expect_equal '' "$(schemas)"
    load_shop
    before=$(snapshot)
    run_load --reset --create-api users.csv
    expect_status 3
    expect_stderr_contains 'there is no table products.departments'
    expect_unchanged "$before"
}

@test "--reset drops the API; a warning says so when the schema is made anew without it" {
    local warning='timele-load: warning: --reset drops the API, too; --create-api makes it anew'
    load_shop --create-api
    # Of a later version; another schema of such a name is somebody else's.
    sql "CREATE SCHEMA IF NOT EXISTS api_auth; COMMENT ON SCHEMA api_auth IS 'TimeL-E: login';
         CREATE SCHEMA api_other"
    run_load --reset --create-schema --dry-run
    expect_status 0
    expect_stderr_line "$warning"
    load_quietly --reset --create-schema --create-api
    expect_sql "SELECT nspname FROM pg_namespace WHERE nspname IN ('api', 'api_other') ORDER BY 1" $'api\napi_other'
    run_load --reset --create-schema users.csv
    expect_status 0
    [[ $stderr == "$warning" ]] || unexpected
    expect_equal $'api_other\norders\nproducts\nusers' "$(schemas)"
    # Nothing is left to warn of.
    load_quietly --reset --create-schema users.csv
    load_quietly --create-api
    load_quietly --reset
    expect_equal api_other "$(schemas)"
}

# --reset ------------------------------------------------------------------------------------------

@test "--reset drops history and schemas" {
    load_shop
    run_load --reset
    expect_status 0
    expect_silence
    expect_stdout $'schema: dropped\n'"committed to $PGDATABASE on $PGHOST"
    expect_equal '' "$(schemas)"
    expect_sql "SELECT to_regtype('public.order_status_enum') IS NULL" t
}

@test "--reset --create-schema FILE starts anew" {
    load_shop
    write_user 7
    run_load --reset --create-schema users.csv
    expect_status 0
    expect_silence
    expect_sql 'SELECT id FROM users.users' 7
    expect_sql 'SELECT count(*) FROM products.products' 0
    expect_sequences 400000 3422000 1 1 1 1
}

@test "--reset on a database without the schema is fine" {
    write_user 7
    load_quietly --reset --create-schema users.csv
    expect_sql 'SELECT id FROM users.users' 7
    load_quietly --reset
    load_quietly --reset
    expect_equal '' "$(schemas)"
}

@test "--reset leaves other schemas alone" {
    load_shop
    sql "CREATE SCHEMA other; CREATE TABLE other.t AS SELECT 'kept' AS word; CREATE TABLE u (i int)"
    load_quietly --reset
    expect_sql 'SELECT word FROM other.t' kept
    expect_sql "SELECT to_regclass('public.u') IS NOT NULL" t
}

# expect_reset_refused INSERT TABLE: with a row of the application --reset needs --force.
expect_reset_refused() {
    local before
    load_shop
    sql "$1"
    before=$(snapshot)
    write_user 7
    run_load --reset --create-schema users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "--reset would drop rows of the application: $2"
    expect_stderr_contains --force
    expect_unchanged "$before"
    run_load --quiet --reset --force --create-schema users.csv
    expect_status 0
    expect_silence
    expect_sql 'SELECT id FROM users.users' 7
    expect_sql "SELECT count(*) FROM $2 WHERE id > 7" 0
}

@test "--reset refuses to drop a user of the application, --force does it" {
    expect_reset_refused 'INSERT INTO users.users DEFAULT VALUES' users.users
}

@test "--reset refuses to drop an order of the application, --force does it" {
    expect_reset_refused 'INSERT INTO orders.orders (user_id, order_number, order_dow,
        order_hour_of_day) VALUES (1, 3, 0, 0)' orders.orders
}

@test "--reset refuses to drop a cart, --force does it" {
    expect_reset_refused 'INSERT INTO orders.carts (user_id) VALUES (1)' orders.carts
}

@test "--reset that fails later drops nothing" {
    local before
    load_shop
    before=$(snapshot)
    echo x,bad@example.org >>users.csv
    run_load --reset --create-schema users.csv
    expect_status 2
    expect_unchanged "$before"
}

# --floor ------------------------------------------------------------------------------------------

@test "the floors of a new database are TimeL-E's" {
    load_quietly --create-schema
    expect_floors 400000 3422000
}

@test "--floor on a new database: the sequences start there and say so" {
    write_history
    run_load --create-schema --floor=users=1000000 --floor=orders=9000000 \
        users.csv orders.csv items.csv
    expect_status 0
    expect_stdout_contains 1,000,000
    expect_stdout_contains 9,000,000
    expect_floors 1000000 9000000
    expect_sequences 1000000 9000000 1 104 101 22
}

@test "--floor below TimeL-E's on a new database: the sequences start there as well" {
    write_history
    run_load --create-schema --floor=users=500 --floor=orders=1000 users.csv orders.csv items.csv
    expect_status 0
    expect_floors 500 1000
    expect_sequences 500 1000 1 104 101 22
}

@test "--floor needs no file" {
    load_quietly --create-schema --floor=users=1000000
    expect_floors 1000000 3422000
    expect_sequences 1000000 3422000 1 1 1 1
}

@test "a floor, once set, need not be told again" {
    load_quietly --create-schema --floor=users=500
    write_user 500
    run_load users.csv
    expect_status 2
    expect_stderr_contains 'users.csv:2: user_id: at or above the floor 500'
    write_user 499
    load_quietly users.csv
    load_quietly --create-schema
    expect_floors 500 3422000
}

@test "a floor counts in the run that sets it" {
    write_user 450000
    load_quietly --create-schema --floor=users=1000000 users.csv
    expect_sql 'SELECT id FROM users.users' 450000
    write_user 700
    run_load --reset --create-schema --floor=users=500 users.csv
    expect_status 2
    expect_stderr_contains 'at or above the floor 500'
}

@test "the floor of a database with history moves up, and down to it" {
    load_shop
    load_quietly --create-schema --floor=users=1000000
    expect_sequences 1000000 3422000 1 104 101 22
    load_quietly --create-schema --floor=users=3 --floor=orders=14
    expect_floors 3 14
    expect_sql "SELECT last_value >= 3 FROM users.users_id_seq" t
    expect_sql 'SELECT count(*) FROM users.users' 2
}

# expect_floor_refused FLOOR: nothing has changed, and the message says why.
expect_floor_refused() {
    local before
    before=$(snapshot)
    run_load --create-schema --floor="$1"
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'cannot move'
    expect_stderr_contains 'there are rows between'
    expect_unchanged "$before"
}

@test "the floor does not move past rows, of history or of the application" {
    load_shop
    expect_floor_refused users=2
    expect_floor_refused orders=13
    add_application_rows
    expect_floor_refused users=400001
    expect_floor_refused orders=5000000
}

@test "the floor moves up to the application's first row" {
    load_shop
    sql "INSERT INTO users.users (id, email_address) VALUES (500000, 'n@example.org')"
    load_quietly --create-schema --floor=users=500000
    expect_floors 500000 3422000
    expect_sequences 500001 3422000 1 104 101 22
}

@test "a floor that moves down gives no id again" {
    load_shop
    sql "SELECT nextval('users.users_id_seq'), nextval('users.users_id_seq')"
    load_quietly --create-schema --floor=users=1000
    expect_floors 1000 3422000
    expect_sequences 400002 3422000 1 104 101 22
}

@test "--reset forgets a floor" {
    load_quietly --create-schema --floor=users=500
    load_quietly --reset --create-schema
    expect_floors 400000 3422000
    load_quietly --reset --create-schema --floor=users=1000000
    expect_floors 1000000 3422000
}

#!/usr/bin/env bats
#
# api.sql over the API of an earlier version, and over what somebody has made of it since.

load harness
load small_shop
load api_server

# With eight functions, which return an id or nothing.
FORMER=$PROJECT_ROOT/tests/e2e/fixtures/api_1.sql

# make_api: its notes, on standard output.
make_api() {
    PGOPTIONS='--client-min-messages=warning' \
        psql -XAtq -v ON_ERROR_STOP=1 --file "$API_SQL" 2>&1 | sed 's/^psql:[^ ]*: //'
    return "${PIPESTATUS[0]}"
}

# A fresh API of the same database, to compare with.
expect_fresh_definitions() {
    local before
    before=$(definitions)
    sql 'DROP SCHEMA api, api_private, api_auth CASCADE' 2>/dev/null
    setup_api
    diff <(printf '%s\n' "$before") <(printf '%s\n' "$(definitions)")
}

# comments: whatever comment has CUSTOM in it.
comments() {
    sql "SELECT coalesce(c.oid::regclass || coalesce('.' || attname, ''), p.oid::regprocedure::text) COLLATE \"C\",
                description
           FROM pg_description d
           LEFT JOIN pg_class c ON classoid = 'pg_class'::regclass AND c.oid = objoid
           LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum = objsubid AND objsubid > 0
           LEFT JOIN pg_proc p ON classoid = 'pg_proc'::regclass AND p.oid = objoid
          WHERE description LIKE '%CUSTOM%' ORDER BY 1"
}

@test "the API of an earlier version becomes that of this one" {
    setup_schema
    run_schema_file "$FORMER"
    create_api_server
    expect_equal 8 "$(sql "SELECT count(*) FROM pg_proc WHERE pronamespace = 'api'::regnamespace")"
    user=$(api "SELECT api.create_user('early@example.net')")
    load_quietly --create-api
    expect_api "SELECT email_address, city FROM api.update_user('$user', '{\"city\": \"Oslo\"}')" 'early@example.net|Oslo'
    expect_equal '' "$(make_api)"
    expect_fresh_definitions
}

@test "an API of an earlier version in which a psql run without a transaction stopped, too" {
    setup_schema
    run_schema_file "$FORMER"
    sql "COMMENT ON FUNCTION api.checkout IS 'CUSTOM'"
    # After the former functions are dropped, before the new ones are there.
    sed '/^-- Refusals --/q' "$API_SQL" >half.sql
    psql -Xq -v ON_ERROR_STOP=1 --file half.sql
    expect_equal '' "$(make_api)"
    [[ $(comments) == 'api.checkout('*'|CUSTOM' ]]
    sql 'COMMENT ON FUNCTION api.checkout IS NULL'
    make_api
    expect_fresh_definitions
}

@test "comments that are somebody's own stay, those of an earlier version do not" {
    local own
    setup_schema
    run_schema_file "$FORMER"
    sql "COMMENT ON VIEW api.users IS E'@name customers\nCUSTOM users';
         COMMENT ON VIEW api.orders IS E'@omit create\nOrders CUSTOM';
         COMMENT ON COLUMN api.users.city IS E'@notNull\nCity CUSTOM';
         COMMENT ON COLUMN api.carts.updated_at IS 'CUSTOM';
         COMMENT ON FUNCTION api.create_user IS 'CUSTOM maker';
         COMMENT ON FUNCTION api.set_cart_item IS 'CUSTOM item';
         COMMENT ON VIEW api.carts IS NULL;
         COMMENT ON FUNCTION api.create_cart IS NULL"
    own=$(comments)
    [ "$(wc -l <<<"$own")" -eq 9 ] # three of them have two lines
    load_quietly --create-api
    expect_equal "$own" "$(comments)"
    sql "CREATE OR REPLACE VIEW api.orders AS SELECT v.*, 1 AS mine
           FROM ($(sql "SELECT rtrim(pg_get_viewdef('api.orders'), ';')")) AS v;
         COMMENT ON FUNCTION api.checkout IS 'CUSTOM checkout';
         COMMENT ON COLUMN api.orders.mine IS 'CUSTOM'"
    load_quietly --create-api
    # A view that had to be made anew, with the functions that return its rows; its column is gone.
    expect_equal "$(sort <<<"$own"$'\n''api.checkout(uuid,uuid,text,text,text,text,text,text,text)|CUSTOM checkout')" \
        "$(comments | sort)"

    # Without them it is as if it were new.
    sql "COMMENT ON VIEW api.users IS NULL; COMMENT ON VIEW api.orders IS NULL;
         COMMENT ON COLUMN api.users.city IS NULL; COMMENT ON COLUMN api.carts.updated_at IS NULL;
         COMMENT ON FUNCTION api.create_user IS NULL; COMMENT ON FUNCTION api.set_cart_item IS NULL;
         COMMENT ON FUNCTION api.checkout IS NULL"
    load_quietly --create-api
    expect_fresh_definitions
}

# A server stops at such a key.
@test "no key refers to a view that does not tell its own, because of somebody's comment" {
    local references="SELECT relname FROM pg_class
                       WHERE relnamespace = 'api'::regnamespace
                         AND obj_description(oid, 'pg_class') ~ 'references api.(users|departments) ' ORDER BY 1"
    setup_schema
    setup_api
    expect_sql "$references" $'carts\ndepartments\norder_status_history\norders\nproducts'
    sql "COMMENT ON VIEW api.users IS 'CUSTOM';
         COMMENT ON VIEW api.departments IS E'@name parts\n@primaryKey department_id\nCUSTOM'"
    setup_api
    expect_sql "$references" products
    sql 'COMMENT ON VIEW api.users IS NULL; COMMENT ON VIEW api.departments IS NULL'
    setup_api
    expect_fresh_definitions
}

@test "what depends on a view that has to be made anew is not dropped" {
    setup_schema
    setup_api
    sql "CREATE OR REPLACE VIEW api.carts AS SELECT v.*, 1 AS mine
           FROM ($(sql "SELECT rtrim(pg_get_viewdef('api.carts'), ';')")) AS v;
         CREATE FUNCTION api.my_carts() RETURNS SETOF api.carts LANGUAGE sql AS 'SELECT * FROM api.carts'"
    run_load --quiet --create-api
    expect_status 3
    expect_stderr_line "timele-load: error: cannot create the API: cannot drop view api.carts because other objects depend on it"
    expect_sql "SELECT count(*) FROM api.my_carts()" 0
}

@test "a column that is not NOT NULL here is not said to be" {
    setup_schema
    sql 'ALTER TABLE orders.orders ALTER updated_at DROP NOT NULL'
    setup_api
    expect_sql "SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
                 WHERE attrelid = 'api.orders'::regclass AND attname ~ '_at$' ORDER BY 1" \
        $'created_at|@notNull\nWhen it was placed\nupdated_at|When it was last changed'
    sql 'ALTER TABLE orders.orders ALTER updated_at SET NOT NULL'
    setup_api
    expect_fresh_definitions
}

@test "internal ids in changed_by are not shown: no view, a note" {
    local note
    note='INFO:  there is no view api.order_status_history, because the column orders.order_status_history.changed_by is not of the type uuid and may hold internal ids'
    setup_schema
    sql 'ALTER TABLE orders.order_status_history ALTER changed_by TYPE integer USING NULL'
    run_schema_file "$FORMER"
    create_api_server
    sql "SELECT to_regclass('api.order_status_history')" >before
    [[ $(<before) == api.order_status_history ]]
    expect_equal "$note" "$(make_api)"
    expect_equal "$note" "$(make_api)"
    run_load --create-api
    expect_status 0
    expect_stderr_line "timele-load: the server says: ${note#INFO:  }"
    expect_sql "SELECT to_regclass('api.order_status_history')" ''
    expect_api "SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
                 WHERE relnamespace = 'api'::regnamespace AND attname = 'changed_by'" ''
    expect_api "SELECT count(*) FROM api.orders" 0

    # A domain over uuid will do, and the type itself.
    sql "CREATE DOMAIN public.user_id AS uuid;
         ALTER TABLE orders.order_status_history ALTER changed_by TYPE public.user_id USING NULL"
    expect_equal '' "$(make_api)"
    expect_api 'SELECT changed_by FROM api.order_status_history' ''
}

@test "external ids of another type than uuid: an error, and nothing is made" {
    local column
    setup_schema
    for column in users.users.external_user_id orders.orders.external_order_id orders.carts.external_cart_id; do
        run_schema_file <(printf 'ALTER TABLE %s ALTER %s DROP DEFAULT, ALTER %s TYPE text' \
            "${column%.*}" "${column##*.}" "${column##*.}")
        run_load --quiet --create-api
        expect_status 3
        [[ $stderr == "timele-load: error: cannot create the API: the column $column is not of the type uuid, as an external id is
timele-load: hint: Give it that type: ALTER TABLE ... ALTER COLUMN ... TYPE uuid USING ..." ]] || unexpected
        run_schema_file <(printf 'ALTER TABLE %s ALTER %s TYPE uuid USING %s::uuid' \
            "${column%.*}" "${column##*.}" "${column##*.}")
    done
    expect_sql "SELECT to_regnamespace('api')" ''
    setup_api
}

# Replaced by a superuser, such a part would stay its owner's, who could change what the superuser's
# functions do.
@test "a part of the API that another role owns: an error, and nothing is changed" {
    local other=other_of_api_upgrade part before
    maintain "DROP ROLE IF EXISTS $other" "CREATE ROLE $other"
    setup_schema
    setup_api
    for part in 'VIEW api.carts' 'FUNCTION api.create_cart(uuid)' 'FUNCTION api_private.enumerate' \
        'TABLE api_private.idempotency_keys' 'FUNCTION api_auth.find_login' 'SCHEMA api' 'SCHEMA api_private'; do
        sql "ALTER $part OWNER TO $other"
        before=$(definitions)
        run_load --quiet --create-api
        expect_status 3
        part=${part/SCHEMA/the schema}
        expect_stderr_line "timele-load: error: cannot create the API: ${part#[A-Z]* } belongs to the role $other, not to $PGUSER"
        expect_equal "$before" "$(definitions)"
        part=${part/the schema/SCHEMA}
        sql "ALTER $part OWNER TO $PGUSER"
    done
    # What another role has added to the schema api is theirs.
    sql "CREATE VIEW api.theirs AS SELECT 1; ALTER VIEW api.theirs OWNER TO $other"
    load_quietly --create-api
}

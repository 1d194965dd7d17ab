#!/usr/bin/env bats
#
# The planner's statistics that a run brings up to date. (Of functions in indexes that fail:
# index_functions; of privileges: privileges.)

load harness
load small_shop
load rebuild_shop

rows_known() {
    sql "SELECT reltuples FROM pg_class WHERE oid = '$1'::regclass"
}

@test "tables that inherit from a loaded one are left alone" {
    local unknown
    sql "CREATE TABLE public.child () INHERITS (users.users);
         INSERT INTO public.child (id) SELECT 500000 + n FROM generate_series(1, 9) n"
    unknown=$(rows_known public.child)
    load_quietly --rebuild=never users.csv
    expect_equal 2 "$(rows_known users.users)"
    expect_equal "$unknown" "$(rows_known public.child)"
    # All rows of both are known together.
    expect_sql "SELECT inherited FROM pg_stats WHERE tablename = 'users' AND attname = 'id'
                 ORDER BY 1" $'f\nt'
}

@test "partitions of a loaded table are looked at with it" {
    sql "ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey;
         ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_fkey;
         ALTER TABLE users.users RENAME TO former;
         CREATE TABLE users.users (LIKE users.former INCLUDING DEFAULTS, PRIMARY KEY (id))
           PARTITION BY RANGE (id);
         CREATE TABLE users.first PARTITION OF users.users FOR VALUES FROM (1) TO (2);
         CREATE TABLE users.rest PARTITION OF users.users DEFAULT"
    load_quietly --rebuild=never users.csv
    expect_equal 1 "$(rows_known users.first)"
    expect_equal 1 "$(rows_known users.rest)"
    expect_sql "SELECT count(*) FROM pg_stats WHERE tablename = 'users' AND attname = 'id'" 1
}

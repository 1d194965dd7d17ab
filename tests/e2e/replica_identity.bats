#!/usr/bin/env bats
#
# What publications of some columns or rows want of the replica identity: the server refuses every
# UPDATE and DELETE of a table that has another one.

load harness
load small_shop
load rebuild_shop

HINT='timele-load: hint: The replica identity tells other databases which rows are meant, and all of its columns have to be published: ALTER TABLE ... REPLICA IDENTITY FULL makes it the whole row, DEFAULT the primary key.'

# The server of all tests keeps too little of the WAL for a subscriber, and says so.
publish() {
    sql "SET client_min_messages = error; CREATE PUBLICATION changes FOR TABLE $1"
}

change_users() {
    sed -i 's/Ada/Ann/' users.csv
}

# expect_refused WHY ARGUMENT...: before anything is changed, in the program's words.
expect_refused() {
    local before
    before=$(snapshot)
    run_load "${@:2}"
    expect_status 3
    expect_stdout ''
    expect_equal "timele-load: error: $1"$'\n'"$HINT" "$stderr"
    expect_unchanged "$before"
}

# expect_updated_and_deleted: user 1 is changed, user 2 goes.
expect_updated_and_deleted() {
    load_quietly --mode=upsert users.csv
    sed -i '/^2,/d' users.csv
    load_quietly --mode=replace users.csv
    expect_sql 'SELECT id, first_name FROM users.users' '1|Ann'
}

@test "a list of columns without the replica identity's" {
    local why='publication changes leaves out columns of the replica identity of users.users, and publishes its'
    needs_server 15
    load_quietly users.csv
    publish 'users.users (email_address, first_name)'
    change_users
    expect_refused "$why updates" --mode=upsert users.csv
    sql "ALTER PUBLICATION changes SET (publish = 'insert, delete')"
    load_quietly --mode=upsert users.csv
    sed -i '/^2,/d' users.csv
    expect_refused "$why deletes" --mode=replace users.csv
    # More than the replica identity is fine.
    sql "ALTER PUBLICATION changes SET TABLE users.users (email_address, id);
         ALTER PUBLICATION changes SET (publish = 'insert, update, delete')"
    load_quietly --mode=replace users.csv
}

@test "a list of columns, and the whole row as replica identity" {
    needs_server 15
    load_quietly users.csv
    publish 'users.users (id, email_address)'
    sql 'ALTER TABLE users.users REPLICA IDENTITY FULL'
    change_users
    expect_refused 'publication changes leaves out columns of the replica identity of users.users, and publishes its updates' \
        --mode=upsert users.csv
    sql 'ALTER TABLE users.users REPLICA IDENTITY DEFAULT'
    expect_updated_and_deleted
}

@test "rows that are chosen by columns that are not of the replica identity" {
    local why='publication changes chooses rows by columns that are not of the replica identity of users.users, and publishes its'
    needs_server 15
    load_quietly users.csv
    publish "users.users WHERE (city = 'Oslo' AND id > 0)"
    change_users
    expect_refused "$why updates" --mode=upsert users.csv
    sed -i '/^2,/d;s/Ann/Ada/' users.csv
    expect_refused "$why deletes" --mode=replace users.csv
    # By those of the replica identity.
    sql 'ALTER PUBLICATION changes SET TABLE users.users WHERE (id > 0)'
    load_quietly --mode=replace users.csv
    sql "ALTER PUBLICATION changes SET TABLE users.users WHERE (city = 'Oslo');
         ALTER TABLE users.users REPLICA IDENTITY FULL"
    change_users
    load_quietly --mode=upsert users.csv
}

@test "the whole row as replica identity, with a generated column" {
    load_quietly users.csv
    sql 'ALTER TABLE users.users ADD town text GENERATED ALWAYS AS (upper(city)) STORED;
         ALTER TABLE users.users REPLICA IDENTITY FULL'
    publish users.users
    change_users
    # PostgreSQL 18 wants it published, older servers cannot.
    if server_is 18; then
        expect_refused 'publication changes leaves out columns of the replica identity of users.users, and publishes its updates' \
            --mode=upsert users.csv
        sql 'ALTER PUBLICATION changes SET (publish_generated_columns = stored)'
    fi
    expect_updated_and_deleted
}

@test "the tables of a schema are published whole" {
    needs_server 15
    load_quietly users.csv
    sql 'SET client_min_messages = error; CREATE PUBLICATION changes FOR TABLES IN SCHEMA users'
    change_users
    expect_updated_and_deleted
}

@test "derived values of a table whose replica identity is not published" {
    needs_server 15
    load_quietly "${FILES[@]}"
    publish 'orders.orders (external_order_id)'
    printf 'order_id,product_id,add_to_cart_order\n13,101,2\n' >items.csv
    expect_refused 'publication changes leaves out columns of the replica identity of orders.orders, and publishes its updates' items.csv
}

#!/usr/bin/env bats
#
# Generated columns, of which PostgreSQL 18 has virtual ones too: columns of the application beside
# TimeL-E's are fine, but nothing can be loaded into one.

load harness
load small_shop
load rebuild_shop

# As the file's rows are changed by hand.
change_a_name() {
    sed -i 's/Ada/Ann/' users.csv
}

# load_beside KIND: loads, updates and deletes rows of a table that has such a column.
load_beside() {
    sql "ALTER TABLE users.users
           ADD known text NOT NULL GENERATED ALWAYS AS (first_name || ' of ' || coalesce(city, '?')) $1"
    load_quietly --rebuild=always "${FILES[@]}"
    load_quietly --mode=upsert "${FILES[@]}"
    change_a_name
    load_quietly --mode=upsert --rebuild=never users.csv
    expect_sql 'SELECT id, known FROM users.users ORDER BY id' $'1|Ann of ?\n2|Bob of Oslo'
    printf 'user_id,first_name,email_address\n3,Cy,cy@example.org\n' >users.csv
    load_quietly --rebuild=always users.csv
    expect_sql 'SELECT known FROM users.users WHERE id = 3' 'Cy of ?'
    run_load --verify
    expect_status 0
}

@test "a stored column of the application, with an index and a foreign key" {
    sql 'CREATE TABLE public.towns (name text PRIMARY KEY);
         ALTER TABLE users.users ADD town text GENERATED ALWAYS AS (upper(city)) STORED,
           ADD FOREIGN KEY (town) REFERENCES public.towns;
         CREATE INDEX ON users.users (town)'
    run_load users.csv
    expect_status 3
    expect_stderr_contains 'foreign key users_town_fkey of users.users'
    sql "INSERT INTO public.towns VALUES ('OSLO')"
    load_beside STORED
    expect_sql 'SELECT town FROM users.users WHERE id = 2' 'OSLO'
}

@test "a virtual column of the application, as is the default" {
    needs_server 18
    load_beside ''
    expect_sql "SELECT attgenerated FROM pg_attribute WHERE attname = 'known'" v
}

# expect_refused_column: nothing is read of the files, nothing is changed.
expect_refused_column() {
    local before
    before=$(snapshot)
    run_load "$@" users.csv
    expect_status 3
    expect_stdout ''
    expect_equal 'timele-load: error: users.users.city is a generated column: nothing can be loaded into it
timele-load: hint: ALTER TABLE users.users ALTER COLUMN city DROP EXPRESSION makes it an ordinary one; a virtual one has to be dropped and added again.' "$stderr"
    expect_unchanged "$before"
}

@test "one of TimeL-E's columns is stored: refused, named, before a row is sent; and how to go on" {
    sql "ALTER TABLE users.users DROP city;
         ALTER TABLE users.users ADD city varchar(100) GENERATED ALWAYS AS ('in ' || postal_code) STORED"
    expect_refused_column
    expect_refused_column --mode=upsert
    cut -d, -f1-5 users.csv >known.csv && mv known.csv users.csv
    expect_refused_column
    run_load --verify
    expect_status 0
    sql 'ALTER TABLE users.users ALTER COLUMN city DROP EXPRESSION'
    load_quietly users.csv
}

@test "one of TimeL-E's columns is virtual" {
    needs_server 18
    sql "ALTER TABLE users.users DROP city;
         ALTER TABLE users.users ADD city varchar(100) GENERATED ALWAYS AS ('in ' || postal_code)"
    expect_refused_column
    # Orders need no more than the users' ids.
    sql "INSERT INTO users.users (id) VALUES (1), (2)"
    load_quietly orders.csv
}

@test "an id that is GENERATED ALWAYS AS IDENTITY takes the files' ids" {
    sql "ALTER TABLE users.users ALTER id DROP DEFAULT;
         DROP SEQUENCE users.users_id_seq;
         ALTER TABLE users.users ALTER id ADD GENERATED ALWAYS AS IDENTITY (MINVALUE 400000)"
    load_quietly --rebuild=always "${FILES[@]}"
    change_a_name
    load_quietly --mode=upsert users.csv
    expect_sql 'SELECT id, first_name FROM users.users ORDER BY id' $'1|Ann\n2|Bob'
    expect_sql "INSERT INTO users.users (email_address) VALUES ('new@example.org') RETURNING id" 400000
}

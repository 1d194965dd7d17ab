#!/usr/bin/env bats
#
# NOT NULL as PostgreSQL 18 has it: a constraint with a name of its own, which may be NOT VALID or
# NO INHERIT.

load harness
load small_shop
load rebuild_shop

# shellcheck disable=SC2034 # rebuild_shop reads it
NEEDED_SERVER=18

not_null_constraints() {
    sql "SELECT conrelid::regclass, conname, oid, conkey, convalidated, connoinherit, conislocal,
                obj_description(oid, 'pg_constraint')
           FROM pg_constraint WHERE contype = 'n' ORDER BY oid"
}

@test "they stay as they are, whatever a run drops and makes again" {
    local before
    sql 'ALTER TABLE users.users RENAME CONSTRAINT users_id_not_null TO "has an Id";
         COMMENT ON CONSTRAINT "has an Id" ON users.users IS $$needed$$;
         ALTER TABLE users.users ADD CONSTRAINT "in a Town" NOT NULL first_name NO INHERIT'
    before=$(not_null_constraints)
    load_quietly --rebuild=always "${FILES[@]}"
    expect_equal "$before" "$(not_null_constraints)"
    load_quietly --create-schema
    expect_equal "$before" "$(not_null_constraints)"
    load_quietly --mode=upsert "${FILES[@]}"
}

@test "one that is NOT VALID is about new rows: the file's must have a value, old ones are as they are" {
    sql "INSERT INTO users.users (id, email_address) VALUES (7, 'gil@example.org');
         ALTER TABLE users.users ADD CONSTRAINT towns NOT NULL city NOT VALID"
    run_load users.csv
    expect_status 2
    expect_stderr_line 'users.csv:3: city: empty, but required'
    sed -i 's/^\(1,.*\),$/\1,Bergen/' users.csv
    load_quietly --rebuild=always users.csv
    expect_sql "SELECT convalidated FROM pg_constraint WHERE conname = 'towns'" f
    expect_sql 'SELECT id, city FROM users.users ORDER BY id' $'1|Bergen\n2|Oslo\n7|'
}

@test "one that is NOT VALID proves nothing" {
    sql "ALTER TABLE users.users ALTER external_user_id DROP NOT NULL;
         INSERT INTO users.users (id, external_user_id) VALUES (7, NULL);
         ALTER TABLE users.users ADD CONSTRAINT given NOT NULL external_user_id NOT VALID"
    run_load --verify
    expect_status 6
    [[ $output =~ $'\n''FAILED  users.external_user_id: version 4, not NULL'\ +1\ +1$'\n''          id 7: none'$'\n' ]] ||
        unexpected
    # What is there is not this run's to mend.
    load_quietly users.csv
    expect_sql 'SELECT count(*) FROM users.users' 3
}

@test "one of a primary key that is NO INHERIT stands in the way of a rebuild" {
    local why='NOT NULL constraint users_id_not_null of users.users is NO INHERIT: no primary key can be created on it'
    sql 'ALTER TABLE users.users ALTER CONSTRAINT users_id_not_null NO INHERIT'
    expect_obstacle "$why"
    expect_in_place "$why"
    # That of another column does not.
    sql 'DELETE FROM users.users;
         ALTER TABLE users.users ALTER CONSTRAINT users_id_not_null INHERIT;
         ALTER TABLE users.users ALTER CONSTRAINT users_inferred_not_null NO INHERIT'
    load_quietly --rebuild=always users.csv
}

#!/usr/bin/env bats
#
# Row-level security: a run that would not see all rows is refused before it does anything. Roles that
# it does not hold for load as ever.

load harness

loader=loader_of_row_security
owner=owner_of_row_security

setup_file() {
    start_file
    setup_schema
    maintain "DROP ROLE IF EXISTS $loader, $owner" "CREATE ROLE $loader LOGIN" \
        "CREATE ROLE $owner LOGIN" "GRANT CREATE ON DATABASE \"$FILE_DATABASE\" TO $owner"
    sql "GRANT USAGE ON SCHEMA products, users, orders, timele_load TO $loader;
         GRANT SELECT, INSERT, UPDATE, DELETE
            ON ALL TABLES IN SCHEMA products, users, orders, timele_load TO $loader;
         GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA products, users, orders TO $loader;
         INSERT INTO users.users (id, email_address, first_name) VALUES (1, 'a@x.org', 'Ann'), (2, 'b@x.org', 'Bob');
         INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (1, 1, 1, 1, 1), (2, 1, 2, 1, 1);
         INSERT INTO products.departments (department_id, department) VALUES (1, 'd');
         INSERT INTO products.aisles (aisle_id, aisle) VALUES (1, 'a');
         INSERT INTO products.products (product_id, product_name, aisle_id, department_id) VALUES (7, 'p', 1, 1);
         INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (1, 7, 1), (2, 7, 1)"
}

setup() {
    start_test
    printf 'user_id,email_address,first_name\n1,a@x.org,Ann\n2,b@x.org,Bob\n' >u.csv
    printf 'user_id,email_address,first_name\n1,a@x.org,Ann\n' >u1.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n3,1,3,1,1\n' >o.csv
    printf 'order_id,product_id,add_to_cart_order\n1,7,1\n2,7,1\n' >i.csv
    printf 'product_id,description,price\n7,x,2.50\n' >e.csv
}

# hide TABLE CONDITION [FORCE]: rows that do not meet the condition are hidden.
hide() {
    sql "ALTER TABLE $1 ENABLE ROW LEVEL SECURITY;
         CREATE POLICY visible ON $1 USING ($2) WITH CHECK (true)"
    [[ -z ${3:-} ]] || sql "ALTER TABLE $1 FORCE ROW LEVEL SECURITY"
}

# Everything belongs to $owner, who is no superuser.
give_to_owner() {
    sql <<SQL
SELECT format('ALTER SCHEMA %I OWNER TO $owner', nspname)
  FROM pg_namespace WHERE nspname IN ('users', 'orders', 'products', 'timele_load')
UNION ALL
SELECT format('ALTER %s %s OWNER TO $owner', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
              c.oid::regclass)
  FROM pg_class c
 WHERE relnamespace::regnamespace::text IN ('users', 'orders', 'products', 'timele_load')
   AND (relkind = 'r' OR relkind = 'S'
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i')))
UNION ALL
SELECT 'ALTER TYPE order_status_enum OWNER TO $owner'
\gexec
SQL
}

run_load_as() {
    PGUSER=$1 run_load "${@:2}"
}

# expect_refused TABLE ROLE
expect_refused() {
    expect_status 3
    expect_stdout ''
    [[ $stderr == "timele-load: error: row-level security hides rows of $1 from role $2
timele-load: hint: Connect as a role with BYPASSRLS, or as the table's owner without FORCE ROW LEVEL SECURITY: rows that are not seen would be judged wrongly, or lost." ]] ||
        unexpected "expected a refusal for $1 and $2"
    expect_unchanged "$before"
}

@test "a table of another schema that refers to the rows that are deleted" {
    sql "CREATE SCHEMA app;
         CREATE TABLE app.note (user_id bigint REFERENCES users.users ON DELETE CASCADE, tenant integer);
         INSERT INTO app.note VALUES (2, 5);
         GRANT USAGE ON SCHEMA app TO $loader, $owner;
         GRANT SELECT ON app.note TO $loader, $owner"
    hide app.note 'tenant = 1'
    give_to_owner
    before=$(snapshot)
    run_load_as "$owner" --mode=replace u1.csv
    expect_refused app.note "$owner"
    run_load_as "$loader" --mode=replace u1.csv
    expect_refused app.note "$loader"

    # No row is deleted from users in any other mode, and none by a file of another table.
    run_load_as "$owner" --mode=upsert u1.csv
    expect_status 0
    # A superuser sees the row.
    before=$(snapshot)
    run_load --mode=replace u1.csv
    expect_status 3
    expect_stderr_contains '1 row of app.note points to them'
    expect_unchanged "$before"
}

@test "--reset does not count what it cannot see" {
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'app@x.org')"
    hide users.users 'id < 400000' FORCE
    give_to_owner
    before=$(snapshot)
    run_load_as "$owner" --reset --create-schema
    expect_refused users.users "$owner"
    run_load --reset --create-schema
    expect_status 3
    expect_stderr_contains '--reset would drop rows of the application: users.users has ids from 400000 up'
    expect_unchanged "$before"

    sql 'ALTER TABLE users.users NO FORCE ROW LEVEL SECURITY'
    before=$(snapshot)
    run_load_as "$owner" --reset --create-schema
    expect_status 3
    expect_stderr_contains '--reset would drop rows of the application: users.users has ids from 400000 up'
    expect_unchanged "$before"

    sql 'ALTER TABLE users.users FORCE ROW LEVEL SECURITY'
    run_load_as "$owner" --reset --force
    expect_status 0
    expect_sql "SELECT to_regclass('users.users') IS NULL" t
}

@test "--reset, any other table of the application" {
    hide orders.carts 'id < 0' FORCE
    give_to_owner
    sql "INSERT INTO orders.carts (user_id) VALUES (1)"
    before=$(snapshot)
    run_load_as "$owner" --reset --create-schema
    expect_refused orders.carts "$owner"
}

@test "every mode, for who is not the owner" {
    local mode
    hide users.users 'id = 1'
    before=$(snapshot)
    for mode in insert skip upsert replace; do
        run_load_as "$loader" --mode=$mode u.csv
        expect_refused users.users "$loader"
    done
    # "no such user" would be said of a user that is there.
    run_load_as "$loader" o.csv
    expect_refused users.users "$loader"
    run_load_as "$loader" --dry-run u.csv
    expect_refused users.users "$loader"

    sql "ALTER ROLE $loader BYPASSRLS"
    run_load_as "$loader" --mode=upsert u.csv o.csv
    sql "ALTER ROLE $loader NOBYPASSRLS"
    expect_status 0
}

@test "every mode, for the owner with and without FORCE" {
    local mode
    hide users.users 'id = 1' FORCE
    give_to_owner
    before=$(snapshot)
    for mode in insert skip upsert replace; do
        run_load_as "$owner" --mode=$mode u.csv
        expect_refused users.users "$owner"
    done
    sql 'ALTER TABLE users.users NO FORCE ROW LEVEL SECURITY'
    for mode in skip upsert replace; do
        run_load_as "$owner" --mode=$mode u.csv
        expect_status 0
    done
}

@test "new prices reach all items or none" {
    hide orders.order_items 'order_id = 1'
    before=$(snapshot)
    run_load_as "$loader" e.csv
    expect_refused orders.order_items "$loader"
    run_load e.csv
    expect_status 0
    expect_sql 'SELECT price FROM orders.order_items' '2.5
2.5'
}

@test "totals of orders that are hidden" {
    sql 'DELETE FROM orders.order_items WHERE order_id = 2'
    printf 'order_id,product_id,add_to_cart_order\n2,7,1\n' >i.csv
    hide orders.orders 'id = 1'
    before=$(snapshot)
    run_load_as "$loader" i.csv
    expect_refused orders.orders "$loader"
}

@test "delivery details of orders that are hidden" {
    printf 'user_id,email_address,first_name\n1,a@x.org,ANNA\n' >u.csv
    hide orders.orders 'id = 1'
    before=$(snapshot)
    run_load_as "$loader" --mode=upsert u.csv
    expect_refused orders.orders "$loader"
}

@test "--verify, alone and with a load" {
    hide orders.order_items 'order_id = 1'
    before=$(snapshot)
    run_load_as "$loader" --verify
    expect_refused orders.order_items "$loader"
    run_load_as "$loader" --mode=skip --verify u.csv
    expect_refused orders.order_items "$loader"
    # Without --verify the table is not looked at.
    run_load_as "$loader" --mode=skip u.csv
    expect_status 0
    run_load --verify
    ((status == 0 || status == 6)) || unexpected 'expected a verdict'
}

@test "a table that the run has nothing to do with, and its sequence" {
    printf 'department_id,department\n2,e\n' >d.csv
    hide users.users 'id = 1'
    run_load_as "$loader" d.csv
    expect_status 0
    expect_sql 'SELECT last_value, is_called FROM users.users_id_seq' '400000|f'
}

@test "a policy that hides from nobody at hand is none" {
    sql "CREATE ROLE other_of_row_security"
    sql 'ALTER TABLE users.users ENABLE ROW LEVEL SECURITY'
    run_load --mode=upsert u.csv
    expect_status 0
    sql "DROP ROLE other_of_row_security"
}

@test "a ledger of which rows are hidden" {
    hide timele_load.runs 'false'
    run_load_as "$loader" --mode=upsert --skip-loaded u.csv
    expect_status 0
    expect_stderr_line 'timele-load: warning: row-level security hides rows of timele_load.runs and timele_load.files: the ledger gets no row of this run, and --skip-loaded skips nothing'
    expect_sql 'SELECT count(*) FROM timele_load.runs' 0
    # What only the ledger could tell is not looked at.
    run_load_as "$loader" --verify
    ((status == 0 || status == 6)) || unexpected 'expected a verdict'
    expect_nowhere row-level
}

# What no check beforehand foresees: a view's owner, a function's table.
@test "where the server itself refuses, the hint is ours" {
    sql "CREATE SCHEMA app;
         CREATE TABLE app.secret (id integer);
         GRANT USAGE ON SCHEMA app TO $loader;
         GRANT ALL ON app.secret TO $loader;
         CREATE FUNCTION app.look() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN PERFORM FROM app.secret; RETURN NEW; END \$\$;
         CREATE TRIGGER look BEFORE UPDATE ON users.users FOR EACH ROW EXECUTE FUNCTION app.look()"
    hide app.secret false
    before=$(snapshot)
    printf 'user_id,email_address,first_name\n1,a@x.org,ANNA\n' >u.csv
    run_load_as "$loader" --mode=upsert u.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'secret'
    expect_stderr_contains 'hint: Connect as a role with BYPASSRLS'
    expect_stderr_contains 'detail: in: PL/pgSQL function app.look() line 2 at PERFORM'
    expect_unchanged "$before"
}

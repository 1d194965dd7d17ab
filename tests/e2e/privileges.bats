#!/usr/bin/env bats
#
# What the database allows and what shape it is in: looked at before a row is sent, and named where
# something is missing.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness

SUPERUSER=$PGUSER
loader=loader_of_privileges

setup_file() {
    start_file
    setup_schema
    sql "INSERT INTO users.users (id, email_address) VALUES (1, 'ada@example.org')"
    make_loader
}

setup() {
    start_test
    printf 'user_id,email_address\n2,bob@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n2,1,1,0,8\n' >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n2,7,1\n' >items.csv
}

# An ordinary role, which owns nothing, with all that a load needs.
make_loader() {
    maintain "DROP ROLE IF EXISTS $loader" "CREATE ROLE $loader LOGIN"
    sql "GRANT USAGE ON SCHEMA products, users, orders TO $loader;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA products, users, orders TO $loader;
         GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA products, users, orders TO $loader;
         GRANT USAGE ON SCHEMA timele_load TO $loader;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA timele_load TO $loader"
}

run_load_as_loader() {
    PGUSER=$loader run_load "$@"
}

# expect_refused STANDARD-ERROR: this was said, to the letter, and nothing was done.
expect_refused() {
    expect_status 3
    expect_stdout ''
    [[ $stderr == "$1" ]] || unexpected 'expected on standard error:' "$1"
    expect_unchanged "$before"
}

# Privileges ---------------------------------------------------------------------------------------

@test "an ordinary role with SELECT, INSERT and the sequences can load" {
    run_load_as_loader --rebuild=always users.csv orders.csv items.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "indexes and constraints cannot be rebuilt: "
    expect_stderr_contains " belongs to $SUPERUSER"
    run_load_as_loader users.csv orders.csv items.csv
    expect_status 0
    expect_stderr_contains 'timele-load: indexes and constraints stay in place during the load: '
    expect_stderr_contains " belongs to $SUPERUSER"
    expect_sql 'SELECT count(*) FROM orders.order_items' 1
    expect_sql "SELECT nextval('products.products_product_id_seq')" 8
}

@test "a read-only role" {
    sql "REVOKE INSERT ON ALL TABLES IN SCHEMA products, users, orders FROM $loader"
    before=$(snapshot)
    run_load_as_loader users.csv
    expect_refused 'timele-load: error: no INSERT privilege on users.users'
}

@test "no INSERT on one of the tables" {
    sql "REVOKE INSERT ON orders.order_items FROM $loader"
    before=$(snapshot)
    run_load_as_loader users.csv orders.csv items.csv
    expect_refused 'timele-load: error: no INSERT privilege on orders.order_items'
    run_load_as_loader users.csv orders.csv
    expect_status 0
}

@test "no SELECT on a table whose ids must be known" {
    sql "REVOKE SELECT ON users.users FROM $loader"
    before=$(snapshot)
    run_load_as_loader orders.csv
    expect_refused 'timele-load: error: no SELECT privilege on users.users'
}

@test "no privilege on a sequence" {
    sql "REVOKE UPDATE ON SEQUENCE orders.orders_id_seq FROM $loader"
    before=$(snapshot)
    run_load_as_loader users.csv orders.csv
    expect_refused 'timele-load: error: no privilege to read and set sequence orders.orders_id_seq (SELECT, UPDATE)'
    run_load_as_loader users.csv
    expect_status 0
}

# Found out by the server, when all is sent.
@test "no UPDATE on orders whose totals change" {
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day) VALUES (2, 1, 1, 0, 0)"
    before=$(snapshot)
    run_load_as_loader --infer=products items.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'cannot set the totals of orders: permission denied for table orders'
    expect_unchanged "$before"
}

@test "no USAGE on a schema" {
    sql "REVOKE USAGE ON SCHEMA users FROM $loader"
    before=$(snapshot)
    run_load_as_loader users.csv
    expect_refused 'timele-load: error: no USAGE privilege on schema users'
}

@test "--create-schema without the right to create" {
    sql 'ALTER TABLE products.products DROP COLUMN inferred'
    before=$(snapshot)
    run_load_as_loader --create-schema users.csv
    expect_refused "timele-load: error: cannot create the schema: permission denied for database $PGDATABASE
$create_hint"
}

@test "--create-api without the right to create, then by who does not own what is there" {
    local hint="timele-load: hint: --create-api takes GRANT CREATE ON DATABASE (for its schemas) and the ownership of what is there already of the API; or let the owner run it once."
    before=$(snapshot)
    run_load_as_loader --create-api users.csv
    expect_refused "timele-load: error: cannot create the API: permission denied for database $PGDATABASE
$hint"
    run_load --quiet --create-api
    expect_status 0
    maintain "GRANT CREATE ON DATABASE \"$PGDATABASE\" TO $loader"
    before=$(snapshot)
    run_load_as_loader --create-api users.csv
    expect_refused "timele-load: error: cannot create the API: must be owner of schema api
$hint"

    # The server would make the views, and nobody could read them.
    sql "REVOKE SELECT ON orders.carts FROM $loader"
    before=$(snapshot)
    run_load_as_loader --create-api
    expect_refused 'timele-load: error: cannot create the API: no privilege to read orders.carts
timele-load: hint: Its views and functions have the privileges of who creates them: let the owner of the tables do it.'
}

create_hint='timele-load: hint: --create-schema takes GRANT CREATE ON DATABASE (for the schemas) and GRANT CREATE ON SCHEMA public (for the enum type), and the ownership of what is there already; or let the owner run it once.'

# From PostgreSQL 15 on, nobody but the database's owner may create anything in the schema public.
@test "--create-schema by a role that may create schemas, but no type; then it may" {
    sql "DROP SCHEMA users, orders, products, timele_load CASCADE;
         DROP TYPE public.order_status_enum;
         REVOKE CREATE ON SCHEMA public FROM PUBLIC;
         GRANT CREATE ON DATABASE $PGDATABASE TO $loader"
    before=$(snapshot)
    run_load_as_loader --create-schema users.csv
    expect_refused "timele-load: error: cannot create the schema: permission denied for schema public
$create_hint"
    sql "REVOKE CREATE ON DATABASE $PGDATABASE FROM $loader; GRANT CREATE ON SCHEMA public TO $loader"
    before=$(snapshot)
    run_load_as_loader --create-schema users.csv
    expect_refused "timele-load: error: cannot create the schema: permission denied for database $PGDATABASE
$create_hint"
    sql "GRANT CREATE ON DATABASE $PGDATABASE TO $loader"
    run_load_as_loader --quiet --create-schema users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 1
}

@test "--create-schema by a role that was given nothing in the schema public" {
    sql "DROP SCHEMA users, orders, products, timele_load CASCADE;
         DROP TYPE public.order_status_enum;
         GRANT CREATE ON DATABASE $PGDATABASE TO $loader"
    before=$(snapshot)
    run_load_as_loader --quiet --create-schema users.csv
    if server_is 15; then
        expect_refused "timele-load: error: cannot create the schema: permission denied for schema public
$create_hint"
    else
        expect_status 0
        expect_sql 'SELECT count(*) FROM users.users' 1
    fi
}

@test "--create-schema takes no type that another role has created, but that of one it is a member of" {
    local stranger=stranger_of_privileges
    maintain "DROP ROLE IF EXISTS $stranger" "CREATE ROLE $stranger LOGIN"
    sql "DROP SCHEMA users, orders, products, timele_load CASCADE;
         ALTER TYPE public.order_status_enum OWNER TO $stranger;
         GRANT CREATE ON DATABASE $PGDATABASE TO $loader;
         GRANT CREATE ON SCHEMA public TO $loader, $stranger"
    before=$(snapshot)
    local refusal="timele-load: error: cannot create the schema: the type public.order_status_enum is there already and belongs to $stranger, who could drop it with the columns that have it
timele-load: hint: Drop the type, or ALTER TYPE public.order_status_enum OWNER TO a role that you trust."
    run_load_as_loader --create-schema users.csv
    expect_refused "$refusal"
    run_load --create-schema users.csv
    expect_refused "$refusal"
    sql "GRANT $stranger TO $loader"
    run_load_as_loader --quiet --create-schema users.csv
    expect_status 0
    # What is in use is in use.
    sql "REVOKE $stranger FROM $loader"
    run_load --quiet --create-schema --mode=skip users.csv
    expect_status 0
    # The owners of the database and of the server are no strangers.
    sql "DROP SCHEMA users, orders, products, timele_load CASCADE;
         ALTER DATABASE $PGDATABASE OWNER TO $stranger"
    run_load --quiet --create-schema users.csv
    expect_status 0
    sql "DROP SCHEMA users, orders, products, timele_load CASCADE;
         ALTER TYPE public.order_status_enum OWNER TO $SUPERUSER;
         ALTER DATABASE $PGDATABASE OWNER TO $loader"
    run_load_as_loader --quiet --create-schema users.csv
    expect_status 0
}

statistics() {
    sql "SELECT reltuples FROM pg_class WHERE oid = 'users.users'::regclass"
}

@test "who may not ANALYZE is told once; owner of the database or, in newer servers, MAINTAIN is enough" {
    local unknown
    unknown=$(statistics)
    # Each row counts.
    sql 'ALTER TABLE users.users SET (autovacuum_analyze_threshold = 0, autovacuum_analyze_scale_factor = 0)'
    run_load_as_loader --rebuild=never users.csv orders.csv items.csv
    expect_status 0
    [[ $stderr == "timele-load: the planner's statistics are not brought up to date, because only their owner may ANALYZE products.departments, products.aisles, products.products, users.users, orders.orders, orders.order_items (from PostgreSQL 17 on, also who has MAINTAIN)" ]] ||
        unexpected 'expected one note'
    [[ $(statistics) == "$unknown" ]]
    run_load_as_loader --quiet --rebuild=never --mode=skip users.csv
    expect_silence
    if server_is 17; then
        sql "GRANT MAINTAIN ON users.users TO $loader"
        expect_analyzed 3
        sql "REVOKE MAINTAIN ON users.users FROM $loader; GRANT pg_maintain TO $loader"
        expect_analyzed 4
        sql "REVOKE pg_maintain FROM $loader"
    fi
    sql "ALTER DATABASE $PGDATABASE OWNER TO $loader"
    expect_analyzed 5
}

# expect_analyzed ID: the user with this id is loaded, and the planner knows all of them afterwards.
expect_analyzed() {
    printf 'user_id,email_address\n%s,%s@example.org\n' "$1" "$1" >users.csv
    run_load_as_loader --rebuild=never users.csv
    expect_status 0
    expect_silence
    expect_sql "SELECT reltuples = (SELECT count(*) FROM users.users)
                  FROM pg_class WHERE oid = 'users.users'::regclass" t
}

@test "a role that may read and write all data, and owns none, can do what is done row by row" {
    needs_server 14
    maintain "DROP ROLE IF EXISTS writer_of_privileges" "CREATE ROLE writer_of_privileges LOGIN" \
        "GRANT pg_read_all_data, pg_write_all_data TO writer_of_privileges"
    export PGUSER=writer_of_privileges
    run_load --quiet users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    sed -i 's/bob/Bob/' users.csv
    run_load --quiet --mode=upsert users.csv
    expect_status 0
    expect_sql 'SELECT email_address FROM users.users WHERE id = 2' Bob@example.org
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
    sed -i 2d orders.csv items.csv
    run_load --quiet --mode=replace users.csv orders.csv items.csv
    expect_status 0
    expect_sql 'SELECT id FROM users.users' 1
    run_load --quiet --verify
    expect_status 0
}

# From PostgreSQL 16 on, a role with CREATEROLE has no part in what it creates.
@test "--create-api by a role with CREATEROLE, which owns the database; it can let others use the API" {
    maintain 'DROP ROLE IF EXISTS creator_of_privileges, server_of_privileges' \
        'CREATE ROLE creator_of_privileges LOGIN CREATEROLE'
    sql "DROP SCHEMA users, orders, products, timele_load CASCADE;
         DROP TYPE public.order_status_enum;
         ALTER DATABASE $PGDATABASE OWNER TO creator_of_privileges;
         GRANT CREATE ON SCHEMA public TO creator_of_privileges" 2>/dev/null
    sed -i s/2,1,1,0,8/2,2,1,0,8/ orders.csv
    export PGUSER=creator_of_privileges
    run_load --create-schema --create-api
    expect_status 0
    expect_silence
    run_load --create-schema --create-api --rebuild=always users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    sql 'CREATE ROLE server_of_privileges LOGIN'
    # Who has made timele_api may grant it; here somebody else has.
    PGUSER=$SUPERUSER sql 'GRANT timele_api TO server_of_privileges'
    PGUSER=server_of_privileges expect_sql 'SELECT email_address FROM api.users' bob@example.org
}

@test "--reset by a role that owns nothing" {
    before=$(snapshot)
    run_load_as_loader --reset
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'must be owner of schema'
    expect_unchanged "$before"
}

# Settings of the role -----------------------------------------------------------------------------

@test "default_transaction_read_only" {
    maintain "ALTER ROLE $loader IN DATABASE $PGDATABASE SET default_transaction_read_only = on"
    run_load_as_loader users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
}

@test "a short statement_timeout does not end the load" {
    sql <<'SQL'
CREATE FUNCTION public.sleep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_sleep(0.8);
  RETURN NEW;
END
$$;
CREATE TRIGGER sleep BEFORE INSERT ON users.users FOR EACH ROW EXECUTE FUNCTION public.sleep();
SQL
    maintain "ALTER ROLE $loader IN DATABASE $PGDATABASE SET statement_timeout = '500ms'"
    run_load_as_loader users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
}

# The session is idle while the files are read.
@test "a short idle_in_transaction_session_timeout does not end the load" {
    seq -f '%.0f,1,1,0,8' 3 150000 >>orders.csv
    maintain "ALTER ROLE $loader IN DATABASE $PGDATABASE SET idle_in_transaction_session_timeout = '1ms'"
    run_load_as_loader orders.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM orders.orders' 149999
}

@test "a search_path with other things of the same names" {
    sql "CREATE SCHEMA trap;
         CREATE TABLE trap.users (id text);
         CREATE TABLE trap.pg_class (oid int);
         CREATE FUNCTION trap.format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT (1 / 0)::text';
         GRANT ALL ON SCHEMA trap TO $loader"
    maintain "ALTER ROLE $loader IN DATABASE $PGDATABASE SET search_path = trap, pg_catalog"
    run_load_as_loader users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
}

# The shape of the tables --------------------------------------------------------------------------

@test "a missing table" {
    sql 'DROP TABLE orders.order_items'
    before=$(snapshot)
    run_load items.csv
    expect_refused "timele-load: error: there is no table orders.order_items in $PGDATABASE on $PGHOST
timele-load: detail: The database has these tables, and 4 more: orders.cart_items, orders.carts, orders.order_status_history, orders.orders, products.aisles.
timele-load: hint: Name TimeL-E's database with -d, or let --create-schema create what is missing in this one."
    run_load --create-schema users.csv orders.csv items.csv
    expect_status 0
}

@test "a database without the schema" {
    sql 'DROP SCHEMA users, orders, products CASCADE'
    before=$(snapshot)
    run_load users.csv
    expect_refused "timele-load: error: there is no table users.users in $PGDATABASE on $PGHOST
timele-load: detail: The database has no tables.
timele-load: hint: Name TimeL-E's database with -d, or let --create-schema create what is missing in this one."
}

@test "a column that --create-schema adds is missing" {
    sql 'ALTER TABLE users.users DROP COLUMN external_user_id'
    before=$(snapshot)
    run_load users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_line 'timele-load: error: users.users has no column external_user_id'
    expect_stderr_contains '--create-schema'
    expect_unchanged "$before"
    run_load --create-schema users.csv
    expect_status 0
}

@test "a database of another application: what it has is told" {
    sql 'DROP SCHEMA users, orders, products CASCADE;
         CREATE TABLE public.orders (n integer);
         CREATE TABLE public."Ua" (n integer);
         CREATE SCHEMA users;
         CREATE VIEW users.users AS SELECT 1 AS user_id'
    before=$(snapshot)
    run_load users.csv
    expect_refused "timele-load: error: users.users in $PGDATABASE on $PGHOST is a view, and no table
timele-load: detail: The database has these tables: public.\"Ua\", public.orders.
timele-load: hint: Name TimeL-E's database with -d."

    sql 'DROP VIEW users.users; CREATE TABLE users.users (id bigint, login text, mail text)'
    before=$(snapshot)
    run_load users.csv
    expect_refused 'timele-load: error: users.users has no column external_user_id
timele-load: detail: The table has these columns: id, login, mail.
timele-load: hint: --create-schema adds the columns that older databases lack; any other must be added by hand, as in schema.sql.'
}

@test "a column that --create-schema does not add is missing" {
    sql 'ALTER TABLE users.users DROP COLUMN city'
    before=$(snapshot)
    run_load --create-schema users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_line 'timele-load: error: users.users has no column city'
    expect_stderr_contains 'by hand'
    expect_unchanged "$before"
}

@test "a column of another type names table, column, found and expected type" {
    sql 'ALTER TABLE users.users ALTER COLUMN postal_code TYPE integer USING NULL'
    before=$(snapshot)
    run_load users.csv
    expect_refused 'timele-load: error: users.users.postal_code is integer, expected character varying'

    sql 'ALTER TABLE users.users ALTER COLUMN postal_code TYPE text,
                                 ALTER COLUMN last_login TYPE timestamp'
    before=$(snapshot)
    run_load users.csv
    expect_refused 'timele-load: error: users.users.last_login is timestamp without time zone, expected timestamp with time zone'

    sql 'ALTER TABLE users.users ALTER COLUMN last_login TYPE timestamptz'
    run_load users.csv
    expect_status 0
}

@test "a shorter column than TimeL-E's sets the limit" {
    sql 'ALTER TABLE users.users ALTER COLUMN email_address TYPE varchar(15)'
    before=$(snapshot)
    run_load users.csv
    expect_status 0
    before=$(snapshot)
    printf 'user_id,email_address\n3,someone@example.org\n' >users.csv
    run_load users.csv
    expect_status 2
    expect_stderr_line 'users.csv:2: email_address: longer than 15 characters (19) ("someone@example.org")'
    expect_unchanged "$before"
}

@test "another column that must have a value" {
    sql 'ALTER TABLE users.users ADD COLUMN tenant integer NOT NULL DEFAULT 1'
    run_load users.csv
    expect_status 0
    sql 'ALTER TABLE users.users ALTER COLUMN tenant DROP DEFAULT'
    before=$(snapshot)
    printf 'user_id,email_address\n3,cy@example.org\n' >users.csv
    run_load users.csv
    expect_refused 'timele-load: error: users.users.tenant must be given a value (NOT NULL without a default), but no file has one'
}

@test "a view in a table's place" {
    sql 'ALTER TABLE users.users RENAME TO people; CREATE VIEW users.users AS SELECT * FROM users.people'
    before=$(snapshot)
    run_load users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'users.users'
    expect_unchanged "$before"
}

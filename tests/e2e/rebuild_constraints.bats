#!/usr/bin/env bats
#
# Kinds of constraints and indexes, and states that they can be in, of which rebuild.bats has no
# example: those of some servers alone, and an index that is just being made.

load harness
load concurrency
load small_shop
load rebuild_shop

OWNER=owner_for_rebuild_constraints

teardown() {
    release
    wait
}

# described: the constraints and indexes of the users, as the catalog has them.
described() {
    sql "SELECT conname, contype, condeferrable, condeferred, pg_get_constraintdef(oid),
                obj_description(oid, 'pg_constraint')
           FROM pg_constraint WHERE conrelid = 'users.users'::regclass ORDER BY conname;
         SELECT pg_get_indexdef(c.oid), c.reloptions, s.spcname, i.indisreplident, i.indisclustered,
                i.indimmediate, i.indisvalid, obj_description(c.oid, 'pg_class'),
                (SELECT string_agg(concat(attnum, ':', attstattarget), ',' ORDER BY attnum)
                   FROM pg_attribute WHERE attrelid = c.oid AND attstattarget >= 0)
           FROM pg_index i
           JOIN pg_class c ON c.oid = i.indexrelid
           LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
          WHERE i.indrelid = 'users.users'::regclass ORDER BY 1;
         SELECT stxname, pg_get_statisticsobjdef(oid), to_jsonb(s) -> 'stxstattarget'
           FROM pg_statistic_ext s ORDER BY stxname"
}

# expect_rebuilt_alike NAME...: all is made again as it was, and these have other oids.
expect_rebuilt_alike() {
    local name before=() described
    described=$(described)
    for name; do
        before+=("$(sql "SELECT 'users.$name'::regclass::oid")")
    done
    load_quietly --rebuild=always "${FILES[@]}"
    expect_equal "$described" "$(described)"
    printf 'user_id,email_address,phone_number\n7,gil@example.org,7\n' >users.csv
    load_quietly --rebuild=always users.csv
    expect_equal "$described" "$(described)"
    for name; do
        [[ ${before[0]} != "$(sql "SELECT 'users.$name'::regclass::oid")" ]]
        before=("${before[@]:1}")
    done
}

@test "a unique constraint that takes NULLs for the same" {
    needs_server 15
    sql "ALTER TABLE users.users ADD CONSTRAINT one_none UNIQUE NULLS NOT DISTINCT (id, phone_number)
           INCLUDE (city) WITH (fillfactor = 61) DEFERRABLE;
         COMMENT ON CONSTRAINT one_none ON users.users IS 'of each'"
    [[ $(described) == *'UNIQUE NULLS NOT DISTINCT (id, phone_number) INCLUDE (city)'*'fillfactor=61'* ]]
    expect_rebuilt_alike one_none
    sql 'DELETE FROM orders.order_items; DELETE FROM orders.orders; DELETE FROM users.users;
         ALTER TABLE users.users ADD CONSTRAINT one_number UNIQUE NULLS NOT DISTINCT (postal_code)'
    printf 'user_id,email_address\n8,h@example.org\n9,i@example.org\n' >users.csv
    run_load --rebuild=always users.csv
    expect_status 3
    expect_stderr_contains 'one_number'
}

@test "a primary key that takes NULLs for the same: only PostgreSQL 15 can make it" {
    local why='primary key users.users_pkey is NULLS NOT DISTINCT: none can be created like that' made
    needs_server 15
    if server_is 16; then
        # As pg_upgrade takes it along.
        sql "UPDATE pg_index SET indnullsnotdistinct = true WHERE indexrelid = 'users.users_pkey'::regclass"
        expect_obstacle "$why"
        expect_in_place "$why"
    else
        sql 'ALTER TABLE products.product_enriched DROP CONSTRAINT product_enriched_pkey;
             CREATE UNIQUE INDEX one_none ON products.product_enriched (product_id) NULLS NOT DISTINCT;
             ALTER TABLE products.product_enriched ADD PRIMARY KEY USING INDEX one_none'
        printf 'product_id,description,price\n101,ripe,1.50\n' >enriched.csv
        made=$(sql "SELECT pg_get_indexdef('products.one_none'::regclass)")
        load_quietly --rebuild=always enriched.csv products.csv aisles.csv departments.csv
        expect_sql "SELECT pg_get_indexdef(indexrelid) FROM pg_index
                     WHERE indrelid = 'products.product_enriched'::regclass AND indisprimary" "$made"
    fi
}

@test "what PostgreSQL 14 can have: INCLUDE in SP-GiST, multiranges, statistics of expressions" {
    needs_server 14
    sql "ALTER TABLE users.users ADD away tstzmultirange;
         CREATE INDEX inside ON users.users USING spgist (city) INCLUDE (last_name);
         CREATE INDEX away ON users.users USING gist (away);
         CREATE INDEX bloomed ON users.users USING brin (postal_code text_bloom_ops (false_positive_rate = 0.05));
         CREATE STATISTICS public.letters ON left(city, 1), lower(last_name) FROM users.users;
         ALTER STATISTICS public.letters SET STATISTICS 44"
    expect_rebuilt_alike inside away bloomed
}

@test "a deferrable exclusion constraint stays, with all that is said of it" {
    local id
    sql "ALTER TABLE users.users ADD CONSTRAINT \"not Both\" EXCLUDE USING hash (phone_number WITH =)
           WITH (fillfactor = 62) WHERE (id > 5) DEFERRABLE;
         COMMENT ON CONSTRAINT \"not Both\" ON users.users IS 'one each';
         COMMENT ON INDEX users.\"not Both\" IS 'hashed'"
    id=$(sql "SELECT 'users.\"not Both\"'::regclass::oid")
    expect_rebuilt_alike users_pkey users_email_address_key
    expect_equal "$id" "$(sql "SELECT 'users.\"not Both\"'::regclass::oid")"
    printf 'user_id,email_address,phone_number\n8,h@example.org,7\n' >users.csv
    run_load --rebuild=always users.csv
    expect_status 3
    expect_stderr_contains '"not Both"'
}

# A row that might violate it is looked at later, and until then the server creates no index.
@test "a deferred exclusion constraint stands in the way of a rebuild; it is looked at before the commit" {
    local why='exclusion constraint "not Both" of users.users is deferred' before
    sql "ALTER TABLE users.users ADD CONSTRAINT \"not Both\" EXCLUDE USING hash (phone_number WITH =)
           DEFERRABLE INITIALLY DEFERRED"
    expect_obstacle "$why"
    expect_in_place "$why"
    printf 'user_id,email_address,phone_number\n8,h@example.org,7\n9,i@example.org,7\n' >users.csv
    before=$(snapshot)
    run_load users.csv
    expect_status 3
    expect_stderr_contains 'violates exclusion constraint "not Both"'
    expect_unchanged "$before"
}

@test "what the owner of the tables may not name again: a table of a foreign key, a function of an index" {
    local table schema
    maintain "DROP ROLE IF EXISTS $OWNER" "CREATE ROLE $OWNER LOGIN"
    for table in users.users orders.orders orders.carts timele_load.runs timele_load.files; do
        sql "ALTER TABLE $table OWNER TO $OWNER"
    done
    for schema in users orders products timele_load; do
        sql "GRANT ALL ON SCHEMA $schema TO $OWNER; GRANT ALL ON ALL TABLES IN SCHEMA $schema TO $OWNER"
    done
    sql "CREATE SCHEMA secret;
         CREATE TABLE secret.towns (name varchar PRIMARY KEY);
         GRANT REFERENCES ON secret.towns TO $OWNER;
         ALTER TABLE users.users ADD CONSTRAINT known FOREIGN KEY (country) REFERENCES secret.towns"
    expect_obstacle 'no USAGE privilege on schema secret' "$OWNER"
    sql "ALTER TABLE users.users DROP CONSTRAINT known;
         CREATE FUNCTION secret.code(text) RETURNS text IMMUTABLE LANGUAGE sql SET search_path = pg_catalog
           AS 'SELECT left(\$1, 2)';
         CREATE INDEX coded ON users.users (secret.code(city))"
    expect_obstacle 'no privilege to call secret.code, a function of index users.coded' "$OWNER"
    sql "GRANT USAGE ON SCHEMA secret TO $OWNER; REVOKE EXECUTE ON FUNCTION secret.code FROM PUBLIC"
    expect_obstacle 'no privilege to call secret.code, a function of index users.coded' "$OWNER"
    sql "GRANT EXECUTE ON FUNCTION secret.code TO $OWNER"
    PGUSER=$OWNER load_quietly --rebuild=always users.csv
}

index_is_begun() {
    [[ $(sql "SELECT count(*) FROM pg_class WHERE relname = 'just_made'") == 1 ]]
}

@test "an index that is just being made CONCURRENTLY: the load goes on in place, and its rows are in it" {
    hold BEGIN 'LOCK users.users IN ROW EXCLUSIVE MODE'
    PGAPPNAME=maker sql 'CREATE INDEX CONCURRENTLY just_made ON users.users (city)' >made 2>&1 3>&- &
    eventually index_is_begun
    run_load --lock-timeout=1 users.csv
    expect_status 0
    [[ $stderr =~ ^'timele-load: indexes and constraints stay in place during the load: users.users is in use by server process '.*'
timele-load: warning: the planner'\''s statistics of users.users are not brought up to date: users.users is in use by server process '[0-9]+' (maker, ' ]] || unexpected
    printf 'COMMIT;\n' >&"${HOLDER[1]}"
    wait $!
    expect_sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'users.just_made'::regclass" t
    expect_sql "SET enable_seqscan = off; SELECT id FROM users.users WHERE city = 'Oslo'" 2
}

# Every foreign key of a database that Django made is deferred.
@test "a table in place has deferred constraints, and a foreign key that leads to a rebuilt table" {
    local key
    load_quietly "${FILES[@]}"
    for key in order_items_order_id_fkey order_items_product_id_fkey; do
        sql "ALTER TABLE orders.order_items ALTER CONSTRAINT $key DEFERRABLE INITIALLY DEFERRED"
    done
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
           SELECT n, 1, n, 0, 0 FROM generate_series(101, 140) n;
         INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
           SELECT id, 101, 1 FROM orders.orders WHERE id > 100;
         CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS
           \$\$BEGIN PERFORM seen(NEW.order_id); RETURN NULL; END\$\$;
         CREATE FUNCTION public.seen(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT \$1';
         CREATE CONSTRAINT TRIGGER looked AFTER INSERT ON orders.order_items
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.look();
         ANALYZE orders.order_items"
    { echo product_id,product_name,aisle_id,department_id &&
        seq 201 240 | sed 's/.*/&,Product &,24,4/'; } >products.csv
    printf 'order_id,product_id,add_to_cart_order\n13,201,2\n' >items.csv
    run_load --verbose products.csv items.csv
    expect_status 0
    expect_stderr_contains 'create foreign key order_items_product_id_fkey of orders.order_items'
    expect_nowhere 'create index orders.order_items'
    expect_sql "SELECT conname, condeferred, convalidated FROM pg_constraint
                 WHERE conrelid = 'orders.order_items'::regclass AND contype = 'f' ORDER BY conname" \
        $'order_items_order_id_fkey|t|t\norder_items_product_id_fkey|t|t'
    # What they refuse is told by name.
    sql "CREATE OR REPLACE FUNCTION public.seen(bigint) RETURNS bigint LANGUAGE plpgsql AS
           \$\$BEGIN RAISE EXCEPTION 'order % is full', \$1; END\$\$"
    { echo product_id,product_name,aisle_id,department_id &&
        seq 301 340 | sed 's/.*/&,Product &,24,4/'; } >products.csv
    printf 'order_id,product_id,add_to_cart_order\n13,301,3\n' >items.csv
    run_load products.csv items.csv
    expect_status 3
    expect_stderr_contains 'order 13 is full'
}

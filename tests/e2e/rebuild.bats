#!/usr/bin/env bats
#
# Indexes and constraints that are dropped before a load and made again after it: exactly as they
# were, or not touched at all.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load small_shop
load rebuild_shop

OWNER=owner_for_rebuild
SUPERUSER=$PGUSER

setup_file() {
    start_file
    setup_schema
    maintain "DROP ROLE IF EXISTS $OWNER" "CREATE ROLE $OWNER LOGIN"
}

# What was made again has another oid.
index_ids() {
    sql "SELECT i.indexrelid::regclass, i.indexrelid, i.indisvalid FROM pg_index i
           JOIN pg_class c ON c.oid = i.indrelid
          WHERE c.relnamespace::regnamespace::text IN ('users', 'orders', 'products')
          ORDER BY i.indexrelid::regclass::text"
}

foreign_key_ids() {
    sql "SELECT conrelid::regclass, conname, oid, convalidated FROM pg_constraint
          WHERE contype = 'f' ORDER BY conrelid::regclass::text, conname"
}

# Tablespaces are the server's: there may be one of an earlier test.
make_tablespace() {
    if [[ $(sql "SELECT count(*) FROM pg_tablespace WHERE spcname = 'Other Disk'") == 0 ]]; then
        psql -XAtq -v ON_ERROR_STOP=1 -c 'SET allow_in_place_tablespaces = on' \
            -c "CREATE TABLESPACE \"Other Disk\" LOCATION ''"
    fi
}

# Everything an index or a constraint can be, on tables that a load of FILES fills.
make_user_objects() {
    make_tablespace
    local not_distinct='' only_product=''
    if server_is 15; then
        not_distinct='NULLS NOT DISTINCT' only_product='(product_id)'
    fi
    psql -XAtq -v ON_ERROR_STOP=1 -v not_distinct="$not_distinct" -v only_product="$only_product" \
        --single-transaction <<'SQL'
SET LOCAL client_min_messages = error;
CREATE FUNCTION public.shout(text) RETURNS text IMMUTABLE LANGUAGE sql SET search_path = pg_catalog
  AS 'SELECT upper($1)';

CREATE INDEX "Sweet; ""home""" ON users.users (city) WHERE city <> 'it''s';
COMMENT ON INDEX users."Sweet; ""home""" IS 'for the ''map''';
CREATE INDEX shouted ON users.users (public.shout(email_address), (id % 7)) WITH (fillfactor = 71);
ALTER INDEX users.shouted ALTER COLUMN 1 SET STATISTICS 17;
ALTER INDEX users.shouted ALTER COLUMN 2 SET STATISTICS 0;
CREATE INDEX covering ON users.users (last_name) INCLUDE (first_name, phone_number);
CREATE INDEX collated ON users.users (city COLLATE "C" text_pattern_ops DESC NULLS LAST,
                                      last_login NULLS FIRST);
CREATE INDEX hashed ON users.users USING hash (postal_code) WITH (fillfactor = 60);
CREATE INDEX ranged ON orders.orders USING brin (created_at) WITH (pages_per_range = 7);
CREATE INDEX searched ON products.products
  USING gin (to_tsvector('english', product_name)) WITH (fastupdate = off);
CREATE INDEX grown ON users.users USING gist (point(id, days_between_order_notifications));
CREATE INDEX elsewhere ON orders.order_items (add_to_cart_order) TABLESPACE "Other Disk";
CREATE UNIQUE INDEX one_phone ON users.users (phone_number) :not_distinct WHERE id >= 400000;
CREATE INDEX signed ON users.users
  USING gist (to_tsvector('english', city) tsvector_ops (siglen = 100)) TABLESPACE "Other Disk";
CREATE INDEX words ON products.products (product_name COLLATE "C", product_id) INCLUDE (aisle_id);
ALTER INDEX products.words DEPENDS ON EXTENSION plpgsql;
ALTER INDEX orders.orders_pkey DEPENDS ON EXTENSION plpgsql;

ALTER TABLE orders.orders ADD CONSTRAINT "once per User" UNIQUE (user_id, order_number)
  WITH (fillfactor = 55) USING INDEX TABLESPACE "Other Disk" DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT "once per User" ON orders.orders IS $$it's "theirs"$$;
COMMENT ON INDEX orders."once per User" IS 'and the index';
ALTER TABLE orders.order_items ADD CONSTRAINT places UNIQUE (order_id, add_to_cart_order)
  INCLUDE (quantity) DEFERRABLE;
ALTER TABLE users.users ADD CONSTRAINT apart EXCLUDE USING hash (country WITH =) WHERE (id > 5);
ALTER TABLE users.users ADD CONSTRAINT sober CHECK (city <> 'Atlantis') NOT VALID;
ALTER TABLE users.users CLUSTER ON covering;
ALTER TABLE orders.orders CLUSTER ON orders_pkey;
ALTER TABLE users.users REPLICA IDENTITY USING INDEX users_external_user_id_key;
ALTER TABLE orders.orders REPLICA IDENTITY FULL;
COMMENT ON CONSTRAINT users_pkey ON users.users IS 'the key';
COMMENT ON CONSTRAINT orders_user_id_fkey ON orders.orders IS 'whose order; it''s proven';

CREATE TABLE public.carriers (name varchar PRIMARY KEY);
ALTER TABLE orders.orders ADD CONSTRAINT carried FOREIGN KEY (shipping_carrier)
  REFERENCES public.carriers MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL;
CREATE TABLE public.notes (
  author bigint REFERENCES users.users ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  author_id uuid REFERENCES users.users (external_user_id) ON DELETE SET DEFAULT,
  order_id bigint, product_id integer, thread bigint UNIQUE REFERENCES public.notes (thread),
  CONSTRAINT "about an Item" FOREIGN KEY (order_id, product_id) REFERENCES orders.order_items
    MATCH FULL ON DELETE SET NULL :only_product DEFERRABLE
);
ALTER TABLE public.notes ADD CONSTRAINT unproven FOREIGN KEY (order_id) REFERENCES orders.orders
  ON UPDATE RESTRICT NOT VALID;
-- As pg_restore --disable-triggers leaves it when it is interrupted, and other states.
ALTER TABLE public.notes DISABLE TRIGGER ALL;
DO $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT g.tgrelid::regclass AS relation, g.tgname, k.conname
      FROM pg_trigger g JOIN pg_constraint k ON k.oid = g.tgconstraint
     WHERE k.conname IN ('orders_user_id_fkey', 'carried')
  LOOP
    EXECUTE format('ALTER TABLE %s ENABLE %s TRIGGER %I', t.relation,
                   CASE t.conname WHEN 'carried' THEN 'ALWAYS' ELSE 'REPLICA' END, t.tgname);
  END LOOP;
END
$$;
CREATE STATISTICS public.together ON city, country FROM users.users;
CREATE PUBLICATION changes FOR TABLE users.users, orders.orders;
CREATE VIEW public.names AS SELECT id, first_name FROM users.users;
SQL
    # An index whose making failed stays behind, invalid.
    sql "INSERT INTO users.users (id, city, phone_number)
         VALUES (500000, 'Rome', 1), (500001, 'Rome', 2)"
    run psql -Xq -c 'CREATE UNIQUE INDEX CONCURRENTLY broken ON users.users (city)'
    ((status != 0))
    sql 'DELETE FROM users.users'
}

# What pg_dump does not tell: how the triggers of foreign keys fire, and what depends on what, all by
# names, as what was made again has other oids.
hidden_definitions() {
    sql "SELECT k.conrelid::regclass, k.conname, t.tgrelid::regclass, t.tgfoid::regproc, t.tgenabled
           FROM pg_trigger t JOIN pg_constraint k ON k.oid = t.tgconstraint
          ORDER BY k.conrelid::regclass::text, k.conname, t.tgrelid::regclass::text, t.tgfoid;
         SELECT d.deptype, o.*, r.*
           FROM pg_depend d
          CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS o
          CROSS JOIN LATERAL pg_identify_object(d.refclassid, d.refobjid, d.refobjsubid) AS r
          WHERE d.objid >= 16384 AND o.type <> 'trigger'
          ORDER BY o.identity COLLATE \"C\", r.identity COLLATE \"C\", d.deptype;
         SELECT c.oid::regclass, c.relreplident, c.relhasindex, c.reltablespace, c.relowner::regrole,
                a.attname, a.attnotnull, a.attstattarget, a.attoptions
           FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE c.oid >= 16384 AND c.relkind IN ('r', 'i')
            AND c.relnamespace::regnamespace::text IN ('users', 'orders', 'products', 'public')
          ORDER BY c.oid::regclass::text COLLATE \"C\", a.attnum"
}

@test "every index and constraint is made again exactly as it was, in empty and in filled tables" {
    local before hidden ids keys
    make_user_objects
    before=$(definitions)
    hidden=$(hidden_definitions)
    [[ $hidden == *'|D'* && $hidden == *'|R'* && $hidden == *'|A'* && $before == *'DEPENDS ON'* ]]
    ids=$(index_ids)
    keys=$(foreign_key_ids)
    load_quietly --rebuild=always "${FILES[@]}"
    expect_equal "$before" "$(definitions)"
    expect_equal "$hidden" "$(hidden_definitions)"
    # The exclusion constraint, the invalid index and the indexes of other tables are the same ones.
    expect_equal '' "$(comm -12 <(index_ids | sort) <(sort <<<"$ids") |
        grep -vE '^(users\.(apart|broken)|orders\.(cart|order_status_history)|products\.product_enriched)')"
    grep -q '^users.broken|.*|f$' <<<"$(comm -12 <(index_ids | sort) <(sort <<<"$ids"))"
    expect_equal notes\|notes_thread_fkey \
        "$(comm -12 <(foreign_key_ids | sort) <(sort <<<"$keys") | cut -d'|' -f1,2 |
        grep -vE '^(orders\.cart|timele_load\.)')"
    ids=$(index_ids)
    printf 'user_id,email_address\n7,gil@example.org\n' >users.csv
    load_quietly --rebuild=always users.csv
    expect_equal "$before" "$(definitions)"
    expect_equal "$hidden" "$(hidden_definitions)"
    expect_equal 0 "$(comm -12 <(index_ids | sort) <(sort <<<"$ids") | grep -c '^users.users_pkey')"
    # They work.
    sql 'ALTER TABLE public.notes ENABLE TRIGGER ALL'
    run sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
             VALUES (3422000, 1, 1, 0, 0)"
    [[ $status != 0 && $output == *'"once per User"'* ]]
    run sql "INSERT INTO public.notes (author) VALUES (99)"
    [[ $status != 0 && $output == *notes_author_fkey* ]]
}

# Which tables are rebuilt --------------------------------------------------------------------------

# expect_rebuilt COUNT: as many indexes as this have been made again since `ids` was taken.
expect_rebuilt() {
    local now
    now=$(index_ids)
    [[ $(comm -13 <(sort <<<"$ids") <(sort <<<"$now") | wc -l) == "$1" ]] || {
        diff <(echo "$ids") <(echo "$now") >&2
        return 1
    }
    ids=$now
}

# write_users FIRST LAST
write_users() {
    { echo user_id,email_address && seq "$1" "$2" | sed 's/.*/&,u&@example.org/'; } >users.csv
}

@test "auto rebuilds what was empty or gets a quarter of what it holds; never and always say" {
    local ids
    ids=$(index_ids)
    load_quietly --rebuild=never "${FILES[@]}"
    expect_rebuilt 0
    expect_sql 'SELECT max(relallvisible) FROM pg_class WHERE oid = $$users.users$$::regclass' 0
    load_quietly --reset --create-schema
    ids=$(index_ids)
    # All of their indexes; those of the carts, the histories and the prices stay.
    load_quietly "${FILES[@]}"
    expect_rebuilt 17
    write_users 11 110
    load_quietly users.csv
    expect_rebuilt 3
    write_users 111 134
    load_quietly users.csv
    expect_rebuilt 0
    write_users 136 175
    load_quietly users.csv
    expect_rebuilt 3
    write_users 176 200
    load_quietly --rebuild=always users.csv
    expect_rebuilt 3
    write_users 201 600
    load_quietly --rebuild=never users.csv
    expect_rebuilt 0
    expect_sql 'SELECT count(*), count(DISTINCT email_address) FROM users.users' '591|591'
}

@test "rows of empty tables are frozen; the planner knows what was loaded" {
    # What is frozen in PostgreSQL 13, VACUUM marks as such later.
    local visible=f
    ! server_is 14 || visible=t
    load_quietly "${FILES[@]}"
    expect_sql "SELECT oid::regclass, reltuples, relallvisible = relpages AND relpages > 0
                  FROM pg_class WHERE relkind = 'r' AND reltuples > 0
                   AND relnamespace::regnamespace::text IN ('users', 'orders', 'products')
                 ORDER BY oid::regclass::text" \
        "orders.order_items|5|$visible
orders.orders|3|$visible
products.aisles|2|$visible
products.departments|2|$visible
products.products|3|$visible
users.users|2|$visible"
    expect_sql "SELECT tablename, attname, n_distinct FROM pg_stats
                 WHERE (tablename, attname) IN (('users', 'city'), ('order_items', 'order_id'),
                                                ('products', 'product_name'))
                 ORDER BY tablename" $'order_items|order_id|-0.6\nproducts|product_name|-1
users|city|-0.5'
    write_users 11 110
    load_quietly users.csv
    # Frozen is what stood there before.
    expect_sql "SELECT reltuples, relallvisible < relpages FROM pg_class
                 WHERE oid = 'users.users'::regclass" '102|t'
    expect_sql "SELECT n_distinct FROM pg_stats WHERE tablename = 'users' AND attname = 'id'" -1
}

# What stands in the way ----------------------------------------------------------------------------

as_superuser() {
    PGUSER=$SUPERUSER sql "$@"
}

# expect_in_the_way WHY STATEMENT [UNDOING]: after the statement, `always` says why not and leaves all
# as it is; `auto` says why not, in one line, and loads in place.
expect_in_the_way() {
    local before ids
    as_superuser "SET client_min_messages = error; $2" >/dev/null
    before=$(PGUSER=$SUPERUSER snapshot)
    run_load --rebuild=always users.csv
    expect_status 3
    expect_stdout ''
    expect_equal "timele-load: error: indexes and constraints cannot be rebuilt: $1
timele-load: hint: --rebuild=auto loads such a table in place." "$stderr"
    PGUSER=$SUPERUSER expect_unchanged "$before"
    ids=$(index_ids)
    run_load users.csv
    expect_status 0
    expect_equal "timele-load: indexes and constraints stay in place during the load: $1${unanalyzed:-}" "$stderr"
    expect_sql 'SELECT id FROM users.users ORDER BY id' $'1\n2'
    expect_rebuilt 0
    as_superuser "DELETE FROM users.users; ${3:-}"
}

@test "what depends on a constraint stands in the way" {
    local grouped='SELECT id, email_address FROM users.users GROUP BY id'
    local refusal='cannot drop constraint users_pkey on table users.users because other objects depend on it'
    expect_in_the_way "$refusal: view public.a depends on constraint users_pkey on table users.users" \
        "CREATE VIEW public.a AS $grouped"
    expect_in_the_way "$refusal: view public.a depends on constraint users_pkey on table users.users; view public.b depends on constraint users_pkey on table users.users" \
        "CREATE VIEW public.b AS $grouped" 'DROP VIEW public.a, public.b'
    expect_in_the_way "$refusal: materialized view public.a depends on constraint users_pkey on table users.users" \
        "CREATE MATERIALIZED VIEW public.a AS $grouped" 'DROP MATERIALIZED VIEW public.a'
    # Functions of PostgreSQL 13 are text alone, on which nothing depends.
    ! server_is 14 ||
        expect_in_the_way "$refusal: function public.a() depends on constraint users_pkey on table users.users" \
            "CREATE FUNCTION public.a() RETURNS bigint LANGUAGE sql
             BEGIN ATOMIC SELECT count(*) FROM ($grouped) AS t; END" 'DROP FUNCTION public.a'
    expect_in_the_way "$refusal: rule kept on table public.a depends on constraint users_pkey on table users.users" \
        "CREATE TABLE public.a (id bigint);
         CREATE RULE kept AS ON INSERT TO public.a DO INSTEAD
           INSERT INTO users.users (id) VALUES (NEW.id) ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING" \
        'DROP TABLE public.a'
}

@test "children and triggers stand in the way" {
    expect_in_the_way 'users.users has child tables' \
        'CREATE TABLE public.child () INHERITS (users.users)' 'DROP TABLE public.child'
    expect_in_the_way 'users.users inherits from another table' \
        'CREATE TABLE public.parent (id bigint); ALTER TABLE users.users INHERIT public.parent' \
        'ALTER TABLE users.users NO INHERIT public.parent; DROP TABLE public.parent'
    sql 'CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$BEGIN RAISE EXCEPTION $q$no %$q$, TG_OP; END$$;
         CREATE FUNCTION public.allow() RETURNS trigger LANGUAGE plpgsql AS
         $$BEGIN RETURN NULL; END$$'
    expect_in_the_way 'trigger kept of users.users fires on TRUNCATE' \
        'CREATE TRIGGER kept BEFORE TRUNCATE ON users.users EXECUTE FUNCTION public.refuse()' \
        'DROP TRIGGER kept ON users.users'
    expect_in_the_way 'trigger "Later" of users.users is deferred' \
        'CREATE CONSTRAINT TRIGGER "Later" AFTER INSERT ON users.users
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.allow()' \
        'ALTER TABLE users.users DISABLE TRIGGER "Later"'
    load_quietly --rebuild=always users.csv
}

@test "an event trigger that refuses what a rebuild does stands in the way" {
    local tag
    sql 'CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
         $$BEGIN RAISE EXCEPTION $q$% stays as it is$q$, TG_TAG; END$$;
         CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS
         $$BEGIN NOTIFY changes; END$$;
         CREATE FUNCTION public.spare_users() RETURNS event_trigger LANGUAGE plpgsql AS
         $$BEGIN
             IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name = $q$users$q$) THEN
               RAISE EXCEPTION $q$users are spared$q$;
             END IF;
           END$$'
    for tag in 'ALTER TABLE' 'CREATE INDEX' 'COMMENT'; do
        expect_in_the_way "$tag stays as it is: in: PL/pgSQL function public.refuse() line 1 at RAISE" \
            "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN tag IN ('$tag')
               EXECUTE FUNCTION public.refuse()" 'DROP EVENT TRIGGER refuse'
    done
    expect_in_the_way 'ALTER TABLE stays as it is: in: PL/pgSQL function public.refuse() line 1 at RAISE' \
        'CREATE EVENT TRIGGER refuse ON sql_drop EXECUTE FUNCTION public.refuse()' \
        'DROP EVENT TRIGGER refuse'
    expect_in_the_way 'users are spared: in: PL/pgSQL function public.spare_users() line 3 at RAISE' \
        "CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN tag IN ('CREATE INDEX')
           EXECUTE FUNCTION public.spare_users()" SELECT
    load_quietly --rebuild=always departments.csv
    sql 'DROP EVENT TRIGGER refuse;
         CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.watch()'
    load_quietly --rebuild=always users.csv
}

@test "an event trigger that forbids every drop lets rows be updated and deleted" {
    load_quietly "${FILES[@]}"
    sql 'CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
         $$BEGIN RAISE EXCEPTION $q$nothing is dropped here$q$; END$$;
         CREATE EVENT TRIGGER refuse ON sql_drop EXECUTE FUNCTION public.refuse()'
    sed -i 's/ADA/Ann/' users.csv
    printf 'order_id,status,changed_at\n11,shipped,2024-01-01 10:00:00\n' >events.csv
    load_quietly --mode=upsert --rebuild=never "${FILES[@]}" events.csv
    load_quietly --mode=upsert --rebuild=never events.csv
    sed -i '/^13,/d' orders.csv items.csv
    load_quietly --mode=replace "${FILES[@]}"
    load_quietly --mode=replace orders.csv items.csv
    expect_sql 'SELECT count(*) FROM orders.orders' 2
    sql 'DROP EVENT TRIGGER refuse'
}

# give TABLE...: to the role that the test becomes.
give() {
    local table
    for table; do
        echo "ALTER TABLE $table OWNER TO $OWNER;"
    done | PGUSER=$SUPERUSER sql
}

@test "another role's table stands in the way, and a privilege that is not there" {
    make_tablespace
    give orders.orders orders.carts
    sql "GRANT USAGE ON SCHEMA users, orders TO $OWNER;
         GRANT SELECT, INSERT, DELETE ON users.users TO $OWNER;
         GRANT SELECT, UPDATE ON SEQUENCE users.users_id_seq TO $OWNER;
         GRANT USAGE ON SCHEMA timele_load TO $OWNER;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA timele_load TO $OWNER"
    export PGUSER=$OWNER
    local unanalyzed=$'\n'"timele-load: the planner's statistics are not brought up to date, because only their owner may ANALYZE users.users (from PostgreSQL 17 on, also who has MAINTAIN)"
    expect_in_the_way 'users.users belongs to postgres' SELECT
    unanalyzed=
    give users.users
    expect_in_the_way 'no CREATE privilege on schema users' SELECT
    as_superuser "GRANT CREATE ON SCHEMA users TO $OWNER"
    expect_in_the_way 'public.theirs belongs to postgres' \
        'CREATE TABLE public.theirs (id bigint REFERENCES users.users)' 'DROP TABLE public.theirs'
    expect_in_the_way 'no CREATE privilege on tablespace "Other Disk"' \
        'CREATE INDEX there ON users.users (city) TABLESPACE "Other Disk"' 'DROP INDEX users.there'
    expect_in_the_way 'only a superuser can switch off the triggers of foreign key orders_user_id_fkey of orders.orders again' \
        'ALTER TABLE orders.orders DISABLE TRIGGER ALL' 'ALTER TABLE orders.orders ENABLE TRIGGER ALL'
    load_quietly --rebuild=always users.csv
}

# What the data violates ----------------------------------------------------------------------------

# expect_violation CONSTRAINT STATEMENT UNDOING: the rows violate what the statement makes.
expect_violation() {
    local before
    sql "$2"
    before=$(snapshot)
    run_load "${FILES[@]}"
    expect_status 3
    expect_stdout ''
    [[ $stderr == 'timele-load: error: '*"$1"* ]] || unexpected "expected the name: $1"
    expect_unchanged "$before"
    sql "$3"
}

# The ledger's rows of failed runs are meant to be there.
room_taken() {
    sql "SELECT c.oid::regclass, pg_relation_size(c.oid) FROM pg_class c WHERE c.oid >= 16384
            AND relnamespace <> 'timele_load'::regnamespace ORDER BY c.oid"
}

@test "a user's constraint that the rows violate is named; all is as before and takes no more room" {
    local room
    room=$(room_taken)
    expect_violation 'index users."one a Name": could not create unique index' \
        'CREATE UNIQUE INDEX "one a Name" ON users.users (left(hashed_password, 4)) INCLUDE (city)' \
        'DROP INDEX users."one a Name"'
    expect_violation 'index orders."One Each"' \
        'ALTER TABLE orders.order_items ADD CONSTRAINT "One Each" UNIQUE (product_id) DEFERRABLE' \
        'ALTER TABLE orders.order_items DROP CONSTRAINT "One Each"'
    expect_violation 'foreign key "in Town" of orders.orders' \
        'CREATE TABLE public.towns (number integer PRIMARY KEY);
         ALTER TABLE orders.orders ADD CONSTRAINT "in Town" FOREIGN KEY (order_dow)
           REFERENCES public.towns DEFERRABLE INITIALLY DEFERRED' \
        'ALTER TABLE orders.orders DROP CONSTRAINT "in Town"; DROP TABLE public.towns'
    expect_violation '"no Bread"' \
        "ALTER TABLE products.aisles ADD CONSTRAINT \"no Bread\" CHECK (aisle <> 'missing')" \
        'ALTER TABLE products.aisles DROP CONSTRAINT "no Bread"'
    expect_violation '"far apart"' \
        'ALTER TABLE users.users ADD CONSTRAINT "far apart" EXCLUDE ((id / 10) WITH =)' \
        'ALTER TABLE users.users DROP CONSTRAINT "far apart"'
    expect_equal "$room" "$(room_taken)"
    # The schema's own unique column is looked at before, and named with its lines.
    sed -i 's/ada@/bob@/' users.csv
    run_load "${FILES[@]}"
    expect_status 2
    expect_stderr_line 'users.csv:3: email_address: stands twice, first on line 2 ("bob@example.org")'
    expect_equal "$room" "$(room_taken)"
}

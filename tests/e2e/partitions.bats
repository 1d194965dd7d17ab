#!/usr/bin/env bats
#
# Tables that a user has partitioned: they are loaded in place, the others are rebuilt all the same.
# What is loaded, and every definition afterwards, is as without partitions.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load small_shop
load rebuild_shop

OWNER=owner_for_partitions

teardown() {
    release
}

# partition TABLE KEY CLAUSE PARTITION...: each partition is a name and its bounds.
partition() {
    psql -XAtq -v ON_ERROR_STOP=1 -v table="$1" -v key="$2" -v clause="$3" \
        --file "$PROJECT_ROOT/tests/e2e/fixtures/partition.sql" >/dev/null
    local part
    for part in "${@:4}"; do
        sql "CREATE TABLE ${part%% *} PARTITION OF $1 ${part#* }"
    done
}

# Two levels, a partition in another schema, a default one.
partition_items_by_range() {
    partition orders.order_items order_id,product_id 'RANGE (order_id)' \
        'orders.items_low FOR VALUES FROM (1) TO (12)' \
        'orders.items_high FOR VALUES FROM (12) TO (14) PARTITION BY LIST (product_id)' \
        'public.items_rest DEFAULT'
    sql 'CREATE TABLE public."Items, of 101" PARTITION OF orders.items_high FOR VALUES IN (101);
         CREATE TABLE orders.items_others PARTITION OF orders.items_high DEFAULT'
}

# Foreign keys as the catalog has them, with those of partitions and their triggers: pg_dump leaves
# these out.
foreign_keys() {
    sql "SELECT k.conrelid::regclass, k.confrelid::regclass, k.conname, k.convalidated, k.condeferred,
                k.conislocal, k.coninhcount, k.connoinherit, obj_description(k.oid, 'pg_constraint'),
                p.conrelid::regclass, pg_get_constraintdef(k.oid),
                (SELECT string_agg(concat_ws(' ', t.tgrelid::regclass, t.tgfoid::regproc, t.tgenabled,
                                             t.tgdeferrable, t.tginitdeferred), ', '
                                   ORDER BY t.tgrelid::regclass::text, t.tgfoid)
                   FROM pg_trigger t WHERE t.tgconstraint = k.oid)
           FROM pg_constraint k LEFT JOIN pg_constraint p ON p.oid = k.conparentid
          WHERE k.contype = 'f'
          ORDER BY k.conrelid::regclass::text COLLATE \"C\", k.conname COLLATE \"C\", k.confrelid::regclass::text"
}

# What was loaded, but for the ids that are made at random and the times of the run.
loaded_rows() {
    local table
    for table in users.users orders.orders orders.order_items orders.order_status_history \
        products.products products.aisles products.departments; do
        sql "SET timezone TO 'UTC'; SELECT '$table', to_jsonb(t) FROM $table t ORDER BY to_jsonb(t) - 'external_user_id'
               - 'external_order_id'"
    done | sed -E 's/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}/UUID/g; s/"history_id": [0-9]+/HISTORY/;
                   s/"[0-9T:-]+\.[0-9]+\+00:00"/NOW/g' |
        sort
}

# key_ids: of each primary key its index; what was made again has another oid.
key_ids() {
    sql "SELECT indrelid::regclass, indexrelid FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
          WHERE i.indisprimary AND NOT c.relispartition
            AND c.relnamespace::regnamespace::text IN ('users', 'orders', 'products')"
}

# in_place TABLE: what is said of it.
in_place() {
    echo "timele-load: indexes and constraints of $1 stay in place during the load: $1 is partitioned"
}

# expect_kept TABLE...: these have the keys that they had when `ids` was taken.
expect_kept() {
    expect_equal "$(printf '%s\n' "$@" | sort)" \
        "$(comm -12 <(key_ids | sort) <(sort <<<"$ids") | cut -d'|' -f1 |
            grep -vE '^orders\.cart|product_enriched' | sort)"
}

write_events() {
    write_csv events.csv <<'END'
order_id,status,changed_at
11,pending,2024-01-01 10:00:00
11,shipped,2024-01-02 10:00:00
13,pending,2024-01-03 10:00:00
END
}

ALL=("${FILES[@]}" events.csv)

# Three runs as each database gets them; what they leave stands in the file.
load_three_times() {
    run_load "$@" "${ALL[@]}"
    expect_status 0
    printf '%s' "$stderr" >first_stderr
    sed -i 's/ADA/Ada/; s/^1,Ada/1,ADA/' users.csv
    sed -i 's/^12,101,1/12,101,3/; $a 12,103,4,0' items.csv
    load_quietly --mode=upsert --rebuild=auto --verify=full "${ALL[@]}"
    sed -i '/^13,/d' orders.csv items.csv events.csv
    { seq 21 40 | sed 's/.*/&,1,&,2,08,/' >>orders.csv; seq 21 40 | sed 's/.*/&,101,1,0/' >>items.csv; }
    load_quietly --mode=replace --verify=full "${ALL[@]}"
    loaded_rows >"$BATS_TEST_TMPDIR/rows"
}

# What an unpartitioned database has after that: compared with by expect_like_unpartitioned.
expected_rows() {
    if [[ ! -e $BATS_FILE_TMPDIR/rows ]]; then
        load_three_times --verify=full
        expect_equal '' "$(<first_stderr)"
        cp rows "$BATS_FILE_TMPDIR/rows"
        next_shop
    fi
}

next_shop() {
    end_test
    start_shop
    write_events
}

setup() {
    start_shop
    write_events
}

# expect_equal_definitions TABLE...: a first load; these stay in place, and no definition differs.
expect_equal_definitions() {
    local before keys ids
    before=$(definitions) keys=$(foreign_keys) ids=$(key_ids)
    run_load --verify=full "${ALL[@]}"
    expect_status 0
    expect_equal "$before" "$(definitions)"
    expect_equal "$keys" "$(foreign_keys)"
    expect_kept "$@"
}

# expect_like_unpartitioned TABLE...: these stay in place; contents and definitions do not differ.
expect_like_unpartitioned() {
    local before keys ids
    before=$(definitions) keys=$(foreign_keys) ids=$(key_ids)
    load_three_times --verify=full
    expect_equal "$before" "$(definitions)"
    expect_equal "$keys" "$(foreign_keys)"
    expect_equal "$(<"$BATS_FILE_TMPDIR/rows")" "$(<rows)"
    expect_kept "$@"
}

@test "order items by range, with partitions of partitions and a default: the other tables are rebuilt" {
    expected_rows
    partition_items_by_range
    expect_like_unpartitioned orders.order_items
    expect_equal "$(in_place orders.order_items)" "$(<first_stderr)"
}

@test "order items by list or by hash, each beside another partitioned table" {
    expected_rows
    partition orders.order_items order_id,product_id 'LIST (product_id)' \
        'orders.items_101 FOR VALUES IN (101)' 'orders.items_others DEFAULT'
    partition users.users id 'HASH (id)' 'users.even FOR VALUES WITH (MODULUS 2, REMAINDER 0)' \
        'users.odd FOR VALUES WITH (MODULUS 2, REMAINDER 1)'
    expect_like_unpartitioned orders.order_items users.users
    next_shop
    partition orders.order_items order_id,product_id 'HASH (order_id, product_id)' \
        'orders.items_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0)' \
        'orders.items_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)'
    partition orders.order_status_history history_id 'RANGE (history_id)' \
        'orders.history_low FOR VALUES FROM (1) TO (2)' 'orders.history_rest DEFAULT'
    expect_like_unpartitioned orders.order_items orders.order_status_history
}

# Foreign keys lead to each of its partitions, and from there.
@test "orders, and with them their items and their history" {
    expected_rows
    partition orders.orders id 'RANGE (id)' 'orders.orders_low FOR VALUES FROM (1) TO (12)' \
        'orders.orders_rest DEFAULT PARTITION BY HASH (id)'
    sql 'CREATE TABLE public.orders_all PARTITION OF orders.orders_rest
           FOR VALUES WITH (MODULUS 1, REMAINDER 0)'
    expect_like_unpartitioned orders.orders
    next_shop
    partition orders.orders id 'RANGE (id)' 'orders.orders_low FOR VALUES FROM (1) TO (12)' \
        'orders.orders_rest DEFAULT'
    partition_items_by_range
    partition orders.order_status_history history_id 'HASH (history_id)' \
        'orders.history_all FOR VALUES WITH (MODULUS 1, REMAINDER 0)'
    expect_like_unpartitioned orders.orders orders.order_items orders.order_status_history
}

# As somebody has them who attached tables with foreign keys, and gave these names and comments.
@test "partitions keep the names and comments of their foreign keys, and foreign keys of their own" {
    expected_rows
    partition_items_by_range
    sql "ALTER TABLE orders.order_items DETACH PARTITION orders.items_low;
         ALTER TABLE orders.items_low RENAME CONSTRAINT order_items_order_id_fkey TO \"of an 'Order'\";
         ALTER TABLE orders.order_items ATTACH PARTITION orders.items_low FOR VALUES FROM (1) TO (12);
         ALTER TABLE orders.items_others RENAME CONSTRAINT order_items_product_id_fkey TO spare;
         ALTER TABLE orders.items_others RENAME CONSTRAINT order_items_order_id_fkey TO order_items_product_id_fkey;
         ALTER TABLE orders.items_others RENAME CONSTRAINT spare TO order_items_order_id_fkey;
         COMMENT ON CONSTRAINT \"of an 'Order'\" ON orders.items_low IS 'it''s attached';
         COMMENT ON CONSTRAINT order_items_order_id_fkey ON orders.order_items IS 'of all';
         ALTER TABLE orders.items_high ADD CONSTRAINT again FOREIGN KEY (order_id) REFERENCES orders.orders;
         ALTER TABLE orders.order_items ADD CONSTRAINT \"A third\" FOREIGN KEY (order_id)
           REFERENCES orders.orders ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
         CREATE TABLE public.notes (order_id bigint, product_id integer,
           user_id bigint REFERENCES users.users, FOREIGN KEY (order_id, product_id)
             REFERENCES orders.order_items ON DELETE CASCADE)"
    [[ $(foreign_keys) == *"|of an 'Order'|"*"|it's attached|"* && $(foreign_keys) == *'|again|'* ]]
    expect_like_unpartitioned orders.order_items
}

@test "a foreign key that differs from partition to partition keeps its two tables in place" {
    local ids
    partition_items_by_range
    sql 'ALTER TABLE orders.items_low DISABLE TRIGGER ALL'
    ids=$(key_ids)
    run_load "${ALL[@]}"
    expect_status 0
    expect_equal "timele-load: indexes and constraints of products.products stay in place during the load: triggers of foreign key order_items_product_id_fkey of orders.items_low are switched off
timele-load: indexes and constraints of orders.orders stay in place during the load: triggers of foreign key order_items_order_id_fkey of orders.items_low are switched off
$(in_place orders.order_items)" "$stderr"
    expect_kept orders.order_items orders.orders products.products
    expect_sql "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders.items_low'::regclass
                   AND tgenabled = 'D'" 4
}

@test "from PostgreSQL 18 on, a foreign key that a partition alone has validated keeps its tables in place" {
    server_is 18 || skip 'needs PostgreSQL 18'
    local ids
    partition_items_by_range
    sql 'ALTER TABLE orders.order_items DROP CONSTRAINT order_items_order_id_fkey,
           ADD CONSTRAINT unproven FOREIGN KEY (order_id) REFERENCES orders.orders NOT VALID;
         ALTER TABLE orders.items_low VALIDATE CONSTRAINT unproven'
    ids=$(key_ids)
    run_load "${ALL[@]}"
    expect_status 0
    expect_equal "timele-load: indexes and constraints of orders.orders stay in place during the load: foreign key unproven of orders.items_low is not like that of orders.order_items
$(in_place orders.order_items)" "$stderr"
    expect_kept orders.order_items orders.orders
}

@test "a partition that is being detached keeps the tables of its foreign keys in place" {
    server_is 14 || skip 'needs PostgreSQL 14'
    local ids before
    partition orders.order_items order_id,product_id 'RANGE (order_id)' \
        'orders.items_low FOR VALUES FROM (1) TO (12)' 'orders.items_high FOR VALUES FROM (12) TO (99)' \
        'orders.items_gone FOR VALUES FROM (99) TO (200)'
    hold BEGIN 'SELECT count(*) FROM orders.order_items'
    PGOPTIONS='-c statement_timeout=500' run sql \
        'ALTER TABLE orders.order_items DETACH PARTITION orders.items_gone CONCURRENTLY'
    release
    expect_sql 'SELECT inhrelid::regclass FROM pg_inherits WHERE inhdetachpending' orders.items_gone
    ids=$(key_ids) before=$(foreign_keys)
    run_load "${ALL[@]}"
    expect_status 0
    expect_equal "timele-load: indexes and constraints of products.products, orders.orders stay in place during the load: partition orders.items_gone is being detached
$(in_place orders.order_items)" "$stderr"
    expect_kept orders.order_items orders.orders products.products
    expect_equal "$before" "$(foreign_keys)"
}

@test "a partition of another owner keeps the tables of its foreign keys in place" {
    local table ids
    maintain "DROP ROLE IF EXISTS $OWNER" "CREATE ROLE $OWNER LOGIN"
    partition_items_by_range
    for table in {users.users,orders.{orders,carts,cart_items,order_items,order_status_history}} \
        products.{products,product_enriched,aisles,departments} timele_load.{runs,files} \
        orders.items_{high,others} public.{items_rest,'"Items, of 101"'}; do
        sql "ALTER TABLE $table OWNER TO $OWNER"
    done
    for table in users orders products timele_load; do
        sql "GRANT ALL ON SCHEMA $table TO $OWNER"
    done
    ids=$(key_ids)
    PGUSER=$OWNER run_load "${ALL[@]}"
    expect_status 0
    expect_stderr_line 'timele-load: indexes and constraints of products.products, orders.orders stay in place during the load: orders.items_low belongs to postgres'
    expect_stderr_line "$(in_place orders.order_items)"
    expect_kept orders.order_items orders.orders products.products
}

# They fire when all rows are there and the foreign keys are made again, in each partition's schema.
@test "deferred triggers and foreign keys of a partitioned table" {
    partition_items_by_range
    sql 'CREATE TABLE public.amounts (amount integer PRIMARY KEY);
         INSERT INTO public.amounts VALUES (1);
         ALTER TABLE orders.order_items ADD CONSTRAINT coupled FOREIGN KEY (quantity)
           REFERENCES public.amounts DEFERRABLE INITIALLY DEFERRED;
         ALTER TABLE public.items_rest RENAME CONSTRAINT coupled TO alone;
         CREATE TABLE public.seen (id bigint);
         CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS
           $$BEGIN INSERT INTO public.seen SELECT id FROM orders.orders WHERE id = NEW.order_id; RETURN NULL; END$$;
         CREATE CONSTRAINT TRIGGER "Later" AFTER INSERT ON orders.order_items
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.look()'
    expect_equal_definitions orders.order_items
    expect_sql 'SELECT id FROM public.seen ORDER BY id' $'11\n11\n12\n12\n13'
}

@test "always refuses what is partitioned, and names it; never and auto do not" {
    local before
    partition_items_by_range
    before=$(snapshot)
    run_load --rebuild=always "${ALL[@]}"
    expect_status 3
    expect_stdout ''
    expect_equal 'timele-load: error: indexes and constraints cannot be rebuilt: orders.order_items is partitioned
timele-load: hint: --rebuild=auto loads such a table in place.' "$stderr"
    expect_unchanged "$before"
    load_quietly --rebuild=always users.csv orders.csv
    load_quietly --rebuild=never products.csv departments.csv aisles.csv
    run_load items.csv
    expect_status 0
    expect_equal 'timele-load: indexes and constraints stay in place during the load: orders.order_items is partitioned' "$stderr"
}

# A partitioned table has no pages of its own, and its own estimate only once it was analyzed itself.
@test "a partitioned table is as large as its partitions: few rows of a file are looked up" {
    partition_items_by_range
    run_load "${ALL[@]}"
    expect_status 0
    sql "INSERT INTO products.products (product_id, product_name, aisle_id, department_id)
           SELECT n, 'Product ' || n, 24, 4 FROM generate_series(1001, 2000) n;
         INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
           SELECT 13, product_id, product_id FROM products.products WHERE product_id > 1000;
         ANALYZE orders.items_others, products.products"
    printf 'order_id,product_id,add_to_cart_order\n13,101,3000\n' >items.csv
    run_load --verbose items.csv
    expect_status 0
    grep -qE 'orders\.order_items: about 10[0-9]{2} rows, of which the files name about .*: a quarter at most' \
        <<<"$stderr" ||
        unexpected
}

# What is refused when all rows are there, by a partition's foreign key and by a partition's bounds.
@test "a run that fails leaves everything as it was" {
    local before
    partition_items_by_range
    sql 'DROP TABLE public.items_rest;
         ALTER TABLE public."Items, of 101" ADD CONSTRAINT never CHECK (quantity < 0) NO INHERIT'
    before=$(snapshot)
    run_load "${ALL[@]}"
    expect_status 3
    expect_stderr_contains 'never'
    expect_unchanged "$before"
    sql 'ALTER TABLE public."Items, of 101" DROP CONSTRAINT never'
    before=$(snapshot)
    sed -i '$a 14,1,3,6,23,' orders.csv
    sed -i '$a 14,101,1,0' items.csv
    run_load "${ALL[@]}"
    expect_status 3
    expect_stderr_contains 'no partition of relation "order_items" found for row'
    expect_unchanged "$before"
}

# Each obstacle of one table keeps that one in place.
@test "a view, a trigger, a child table, a table of somebody else: the other tables are rebuilt" {
    local ids
    sql 'CREATE VIEW public.a AS SELECT id, city FROM users.users GROUP BY id;
         CREATE TABLE public.child () INHERITS (products.aisles);
         CREATE FUNCTION public.allow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
         CREATE TRIGGER kept BEFORE TRUNCATE ON products.departments EXECUTE FUNCTION public.allow();
         CREATE TRIGGER kept BEFORE TRUNCATE ON products.products EXECUTE FUNCTION public.allow();
         CREATE TABLE public.lines () INHERITS (orders.cart_items);
         ALTER TABLE public.lines ADD FOREIGN KEY (product_id) REFERENCES products.products'
    ids=$(key_ids)
    run_load "${ALL[@]}"
    expect_status 0
    expect_equal "timele-load: indexes and constraints of products.departments stay in place during the load: trigger kept of products.departments fires on TRUNCATE
timele-load: indexes and constraints of products.aisles stay in place during the load: products.aisles has child tables
timele-load: indexes and constraints of products.products stay in place during the load: trigger kept of products.products fires on TRUNCATE
timele-load: indexes and constraints of users.users stay in place during the load: cannot drop constraint users_pkey on table users.users because other objects depend on it: view public.a depends on constraint users_pkey on table users.users" "$stderr"
    expect_kept products.departments products.aisles products.products users.users
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
}

#!/usr/bin/env bats
#
# Keys WITHOUT OVERLAPS and foreign keys with a PERIOD, as PostgreSQL 18 allows.

load harness
load small_shop
load rebuild_shop

# shellcheck disable=SC2034 # rebuild_shop reads it
NEEDED_SERVER=18

# Columns that the application added: every row counts from now on.
add_periods() {
    [[ $(sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'btree_gist'") == 1 ]] ||
        skip 'needs the extension btree_gist'
    psql -XAtq -v ON_ERROR_STOP=1 <<'SQL'
CREATE EXTENSION btree_gist;
ALTER TABLE users.users ADD valid tstzrange NOT NULL DEFAULT '[2000-01-01,)';
ALTER TABLE users.users ADD CONSTRAINT "at a Time" UNIQUE (id, valid WITHOUT OVERLAPS);
COMMENT ON CONSTRAINT "at a Time" ON users.users IS 'one version';
CREATE TABLE public.offices (id integer, open tstzrange, PRIMARY KEY (id, open WITHOUT OVERLAPS));
INSERT INTO public.offices VALUES (1, '[1990-01-01,2010-01-01)'), (1, '[2010-01-01,)');
ALTER TABLE users.users ADD office integer DEFAULT 1,
  ADD CONSTRAINT works FOREIGN KEY (office, PERIOD valid) REFERENCES public.offices (id, PERIOD open);
CREATE TABLE public.visits (
  visitor bigint, during tstzrange,
  CONSTRAINT visited FOREIGN KEY (visitor, PERIOD during) REFERENCES users.users (id, PERIOD valid)
);
COMMENT ON CONSTRAINT visited ON public.visits IS 'as long as there was one';
SQL
}

temporal_constraints() {
    sql "SELECT conrelid::regclass, conname, conperiod, convalidated, pg_get_constraintdef(oid),
                obj_description(oid, 'pg_constraint')
           FROM pg_constraint WHERE contype IN ('p', 'u', 'f')
          ORDER BY conrelid::regclass::text, conname"
}

temporal_index() {
    sql "SELECT indexrelid, indisunique, indisexclusion FROM pg_index
          WHERE indexrelid = 'users.\"at a Time\"'::regclass"
}

@test "a rebuild leaves a key WITHOUT OVERLAPS in place, and makes foreign keys with a PERIOD again" {
    local constraints index
    add_periods
    constraints=$(temporal_constraints)
    index=$(temporal_index)
    [[ $constraints == *'UNIQUE (id, valid WITHOUT OVERLAPS)'*'(office, PERIOD valid)'* ]]
    load_quietly --rebuild=always "${FILES[@]}"
    expect_equal "$constraints" "$(temporal_constraints)"
    expect_equal "$index" "$(temporal_index)"
    printf 'user_id,email_address\n7,gil@example.org\n' >users.csv
    load_quietly --rebuild=always users.csv
    expect_equal "$constraints" "$(temporal_constraints)"
    expect_equal "$index" "$(temporal_index)"
    run sql "INSERT INTO public.visits VALUES (7, '[1999-01-01,2001-01-01)')"
    [[ $status != 0 && $output == *visited* ]]
}

@test "a row that a PERIOD points to is not deleted" {
    local before
    add_periods
    load_quietly users.csv
    sql "INSERT INTO public.visits VALUES (1, '[2020-01-01 00:00+00,2021-01-01 00:00+00)')"
    sed -i '/^1,/d' users.csv
    before=$(snapshot)
    PGTZ=UTC run_load --mode=replace users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_line 'timele-load: error: rows of users.users that no file names cannot be deleted: 1 row of public.visits points to them'
    expect_stderr_line 'timele-load: detail: public.visits (1, ["2020-01-01 00:00:00+00","2021-01-01 00:00:00+00")) to users (1)'
    expect_unchanged "$before"
    sql 'DELETE FROM public.visits'
    load_quietly --mode=replace users.csv
    expect_sql 'SELECT id FROM users.users' 2
}

@test "where WITHOUT OVERLAPS stands in the place of the primary key, nothing is proven by it" {
    add_periods
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT orders_user_id_fkey;
         ALTER TABLE orders.carts DROP CONSTRAINT carts_user_id_fkey;
         ALTER TABLE public.visits DROP CONSTRAINT visited;
         ALTER TABLE users.users DROP CONSTRAINT users_pkey, DROP CONSTRAINT "at a Time",
           ADD CONSTRAINT "at a Time" PRIMARY KEY (id, valid WITHOUT OVERLAPS)'
    run_load --rebuild=always users.csv
    expect_status 0
    expect_silence
    expect_sql "SELECT conname, contype FROM pg_constraint WHERE conrelid = 'users.users'::regclass
                   AND contype = 'p'" 'at a Time|p'
    run_load users.csv
    expect_status 2
    expect_stderr_line 'users.csv:2: user_id: is in the database already ("2")'
    # It tells subscribers which rows are meant, during a rebuild as well.
    sql 'SET client_min_messages = error; CREATE PUBLICATION changes FOR TABLE users.users'
    sed -i 's/Ada/Ann/' users.csv
    load_quietly --mode=upsert --rebuild=always users.csv
    expect_sql 'SELECT first_name FROM users.users WHERE id = 1' Ann
    # The server has no second primary key to give.
    run_load --create-schema
    expect_status 3
    expect_stderr_contains 'multiple primary keys for table "users" are not allowed'
}

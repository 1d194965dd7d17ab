#!/usr/bin/env bats
#
# What users' triggers, rules and index functions do to a load: one that keeps a row from being written
# fails the run by name, one that only changes the row or writes elsewhere works as it does in psql.

load harness

# Every number here is small enough to be counted by hand.
setup_file() {
    start_file
    setup_schema
    sql "INSERT INTO users.users (id, email_address, first_name) VALUES (1, 'a@x.org', 'Ann'), (2, 'b@x.org', 'Bob');
         INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day, delivery_name)
         VALUES (1, 1, 1, 1, 1, 'Ann'), (2, 1, 2, 1, 1, 'Ann');
         INSERT INTO products.departments (department_id, department) VALUES (1, 'd');
         INSERT INTO products.aisles (aisle_id, aisle) VALUES (1, 'a');
         INSERT INTO products.products (product_id, product_name, aisle_id, department_id) VALUES (7, 'p', 1, 1);
         INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (1, 7, 1);
         UPDATE orders.orders SET total_items = 1 WHERE id = 1;
         CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN RETURN NULL; END'"
}

setup() {
    start_test
    printf 'user_id,email_address,first_name\n1,a@x.org,Ann\n2,b@x.org,Bob\n' >u.csv
    printf 'user_id,email_address,first_name\n1,a@x.org,Ann\n' >u1.csv
    printf 'user_id,email_address,first_name\n1,a@x.org,ANNA\n2,b@x.org,Bob\n' >u2.csv
    printf 'user_id,email_address,first_name\n3,c@x.org,Cy\n4,d@x.org,Di\n' >new.csv
    printf 'order_id,product_id,add_to_cart_order\n2,7,1\n' >i.csv
    printf 'product_id,description,price\n7,x,2.50\n' >e.csv
}

# keep EVENT TABLE [CONDITION]: a trigger keeps rows from being written.
keep() {
    sql "CREATE TRIGGER keep_rows BEFORE $1 ON $2 FOR EACH ROW ${3:+WHEN ($3)} EXECUTE FUNCTION public.keep()"
}

# expect_kept MESSAGE EVENT: the run failed with it, and named the trigger.
expect_kept() {
    expect_status 3
    expect_stdout ''
    expect_stderr_line "timele-load: error: $1"
    expect_stderr_line "timele-load: detail: Before each $2 there fires: trigger keep_rows."
    expect_stderr_contains 'timele-load: hint: Nothing was changed. A trigger that returns NULL keeps'
    expect_unchanged "$before"
}

# Rows that are not written ------------------------------------------------------------------------

@test "inserts" {
    local rebuild
    keep INSERT users.users 'NEW.id = 4'
    before=$(snapshot)
    for rebuild in never always; do
        run_load --rebuild=$rebuild new.csv
        expect_kept '1 row of users.users was not inserted' INSERT
    done
}

@test "inserts while the file is checked" {
    sql 'TRUNCATE orders.order_items'
    keep INSERT orders.order_items
    before=$(snapshot)
    run_load i.csv
    expect_kept '1 row of orders.order_items was not inserted' INSERT
}

@test "an insert that goes to another table" {
    sql "CREATE TABLE public.elsewhere (LIKE users.users);
         CREATE FUNCTION public.redirect() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN INSERT INTO public.elsewhere VALUES (NEW.*); RETURN NULL; END';
         CREATE TRIGGER keep_rows BEFORE INSERT ON users.users FOR EACH ROW EXECUTE FUNCTION public.redirect()"
    before=$(snapshot)
    run_load new.csv
    expect_kept '2 rows of users.users were not inserted' INSERT
}

@test "updates" {
    keep UPDATE users.users
    before=$(snapshot)
    run_load --mode=upsert u2.csv
    expect_kept '1 row of users.users was not updated' UPDATE
    # Nothing differs, so nothing has to be written.
    run_load --mode=upsert u.csv
    expect_status 0
    expect_silence
}

@test "updates of placeholders" {
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n3,9,1,1,1\n' >o.csv
    printf 'user_id,email_address\n9,i@x.org\n' >u.csv
    run_load --infer=users o.csv
    expect_status 0
    keep UPDATE users.users
    before=$(snapshot)
    run_load u.csv
    expect_kept '1 row of users.users was not updated' UPDATE
}

@test "updates that make room for a unique value" {
    printf 'user_id,email_address,first_name\n1,b@x.org,Ann\n2,a@x.org,Bob\n' >u.csv
    keep UPDATE users.users 'length(NEW.email_address) = 36'
    before=$(snapshot)
    run_load --mode=upsert u.csv
    expect_kept '2 rows of users.users were not updated' UPDATE
}

@test "deletions" {
    keep DELETE users.users
    before=$(snapshot)
    run_load --mode=replace u1.csv
    expect_kept '1 row of users.users was not deleted' DELETE
}

@test "a deletion that only marks the row" {
    sql "ALTER TABLE users.users ADD COLUMN deleted_at timestamptz;
         CREATE FUNCTION public.mark() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN UPDATE users.users SET deleted_at = now() WHERE id = OLD.id; RETURN NULL; END';
         CREATE TRIGGER keep_rows BEFORE DELETE ON users.users FOR EACH ROW EXECUTE FUNCTION public.mark()"
    before=$(snapshot)
    run_load --mode=replace u1.csv
    expect_kept '1 row of users.users was not deleted' DELETE
}

@test "totals, prices, statuses and delivery details" {
    keep UPDATE orders.orders
    before=$(snapshot)
    run_load i.csv
    expect_kept '1 row of orders.orders was not updated' UPDATE
    run_load --mode=upsert u2.csv
    expect_kept '2 rows of orders.orders were not updated' UPDATE
    printf 'order_id,status,changed_at\n1,shipped,2020-01-01\n' >h.csv
    run_load h.csv
    expect_kept '1 row of orders.orders was not updated' UPDATE
    sql 'DROP TRIGGER keep_rows ON orders.orders'

    keep UPDATE orders.order_items
    before=$(snapshot)
    run_load e.csv
    expect_kept '1 row of orders.order_items was not updated' UPDATE
}

@test "previous statuses" {
    printf 'order_id,status,changed_at\n1,shipped,2020-01-02\n' >h.csv
    run_load h.csv
    expect_status 0
    keep UPDATE orders.order_status_history
    before=$(snapshot)
    printf 'order_id,status,changed_at\n1,processing,2020-01-01\n' >h.csv
    # A dry run gives back the ids that it draws.
    run_load --dry-run h.csv
    expect_kept '1 row of orders.order_status_history was not updated' UPDATE
}

@test "a trigger that is disabled, or for replicas, keeps nothing" {
    keep UPDATE users.users
    sql 'ALTER TABLE users.users DISABLE TRIGGER keep_rows'
    run_load --mode=upsert u2.csv
    expect_status 0
    expect_sql 'SELECT first_name FROM users.users WHERE id = 1' ANNA
}

# Rows that are changed ----------------------------------------------------------------------------

@test "a trigger that changes what is written is no error" {
    sql "CREATE FUNCTION public.change() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN NEW.first_name := lower(NEW.first_name); RETURN NEW; END';
         CREATE TRIGGER change BEFORE INSERT OR UPDATE ON users.users FOR EACH ROW EXECUTE FUNCTION public.change();
         CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN NEW.updated_at := now(); RETURN NEW; END';
         CREATE TRIGGER touch BEFORE UPDATE ON orders.orders FOR EACH ROW EXECUTE FUNCTION public.touch()"
    run_load --mode=upsert --verify u2.csv
    expect_status 0
    expect_silence
    expect_sql 'SELECT first_name FROM users.users WHERE id = 1' anna
}

@test "a row that another session deletes meanwhile is no trigger's fault" {
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,2,1,1,1\n2,2,2,1,1\n' >o.csv
    sql "CREATE TABLE public.gate ();
         CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN LOCK TABLE public.gate; RETURN NULL; END';
         CREATE TRIGGER wait BEFORE UPDATE ON orders.orders FOR EACH STATEMENT EXECUTE FUNCTION public.wait()"
    # The update waits at the gate until the row is gone.
    coproc holder { psql -XAtq; }
    printf 'BEGIN; LOCK TABLE public.gate; SELECT 1;\n' >&"${holder[1]}"
    read -r -u "${holder[0]}"
    "$TIMELE_LOAD" --mode=upsert o.csv >out 2>err &
    local loader=$!
    until [[ $(sql "SELECT count(*) FROM pg_locks WHERE relation = 'public.gate'::regclass AND NOT granted") == 1 ]]; do
        sleep 0.05
    done
    sql 'DELETE FROM orders.orders WHERE id = 2'
    printf 'COMMIT;\n' >&"${holder[1]}"
    wait "$loader" && status=0 || status=$?
    ((status == 3))
    grep -F 'rows of orders.orders were deleted by somebody else during the run' err
    [[ $(<err) != *trigger* ]]
}

@test "rows of the ledger: the load goes on without them, but no file is skipped that is gone" {
    sql "CREATE TRIGGER keep_rows BEFORE INSERT ON timele_load.runs FOR EACH ROW EXECUTE FUNCTION public.keep()"
    run_load --mode=upsert u.csv
    expect_status 0
    [[ $stderr == 'timele-load: warning: the ledger has no row of this run: a trigger keeps rows of timele_load.runs or timele_load.files from being inserted' ]] ||
        unexpected 'expected one warning'
    sql 'DROP TRIGGER keep_rows ON timele_load.runs'

    sql "CREATE TRIGGER keep_rows BEFORE INSERT ON timele_load.files FOR EACH ROW EXECUTE FUNCTION public.keep()"
    run_load --mode=upsert u.csv
    expect_status 0
    expect_stderr_contains 'a trigger keeps rows of timele_load.runs or timele_load.files'
    expect_sql 'SELECT count(*) FROM timele_load.runs' 0
    sql 'DROP TRIGGER keep_rows ON timele_load.files'

    run_load --mode=upsert u.csv
    expect_status 0
    expect_silence
    sql "CREATE TRIGGER keep_rows BEFORE UPDATE ON timele_load.files FOR EACH ROW EXECUTE FUNCTION public.keep()"
    before=$(snapshot)
    run_load --reset --force
    expect_status 3
    expect_stderr_contains 'error: a trigger keeps rows of timele_load.files from being marked as dropped'
    expect_unchanged "$before"
    sql 'DROP TRIGGER keep_rows ON timele_load.files'

    # New tables that other transactions fill: the row gets their number by an UPDATE.
    sql "CREATE TRIGGER keep_rows BEFORE UPDATE ON timele_load.runs FOR EACH ROW EXECUTE FUNCTION public.keep()"
    run_load --reset --force --create-schema --jobs=2 u.csv
    expect_status 0
    [[ $stderr == "timele-load: warning: the ledger has no row of this run: a trigger keeps the run's row of timele_load.runs from being changed" ]] ||
        unexpected 'expected one warning'
    expect_sql 'SELECT count(*) > 0 FROM users.users' t
}

# Rules --------------------------------------------------------------------------------------------

@test "a rule that does something instead" {
    local change mode file
    for change in INSERT:insert:new.csv UPDATE:upsert:u2.csv DELETE:replace:u1.csv; do
        IFS=: read -r change mode file <<<"$change"
        sql "CREATE RULE nothing AS ON $change TO users.users DO INSTEAD NOTHING"
        before=$(snapshot)
        run_load --mode="$mode" "$file"
        expect_status 3
        expect_stdout ''
        expect_stderr_line "timele-load: error: rule nothing of users.users does something else instead of $change"
        expect_stderr_contains 'hint: COPY ignores rules'
        expect_unchanged "$before"
        sql 'DROP RULE nothing ON users.users'
    done
}

@test "a rule on a table of which only derived values are set" {
    sql 'CREATE RULE nothing AS ON UPDATE TO orders.orders DO INSTEAD NOTHING'
    before=$(snapshot)
    run_load i.csv
    expect_status 3
    expect_stderr_line 'timele-load: error: rule nothing of orders.orders does something else instead of UPDATE'
    expect_unchanged "$before"
}

@test "a rule that is disabled, or for a change that the run does not make" {
    sql "CREATE RULE nothing AS ON DELETE TO users.users DO INSTEAD NOTHING;
         CREATE RULE insert AS ON INSERT TO users.users DO INSTEAD NOTHING;
         ALTER TABLE users.users DISABLE RULE insert"
    run_load --mode=upsert u2.csv new.csv
    expect_status 0
}

# The session's search path ------------------------------------------------------------------------

@test "a trigger finds its tables by the session's search path" {
    local path
    sql "CREATE SCHEMA app; CREATE SCHEMA \"Odd, name\";
         CREATE TABLE app.audit (what text);
         CREATE FUNCTION app.audit_row() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN INSERT INTO audit VALUES (TG_OP); RETURN coalesce(NEW, OLD); END';
         CREATE TRIGGER audit BEFORE INSERT OR UPDATE OR DELETE ON users.users FOR EACH ROW EXECUTE FUNCTION app.audit_row();
         CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON orders.orders DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION app.audit_row()"
    for path in app '"$user", public, app' '"Odd, name",app' 'pg_catalog, app' 'pg_temp, app, pg_catalog' '"", app'; do
        sql "TRUNCATE app.audit; DELETE FROM users.users WHERE id > 2; TRUNCATE app.audit"
        PGOPTIONS="-c search_path=${path// /\\ }" run_load --mode=upsert u2.csv new.csv
        expect_status 0
        expect_silence
        PGOPTIONS="-c search_path=${path// /\\ }" run_load --mode=replace --rebuild=never u.csv
        expect_status 0
        expect_sql 'SELECT what, count(*) FROM app.audit GROUP BY 1 ORDER BY 1' 'DELETE|2
INSERT|2
UPDATE|6'
    done
    # As in psql, where the path lacks the schema.
    run_load --mode=upsert u2.csv
    expect_status 3
    expect_stderr_contains 'error: relation "audit" does not exist'
    expect_stderr_contains 'detail: in: PL/pgSQL function app.audit_row() line 1 at SQL statement'
}

@test "a function of an index, a default and a check find theirs" {
    sql "CREATE SCHEMA app;
         CREATE TABLE app.word (short text, long text);
         SET search_path = app;
         INSERT INTO app.word VALUES ('Ann', 'Annabel');
         CREATE FUNCTION app.inner_name(text) RETURNS text LANGUAGE sql IMMUTABLE AS
           'SELECT coalesce((SELECT long FROM word WHERE short = \$1), \$1)';
         CREATE FUNCTION app.outer_name(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
           'BEGIN RETURN inner_name(\$1); END';
         ALTER TABLE users.users ADD CHECK (app.outer_name(first_name) <> 'nobody')"
    # From PostgreSQL 17 on, the path of an index is the server's alone.
    server_is 17 || sql 'SET search_path = app; CREATE INDEX by_name ON users.users (outer_name(first_name))'
    maintain "ALTER DATABASE \"$PGDATABASE\" SET search_path = app"
    local definitions rebuild
    definitions=$(definitions)
    for rebuild in always never; do
        run_load --rebuild=$rebuild new.csv
        expect_status 0
        expect_silence
        [[ $(definitions) == "$definitions" ]]
        sql 'SET search_path = app; DELETE FROM users.users WHERE id > 2'
    done
}

@test "no statement of the program finds a function or operator of the user" {
    sql "CREATE SCHEMA trap;
         CREATE FUNCTION trap.spring(varchar, varchar) RETURNS boolean LANGUAGE plpgsql AS
           'BEGIN RAISE EXCEPTION ''trapped''; END';
         CREATE OPERATOR trap.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = trap.spring);
         CREATE FUNCTION trap.format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT (1 / 0)::text';
         CREATE FUNCTION trap.concat_ws(text, varchar, varchar) RETURNS text LANGUAGE sql AS 'SELECT (1 / 0)::text';
         CREATE FUNCTION trap.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS 'SELECT (1 / 0)::text'"
    maintain "ALTER DATABASE \"$PGDATABASE\" SET search_path = trap, public"
    run_load --mode=upsert --verify u2.csv new.csv i.csv e.csv
    expect_status 0
    run_load --mode=replace --verify u2.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
}

# Where it happened --------------------------------------------------------------------------------

@test "a trigger that raises is named, and its caller" {
    sql "CREATE FUNCTION public.inner_one() RETURNS void LANGUAGE plpgsql AS
           'BEGIN RAISE EXCEPTION ''not today'' USING DETAIL = ''It rains.'', HINT = ''Wait.''; END';
         CREATE FUNCTION public.outer_one() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN PERFORM public.inner_one(); RETURN NEW; END';
         CREATE TRIGGER raise BEFORE INSERT ON users.users FOR EACH ROW EXECUTE FUNCTION public.outer_one()"
    before=$(snapshot)
    run_load new.csv
    expect_status 3
    [[ $stderr == 'timele-load: error: not today
timele-load: detail: It rains.; in: PL/pgSQL function inner_one() line 1 at RAISE, called by PL/pgSQL function outer_one() line 1 at PERFORM
timele-load: hint: Wait.' ]] || unexpected 'expected message, detail and hint'
    expect_unchanged "$before"
}

@test "no statement of a function and no value is shown" {
    printf 'user_id,email_address,hashed_password\n3,c@x.org,$2b$12$secrethash\n' >new.csv
    sql "CREATE FUNCTION public.dynamic() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN
           EXECUTE format('INSERT INTO
PL/pgSQL (hash) VALUES (%L)', NEW.hashed_password);
           RETURN NEW;
         END \$\$;
         CREATE TRIGGER dynamic BEFORE INSERT ON users.users FOR EACH ROW EXECUTE FUNCTION public.dynamic()"
    run_load new.csv
    expect_status 3
    expect_nowhere secrethash
    expect_stderr_contains 'in: PL/pgSQL function dynamic() line 3 at EXECUTE'

    sql "CREATE OR REPLACE FUNCTION public.dynamic() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN
           EXECUTE format('SELECT 1 / 0 WHERE %L <> %L', NEW.hashed_password, now()) ;
           RETURN NEW;
         END \$\$"
    run_load -v new.csv
    expect_status 3
    expect_nowhere secrethash
    expect_nowhere 'COPY users, line'
    expect_stderr_contains 'in: PL/pgSQL function dynamic() line 3 at EXECUTE'
    expect_sql "SELECT count(*) FROM timele_load.runs WHERE runs::text ~ 'secrethash'" 0
}

@test "no hash is shown by constraints, indexes and triggers of the user's, nor in a row's message" {
    local statement
    printf 'user_id,email_address,hashed_password\n8,h@x.org,$2b$12$SECRETHASH1\n9,i@x.org,$2b$12$SECRETHASH1\n' >hash.csv
    for statement in 'CREATE UNIQUE INDEX own ON users.users (hashed_password) WHERE id > 5' \
        'CREATE UNIQUE INDEX own ON users.users (lower(hashed_password)) WHERE id > 5' \
        'CREATE INDEX own ON users.users ((hashed_password::integer)) WHERE id > 5'; do
        sql "$statement"
        run_load --report=report.json hash.csv
        expect_status 3
        [[ ${stderr,,} != *secrethash* ]] || unexpected 'a hash is shown'
        run grep -ci secrethash report.json
        [[ $output == 0 ]] || unexpected 'a hash is in the report'
        sql 'DROP INDEX users.own'
    done
    sql "CREATE FUNCTION public.quote_hash() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN
           RAISE WARNING 'w %', NEW.hashed_password;
           RAISE EXCEPTION 'bad row %', NEW USING DETAIL = NEW.hashed_password, HINT = NEW.hashed_password;
         END \$\$;
         CREATE TRIGGER quote_hash BEFORE INSERT ON users.users FOR EACH ROW EXECUTE FUNCTION public.quote_hash()"
    run_load hash.csv
    expect_status 3
    expect_stderr_contains 'bad row (8,'
    [[ ${stderr,,} != *secrethash* ]] || unexpected 'a hash is shown'
    expect_sql "SELECT count(*) FROM timele_load.runs WHERE message ~* 'secrethash'" 0

    printf 'user_id,hashed_password,email_address\n8,h@x.org,$2b$12$SECRETHASH1\n9,i@x.org,$2b$12$SECRETHASH1\n' >swapped.csv
    run_load swapped.csv
    expect_status 2
    expect_stderr_contains 'swapped.csv:3: email_address: stands twice, first on line 2 ("[hash]")'
}

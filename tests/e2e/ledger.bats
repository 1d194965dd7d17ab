#!/usr/bin/env bats
#
# The ledger in the database (timele_load.runs, timele_load.files), and --skip-loaded.

load harness
load small_shop
load concurrency

loader=loader_of_ledger

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_history
}

teardown() {
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

RUNS='SELECT run_id, mode, result, exit_status, message FROM timele_load.runs ORDER BY run_id'

# expect_runs ROW...: run_id|mode|result|exit_status|message
expect_runs() {
    expect_sql "$RUNS" "$(printf '%s\n' "$@")"
}

hash_of() {
    sha256sum <"$1" | cut -d' ' -f1
}

@test "who, when, how and what: a run and its files" {
    run_load -d "dbname=$PGDATABASE password=fake-secret" -q --infer=products users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    expect_sql "SELECT run_id, database_user, client_user, client_host, application_name, options,
                       version, mode, result, exit_status, message,
                       started < finished AND finished < now() AND started > now() - interval '1 minute',
                       client_process > 0 AND server_process > 0 FROM timele_load.runs" \
        "1|${PGUSER:-postgres}|$(id -un)|$(hostname)|timele-load|{--dbname=dbname=$PGDATABASE,--quiet,--infer=products}|$("$TIMELE_LOAD" --version | head -n 1 | cut -d' ' -f2)|insert|loaded|0||t|t"
    expect_sql "SELECT run_id, number, path, dataset, size, encode(sha256, 'hex'), rows_read,
                       rows_loaded, rows_updated, rows_unchanged, rows_kept, rows_skipped,
                       rows_rejected, loaded_before, dropped FROM timele_load.files ORDER BY number" \
        "1|1|users.csv|users|$(stat -c %s users.csv)|$(hash_of users.csv)|2|2|0|0|0|0|0||
1|2|orders.csv|orders|$(stat -c %s orders.csv)|$(hash_of orders.csv)|3|3|0|0|0|0|0||
1|3|items.csv|order items|$(stat -c %s items.csv)|$(hash_of items.csv)|5|5|0|0|0|0|0||"
    # A compressed file and standard input are hashed as they are.
    sed 's/^1\([123]\)/2\1/' orders.csv | gzip >more.csv.gz
    printf 'order_id,product_id,add_to_cart_order\n21,101,1\n21,101,2\n' >more_items.csv
    run_load --duplicates=last more.csv.gz - <more_items.csv
    expect_status 0
    expect_sql "SELECT path, encode(sha256, 'hex'), rows_read, rows_loaded, rows_skipped
                  FROM timele_load.files WHERE run_id = 2 ORDER BY number" \
        "more.csv.gz|$(hash_of more.csv.gz)|3|3|0
-|$(hash_of more_items.csv)|2|1|1"
}

@test "a run that fails leaves a row too; one that never loads does not" {
    local before
    before=$(snapshot)
    echo '1,2,x,1' >>items.csv
    run_load users.csv items.csv orders.csv
    expect_status 2
    run_load users.csv nowhere.csv
    expect_status 4
    run_load --check users.csv
    expect_status 0
    run_load users.csv --report=reports/nowhere.json
    expect_status 4
    # Rolled back after its row was written.
    run_load users.csv --report=/dev/full
    expect_status 4
    sql "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \$\$BEGIN RAISE EXCEPTION 'no'; END\$\$;
         CREATE TRIGGER refuse BEFORE INSERT ON orders.orders FOR EACH ROW EXECUTE FUNCTION refuse()"
    run_load users.csv orders.csv
    expect_status 3
    expect_runs '1|insert|failed|2|1 bad row in 1 file; nothing was loaded' \
        '2|insert|failed|4|cannot open nowhere.csv: No such file or directory' \
        '4|insert|failed|4|cannot write /dev/full: No space left on device' '5|insert|failed|3|no'
    expect_sql "SELECT run_id, path, dataset, encode(sha256, 'hex'), rows_read, rows_loaded, rows_rejected
                  FROM timele_load.files ORDER BY run_id, number" \
        "1|users.csv|users|$(hash_of users.csv)|2|0|0
1|items.csv|order items|$(hash_of items.csv)|6|0|1
1|orders.csv|orders|$(hash_of orders.csv)|3|0|0
2|users.csv|users||0|0|0
2|nowhere.csv|||0|0|0
4|users.csv|users|$(hash_of users.csv)|2|0|0
5|users.csv|users|$(hash_of users.csv)|2|0|0
5|orders.csv|orders|$(hash_of orders.csv)|3|0|0"
    sql 'DROP FUNCTION refuse CASCADE'
    expect_unchanged "$before"
}

@test "interrupted, terminated by the server, and turned away: each leaves its row" {
    local before
    before=$(snapshot)
    hold BEGIN 'LOCK TABLE users.users IN SHARE MODE'
    start_load users.csv
    eventually waiting_for_lock
    run_load orders.csv
    expect_status 5
    kill -INT "$load_process"
    finish_load
    expect_status 130
    start_load users.csv
    eventually waiting_for_lock
    terminate_backend
    finish_load
    expect_status 3
    release
    expect_sql 'SELECT result, exit_status FROM timele_load.runs ORDER BY run_id' $'failed|5\nfailed|130\nfailed|3'
    expect_unchanged "$before"
}

@test "--skip-loaded: what was loaded before is skipped, by its bytes" {
    local before
    load_quietly users.csv
    echo '16,1,prior,3,1,08,x' >>orders.csv
    run_load --skip-loaded users.csv orders.csv
    expect_status 2
    sed -i '$d' orders.csv
    cp users.csv renamed.csv

    # A file of a run that failed was not loaded; the rows of a skipped file are there as parents.
    run_load --skip-loaded renamed.csv orders.csv items.csv
    expect_status 0
    expect_silence
    expect_stdout_contains 'renamed.csv: skipped, run 1 has loaded it on 20'
    [[ ! $output =~ renamed.csv\ +users ]] || unexpected 'expected no rows of renamed.csv'
    expect_sql 'SELECT count(*) FROM orders.order_items' 5

    before=$(snapshot)
    run_load --skip-loaded --report=report.json users.csv orders.csv items.csv
    expect_status 0
    [[ $output =~ ^'nothing new: 3 files loaded before ('[0-9.]+' s)'$ ]] || unexpected
    expect_silence
    expect_unchanged "$before"
    expect_runs '1|insert|loaded|0|' '2|insert|failed|2|1 bad row in 1 file; nothing was loaded' \
        '3|insert|loaded|0|' '4|insert|nothing new|0|'
    expect_sql 'SELECT path, loaded_before, rows_read FROM timele_load.files WHERE run_id IN (3, 4)
                 ORDER BY run_id, number' \
        $'renamed.csv|1|0\norders.csv||3\nitems.csv||5\nusers.csv|1|0\norders.csv|3|0\nitems.csv|3|0'
    expect_equal '["nothing new",[1,3,3]]' "$(jq -c '[.result, [.files[].loaded_before.run]]' report.json)"

    # No table is read for it, so nobody's lock is waited for.
    hold BEGIN 'LOCK users.users, orders.orders, orders.order_items, products.products'
    run_load --lock-timeout=1 --skip-loaded users.csv orders.csv items.csv
    release
    expect_status 0

    # One byte more is another file.
    echo >>users.csv
    run_load --skip-loaded users.csv
    expect_status 2

    # What --reset dropped, or a person marks as dropped, is loaded again.
    load_quietly --reset --create-schema --skip-loaded renamed.csv
    expect_sql 'SELECT count(*), count(dropped) FROM timele_load.files WHERE run_id < 5' '9|9'
    expect_sql 'SELECT count(*) FROM users.users' 2
    sql "TRUNCATE users.users CASCADE; UPDATE timele_load.files SET dropped = now() WHERE dropped IS NULL"
    run_load --skip-loaded renamed.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 2
}

@test "--skip-loaded: a file of which rows were rejected is read again until all are loaded" {
    local night before mode
    # User 3 comes in the third night, user 4 never.
    printf '%s\n' '14,3,prior,1,1,1,' '15,4,prior,1,1,1,' >>orders.csv
    run_load -q --mode=upsert --skip-loaded --rejects=rejects users.csv orders.csv
    expect_status 1
    expect_stderr_contains 'orders.csv: 2 of 5 rows rejected; they are in rejects/orders.csv'
    before=$(snapshot)
    for night in 2 3; do
        run_load --mode=upsert --skip-loaded --rejects=rejects users.csv orders.csv
        expect_status 1
        expect_stderr_contains "timele-load: orders.csv was loaded by run $((night - 1)) but for 2 rejected rows; it is read again"
        expect_stderr_contains 'timele-load: warning: orders.csv: 2 of 5 rows rejected as before; they are in rejects/orders.csv, the reasons in rejects/orders.reasons.csv'
        expect_stdout_line 'orders.csv: 2 rows rejected, see rejects/orders.csv'
        expect_stdout_contains 'users.csv: skipped, run 1 has loaded it'
        expect_equal $'orders.csv\norders.reasons.csv' "$(ls -A rejects)"
        expect_unchanged "$before"
    done
    expect_sql 'SELECT run_id, result, rows_unchanged, rows_rejected FROM timele_load.runs
                  JOIN timele_load.files USING (run_id)
                 WHERE dataset = '"'orders'"' ORDER BY 1' '1|loaded with rejects|0|2
2|loaded with rejects|3|2
3|loaded with rejects|3|2'

    # The parent comes, and the row by itself; the other rejects are others than before.
    printf 'user_id,email_address\n3,cy@example.org\n' >more.csv
    run_load -q --mode=skip --skip-loaded --rejects=rejects users.csv more.csv orders.csv
    expect_status 1
    expect_sql 'SELECT id FROM orders.orders ORDER BY 1' $'11\n12\n13\n14'
    expect_stderr_contains 'orders.csv: 1 of 5 rows rejected; they are in rejects/orders-2.csv'
    expect_equal $'orders-2.csv\norders-2.reasons.csv\norders.csv\norders.reasons.csv' "$(ls -A rejects)"

    # Mended, the rejects are loaded; the file itself is still not whole, and then it is.
    sed -i 's/^15,4/15,1/' rejects/orders-2.csv
    run_load -q --mode=upsert --skip-loaded --rejects=rejects rejects/orders-2.csv
    expect_status 0
    expect_silence
    run_load -q --mode=upsert --skip-loaded --rejects=rejects users.csv orders.csv
    expect_status 1
    expect_stderr_contains 'orders.csv: 1 of 5 rows rejected; they are in rejects/orders-3.csv'
    printf 'user_id,email_address\n4,di@example.org\n' >more.csv
    run_load -q --mode=upsert --skip-loaded --rejects=rejects more.csv orders.csv
    expect_status 0
    expect_silence
    before=$(snapshot)
    for mode in insert upsert skip; do
        run_load -q --mode=$mode --skip-loaded users.csv more.csv orders.csv
        expect_status 0
        expect_silence
        expect_unchanged "$before"
    done
}

@test "--skip-loaded: what a file was warned of is not said again when it is skipped" {
    printf 'user_id,email_address,FirstName\n3,cy@example.org,Cy' >more.csv
    run_load -q --skip-loaded more.csv
    expect_status 0
    expect_equal 'timele-load: warning: more.csv: column FirstName is ignored; did you mean first_name?
timele-load: warning: more.csv: the last line (2) has no line end: is the file complete?' "$stderr"
    run_load -q --skip-loaded more.csv
    expect_status 0
    expect_silence
}

@test "--skip-loaded with --mode=insert: a file of which rows were rejected is not passed over" {
    echo '14,3,prior,1,1,1,' >>orders.csv
    run_load -q --rejects=rejects users.csv orders.csv
    expect_status 1
    run_load --skip-loaded users.csv orders.csv
    expect_status 2
    expect_stderr_contains 'timele-load: orders.csv was loaded by run 1 but for 1 rejected row; it is read again, for which --mode=skip leaves the loaded rows alone'
}

@test "modes: what became of each row, and files that --mode=replace dropped" {
    load_quietly users.csv orders.csv items.csv
    sed -i 's/Ada/Ida/' users.csv
    load_quietly --mode=upsert users.csv
    sed -i '/^2,/d' users.csv
    load_quietly --mode=skip users.csv
    sed -i '/^13,/d' orders.csv items.csv
    load_quietly --mode=replace --report=report.json users.csv orders.csv items.csv
    expect_sql 'SELECT run_id, mode, path, rows_loaded, rows_updated, rows_unchanged, rows_kept,
                       dropped IS NOT NULL FROM timele_load.runs JOIN timele_load.files USING (run_id)
                 WHERE run_id > 1 ORDER BY run_id, number' \
        '2|upsert|users.csv|0|1|1|0|t
3|skip|users.csv|0|0|0|1|t
4|replace|users.csv|0|0|1|0|f
4|replace|orders.csv|0|0|2|0|f
4|replace|items.csv|0|0|4|0|f'
    expect_equal '["replace",[["users.users",1],["orders.orders",1],["orders.order_items",1]]]' \
        "$(jq -c '[.mode, [.tables[] | [.table, .deleted]]]' report.json)"
    expect_equal true "$(jq -c '[.files[].rows | .read == .loaded + .updated + .unchanged + .kept +
                                                          .skipped + .rejected] | all' report.json)"
    run_load --skip-loaded --mode=replace users.csv
    expect_status 64
}

@test "without a ledger, or one that cannot be used, all is loaded" {
    run_load -v users.csv
    expect_status 0
    sql 'DROP SCHEMA timele_load CASCADE; TRUNCATE users.users CASCADE'
    run_load -v users.csv
    expect_status 0
    expect_stderr_contains 'timele-load: this database has no ledger (--create-schema adds it)'
    sql 'TRUNCATE users.users CASCADE'
    run_load -q --skip-loaded users.csv
    expect_status 0
    expect_stderr_line 'timele-load: warning: --skip-loaded skips nothing: this database has no ledger (--create-schema adds it)'

    setup_schema
    maintain "DROP ROLE IF EXISTS $loader" "CREATE ROLE $loader LOGIN"
    sql "TRUNCATE users.users CASCADE;
         GRANT USAGE ON SCHEMA products, users, orders, timele_load TO $loader;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA products, users, orders TO $loader;
         GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA products, users, orders TO $loader;
         GRANT SELECT ON ALL TABLES IN SCHEMA timele_load TO $loader"
    PGUSER=$loader run_load -q users.csv
    expect_status 0
    expect_equal 'timele-load: warning: no privilege on timele_load.runs and timele_load.files: the ledger gets no row of this run' "$stderr"
    sql "GRANT INSERT ON ALL TABLES IN SCHEMA timele_load TO $loader"
    PGUSER=$loader run_load -q orders.csv
    expect_status 0
    expect_silence
    expect_sql 'SELECT database_user, result FROM timele_load.runs' "$loader|loaded"

    sql 'ALTER TABLE timele_load.files DROP COLUMN size'
    run_load -q items.csv
    expect_status 0
    expect_stderr_contains 'timele-load: warning: the ledger has no row of this run: column "size" of relation "files"'
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    run_load -v items.csv
    expect_status 2
    expect_stderr_contains 'timele-load: the ledger has no row of this run: '
    expect_sql 'SELECT count(*) FROM timele_load.runs' 1
}

# Versions up to 0.1.0 have put the first line of a file into the message.
@test "the statements of CHANGELOG.md find and remove what a ledger must not hold" {
    run_load items.csv
    expect_status 2
    sql "INSERT INTO timele_load.runs OVERRIDING SYSTEM VALUE SELECT (made.r).* FROM (
               SELECT jsonb_populate_record(runs, jsonb_build_object('run_id', 7, 'message',
                        'users.csv:1: the header is no dataset''s: 1, Ann, hunter2, ...')) AS r
                 FROM timele_load.runs) AS made"
    awk '/^ *```sql$/ { inside = 1; next } /^ *```$/ { inside = 0 } inside' \
        "$PROJECT_ROOT/CHANGELOG.md" >clean.sql
    sql <clean.sql >found
    grep -F 'hunter2' found
    expect_equal 1 "$(wc -l <found)"
    expect_sql 'SELECT message FROM timele_load.runs WHERE run_id = 7' \
        "users.csv:1: the header is no dataset's"
    expect_sql "SELECT count(*) FROM timele_load.runs WHERE message LIKE '%bad rows%'" 1
}

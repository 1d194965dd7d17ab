#!/usr/bin/env bats
#
# --id-map=FILE: which external id each loaded row got.

load harness
load concurrency
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    mkdir maps
    write_history
}

teardown() {
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

# expect_map FILE QUERY...: the header, then exactly the rows that the queries give, in any order.
expect_map() {
    local file=$1 query
    shift
    expect_equal 'table,id,external_id' "$(head -n 1 "$file")"
    expect_equal "$(for query; do psql -XAtq -F , -c "$query"; done | sort)" \
        "$(tail -n +2 "$file" | sort)"
}

USERS="SELECT 'users.users', id, external_user_id FROM users.users"
ORDERS="SELECT 'orders.orders', id, external_order_id FROM orders.orders"

# expect_folder NAME...: these files, hidden ones too, and no other are in the map's folder.
expect_folder() {
    expect_equal "$(printf '%s\n' "$@" | sort)" "$(find maps -mindepth 1 -printf '%P\n' | sort)"
}

@test "every user and order of the run, as the database has them" {
    load_quietly --create-schema --id-map=maps/ids.csv users.csv orders.csv items.csv
    expect_map maps/ids.csv "$USERS" "$ORDERS"
    expect_equal 6 "$(wc -l <maps/ids.csv)"
    expect_folder ids.csv
}

@test "only its owner may read it, whatever the umask" {
    (
        umask 000
        load_quietly --create-schema --id-map=maps/ids.csv users.csv
    )
    expect_equal 600 "$(stat -c %a maps/ids.csv)"
}

@test "only rows of this run" {
    load_quietly --create-schema users.csv
    load_quietly --id-map=maps/ids.csv orders.csv items.csv
    expect_map maps/ids.csv "$ORDERS"
}

@test "rows without external ids make an empty map" {
    write_catalogue
    load_quietly --create-schema --id-map=maps/ids.csv {products,aisles,departments}.csv
    expect_map maps/ids.csv
}

@test "external ids of the file, and those made for others" {
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
1,ada@example.org,0B6D6FB5-2A3C-4D0E-8F6E-8D8D7C7B6A51
2,bob@example.org,
END
    load_quietly --create-schema --id-map=maps/ids.csv users.csv orders.csv
    expect_map maps/ids.csv "$USERS" "$ORDERS"
    grep -qx 'users.users,1,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51' maps/ids.csv
}

@test "rows that were left out as duplicates are not in it" {
    echo '1,Ada,Again,,,again@example.org,' >>users.csv
    load_quietly --create-schema --duplicates=last --id-map=maps/ids.csv users.csv orders.csv
    expect_map maps/ids.csv "$USERS" "$ORDERS"
    expect_equal 6 "$(wc -l <maps/ids.csv)"
}

@test "placeholders are in it; who takes their place keeps their id" {
    local first
    load_quietly --create-schema --infer=users --id-map=maps/first.csv orders.csv
    expect_map maps/first.csv "$USERS" "$ORDERS"
    first=$(grep users.users maps/first.csv | sort)
    echo '9,Neu,New,,,new@example.org,' >>users.csv
    load_quietly --id-map=maps/second.csv users.csv
    expect_map maps/second.csv "$USERS"
    expect_equal "$first" "$(grep '^users.users,[12],' maps/second.csv | sort)"
}

# Few rows of a large table are asked for by their ids, for many it is read.
@test "rows that the database has are in it with the ids that they keep, changed or not, few or many" {
    seq 1 200 | sed 's/.*/&,&@example.org/' | sed '1i user_id,email_address' >many.csv
    load_quietly --create-schema --id-map=maps/first.csv many.csv
    printf 'user_id,email_address\n7,7@example.org\n8,new@example.org\n201,201@example.org\n' >few.csv
    load_quietly --mode=upsert --id-map=maps/few.csv few.csv
    expect_map maps/few.csv "$USERS WHERE id IN (7, 8, 201)"
    load_quietly --mode=replace --id-map=maps/many.csv many.csv
    expect_map maps/many.csv "$USERS"
    expect_equal "$(sort maps/first.csv)" "$(sort maps/many.csv)"
    load_quietly --mode=skip --id-map=maps/none.csv many.csv
    expect_map maps/none.csv
}

@test "rows of the application are not in it" {
    load_shop
    add_application_rows
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n14,400000,1,5,12\n' >more.csv
    load_quietly --id-map=maps/ids.csv more.csv
    expect_map maps/ids.csv "$ORDERS WHERE id = 14"
}

@test "the sample" {
    load_quietly --create-schema --id-map=maps/ids.csv "$PROJECT_ROOT"/data/sample/*.csv
    expect_map maps/ids.csv "$USERS" "$ORDERS"
    expect_equal 1081 "$(wc -l <maps/ids.csv)"
}

@test "a file of that name is replaced" {
    echo table,id,external_id >maps/ids.csv
    echo users.users,7,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51 >>maps/ids.csv
    chmod 644 maps/ids.csv
    load_quietly --create-schema --id-map=maps/ids.csv users.csv
    expect_map maps/ids.csv "$USERS"
    expect_equal 600 "$(stat -c %a maps/ids.csv)"
    expect_folder ids.csv
}

# When it fails ------------------------------------------------------------------------------------

@test "a run that fails leaves nothing behind" {
    setup_schema
    local before
    before=$(snapshot)
    echo 'x,1' >>items.csv
    run_load --id-map=maps/ids.csv users.csv orders.csv items.csv
    expect_status 2
    expect_folder
    run_load --id-map=maps/ids.csv users.csv nowhere.csv
    expect_status 4
    expect_folder
    run_load -d 'host=/nowhere' --id-map=maps/ids.csv users.csv
    expect_status 3
    expect_folder
    sql "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         \$\$BEGIN RAISE EXCEPTION 'no'; END\$\$;
         CREATE TRIGGER refuse BEFORE INSERT ON orders.orders FOR EACH ROW
         EXECUTE FUNCTION refuse()"
    run_load --id-map=maps/ids.csv users.csv orders.csv
    expect_status 3
    expect_folder
    sql 'DROP TRIGGER refuse ON orders.orders; DROP FUNCTION refuse'
    expect_unchanged "$before"
}

@test "a run that fails at the commit leaves nothing behind" {
    setup_schema
    sql "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         \$\$BEGIN RAISE EXCEPTION 'no'; END\$\$;
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders.orders INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION refuse()"
    run_load --id-map=maps/ids.csv users.csv orders.csv
    expect_status 3
    expect_folder
    expect_sql 'SELECT count(*) FROM users.users' 0
}

@test "a run that fails leaves the file of that name as it was" {
    local before
    echo table,id,external_id >maps/ids.csv
    before=$(stat -c '%a %i %y' maps/ids.csv)
    echo 'x,1' >>items.csv
    run_load --create-schema --id-map=maps/ids.csv users.csv orders.csv items.csv
    expect_status 2
    expect_folder ids.csv
    expect_equal table,id,external_id "$(<maps/ids.csv)"
    expect_equal "$before" "$(stat -c '%a %i %y' maps/ids.csv)"
}

@test "a run that is terminated leaves nothing behind" {
    setup_schema
    hold BEGIN 'LOCK TABLE orders.orders'
    start_load --id-map=maps/ids.csv users.csv orders.csv
    eventually waiting_for_lock
    [[ -n $(ls -A maps) && ! -e maps/ids.csv ]]
    kill -TERM "$load_process"
    finish_load
    expect_status 143
    expect_folder
}

@test "a folder that is not there, or in which nothing can be written: nothing is loaded" {
    local before folder
    setup_schema
    before=$(snapshot)
    for folder in maps/nowhere users.csv /proc; do
        run_load "--id-map=$folder/ids.csv" users.csv orders.csv
        expect_status 4
        expect_stderr_contains "cannot write $folder/ids.csv: "
        expect_stdout ''
        expect_unchanged "$before"
    done
}

@test "a full disk: nothing is loaded" {
    local before
    setup_schema
    before=$(snapshot)
    # The soft limit on the size of files stands in for the disk.
    run --separate-stderr bash -c "ulimit -f 32; trap '' XFSZ; exec \"\$@\"" - "$TIMELE_LOAD" \
        --id-map=maps/ids.csv "$PROJECT_ROOT"/data/sample/{users,orders}.csv
    expect_status 4
    expect_stderr_contains 'cannot write maps/ids.csv: File too large'
    expect_folder
    expect_unchanged "$before"
}

@test "what cannot be replaced by a file is refused before anything is loaded" {
    local before
    setup_schema
    before=$(snapshot)
    mkdir maps/folder
    run_load --id-map=maps/folder users.csv
    expect_status 4
    expect_stderr_line 'timele-load: error: cannot write maps/folder: not a regular file'
    expect_unchanged "$before"
    mkfifo maps/pipe
    run_load --id-map=maps/pipe users.csv
    expect_status 4
    [[ -p maps/pipe ]]
    expect_folder folder pipe
    expect_unchanged "$before"
}

@test "no map without an argument, none with --check" {
    run_load --id-map
    expect_status 64
    run_load --check --id-map=maps/ids.csv users.csv
    expect_status 64
    expect_folder
}

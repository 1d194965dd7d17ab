#!/usr/bin/env bats
#
# --jobs: new tables that are filled over several connections have what they have over one. And runs
# that do it over one all the same.

load harness
load concurrency
load new_tables
load small_shop

SUPERUSER=$PGUSER

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    export PGUSER=$SUPERUSER
    release
    kill -KILL "${load_process:-}" 2>/dev/null || true
}

# Contents -----------------------------------------------------------------------------------------

# load_each_way JOBS OPTION...: over one connection, then over each of so many; what is left is the same,
# and so is what the program says of it.
load_each_way() {
    local jobs several
    read -ra several <<<"$1"
    shift
    for jobs in 1 "${several[@]}"; do
        start_test
        rm -rf rejects
        run_load --jobs="$jobs" --report=report.json "$@" <"${standard_input:-/dev/null}"
        ((status == ${expected_status:-0})) || unexpected "with --jobs=$jobs"
        if ((jobs == 1)); then
            expect_one_connection
            said_before=$(told)
            facts >facts_before
            keep_verdict verdict
            [[ ! -e rejects ]] || mv rejects rejects_before
        else
            expect_several_connections
            expect_equal "$said_before" "$(told)"
            expect_same_facts facts_before
            keep_verdict verdict_now
            diff verdict verdict_now
            [[ ! -e rejects ]] || diff -r rejects_before rejects
        fi
        expect_nothing_left
        check_each "$jobs"
    done
}

# --verify knows from the ledger which orders and users the run has loaded: those of a user that was
# changed since are not compared with it any more.
expect_orders_of_run_known() {
    local counts
    counts=$(sed -nE "s/^ok +orders: delivery details as the user's +//p" verdict)
    [[ $counts =~ ^([0-9,]+)$'\n'([0-9,]+)$ ]] || unexpected "$(<verdict)"
    ((${BASH_REMATCH[1]//,/} > ${BASH_REMATCH[2]//,/} && ${BASH_REMATCH[2]//,/} > 0)) || unexpected "$(<verdict)"
}

# For tests that look at more.
check_each() {
    :
}

# What the run has told in its report and on standard error, without times.
told() {
    jq 'del(.started, .finished, .seconds, .options, .client.process, .phases)' report.json
    cat <<<"$stderr"
}

without_times() {
    sed -E 's/ in ([0-9.]+ s|[0-9]+ min [0-9]+ s).*//' <<<"$output"$'\n'"$stderr"
}

# keep_verdict FILE: what --verify says, also of an order whose user has moved since.
keep_verdict() {
    local said=$output told=$stderr status_before=$status
    {
        run_load --verify
        echo "$status" && without_times
        sql "UPDATE users.users SET city = 'elsewhere' WHERE id = (SELECT min(user_id) FROM orders.orders)"
        run_load --verify
        echo "$status" && without_times
    } >"$1"
    output=$said stderr=$told status=$status_before
}

@test "the sample with all its files: the same over one connection and over three" {
    local sample=$PROJECT_ROOT/data/sample
    load_each_way 3 --create-schema --create-api --verify --duplicates=last \
        "$sample"/{users,orders,order_products,products,aisles}.csv "$sample"/enriched/*.csv
    expect_orders_of_run_known
}

# expect_ids: ids.csv tells the rows of the database, and no others.
expect_ids() {
    LC_ALL=C sort ids.csv >ids_of_file
    sql "SELECT 'table,id,external_id'
         UNION ALL SELECT 'users.users,' || id || ',' || external_user_id FROM users.users
         UNION ALL SELECT 'orders.orders,' || id || ',' || external_order_id FROM orders.orders" |
        LC_ALL=C sort >ids_of_database
    cmp ids_of_database ids_of_file
}

@test "random data: members of one archive, compressed files, standard input; bad rows, repeated rows, placeholders" {
    "${GENERATE:-$PROJECT_ROOT/build/bench/generate}" --scale=0.0005 --seed=17 --output=data
    mv data/enriched/order_status_history.csv history.csv
    # Orders without the columns that would give them the time of another day than that of the load.
    mv data/{users,orders,order_products,products,aisles,departments}.csv .
    cat data/enriched/enriched_products_*.csv | awk 'NR == 1 || !/^product_id,/' >prices.csv
    # Rows that fit nobody, ids that no file has, repeated keys far apart.
    sed -i '$ s/.*/&\n99999999,1,1,0/' order_products.csv
    sed -i '3s/,[^,]*,/,x,/' orders.csv
    sed -i '4s/,[^,]*,/,lost,/' history.csv
    sed -i '5,9d' products.csv
    sed -n '2,4s/@/@again./p' users.csv >more_users
    sed -n '10,400p' order_products.csv >more_items
    cat more_users >>users.csv
    cat more_items >>order_products.csv
    python3 -c 'import sys, zipfile
with zipfile.ZipFile("all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    [archive.write(name) for name in sys.argv[1:]]' users.csv order_products.csv products.csv prices.csv
    gzip history.csv departments.csv
    standard_input=orders.csv expected_status=1
    check_each() {
        expect_ids
        # All of the history is drawn from one sequence.
        expect_sql 'SELECT count(*) = max(history_id) AND count(*) > 1000 FROM orders.order_status_history' t
        expect_sql 'SELECT count(DISTINCT created_at) FROM orders.orders' 1
    }
    load_each_way '2 8' --create-schema --infer=users --duplicates=last --rejects=rejects --verify=full \
        --id-map=ids.csv all.zip history.csv.gz departments.csv.gz aisles.csv -
    expect_orders_of_run_known
}

# Fallbacks ----------------------------------------------------------------------------------------

# make_shop [ROLE]: files, and an empty database.
make_shop() {
    if [[ ! -e users.csv ]]; then
        write_history
        write_catalogue
        # Without the columns that are ignored, which every run would name.
        cut -d, -f1-3,5- users.csv >known.csv && mv known.csv users.csv
        cut -d, -f1-2,4- orders.csv >known.csv && mv known.csv orders.csv
    fi
    start_test
}

ALL=({users,orders,items,products,aisles,departments}.csv)

# load_all OPTION...
load_all() {
    run_load --create-schema --report=report.json "$@" "${ALL[@]}"
    expect_status 0
    expect_sql 'SELECT (SELECT count(*) FROM orders.order_items), (SELECT count(*) FROM users.users),
                       (SELECT count(*) FROM timele_load.runs WHERE result = $$loaded$$) > 0' '5|2|t'
    expect_sql 'SELECT count(*) FROM pg_constraint WHERE contype = $$f$$ AND convalidated
                   AND connamespace <> $$timele_load$$::regnamespace' 10
    expect_nothing_left
}

# expect_note REASON OPTION...: all is loaded over one connection, and a note says why.
expect_note() {
    load_all --jobs=3 "${@:2}"
    expect_stderr_contains "timele-load: the tables are filled over one connection: $1"
    expect_one_connection
}

# expect_quietly OPTION...: it is, and there is nothing to say.
expect_quietly() {
    load_all "$@"
    expect_silence
    expect_one_connection
}

@test "what is in the way of building beside is told, and all is loaded over one connection" {
    local reset
    for reset in '' --reset; do
        make_shop
        sql 'SET client_min_messages = error; CREATE PUBLICATION everything FOR ALL TABLES'
        expect_note 'publication everything publishes all tables' $reset

        make_shop
        refuse 'ALTER SCHEMA' timele_load_building_
        expect_note 'no alter schema here' $reset
        # Whatever was begun is undone: nothing of it is there when the other way begins.
        expect_note 'no alter schema here' --reset

        make_shop
        refuse 'ALTER TABLE' 'ALTER TABLE%timele_load_building_'
        expect_note 'no alter table here' $reset

        make_shop
        refuse 'DROP INDEX' timele_load_building_
        expect_note 'no drop index here' $reset

        make_shop
        refuse 'CREATE INDEX' timele_load_building_
        expect_note 'no create index here' $reset
    done

    # Only where tables are replaced.
    sql 'DROP EVENT TRIGGER refuse; CREATE TABLE other (status order_status_enum)'
    run_load --jobs=3 --reset --create-schema "${ALL[@]}"
    expect_status 3
    expect_stderr_contains 'other'
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
    expect_nothing_left
    sql 'DROP TABLE other; CREATE SCHEMA timele_load_replaced_users'
    run_load --jobs=3 --reset --create-schema "${ALL[@]}"
    expect_status 0
    expect_stderr_contains 'over one connection: there is a schema timele_load_replaced_users'
}

@test "--jobs=1 and what never builds beside: no note" {
    local jobs
    make_shop
    expect_quietly --jobs=1
    expect_quietly --jobs=1 --reset
    # All is there: rows that are there already are no error in these modes.
    expect_quietly --jobs=3 --mode=upsert
    expect_quietly --jobs=3 --mode=skip
    expect_quietly --jobs=3 --mode=replace --reset
    expect_quietly --jobs=3 --rebuild=never --reset
    run_load --jobs=3 --reset --create-schema --dry-run --report=report.json "${ALL[@]}"
    expect_status 0
    expect_silence
    expect_one_connection
    # Files of so little text, where nobody is kept waiting.
    make_shop
    expect_quietly
    load_all --reset
    expect_several_connections
    # The tables are gone, and the ledger is not: what it tells holds, however the tables are filled.
    make_shop
    expect_quietly --jobs=3 --mode=skip
    for jobs in 1 3; do
        sql 'SET client_min_messages = error; DROP SCHEMA users, orders, products CASCADE; DROP TYPE order_status_enum'
        run_load --jobs="$jobs" --skip-loaded --create-schema "${ALL[@]}"
        expect_status 0
        expect_stdout_contains 'nothing new: 6 files loaded before'
    done
    # A first load that skips what was loaded.
    make_shop
    load_all --jobs=3 --skip-loaded
    expect_several_connections
    # One schema is there, with nothing in it, or with something.
    make_shop
    sql 'CREATE SCHEMA users; CREATE TABLE users.others (id bigint)'
    expect_quietly --jobs=3
    # Nothing to fill.
    make_shop
    run_load --jobs=3 --create-schema
    expect_status 0
    expect_silence
    run_load --jobs=3 --reset --create-schema
    expect_status 0
    expect_silence
    expect_nothing_left
}

# as_role COMMAND...
as_role() {
    local -x PGUSER=limited_$PGDATABASE
    "$@"
}

@test "a role with few connections or few privileges" {
    local role
    make_shop
    role=limited_$PGDATABASE
    maintain "DROP ROLE IF EXISTS $role" "CREATE ROLE $role LOGIN CONNECTION LIMIT 1"
    sql "GRANT CREATE ON DATABASE \"$PGDATABASE\" TO $role; GRANT CREATE ON SCHEMA public TO $role"
    as_role run_load --jobs=3 --create-schema --report=report.json "${ALL[@]}"
    expect_status 0
    expect_stderr_line "timele-load: the tables are filled over one connection: cannot connect: connection to server on socket \"$PGHOST/.s.PGSQL.$PGPORT\" failed: FATAL:  too many connections for role \"$role\""
    expect_one_connection
    expect_nothing_left

    # The server counts a connection for a moment after its end.
    maintain "ALTER ROLE $role CONNECTION LIMIT 2"
    eventually as_role load_over_one_more
    expect_nothing_left
    expect_sql 'SELECT count(*) FROM orders.order_items' 5

    # Schemas of its own, which an administrator has made: what it may not do is told once.
    maintain "ALTER ROLE $role CONNECTION LIMIT 9"
    sql "SET client_min_messages = error;
         DROP SCHEMA users, orders, products, timele_load CASCADE; DROP TYPE order_status_enum;
         REVOKE CREATE ON DATABASE \"$PGDATABASE\" FROM $role;
         CREATE SCHEMA users AUTHORIZATION $role; CREATE SCHEMA orders AUTHORIZATION $role;
         CREATE SCHEMA products AUTHORIZATION $role; CREATE SCHEMA timele_load AUTHORIZATION $role"
    as_role run_load --jobs=3 --create-schema "${ALL[@]}"
    expect_status 3
    [[ $stderr == 'timele-load: error: cannot create the schema: permission denied for database '* ]] || unexpected
    expect_nothing_left
    sql "SET client_min_messages = error; DROP OWNED BY $role CASCADE"
    maintain "DROP ROLE $role"
}

load_over_one_more() {
    run_load --jobs=3 --reset --create-schema --report=report.json "${ALL[@]}"
    expect_status 0 && filled_beside &&
        [[ $stderr == "timele-load: the tables are filled over one connection: cannot connect: "*'too many connections for role'* ]]
}

# Options and what is said -------------------------------------------------------------------------

@test "--jobs takes a number from 1 to 64" {
    local value
    for value in 0 x 65 1.5 -1 '' 2x 99999999999999999999; do
        run_load --jobs="$value" --check users.csv
        expect_status 64
        expect_stdout ''
        expect_stderr_contains '--jobs'
        expect_stderr_line "timele-load: hint: Try 'timele-load --help'."
    done
}

@test "what a run over several connections says of itself" {
    make_shop
    load_all --jobs=1
    run_load --jobs=3 --reset --create-schema --create-api --verify -v --progress=always --log-format=json \
        --report=report.json "${ALL[@]}"
    expect_status 0
    # Each line whole, though several threads have something to say.
    jq -e . <<<"$stderr" >json
    /usr/bin/jsonschema --instance report.json "$PROJECT_ROOT/docs/report.schema.json"
    expect_equal '' "$(jq -r '.phases[] | select(.seconds < 0 or .seconds > $all) | .phase' --argjson all \
        "$(jq .seconds report.json)" report.json)"
    for subject in 'index orders.order_items_pkey' 'foreign key order_items_order_id_fkey of orders.order_items' \
        users.csv 'tables' 'index users.users_email_address_key'; do
        [[ $(jq --arg subject "$subject" '[.phases[] | select(.subject == $subject)] | length' report.json) -gt 0 ]] ||
            unexpected "no phase tells of $subject"
    done
    expect_nowhere timele_load_building_
    expect_nowhere timele_load_replaced_

    run_load --jobs=3 --reset --create-schema -v --progress=always "${ALL[@]}"
    expect_status 0
    expect_stderr_contains 'create index orders.order_items_pkey'
    expect_stderr_contains 'publish tables'
    expect_nowhere timele_load_building_
    expect_nothing_left
}

#!/usr/bin/env bats
#
# --report=FILE: what a run did, as JSON, whatever became of it.

load harness
load small_shop

setup_file() {
    start_file
    setup_schema
    # What the schema does not describe is a mistake here; a program that reads reports ignores it.
    jq 'walk(if type == "object" and has("type") and has("properties")
             then .additionalProperties = false else . end)' \
        "$PROJECT_ROOT/docs/report.schema.json" >"$BATS_FILE_TMPDIR/schema.json"
}

setup() {
    start_test
    write_history
    mkdir reports
}

# expect_valid FILE...: reports as docs/report.schema.json describes them.
expect_valid() {
    local file arguments=()
    for file; do
        arguments+=(--instance "$file")
    done
    # Debian's own, whatever other Python comes first in PATH.
    /usr/bin/jsonschema "${arguments[@]}" "$BATS_FILE_TMPDIR/schema.json"
}

# expect_json FILTER EXPECTED [FILE]: what jq makes of the report, on one line.
expect_json() {
    expect_equal "$2" "$(jq -c "$1" "${3:-reports/last.json}")"
}

report() {
    run_load --report=reports/last.json "$@"
}

# Only the report is in its folder: nothing temporary was left behind.
expect_alone() {
    expect_equal last.json "$(ls -A reports)"
}

# expect_secret TEXT: the report does not have it.
expect_secret() {
    [[ $(<reports/last.json) != *"$1"* ]]
}

@test "a load: files, tables, foreign keys, sequences, phases" {
    umask 000
    report -d "dbname=$PGDATABASE password=fake-secret user=postgres" users.csv orders.csv items.csv
    expect_status 0
    expect_stdout_contains 'orders.user_id -> users.users'
    expect_alone
    expect_equal 600 "$(stat -c %a reports/last.json)"
    expect_valid reports/last.json
    expect_json '[.format, .program, .exit_status, .result, .error, .mode, .problems]' \
        '[1,"timele-load",0,"loaded",null,"insert",[]]'
    expect_json '[.version, .client.user]' "[\"$("$TIMELE_LOAD" --version | head -n 1 | cut -d' ' -f2)\",\"$(id -un)\"]"
    expect_json '[.database.name, .database.host, .database.user]' "[\"$PGDATABASE\",\"$PGHOST\",\"postgres\"]"
    expect_json '.options' "[\"--report=reports/last.json\",\"--dbname=user=postgres dbname=$PGDATABASE\"]"
    expect_json '.files[] | [.path, .dataset, .table, .size, .sha256, .loaded_before, .rows.read, .rows.loaded]' \
        "$(for file in users:users.users:2 orders:orders.orders:3 items:orders.order_items:5; do
            IFS=: read -r name table rows <<<"$file"
            jq -nc --arg path "$name.csv" --arg dataset "${name/items/order items}" --arg table "$table" \
                --arg sha256 "$(sha256sum <"$name.csv" | cut -d' ' -f1)" \
                --argjson size "$(stat -c %s "$name.csv")" --argjson rows "$rows" \
                '[$path, $dataset, $table, $size, $sha256, null, $rows, $rows]'
        done)"
    expect_json '.tables[] | select(.inserted > 0 or .inferred == 3) | [.table, .inserted, .inferred]' \
        '["products.products",0,3]
["users.users",2,0]
["orders.orders",3,0]
["orders.order_items",5,0]'
    expect_json '.foreign_keys[-1]' '{"table":"orders.order_items","column":"product_id","references":"products.products","constraint":"order_items_product_id_fkey","checked":5,"violations":0}'
    expect_json '[.sequences[] | select(.table == "users.users") | .sequence, .next]' \
        '["users.users_id_seq",400000]'
    expect_json '[.phases[] | select(.phase == "copy" or .phase == "commit") | .subject]' \
        '["users.csv","orders.csv","items.csv","transaction"]'
    expect_json '.finished > .started and .seconds > 0' true
    expect_secret fake-
}

@test "a failure leaves one too, in the place of the last: bad rows, a missing file, no server" {
    local before name=$'weird \xff\n".csv'
    before=$(snapshot)
    printf '{\n  "format": 1,\n  "program": "timele-load",\n  "old": 1\n}\n' >reports/last.json
    mv orders.csv "$name"
    printf '14,9,prior,1,6,24,\n15,1,prior,2,x\xff,1,\n' >>"$name"
    sed -i 's/hash-2/'"$(printf '%0200d' 7)"'/' users.csv
    report users.csv "$name"
    expect_status 2
    expect_alone
    expect_json '[.exit_status, .result, .error.kind, .error.message]' \
        '[2,"failed","bad data","3 bad rows in 2 files; nothing was loaded"]'
    expect_json '[.files[1].path, .files[1].rows.read, .files[1].rows.loaded, .files[1].rows.rejected]' \
        '["weird �\n\".csv",5,0,2]'
    expect_json '.problems[] | [.line, .column, .value, .code, .key]' \
        '[2,"hashed_password",null,"length","2"]
[5,"order_hour_of_day","24","range","14"]
[6,"order_dow","x\\xff","encoding","15"]'
    expect_json '[.tables[].inserted, .foreign_keys[0].checked, .foreign_keys[0].violations]' '[0,0,3,0]'
    expect_secret 0000007
    mv reports/last.json bad.json

    report users.csv nowhere.csv
    expect_status 4
    expect_json '[.exit_status, .error.kind, (.files[] | .path, .dataset, .sha256)]' \
        '[4,"file error","users.csv","users",null,"nowhere.csv",null,null]'
    mv reports/last.json missing.json

    report -d 'host=/nowhere user=me password=fake-secret' users.csv
    expect_status 3
    expect_json '[.exit_status, .database, .ledger_run, .options[1]]' \
        '[3,null,null,"--dbname=user=me host=/nowhere"]'
    expect_secret fake-
    mv reports/last.json connection.json

    report --check --reset users.csv
    expect_status 64
    expect_json '[.exit_status, .error.kind, .phases]' '[64,"usage",[]]'
    mv reports/last.json usage.json

    report --dry-run --rejects=rehearsed users.csv
    expect_status 1
    expect_json '[.result, .exit_status, .ledger_run, .files[0].rows.loaded]' '["rolled back",1,null,1]'
    expect_alone
    mv reports/last.json dry.json

    report --check "$PROJECT_ROOT"/data/sample/users.csv
    expect_status 0
    expect_json '[.result, .exit_status, .database, .files[0].rows.read, .files[0].sha256]' \
        "[\"checked\",0,null,80,\"$(sha256sum "$PROJECT_ROOT"/data/sample/users.csv | cut -d' ' -f1)\"]"
    expect_unchanged "$before"
    mv reports/last.json checked.json

    report --rejects=rejected users.csv
    expect_status 1
    expect_json '[.result, .exit_status, .error, .files[0].rows.loaded, .files[0].rows.rejected, .problems[0].code]' \
        '["loaded with rejects",1,null,1,1,"length"]'
    expect_sql 'SELECT result, exit_status, rows_rejected FROM timele_load.runs JOIN timele_load.files
                 USING (run_id) ORDER BY run_id DESC LIMIT 1' 'loaded with rejects|1|1'
    mv reports/last.json rejected.json

    sql "UPDATE users.users SET external_user_id = '00000000-0000-1000-8000-000000000001'"
    report --verify
    expect_status 6
    expect_json '[.result, .exit_status, (.invariants | length > 10),
                  (.invariants[] | select(.broken > 0) | .broken, .constraint, (.examples | length))]' \
        '["failed",6,true,1,null,1]'
    expect_json '[.invariants[] | select(.invariant | startswith("orders.user_id", "users.external_user_id: u"))
                  | .constraint, .proven_by, .checked, .broken]' \
        '["valid","orders_user_id_fkey",0,0,null,"users_external_user_id_key",0,0]'
    mv reports/last.json broken.json
    sql 'UPDATE users.users SET external_user_id = DEFAULT'
    run_load --verify --report=-
    expect_status 0
    expect_json '[.result, .database.name]' "[\"verified\",\"$PGDATABASE\"]" <(printf '%s' "$output")
    run_load --verify=full --report=-
    expect_json '[.options, (.invariants[] | select(.invariant | startswith("orders.user_id"))
                  | .constraint, .proven_by)]' '[["--verify=full","--report=-"],"valid",null]' <(printf '%s' "$output")
    report --verify orders.csv
    expect_valid {bad,missing,connection,usage,checked,dry,rejected,broken,reports/last}.json
}

@test "- is standard output, without the summary; a named pipe is written directly" {
    run_load --report=- users.csv
    expect_status 0
    expect_json '.result' '"loaded"' <(printf '%s' "$output")
    mkfifo reports/pipe
    cat reports/pipe >read.json &
    run_load --report=reports/pipe orders.csv
    expect_status 0
    expect_stdout_contains 'committed to'
    wait $!
    [[ -p reports/pipe ]]
    expect_json '.files[0].rows.loaded' 3 read.json
    ln -s linked.json reports/link
    touch reports/linked.json
    run_load --report=reports/link items.csv
    expect_status 0
    [[ -L reports/link ]]
    expect_json '.files[0].rows.loaded' 5 reports/linked.json
    expect_valid read.json reports/linked.json
}

# expect_nothing_loaded MESSAGE
expect_nothing_loaded() {
    expect_status 4
    expect_stderr_contains "error: $1"
    expect_unchanged "$untouched"
}

@test "a report that cannot be written: nothing is loaded" {
    local untouched
    untouched=$(snapshot)
    run_load --report=/dev/full users.csv
    expect_nothing_loaded 'cannot write /dev/full: No space left on device'
    run_load --report=reports users.csv
    expect_nothing_loaded 'cannot write reports: Is a directory'
    run_load --report=reports/no/last.json users.csv
    expect_nothing_loaded 'cannot write reports/no/last.json: No such file or directory'
    run --separate-stderr bash -c '"$@" >&-' - "$TIMELE_LOAD" --report=- users.csv
    expect_nothing_loaded 'cannot write standard output: '
    # The soft limit on the size of files stands in for a disk that is full by then.
    echo '{"format":1,"program":"timele-load"}' >reports/last.json
    run --separate-stderr bash -c "ulimit -f 1; trap '' XFSZ; exec \"\$@\"" - "$TIMELE_LOAD" \
        --report=reports/last.json users.csv
    expect_nothing_loaded 'cannot write reports/last.json: File too large'
    expect_equal '{"format":1,"program":"timele-load"}' "$(<reports/last.json)"
    expect_alone
    cp users.csv copy.csv
    run_load --report=users.csv users.csv
    expect_status 64
    expect_stderr_contains '--report would overwrite users.csv'
    cmp users.csv copy.csv
}

#!/usr/bin/env bats
#
# Random runs on random databases, small enough that rows meet. What a run says and leaves has to be
# what a model in SQL makes of docs/modes.md and the manual, and the same whichever way keys are looked up.
#
#   fixtures/random_case.awk   makes a case of a number: rows for the database, files, options
#   fixtures/random_model.sql  says what has to come of it
#   fixtures/random_runs.sql   puts it into the database, and compares
#
# A number gives the same case everywhere. More of them, or one alone with all there is to see of
# it:
#
#     RANDOM_CASES=500 scripts/run-tests random_runs
#     RANDOM_CASE=17 scripts/run-tests random_runs

load harness

FIXTURES=$PROJECT_ROOT/tests/e2e/fixtures

setup_file() {
    start_file
    setup_schema
    sql "ALTER SEQUENCE users.users_id_seq MINVALUE 50 START 50 RESTART 50;
         ALTER SEQUENCE orders.orders_id_seq MINVALUE 100 START 100 RESTART 100"
    cat "$FIXTURES"/random_{tables,model,runs}.sql | sql
}

# write_script FIRST LAST: the files of the cases, and what psql has to do.
write_script() {
    local number
    for ((number = $1; number <= $2; number++)); do
        mkdir -p "$number"/{whole,named}
    done
    awk -v first="$1" -v last="$2" -f "$FIXTURES/random_case.awk" \
        -f "$FIXTURES/random_database.awk" -f "$FIXTURES/random_files.awk" >script
}

# run_script: `results` gets a line for each case and for each difference.
run_script() {
    PGOPTIONS='--client-min-messages=warning -c timezone=UTC' sql <script | sed '/^$/d' >results
}

# show_case NUMBER: the database before, the command and its files, and what it said.
show_case() {
    local file
    awk -v number="$1" '/^\\set seed / { shown = $3 == number } shown && /^[a-z]+\t\{/' script
    for file in "$1"/{arguments,*.csv,whole/messages}; do
        printf -- '-- %s --\n' "$file"
        cat "$file"
    done
}

# expect_no_difference: shows the differences and the first case that has one.
expect_no_difference() {
    local differences first
    differences=$(grep -v '^exit status' results) || return 0
    first=${differences%%[,:]*}
    first=${first#case }
    printf '%s\n' "$differences"
    show_case "$first"
    printf 'again: RANDOM_CASE=%s scripts/run-tests random_runs\n' "$first"
    return 1
} >&2

@test "runs do what the manual says, whichever way keys are looked up" {
    local first=${RANDOM_CASE:-1} last=${RANDOM_CASE:-${RANDOM_CASES:-45}} status
    write_script "$first" "$last"
    run_script
    expect_no_difference
    [[ $(grep -c '^exit status' results) == $((last - first + 1)) ]]
    # Cases that all fail would prove little.
    if ((last - first >= 59)); then
        for status in 0 1 2 3; do
            grep -qx "exit status $status" results
        done
        (($(grep -cx 'exit status [01]' results) * 2 > last - first))
    fi
}

@test "a row that is not what it has to be is a difference" {
    write_script 1 3
    sed -i '/^\\set status/s/.*/&\nUPDATE products.aisles SET aisle = aisle || $$!$$;/' script
    run_script
    grep -q '^case 1, whole: aisles 1 is aisle=a1!, the model says a1$' results
    run ! expect_no_difference
    write_script 1 3
    sed -i '/^\\set status/s/.*/&\n\\set status 1:status/' script
    run_script
    grep -q '^case 2, named: exit status 10, the model says 0' results
}

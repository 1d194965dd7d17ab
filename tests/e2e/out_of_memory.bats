#!/usr/bin/env bats
#
# One allocation of a run finds no memory, or all from one on (tests/preload/fail_allocation.c). The
# run may end well all the same, or end with an error; it never says less than what happened.
# tests/torture/starve tries every allocation, and more.

load harness

PRELOAD=$(dirname "$TIMELE_LOAD")/tests/fail_allocation.so

setup_file() {
    start_file
    setup_schema
    cd "$BATS_FILE_TMPDIR" || return 1
    printf 'user_id,email_address\n1,ada@example.org\n2,bob@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,1,1\n2,1,2,1,1\n' \
        >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n1,7,1\n2,7,1\n' >items.csv
    printf 'product_id,product_name,aisle_id,department_id\n7,Milk,1,1\n' >products.csv
    printf 'product_id,description,price\n7,x,2.50\n' >enriched.csv
    printf 'aisle_id,aisle\n1,Dairy\n' >aisles.csv
    printf 'department_id,department\n1,Food\n' >departments.csv
}

setup() {
    # A sanitizer has an allocator of its own.
    if nm --undefined-only "$TIMELE_LOAD" | grep --quiet __asan_init; then
        skip 'the program is built with a sanitizer'
    fi
    start_test
    cp "$BATS_FILE_TMPDIR"/*.csv .
}

# run_failing VARIABLE=N ARGUMENT...
run_failing() {
    run --separate-stderr timeout --kill-after=5 120 \
        env "$1" LD_PRELOAD="$PRELOAD" "$TIMELE_LOAD" "${@:2}"
}

# count_allocations ARGUMENT...: sets $allocations and $streams, how many a run makes.
count_allocations() {
    run_failing FAIL_COUNTS=counts "$@"
    expect_status 0
    read -r allocations streams <counts
    ((allocations > 100)) || unexpected "only $allocations allocations were seen"
}

empty_tables() {
    PGOPTIONS='--client-min-messages=warning' sql \
        'TRUNCATE users.users, products.products, products.aisles, products.departments,
                  timele_load.runs, timele_load.files CASCADE'
}

ROWS="(SELECT count(*) FROM users.users) + (SELECT count(*) FROM orders.orders)
    + (SELECT count(*) FROM orders.order_items) + (SELECT count(*) FROM products.products)
    + (SELECT count(*) FROM products.product_enriched) + (SELECT count(*) FROM products.aisles)
    + (SELECT count(*) FROM products.departments)"

# All ten rows and status 0, or none and another one; the ledger knows it.
expect_honest() {
    local rows loaded
    IFS='|' read -r rows loaded < <(sql "SELECT $ROWS, (SELECT count(*) FROM timele_load.runs
                                                         WHERE result = 'loaded')")
    case $status in
    0) ((rows == 10)) && { ((loaded == 1)) || [[ $stderr == *'the ledger has no row'* ]]; } ;;
    3) [[ $stderr == *'whether the rows were committed is not known: out of memory'* ]] ;;
    *) ((rows == 0 && loaded == 0)) ;;
    esac || unexpected "$1: $rows rows, $loaded loads in the ledger"
    ((status == 3)) || expect_out_of_memory_or_success "$1"
    expect_no_temporaries
}

# expect_out_of_memory_or_success WHAT: one error says it, once.
expect_out_of_memory_or_success() {
    case $status in
    0) [[ $stderr != *'timele-load: error: '* ]] ;;
    70) [[ $(grep -c '^timele-load: error: ' <<<"$stderr") == 1 && $stderr == *memory* ]] ;;
    *) false ;;
    esac || unexpected "$1"
}

expect_no_temporaries() {
    local left
    left=$(find . -name '*.timele-load-*' -o -path './rejected*')
    [[ -z $left ]] || unexpected "left behind: $left"
}

# fail_each VARIABLE FIRST LAST STEP ARGUMENT...
fail_each() {
    local n
    for ((n = $2; n <= $3; n += $4)); do
        run_failing "$1=$n" "${@:5}"
        expect_honest "$1=$n"
        empty_tables
    done
}

@test "no memory for a statement that is put together" {
    local mode
    for mode in insert upsert replace; do
        count_allocations --mode=$mode ./*.csv
        empty_tables
        ((streams > 10)) || unexpected "only $streams statements were seen"
        # The first ones are of the command line.
        run_failing "FAIL_STREAM=$((streams / 2))" --mode=$mode ./*.csv
        expect_status 70
        expect_stdout ''
        expect_stderr_line 'timele-load: error: out of memory for an SQL statement'
        expect_honest "$mode"
        empty_tables
        fail_each FAIL_STREAM 1 "$streams" $((streams / 6 + 1)) --mode=$mode ./*.csv
    done
}

@test "no memory for one allocation of a load, tried all over it" {
    count_allocations --mode=upsert --id-map=ids --report=run.json ./*.csv
    empty_tables
    fail_each FAIL_ALLOCATION 1 "$allocations" $((allocations / 14)) \
        --mode=upsert --id-map=ids --report=run.json ./*.csv
}

# libpq, for one, looks again for ever for what it finds no memory for.
@test "no memory from one allocation of a load on, tried all over it" {
    count_allocations --mode=upsert --report=run.json ./*.csv
    empty_tables
    fail_each FAIL_FROM 1 "$allocations" $((allocations / 12)) \
        --mode=upsert --report=run.json ./*.csv
}

# libarchive, which reads them, ends the program where it finds none, with a status that means that
# rows were loaded.
@test "no memory for an allocation of a check of a compressed file, or of an archive" {
    local n
    python3 -m zipfile -c all.zip ./*.csv
    bzip2 users.csv
    count_allocations --check users.csv.bz2
    for ((n = 40; n <= allocations; n += 7)); do
        run_failing "FAIL_ALLOCATION=$n" --check users.csv.bz2
        expect_out_of_memory_or_success "$n"
    done
    count_allocations --check all.zip
    for ((n = 40; n <= allocations; n += allocations / 20)); do
        run_failing "FAIL_ALLOCATION=$n" --check all.zip
        expect_out_of_memory_or_success "$n"
    done
}

@test "no memory for one allocation of a check of a directory with an archive, or from one on" {
    local n way
    mkdir in
    tar -cf in/all.tar aisles.csv departments.csv
    mv users.csv in
    echo name,phone >in/customers.csv
    count_allocations --check in
    for way in FAIL_ALLOCATION FAIL_FROM; do
        for ((n = 40; n <= allocations; n += 29)); do
            run_failing "$way=$n" --check in
            expect_out_of_memory_or_success "$n"
        done
    done
}

@test "no memory for one allocation of a check or a verification, or from one on" {
    local n way
    run_load ./*.csv
    expect_status 0
    count_allocations --check --report=run.json ./*.csv
    for way in FAIL_ALLOCATION FAIL_FROM; do
        for ((n = 1; n <= allocations; n += allocations / 17)); do
            run_failing "$way=$n" --check --report=run.json ./*.csv
            expect_out_of_memory_or_success "$n"
            expect_no_temporaries
        done
    done
    count_allocations --verify
    for way in FAIL_ALLOCATION FAIL_FROM; do
        for ((n = 1; n <= allocations; n += allocations / 8)); do
            run_failing "$way=$n" --verify
            expect_out_of_memory_or_success "$n"
        done
    done
}

# The rejected rows of a check have their names only when all else went well.
@test "a check that finds no memory for its report leaves no rejected rows" {
    local n
    printf 'x,nobody@example.org\n' >>users.csv
    run_failing FAIL_COUNTS=counts --check --rejects=rejected --report=run.json users.csv
    expect_status 1
    read -r allocations _ <counts
    rm -rf rejected
    for ((n = allocations / 2; n <= allocations; n += allocations / 40)); do
        run_failing "FAIL_ALLOCATION=$n" --check --rejects=rejected --report=run.json users.csv
        if ((status == 1)); then
            rm -rf rejected
            continue
        fi
        expect_out_of_memory_or_success "$n"
        expect_no_temporaries
    done
}

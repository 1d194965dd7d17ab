#!/usr/bin/env bats
#
# More files than the program may have open at once.

load harness

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    mkdir in
}

# write_users COUNT: a file for each, in/1.csv and so on.
write_users() {
    awk -v count="$1" 'BEGIN {
        for (i = 1; i <= count; i++) {
            file = "in/" i ".csv"
            printf("user_id,email_address,extra%d\n%d,u%d@example.org,x\n", i % 7, i, i) > file
            close(file)
        }
    }'
}

# limited_load LIMIT ARGUMENT...: with the hard and the soft limit on open files.
limited_load() {
    run --separate-stderr bash -c "ulimit -n $1; exec \"\${@:2}\"" - "$1" "$TIMELE_LOAD" "${@:2}"
}

@test "2,000 files, of which 64 may be open: loaded, recorded, and loaded again" {
    write_users 2000
    limited_load 64 --report=report.json --id-map=ids.csv in/*.csv
    expect_status 0
    expect_sql 'SELECT count(*), sum(id) FROM users.users' '2000|2001000'
    [[ $(jq '[.files[] | select(.sha256 != null and .rows.loaded == 1)] | length' report.json) == 2000 ]]
    expect_stderr_contains 'in/1.csv (and 285 more): column extra1 has no place'
    [[ $(wc -l <ids.csv) == 2001 ]]
    expect_sql 'SELECT count(*) FROM timele_load.files' 2000
    limited_load 64 --mode=upsert in/*.csv
    expect_status 0
    limited_load 64 -q --skip-loaded in/*.csv
    expect_status 0
    expect_silence
}

@test "each of 300 files has a bad row" {
    write_users 300
    sed -i 's/@example.org//; s/,u/,/; s/^[0-9]/x&/' in/*.csv
    limited_load 64 --check --rejects=rejects in/*.csv
    expect_status 1
    [[ $(find rejects -type f | wc -l) == 600 ]]
    grep -qx 'x7,7,x' rejects/7.csv
    grep -q '^in/7.csv,2,user_id,' rejects/7.reasons.csv
}

@test "compressed files" {
    write_users 200
    gzip in/*.csv
    limited_load 64 in/*.csv.gz
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 200
}

@test "the same file among many" {
    write_users 500
    ln in/400.csv in/z.csv
    limited_load 64 in/*.csv
    expect_status 64
    expect_stderr_contains 'error: in/400.csv and in/z.csv are the same file'
    expect_sql 'SELECT count(*) FROM users.users' 0
}

@test "what is read once stays open: the soft limit is raised for it" {
    local number
    write_users 100
    mkdir pipes
    for number in {1..100}; do
        mkfifo "pipes/$number"
        cat "in/$number.csv" >"pipes/$number" 3>&- &
    done
    run --separate-stderr bash -c 'ulimit -Sn 64; exec "$@"' - "$TIMELE_LOAD" pipes/*
    wait
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 100
}

# With less the dynamic loader itself fails: bats and bash have some open too.
@test "hardly any file may be open: the error says so" {
    local limit loaded=0
    write_users 1
    for limit in {6..18}; do
        limited_load "$limit" --mode=skip --id-map=ids.csv in/1.csv
        if ((status == 0)); then
            ((++loaded))
            continue
        fi
        [[ $status == [34] && $stderr == *'Too many open files'* ]] ||
            unexpected "with $limit open files"
    done
    ((loaded > 0 && loaded < 13)) || unexpected "$loaded of 13 runs loaded"
}

# Over one connection and over two, whose items would be read by two threads at a time.
@test "many files of order items into new tables" {
    local jobs
    mkdir items
    awk 'BEGIN {
        for (i = 1; i <= 200; i++) {
            file = "items/" i ".csv"
            printf("order_id,product_id,add_to_cart_order,reordered\n%d,1,1,0\n", i) > file
            close(file)
            orders = orders i ",1,prior," i ",2,8,\n"
        }
        printf("order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order\n%s", orders) > "orders.csv"
    }'
    echo $'user_id,email_address\n1,u1@example.org' >users.csv
    echo $'product_id,product_name,aisle_id,department_id\n1,tea,1,1' >products.csv
    echo $'aisle_id,aisle\n1,teas' >aisles.csv
    echo $'department_id,department\n1,drinks' >departments.csv
    for jobs in 1 2; do
        limited_load 100 --jobs="$jobs" --reset --create-schema items/*.csv {users,orders,products,aisles,departments}.csv
        expect_status 0
        expect_sql 'SELECT count(*), sum(order_id) FROM orders.order_items' '200|20100'
        expect_sql 'SELECT sum(total_items) FROM orders.orders' 200
    done
}

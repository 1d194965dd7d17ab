#!/usr/bin/env bats

load harness

GENERATE=$(realpath --canonicalize-missing --no-symlinks "${GENERATE:-$PROJECT_ROOT/build/bench/generate}")
SAMPLE=$PROJECT_ROOT/data/sample

# The generator knows no database: these tests run without a server.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    :
}

rows() {
    tail -n +2 "$1" | wc -l
}

@test "the generator reproduces data/sample byte for byte" {
    "$GENERATE" --sample --seed=1 --output=sample
    diff -r --exclude=README.md "$SAMPLE" sample
}

@test "another seed makes other users, orders and products" {
    "$GENERATE" --sample --seed=2 --output=other
    for name in users orders order_products products; do
        run cmp "$SAMPLE/$name.csv" "other/$name.csv"
        [ "$status" -eq 1 ]
    done
}

@test "a scale of a thousandth makes a thousandth of Instacart" {
    "$GENERATE" --scale=0.001 --output=scaled
    [ "$(rows scaled/users.csv)" -eq 206 ]
    [ "$(rows scaled/orders.csv)" -eq 3421 ]
    [ "$(rows scaled/order_products.csv)" -eq 34196 ]
}

@test "--split and --plain change the files and not the data" {
    "$GENERATE" --sample --output=split --split --plain
    [ ! -e split/enriched ]
    [ ! -e split/order_products.csv ]
    cmp "$SAMPLE/orders.csv" split/orders.csv
    cmp <(sort "$SAMPLE/order_products.csv") \
        <(sort split/order_products__{prior,train}.csv | uniq)
}

@test "no product stands twice in a sample order" {
    repeated=$(cut -d, -f1,2 "$SAMPLE/order_products.csv" | sort | uniq -d)
    [ -z "$repeated" ]
}

@test "a password's mark stands in the password column only" {
    run grep -rlF fake- "$SAMPLE" --include='*.csv'
    [ "$output" = "$SAMPLE/users.csv" ]
    [ "$(grep -cF fake- "$output")" -eq 80 ]
    [ "$(grep -oF fake- "$output" | wc -l)" -eq 80 ]
}

@test "a full disk is an error that names the file" {
    mkdir full
    ln -s /dev/full full/order_products.csv
    run "$GENERATE" --sample --output=full
    [ "$status" -eq 1 ]
    [[ "$output" == *"full/order_products.csv: No space left on device"* ]]
}

@test "a scale that is none is a usage error" {
    for scale in 0 -1 nan 11 1x ''; do
        run "$GENERATE" --scale="$scale" --output=none
        [ "$status" -eq 64 ]
        [ ! -e none ]
    done
}

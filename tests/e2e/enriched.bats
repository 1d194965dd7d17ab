#!/usr/bin/env bats
#
# Enriched products and departments, and what can be wrong with prices.

load harness
load small_shop
load derived_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_derived_shop
}

ENRICHED='SELECT product_id, description, price, image_url FROM products.product_enriched ORDER BY 1'

# write_prices NAME ROW...: a file of enriched products.
write_prices() {
    local name=$1
    shift
    { echo product_id,description,price && printf '%s\n' "$@"; } >"$name"
}

load_catalogue() {
    load_quietly --create-schema "${CATALOGUE_FILES[@]}"
}

@test "several files of enriched products, into one table" {
    load_quietly --create-schema "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}"
    expect_sql "$ENRICHED" '101|Sweet, ripe|24.58|https://example.org/101.jpg
102|Sour|0.10|
103||0.20|
104||0.01|
105|Round|1.01|
106|Nobody knows||
108|Large|99999999.99|'
}

@test "its product_name is not stored: the catalogue's stays" {
    sed -i s/Fruit/Vegetable/ enriched4.csv
    run_load -v --create-schema "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}"
    expect_status 0
    expect_sql 'SELECT DISTINCT product_name FROM products.products ORDER BY 1' $'Fruit\nThing'
    expect_stderr_contains 'column product_name has no place in products.product_enriched and is ignored'
}

@test "a department has its description and picture" {
    load_catalogue
    expect_sql 'SELECT department_id, department, description, image_url, parent_id
                  FROM products.departments ORDER BY 1' \
        $'4|produce|All that grows,\nnear and far|https://example.org/4.png|\n21|missing|||'
}

@test "a department that was a placeholder gets them too" {
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql 'SELECT department_id, inferred FROM products.departments' '21|t'
    sed -i '/^21,/s/,,/,Odds and ends,/' departments.csv
    load_quietly departments.csv
    expect_sql 'SELECT department_id, description, inferred FROM products.departments ORDER BY 1' \
        $'4|All that grows,\nnear and far|f\n21|Odds and ends|f'
}

@test "the enriched files of the sample" {
    load_quietly --create-schema "$PROJECT_ROOT"/data/sample/{products,aisles}.csv \
        "$PROJECT_ROOT"/data/sample/enriched/{departments_enriched,enriched_products_dept*}.csv
    expect_sql 'SELECT count(*) > 300, bool_and(price > 0) FROM products.product_enriched' 't|t'
    expect_sql 'SELECT price FROM products.product_enriched WHERE product_id IN (8, 33, 45, 10)
                 ORDER BY product_id' $'23.91\n16.00\n1.63\n22.40'
    expect_sql 'SELECT count(*) FROM products.departments WHERE description > $$$$' 21
}

# Bad rows -----------------------------------------------------------------------------------------

# expect_bad_price PRICE PROBLEM: such an enriched product is refused.
expect_bad_price() {
    write_prices bad.csv '101,,1.00' "102,,$1"
    expect_refused 2 "$before" "bad.csv:3: price: $2" bad.csv
}

@test "prices that are none" {
    local before
    load_catalogue
    before=$(snapshot)
    expect_bad_price -1.50 'below 0 ("-1.50")'
    expect_bad_price -0.01 'below 0 ("-0.01")'
    expect_bad_price NaN 'not a number ("NaN")'
    expect_bad_price nan 'not a number ("nan")'
    expect_bad_price Infinity 'not a number ("Infinity")'
    expect_bad_price -inf 'not a number ("-inf")'
    expect_bad_price '$1.50' 'not a number ("$1.50")'
    expect_bad_price '"1,50"' 'not a number ("1,50")'
    expect_bad_price 1.5.0 'not a number ("1.5.0")'
    expect_bad_price 0x10 'not a number ("0x10")'
    expect_bad_price 1e 'not a number ("1e")'
    expect_bad_price . 'not a number (".")'
    expect_bad_price 123456789 'out of range for numeric(10,2) ("123456789")'
    expect_bad_price 100000000.00 'out of range for numeric(10,2) ("100000000.00")'
    expect_bad_price 99999999.995 'out of range for numeric(10,2) ("99999999.995")'
}

@test "a price that is negative even where it rounds to zero" {
    local before
    load_catalogue
    before=$(snapshot)
    expect_bad_price -0.001 'below 0 ("-0.001")'
    expect_bad_price -1e-30 'below 0 ("-1e-30")'
}

@test "prices far out of range" {
    local before text
    load_catalogue
    before=$(snapshot)
    for text in 1e30 1e999999999999999999999 99999999999999999999999999; do
        write_prices bad.csv '101,,1.00' "102,,$text"
        run_load bad.csv
        expect_status 2
        expect_stderr_contains 'bad.csv:3: price: out of range'
        expect_unchanged "$before"
    done
}

@test "item prices that are none" {
    local before text
    load_quietly --create-schema users.csv orders.csv "${CATALOGUE_FILES[@]}"
    before=$(snapshot)
    for text in -1 NaN Infinity 1,5 1e400; do
        printf 'order_id,product_id,add_to_cart_order,price\n1,101,1,"%s"\n' "$text" >bad.csv
        run_load bad.csv
        expect_status 2
        expect_stderr_contains 'bad.csv:2: price: '
        expect_stderr_contains "(\"$text\")"
        expect_unchanged "$before"
    done
}

@test "quantities that are none" {
    local before text
    load_quietly --create-schema users.csv orders.csv "${CATALOGUE_FILES[@]}"
    before=$(snapshot)
    for text in 0 -1 1.5 2147483648; do
        printf 'order_id,product_id,add_to_cart_order,quantity\n1,101,1,%s\n' "$text" >bad.csv
        run_load bad.csv
        expect_status 2
        expect_stderr_contains 'bad.csv:2: quantity: '
        expect_unchanged "$before"
    done
}

@test "a product that is nowhere" {
    local before
    load_catalogue
    before=$(snapshot)
    write_prices bad.csv '101,,1.00' '999,,1.00'
    expect_refused 2 "$before" \
        'bad.csv:3: product_id: no such product in the files or the database ("999")' bad.csv
    sed -i /^108/d products.csv
    expect_refused 2 "$before" \
        'enriched21.csv:2: product_id: no such product in the files or the database ("108")' \
        --reset --create-schema "${CATALOGUE_FILES[@]}" "${PRICE_FILES[@]}"
}

@test "the same product twice: in one file, in two files, in the database" {
    local before
    load_catalogue
    before=$(snapshot)
    write_prices one.csv '101,,1.00' '102,,1.00' '101,,2.00'
    expect_refused 2 "$before" 'one.csv:4: product_id: stands twice, first on line 2 ("101")' one.csv
    write_prices two.csv '103,,1.00' '108,,2.00'
    expect_refused 2 "$before" \
        'two.csv:3: product_id: stands twice, first on line 2 of enriched21.csv ("108")' \
        enriched21.csv two.csv
    load_quietly enriched21.csv
    before=$(snapshot)
    expect_refused 2 "$before" 'two.csv:3: product_id: is in the database already ("108")' two.csv
}

@test "the same product twice: --duplicates=last takes the last price" {
    write_prices one.csv '101,,1.00' '102,,1.00' '101,,2.00'
    load_quietly --create-schema --duplicates=last users.csv orders.csv items.csv \
        "${CATALOGUE_FILES[@]}" one.csv
    expect_sql "$ENRICHED" $'101||2.00|\n102||1.00|'
    expect_order 1 '1|2|pending'
    load_quietly --reset --create-schema --duplicates=first users.csv orders.csv items.csv \
        "${CATALOGUE_FILES[@]}" one.csv
    expect_sql "$ENRICHED" $'101||1.00|\n102||1.00|'
    expect_order 1 '1|1|pending'
}

@test "duplicates where the row that is kept has no price" {
    write_prices one.csv '101,Cheap,1.00' '101,Free of price,'
    load_quietly --create-schema --duplicates=last users.csv orders.csv items.csv \
        "${CATALOGUE_FILES[@]}" one.csv
    expect_sql "$ENRICHED" '101|Free of price||'
    expect_order 1 '1|0|pending'
}

@test "an item that stands in both the prior and the train file" {
    local before
    setup_schema
    before=$(snapshot)
    write_csv order_products__prior.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
1,101,1,0
1,102,2,0
2,101,1,0
END
    write_csv order_products__train.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
3,101,1,0
1,102,3,0
END
    expect_refused 2 "$before" \
        'order_products__train.csv:3: product_id: stands twice, first on line 3 of order_products__prior.csv ("102")' \
        users.csv orders.csv "${CATALOGUE_FILES[@]}" order_products__{prior,train}.csv
}

@test "an item that the database has already" {
    local before
    load_quietly --create-schema users.csv orders.csv items.csv "${CATALOGUE_FILES[@]}"
    before=$(snapshot)
    printf 'order_id,product_id,add_to_cart_order\n6,102,1\n2,103,9\n' >more.csv
    run_load more.csv
    expect_status 2
    expect_stderr_contains 'more.csv:3: product_id: '
    expect_stderr_contains 'in the database already ("103")'
    expect_unchanged "$before"
}

@test "nothing of a run is loaded when one price is bad" {
    local before
    setup_schema
    before=$(snapshot)
    echo '107,Thing,Bad,free,' >>enriched21.csv
    expect_refused 2 "$before" 'enriched21.csv:5: price: not a number ("free")' "${ALL_FILES[@]}"
}

#!/usr/bin/env bats
#
# The derived values hold however the data arrives: after several runs the database is what it is
# after one, table by table.

load harness
load small_shop
load derived_shop

SAMPLE=$PROJECT_ROOT/data/sample

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_derived_shop
}

# expect_same_arrival RUN...: each RUN is a line of arguments. What they leave is what one run leaves.
expect_same_arrival() {
    local arguments arrived
    for arguments; do
        read -ra arguments <<<"$arguments"
        load_quietly --create-schema "${arguments[@]}"
    done
    arrived=$(loaded_rows)
    write_derived_shop
    load_quietly --reset --create-schema "${ALL_FILES[@]}"
    expect_equal "$(loaded_rows)" "$arrived"
}

# split FILE LINE: FILE keeps its rows before LINE; the others stand in late_FILE.
split() {
    { head -n 1 "$1" && tail -n "+$2" "$1"; } >"late_$1"
    sed -i "$2,\$d" "$1"
}

CATALOGUE=${CATALOGUE_FILES[*]}

@test "users, orders, items with their prices, history" {
    expect_same_arrival "users.csv $CATALOGUE" orders.csv "items.csv ${PRICE_FILES[*]}" history.csv
}

@test "orders of users that are not known yet, items of products that are not known yet" {
    expect_same_arrival '--infer=users orders.csv' items.csv "$CATALOGUE" history.csv users.csv \
        enriched21.csv enriched4.csv
}

@test "history in two halves, the later one first" {
    head -n 1 history.csv | tee early.csv >late.csv
    grep -E ',2016-0[1-3]-0[12] ' history.csv | sort -t, -k3 -s >>early.csv
    grep -E '^[0-9]' history.csv | grep -vE ',2016-0[1-3]-0[12] ' >>late.csv
    (($(wc -l <early.csv) > 5 && $(wc -l <late.csv) > 5))
    expect_same_arrival "users.csv orders.csv late.csv $CATALOGUE ${PRICE_FILES[*]}" \
        'items.csv early.csv'
}

@test "history change by change, the newest first" {
    local line runs=("users.csv orders.csv items.csv $CATALOGUE ${PRICE_FILES[*]}") number=0
    while read -r line; do
        ((++number))
        printf 'order_id,status,changed_at\n%s\n' "$line" >"change$number.csv"
        runs+=("change$number.csv")
    done < <(tail -n +2 history.csv | grep -v ^5, | tac)
    printf 'order_id,status,changed_at\n' >change_at_one_time.csv
    grep ^5, history.csv >>change_at_one_time.csv
    expect_same_arrival "${runs[@]}" change_at_one_time.csv
}

@test "prices before there are items" {
    expect_same_arrival "$CATALOGUE ${PRICE_FILES[*]}" 'users.csv orders.csv' \
        'items.csv history.csv'
}

@test "prices after all, file by file" {
    expect_same_arrival "users.csv orders.csv items.csv history.csv $CATALOGUE" enriched21.csv \
        enriched4.csv
}

@test "prices of products that are not known yet" {
    expect_same_arrival 'users.csv orders.csv items.csv' 'enriched4.csv history.csv' \
        "enriched21.csv $CATALOGUE"
}

@test "the items of an order in two files, prices between them" {
    split items.csv 4
    expect_same_arrival "users.csv orders.csv late_items.csv $CATALOGUE" enriched4.csv \
        items.csv 'enriched21.csv history.csv'
}

@test "every kind of file in halves" {
    split users.csv 4
    split orders.csv 7
    split items.csv 8
    split history.csv 11
    split products.csv 5
    expect_same_arrival 'departments.csv aisles.csv' 'late_products.csv enriched21.csv' \
        '--infer=users orders.csv' 'late_users.csv products.csv' \
        '--infer=users late_orders.csv items.csv' enriched4.csv 'history.csv users.csv' \
        'late_items.csv late_history.csv'
    expect_sql 'SELECT count(*) FROM users.users WHERE inferred' 0
}

@test "each file in a run of its own" {
    local files=(users orders history departments aisles products enriched21 items enriched4)
    expect_same_arrival "${files[@]/%/.csv}"
}

@test "duplicates beside what the database has" {
    local arrived
    printf '%s\n' 1,102,5,0,4,0.30 1,102,6,0,5,0.30 >>items.csv
    printf '%s\n' '1,delivered,2016-01-04 10:00:00+00:00' '7,failed,2016-05-03 00:00Z' >>history.csv
    load_quietly --create-schema --duplicates=last "${ALL_FILES[@]}"
    arrived=$(loaded_rows)
    load_quietly --reset --create-schema users.csv orders.csv "${CATALOGUE_FILES[@]}"
    load_quietly --duplicates=last items.csv history.csv
    load_quietly "${PRICE_FILES[@]}"
    expect_equal "$arrived" "$(loaded_rows)"
    expect_order 1 '2|26.08|delivered'
    expect_order 7 '1|0|failed'
}

# Others are not touched ---------------------------------------------------------------------------

# add_orders_of_the_application: of a historical user, of products whose price comes later.
add_orders_of_the_application() {
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'new@example.org')"
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day,
                                    delivery_name, total_items, total_price)
         VALUES (3422000, 1, 9, 0, 0, 'Somebody else', 7, 0.07), (3422001, 400000, 1, 0, 0, 'N', 2, 3)"
    sql 'INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
         VALUES (3422000, 101, 1), (3422000, 105, 2), (3422001, 101, 1)'
    sql "INSERT INTO orders.order_status_history (order_id, new_status)
         VALUES (3422000, 'shipped'), (3422001, 'failed')"
    sql 'INSERT INTO orders.carts (user_id) VALUES (1)'
    sql 'INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) VALUES (1, 101, 1)'
}

application_history() {
    sql 'SELECT xmin, t FROM orders.order_status_history t WHERE order_id >= 3422000
          ORDER BY history_id'
}

@test "orders of the application are touched by none of it" {
    local before run runs=(orders.csv "items.csv $CATALOGUE" history.csv enriched4.csv enriched21.csv
        users.csv)
    # Order 1 names user 1, whom the application knows as a placeholder.
    head -n 2 orders.csv >first.csv
    sed -i 2d orders.csv
    load_quietly --create-schema --infer=users first.csv
    printf 'order_id,product_id,add_to_cart_order\n1,101,1\n1,105,2\n' >first_items.csv
    load_quietly first_items.csv
    sed -i '/^1,101,/d' items.csv
    add_orders_of_the_application
    before=$(application_rows)$(application_history)
    for run in "${runs[@]}"; do
        read -ra run <<<"$run"
        load_quietly --infer=users "${run[@]}"
        expect_equal "$before" "$(application_rows)$(application_history)"
    done
    expect_order 1 '2|25.59|delivered'
}

@test "only orders whose rows changed are written again" {
    load_quietly --create-schema "${ALL_FILES[@]}"
    sql 'CREATE TABLE before AS SELECT id, xmin AS writer FROM orders.orders'
    local changed='SELECT id FROM orders.orders o JOIN before USING (id)
                    WHERE o.xmin <> writer ORDER BY id'
    printf 'order_id,status,changed_at\n9,failed,2016-06-01T00:00Z\n' >more_history.csv
    load_quietly more_history.csv
    expect_sql "$changed" 9
    printf 'order_id,product_id,add_to_cart_order\n6,101,1\n' >more_items.csv
    load_quietly more_items.csv
    expect_sql "$changed" $'6\n9'
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n15,2,3,1,1\n' >more_orders.csv
    load_quietly more_orders.csv
    expect_sql "$changed" $'6\n9'
    printf 'user_id,email_address\n6,6@example.org\n' >more_users.csv
    load_quietly more_users.csv
    printf 'product_id,description,price\n107,Late,1.25\n' >more_prices.csv
    load_quietly more_prices.csv
    expect_sql "$changed" $'4\n6\n9'
    expect_order 4 '2|14.47|cancelled'
}

@test "what somebody wrote into an order since is left alone when nothing of it arrives" {
    load_quietly --create-schema "${ALL_FILES[@]}"
    sql "UPDATE orders.orders SET delivery_name = 'Neighbour', total_price = 99 WHERE id IN (1, 7)"
    printf 'order_id,product_id,add_to_cart_order,price\n7,101,2,1.01\n' >more_items.csv
    load_quietly more_items.csv
    expect_sql 'SELECT id, delivery_name, total_price FROM orders.orders WHERE id IN (1, 7)
                 ORDER BY id' $'1|Neighbour|99\n7|Neighbour|1.01'
}

# The sample ---------------------------------------------------------------------------------------

@test "the sample: in one run and in five" {
    local once
    ALL=("$SAMPLE"/{users,products,aisles,order_products}.csv "$SAMPLE"/enriched/*.csv)
    load_quietly --create-schema "${ALL[@]}"
    once=$(loaded_rows)
    expect_sql 'SELECT count(*) FROM products.product_enriched WHERE price > 0' \
        "$(sql 'SELECT count(*) FROM products.product_enriched')"
    # Prices, totals, statuses and history as PostgreSQL works them out.
    expect_sql 'SELECT count(*) FROM orders.orders o LEFT JOIN (
                  SELECT order_id, count(*) AS items, sum(coalesce(e.price, 0) * quantity) AS price
                    FROM orders.order_items LEFT JOIN products.product_enriched e USING (product_id)
                   GROUP BY 1) t ON t.order_id = o.id
                 WHERE (total_items, total_price::text::numeric) IS DISTINCT FROM
                       (coalesce(items, 0), coalesce(t.price, 0))' 0
    expect_sql 'SELECT count(*) FROM (
                  SELECT old_status, lag(new_status) OVER (PARTITION BY order_id
                         ORDER BY changed_at, history_id) AS before
                    FROM orders.order_status_history) t WHERE old_status IS DISTINCT FROM before' 0
    load_quietly --reset --create-schema --infer=users "$SAMPLE"/enriched/orders_enriched.csv \
        "$SAMPLE"/order_products.csv
    load_quietly "$SAMPLE"/enriched/enriched_products_dept1?.csv
    head -n 1500 "$SAMPLE"/enriched/order_status_history.csv | sed '/^order_id/d' | tac >half
    { echo order_id,status,changed_at && cat half; } >early.csv
    { echo order_id,status,changed_at && tail -n +1501 "$SAMPLE"/enriched/order_status_history.csv; } \
        >late.csv
    load_quietly "$SAMPLE"/users.csv late.csv
    load_quietly "$SAMPLE"/{products,aisles}.csv "$SAMPLE"/enriched/departments_enriched.csv early.csv
    load_quietly "$SAMPLE"/enriched/enriched_products_dept{?,2?}.csv
    expect_equal "$once" "$(loaded_rows)"
}

# A sequence of the database's own may start the application's ids above 2^32.
@test "orders whose ids differ by 2^32 are not taken for one another" {
    setup_schema
    sql 'ALTER SEQUENCE orders.orders_id_seq MINVALUE 1000000000000 START 1000000000000 RESTART'
    printf 'user_id,email_address\n1,a@example.org\n' >users.csv
    printf '%s\n' order_id,user_id,order_number,order_dow,order_hour_of_day 1,1,1,1,1 \
        4294967297,1,1,1,1 >orders.csv
    printf '%s\n' order_id,product_id,add_to_cart_order 1,7,1 4294967297,7,1 1,8,2 4294967297,8,2 \
        >items.csv
    printf '%s\n' order_id,status,changed_at 1,shipped,2024-01-02Z 4294967297,shipped,2024-01-02Z \
        1,pending,2024-01-01Z 4294967297,pending,2024-01-01Z >history.csv
    run_load --verify --infer=products users.csv orders.csv items.csv history.csv
    expect_status 0
    expect_sql 'SELECT id, total_items, status FROM orders.orders ORDER BY id' \
        $'1|2|shipped\n4294967297|2|shipped'
    expect_sql 'SELECT order_id, old_status, new_status FROM orders.order_status_history
                 ORDER BY order_id, changed_at' \
        $'1||pending\n1|pending|shipped\n4294967297||pending\n4294967297|pending|shipped'
}

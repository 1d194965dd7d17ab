#!/usr/bin/env bats
#
# The raw Instacart files, as Kaggle has them, without users: placeholders, and the real ones later.

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
    write_kaggle
}

# The six files, with the names and columns that they have there.
write_kaggle() {
    write_derived_catalogue
    write_csv departments.csv <<'END'
department_id,department
4,produce
21,missing
END
    write_csv orders.csv <<'END'
order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order
2539329,1,prior,1,2,08,
2398795,1,prior,2,3,07,15.0
473747,2,prior,1,3,12,
1187899,1,train,3,4,08,14.0
3343014,3,test,1,5,14,
END
    write_csv order_products__prior.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
2539329,101,1,0
2539329,102,2,0
2398795,101,1,1
473747,105,1,0
END
    write_csv order_products__train.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
1187899,101,1,1
1187899,108,2,0
END
}

KAGGLE=({orders,order_products__prior,order_products__train,products,aisles,departments}.csv)
USERS='SELECT id, first_name, last_name, email_address, hashed_password, inferred
         FROM users.users ORDER BY id'

@test "the six files load as they are, with one user for each user_id" {
    start_empty_test
    run_load --create-schema --infer=users "${KAGGLE[@]}"
    expect_status 0
    expect_sql "$USERS" $'1|||||t\n2|||||t\n3|||||t'
    expect_sql "SELECT count(*) FROM users.users WHERE num_nulls(first_name, last_name,
                       email_address, hashed_password) = 4" 3
    expect_sql 'SELECT id, user_id, total_items, total_price, status, delivery_name
                  FROM orders.orders ORDER BY order_number, id' '473747|2|1|0|pending|
2539329|1|2|0|pending|
3343014|3|0|0|pending|
2398795|1|1|0|pending|
1187899|1|2|0|pending|'
    expect_sql 'SELECT count(*) FROM orders.order_items' 6
    expect_sql 'SELECT count(*) FROM products.products WHERE inferred' 0
    expect_sequences 400000 3422000 1 109 101 22
}

@test "each placeholder has an external id of its own" {
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    expect_sql "SELECT count(DISTINCT external_user_id), bool_and(external_user_id::text ~ '$V4')
                  FROM users.users" '3|t'
}

@test "without --infer=users nothing is loaded, and the rows are told" {
    local before
    setup_schema
    before=$(snapshot)
    expect_refused 2 "$before" \
        'orders.csv:4: user_id: no such user in the files or the database ("2")' "${KAGGLE[@]}"
    expect_refused 2 "$before" \
        'orders.csv:4: user_id: no such user in the files or the database ("2")' \
        --infer=products "${KAGGLE[@]}"
    expect_refused 2 "$before" \
        'orders.csv:4: user_id: no such user in the files or the database ("2")' \
        --infer=none "${KAGGLE[@]}"
}

# hint_for DATASET COLUMNS [WHAT]
hint_for() {
    printf 'o file has %s, and the database has none: add a file with the columns %s' "$1" "$2"
    [[ $# -lt 3 ]] || printf ', or make placeholders with --infer=%s' "$3"
}

@test "a file that was forgotten: each unknown id once, and which file to add" {
    local users orders aisles departments
    users=$(hint_for users 'user_id and email_address' users)
    orders=$(hint_for orders 'order_id, user_id and order_number')
    aisles=$(hint_for aisles 'aisle_id and aisle')
    departments=$(hint_for departments 'department_id and department')
    run_load --create-schema "${KAGGLE[@]}"
    expect_status 2
    expect_stderr_line 'orders.csv:2: user_id: no such user in the files or the database ("1" in 3 rows)'
    expect_stderr_line "timele-load: hint: N$users."
    [[ $(grep -c 'user_id: no such user' <<<"$stderr") == 3 ]] || unexpected
    run_load --create-schema products.csv
    expect_status 2
    expect_stderr_line "timele-load: hint: N$departments. N$aisles."
    run_load --create-schema order_products__prior.csv order_products__train.csv
    expect_status 2
    expect_stderr_line "timele-load: hint: N$orders."

    run_load --create-schema -q --rejects=rejects --report=report.json "${KAGGLE[@]}"
    expect_status 1
    expect_stderr_line "timele-load: warning: n$users"
    [[ $(grep -c 'o file has' <<<"$stderr") == 1 ]] || unexpected
    expect_equal '[3,1,1]' "$(jq -c '[.problems[] | select(.code == "foreign_key") | .rows]' report.json)"
    expect_equal 6 "$(wc -l <rejects/orders.reasons.csv)"
}

@test "--check names the references that it cannot judge" {
    run_load --check orders.csv order_products__prior.csv aisles.csv
    expect_status 0
    expect_stdout_line 'not judged without a database:'
    expect_stdout_line '  orders.user_id (no file has users)'
    expect_stdout_line '  order_items.product_id (no file has products)'
    [[ $(grep -c '(no file has' <<<"$output") == 2 ]] || unexpected
    run_load --check {products,aisles,departments}.csv
    expect_status 0
    [[ $output != *'not judged'* ]] || unexpected
    # What is inferred is no silent "known".
    printf 'user_id,email_address\n1,ada@example.org\n' >one_user.csv
    run_load --check --infer=users one_user.csv orders.csv
    expect_status 0
    [[ $output =~ $'\n'[0-9]+' placeholders would be made in users.users'($'\n'|$) ]] || unexpected
}

@test "--infer=users leaves the default for products alone" {
    load_quietly --create-schema --infer=users orders.csv order_products__prior.csv
    expect_sql 'SELECT count(*) FROM products.products WHERE inferred' 3
    load_quietly --infer=users {products,aisles,departments}.csv
    printf 'order_id,product_id,add_to_cart_order\n473747,999,2\n' >unknown.csv
    run_load --infer=users unknown.csv
    expect_status 2
    expect_stderr_line \
        'unknown.csv:2: product_id: no such product in the files or the database ("999")'
}

@test "--infer=users and --infer=products go together" {
    echo 473747,999,2,0 >>order_products__prior.csv
    load_quietly --create-schema --infer=users --infer=products "${KAGGLE[@]}"
    expect_sql 'SELECT product_id FROM products.products WHERE inferred' 999
    expect_sql 'SELECT count(*) FROM users.users WHERE inferred' 3
}

@test "an id in the application's range is not inferred" {
    local before
    setup_schema
    before=$(snapshot)
    echo 9,400000,prior,1,0,0, >>orders.csv
    run_load --infer=users "${KAGGLE[@]}"
    expect_status 2
    expect_stderr_contains 'orders.csv:7: user_id: '
    expect_stderr_contains '("400000")'
    expect_unchanged "$before"
}

@test "users in a file or in the database are no placeholders" {
    setup_schema
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'new@example.org')"
    printf 'user_id,email_address\n2,bob@example.org\n' >users.csv
    echo 9,400000,prior,1,0,0, >>orders.csv
    load_quietly --infer=users users.csv "${KAGGLE[@]}"
    expect_sql "$USERS" $'1|||||t\n2|||bob@example.org||f\n3|||||t\n400000|||new@example.org||f'
}

@test "a second run knows the placeholders of the first" {
    local before
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    before=$(sql 'SELECT id, external_user_id, xmin FROM users.users ORDER BY id')
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n7,1,9,0,0\n8,4,1,0,0\n' \
        >more.csv
    load_quietly --infer=users more.csv
    expect_equal "$before" "$(sql 'SELECT id, external_user_id, xmin FROM users.users
                                    WHERE id < 4 ORDER BY id')"
    expect_sql 'SELECT id, inferred FROM users.users WHERE id > 3' '4|t'
}

@test "placeholders are enough for a run without --infer=users" {
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n7,3,9,0,0\n' >more.csv
    load_quietly more.csv
    expect_sql 'SELECT user_id, delivery_name FROM orders.orders WHERE id = 7' '3|'
}

# A users file later -------------------------------------------------------------------------------

external_user_ids() {
    sql 'SELECT id, external_user_id FROM users.users WHERE id <= 3 ORDER BY id'
}

@test "a later users file fills the placeholders in, as if it had come with the others" {
    local ids once
    write_derived_users
    load_quietly --create-schema users.csv "${KAGGLE[@]}"
    once=$(loaded_rows)
    load_quietly --reset --create-schema --infer=users "${KAGGLE[@]}"
    ids=$(external_user_ids)
    load_quietly users.csv
    expect_equal "$once" "$(loaded_rows)"
    expect_equal "$ids" "$(external_user_ids)"
    expect_sql 'SELECT count(*) FROM users.users WHERE inferred' 0
    expect_sql 'SELECT DISTINCT user_id, delivery_name, phone_number, street_address, city
                  FROM orders.orders ORDER BY 1' \
        $'1|Ada Adams|+47 22 00 00 00|Storgata 1, 2nd floor|Oslo\n2|Bob|||Bergen\n3||||'
    expect_sql "SELECT id, days_between_order_notifications,
                       order_notifications_start_date_time = last_login,
                       last_notification_sent_at = last_login,
                       order_notifications_next_scheduled_time = last_login + interval '7 days',
                       pending_order_notification, order_notifications_via_email
                  FROM users.users WHERE id < 4 ORDER BY id" \
        $'1|7|t|t|t|t|f\n2|7||||t|f\n3|7|t|t|t|t|f'
}

@test "some are filled in, the others stay; a second file for one of them is an error" {
    local before
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    printf 'user_id,email_address,first_name\n2,bob@example.org,Bob\n' >users.csv
    load_quietly users.csv
    expect_sql "$USERS" $'1|||||t\n2|Bob||bob@example.org||f\n3|||||t'
    expect_sql 'SELECT DISTINCT user_id, delivery_name FROM orders.orders ORDER BY 1' $'1|\n2|Bob\n3|'
    before=$(snapshot)
    expect_refused 2 "$before" 'users.csv:2: user_id: is in the database already ("2")' users.csv
}

@test "only the orders of those who were filled in are written again" {
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    sql 'CREATE TABLE before AS SELECT id, xmin AS writer FROM orders.orders'
    printf 'user_id,email_address,first_name\n2,bob@example.org,Bob\n9,n@example.org,Nobody\n' \
        >users.csv
    load_quietly users.csv
    expect_sql 'SELECT o.id FROM orders.orders o JOIN before USING (id) WHERE o.xmin <> writer' 473747
}

@test "an external id in the users file does not take the place of the one a placeholder has" {
    local ids
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    ids=$(external_user_ids)
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
1,ada@example.org,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
END
    run_load users.csv
    expect_status 0
    expect_equal "$ids" "$(external_user_ids)"
}

@test "an e-mail address that somebody else has is an error when a placeholder is filled in" {
    local before
    load_quietly --create-schema --infer=users "${KAGGLE[@]}"
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'new@example.org')"
    before=$(snapshot)
    printf 'user_id,email_address\n2,new@example.org\n' >users.csv
    run_load users.csv
    expect_status 2
    expect_stderr_contains 'users.csv:2: email_address: is in the database already, with user 400000'
    expect_unchanged "$before"
}

@test "--infer takes one of its words" {
    run_load --infer=orders "${KAGGLE[@]}"
    expect_status 64
    expect_stderr_contains "--infer takes products, users or none, not 'orders'"
}

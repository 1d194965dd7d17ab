#!/usr/bin/env bats
#
# The schema `api` as an API server meets it, with the sample loaded. The tests share a database:
# each makes the users and orders that it changes.

load harness
load api_server

setup_file() {
    start_file
    create_api_server
    load_sample
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# make_user NAME: prints the external id.
make_user() {
    api "SELECT api.create_user('$1@example.net', first_name => '$1', last_name => 'Test',
                                city => 'Velm')"
}

# docs/api.md --------------------------------------------------------------------------------------

UUID='[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'

start_reader() {
    coproc READER {
        PGTZ=UTC PGUSER=$api_server exec psql -Xq -v SHOW_CONTEXT=never 2>&1 3>&-
    }
    # A subshell has no coprocess.
    exec 8<&"${READER[0]}" 9>&"${READER[1]}"
}

# What a person sees who types it into psql, without blanks at the ends of lines.
run_example() {
    local line
    printf '%s;\n\\warn end\n' "$1" >&9
    while IFS= read -r -t 30 line <&8 && [[ $line != end ]]; do
        printf '%s\n' "$line"
    done | sed -E 's/^psql:<stdin>:[0-9]+: //; s/ +$//'
}

# with_uuids ARRAY: standard input, each UUID replaced by what ARRAY has for it.
with_uuids() {
    local -n replacement=$1
    local uuid script=()
    for uuid in "${!replacement[@]}"; do
        script+=(-e "s/$uuid/${replacement[$uuid]}/g")
    done
    sed -E "${script[@]}" -e ''
}

# Each SQL block and the text block after it, as examples/N.sql and examples/N.text.
split_examples() {
    mkdir examples
    awk '/^```/ { inside = !inside; kind = substr($0, 4); if (kind == "sql") count++; next }
         inside && (kind == "sql" || kind == "text") {
             print > sprintf("examples/%02d.%s", count, kind)
         }' "$API_DOCUMENT"
}

# check_example N: statement after statement, since one may use the id that another has made. The
# nth UUID of the answer is the nth of the document, now and in all that follows.
check_example() {
    local answer='' statement shown got i
    mapfile -t shown < <(grep -oE "$UUID" "$1.text")
    while IFS= read -r -d ';' statement; do
        answer+=$(run_example "$(with_uuids actual <<<"$statement")")$'\n'
        mapfile -t got < <(grep -oE "$UUID" <<<"$answer")
        for ((i = 0; i < ${#got[@]}; i++)); do
            # A pair that does not fit the pairs before stays as it is, and shows in the difference.
            if [[ -z ${actual[${shown[i]}]:-} && -z ${documented[${got[i]}]:-} ]]; then
                actual[${shown[i]}]=${got[i]}
                documented[${got[i]}]=${shown[i]}
            fi
        done
        # psql leaves a blank line after each table, which $(...) takes away.
        [[ $answer == *$'row)\n' || $answer == *$'rows)\n' ]] && answer+=$'\n'
    done <"$1.sql"
    diff "$1.text" <(printf '%s' "$answer" | with_uuids documented | sed -e '${/^$/d}')
}

@test "every example of docs/api.md gives what the document shows" {
    local -A actual=() documented=()
    local example name ran=0
    split_examples
    start_reader
    for example in examples/*.sql; do
        check_example "${example%.sql}"
        ran=$((ran + 1))
    done
    [ "$ran" -ge 13 ]
    # None is left out.
    cat examples/*.sql >shown
    for name in $(sql "SELECT relname FROM pg_class WHERE relnamespace = 'api'::regnamespace
                       UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace"); do
        grep -qE "api\.$name\b" shown || unexpected "expected in an example: api.$name"
    done
}

@test "docs/api.md lists the states that api.sql has, and the parameters of each function" {
    diff <(grep -oE '\bTE[0-9]{3}\b' "$PROJECT_ROOT/api.sql" | sort -u) \
        <(sed -nE 's/^\| `(TE[0-9]{3})` .*/\1/p' "$API_DOCUMENT" | sort)
    diff <(sql "SELECT proname || '(' || pg_get_function_arguments(oid) || ')' FROM pg_proc
                 WHERE pronamespace = 'api'::regnamespace ORDER BY 1" |
        sed -E 's/ (uuid|text|jsonb|integer)//g; s/, ([a-z_]+ DEFAULT)/, [\1/; s/ DEFAULT [^,)]+//g; s/(\[.*)\)$/\1])/') \
        <(sed -nE 's/^### ([a-z_]+\(.*\))$/\1/p' "$API_DOCUMENT" | sort)
}

# What is seen --------------------------------------------------------------------------------------

# expect_same_rows VIEW QUERY: the view gives the API server what the query gives the owner.
expect_same_rows() {
    local seen
    seen=$(api "SELECT * FROM api.$1 v ORDER BY v::text COLLATE \"C\"" | tee seen | wc -l)
    [ "$seen" -gt 0 ]
    diff seen <(sql "SELECT * FROM ($2) v ORDER BY v::text COLLATE \"C\"") | head -n 20
    return "${PIPESTATUS[0]}"
}

@test "every view shows what the tables hold, by external ids" {
    local user order
    user=$(make_user viewed)
    order=$(api "SELECT api.create_order('$user', '[{\"product_id\": 3}]')")
    sql "UPDATE orders.orders SET invoice = 'PDF', tracking_number = 'T1' WHERE external_order_id = '$order'"
    api "SELECT api.set_cart_item('$user', api.create_cart('$user'), 4, 2)"
    expect_same_rows users \
        "SELECT external_user_id, first_name, last_name, email_address, phone_number, street_address,
                city, postal_code, country, last_login, last_notifications_viewed_at,
                days_between_order_notifications, order_notifications_start_date_time,
                order_notifications_next_scheduled_time, last_notification_sent_at,
                pending_order_notification, order_notifications_via_email FROM users.users"
    expect_same_rows orders \
        "SELECT external_order_id, external_user_id, order_number, order_dow, order_hour_of_day,
                days_since_prior_order, total_items, total_price, status, delivery_name,
                o.phone_number, o.street_address, o.city, o.postal_code, o.country, tracking_number,
                shipping_carrier, tracking_url, invoice, created_at, updated_at
           FROM orders.orders o JOIN users.users u ON u.id = user_id"
    expect_same_rows order_items \
        "SELECT external_order_id, product_id, add_to_cart_order, reordered, quantity, price
           FROM orders.order_items JOIN orders.orders ON id = order_id"
    expect_same_rows order_status_history \
        "SELECT external_order_id, old_status, new_status, changed_at, changed_by, note
           FROM orders.order_status_history JOIN orders.orders ON id = order_id"
    expect_same_rows carts \
        "SELECT external_cart_id, external_user_id, total_items, created_at, updated_at
           FROM orders.carts c JOIN users.users u ON u.id = user_id"
    expect_same_rows cart_items \
        "SELECT external_cart_id, product_id, add_to_cart_order, reordered, quantity
           FROM orders.cart_items JOIN orders.carts ON id = cart_id"
    expect_same_rows products \
        "SELECT product_id, product_name, aisle, department, e.description, price, e.image_url
           FROM products.products JOIN products.aisles USING (aisle_id)
           JOIN products.departments USING (department_id)
           LEFT JOIN products.product_enriched e USING (product_id)"
}

@test "no internal id and no password is visible anywhere" {
    expect_api "SELECT table_name FROM information_schema.tables
                 WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                 ORDER BY table_schema <> 'api', table_name COLLATE \"C\"" \
        'cart_items
carts
order_items
order_status_history
orders
products
users'
    expect_api "SELECT table_name, column_name FROM information_schema.columns
                 WHERE table_schema NOT IN ('pg_catalog', 'information_schema')
                   AND (data_type = 'bigint'
                     OR column_name IN ('id', 'user_id', 'order_id', 'cart_id', 'history_id',
                                        'hashed_password'))" ''
    # What a function takes or gives is no column.
    expect_api "SELECT routine_name, data_type FROM information_schema.routines
                 WHERE specific_schema NOT IN ('pg_catalog', 'information_schema')
                   AND has_schema_privilege(specific_schema, 'USAGE')
                 ORDER BY specific_schema <> 'api', routine_name" \
        'checkout|uuid
create_cart|uuid
create_order|uuid
create_user|uuid
remove_cart_item|void
set_cart_item|void
set_order_status|void
update_user|void'
    expect_api "SELECT DISTINCT parameters.data_type FROM information_schema.parameters
                 WHERE specific_schema = 'api' ORDER BY 1" $'integer\njsonb\ntext\nuuid'
}

@test "every view, column and function says what it is" {
    expect_api "
        SELECT c.relname, attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
         WHERE relnamespace = 'api'::regnamespace
           AND (coalesce(obj_description(c.oid), '') = ''
             OR coalesce(col_description(c.oid, attnum), '') = '')
        UNION ALL
        SELECT 'function', proname FROM pg_proc
         WHERE pronamespace = 'api'::regnamespace AND coalesce(obj_description(oid), '') = ''" ''
}

@test "the role reaches the schema api and nothing else" {
    # Schemas, then whatever it could do with any relation, column, sequence or function elsewhere.
    expect_api "SELECT nspname, has_schema_privilege(oid, 'CREATE') FROM pg_namespace
                 WHERE has_schema_privilege(oid, 'USAGE') AND nspname !~ '^pg_|^information_schema$'
                 ORDER BY 1" $'api|f\npublic|f'
    expect_api "SELECT c.oid::regclass FROM pg_class c
                 WHERE relnamespace::regnamespace::text !~ '^(pg_catalog|pg_toast|information_schema)$'
                   AND CASE
                     WHEN relkind = 'S' THEN has_sequence_privilege(oid, 'USAGE, SELECT, UPDATE')
                     WHEN relkind NOT IN ('r', 'v', 'p', 'm', 'f') THEN false
                     WHEN relnamespace = 'api'::regnamespace
                       THEN has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                     ELSE has_table_privilege(oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                       OR has_any_column_privilege(oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                   END" ''
    expect_sql "SELECT oid::regprocedure FROM pg_proc
                 WHERE pronamespace IN ('api'::regnamespace, 'api_private'::regnamespace)
                   AND (has_function_privilege('$api_server', oid, 'EXECUTE')
                          <> (pronamespace = 'api'::regnamespace)
                     OR has_function_privilege('public', oid, 'EXECUTE'))" ''
    # What the catalogs tell of values: where sequences stand, what columns hold.
    expect_api "SELECT (SELECT count(last_value) FROM pg_sequences),
                       (SELECT count(*) FROM pg_stats WHERE schemaname !~ '^(pg_catalog|information_schema)$')" '0|0'
    # A function with its owner's rights looks up no name where a client can put one.
    expect_sql "SELECT proname, prosecdef, proconfig[1] FROM pg_proc
                 WHERE pronamespace IN ('api'::regnamespace, 'api_private'::regnamespace)
                   AND (prosecdef <> (pronamespace = 'api'::regnamespace)
                     OR proconfig[1] <> 'search_path=pg_catalog, pg_temp')" ''
}

@test "tables, sequences and hidden functions are refused, and views cannot be written" {
    local table
    for table in users.users orders.{orders,order_items,order_status_history,carts,cart_items} \
        products.{products,aisles,departments,product_enriched}; do
        refused 42501 "permission denied for schema ${table%.*}" "SELECT * FROM $table"
    done
    refused 42501 'permission denied for schema users' "SELECT nextval('users.users_id_seq')"
    refused 42501 'permission denied for schema api_private' \
        "SELECT api_private.find_user(gen_random_uuid())"
    # The one view that PostgreSQL could write through.
    refused 42501 'permission denied for view users' "DELETE FROM api.users"
    refused 42501 'permission denied for view users' "UPDATE api.users SET city = 'x'"
    refused 42501 'permission denied for view users' "INSERT INTO api.users (city) VALUES ('x')"
    refused 42501 'permission denied for view users' "SELECT * FROM api.users FOR UPDATE"
    # The last number that a function drew.
    printf "SELECT FROM api.create_user('drawn@example.net');\n" >>refusals.sql
    refused 42501 'permission denied for sequence users_id_seq' "SELECT lastval()"
    expect_refusals
    # The others are joins.
    for view in orders order_items order_status_history carts cart_items products; do
        run ! api "DELETE FROM api.$view"
    done
}

# Users --------------------------------------------------------------------------------------------

@test "create_user and update_user" {
    local user
    user=$(api "SELECT api.create_user('ada@example.net', 'hash', 'Ada', 'Øst', '+1', 'Kai 1', 'Oslo',
                                       '0150', 'Norge')")
    [[ $user =~ ^$V4$ ]]
    expect_sql "SELECT id >= 400000, hashed_password, pending_order_notification,
                       order_notifications_via_email, inferred
                  FROM users.users WHERE external_user_id = '$user'" 't|hash|t|f|f'
    expect_api "SELECT first_name, last_name, email_address, phone_number, street_address, city,
                       postal_code, country FROM api.users WHERE external_user_id = '$user'" \
        'Ada|Øst|ada@example.net|+1|Kai 1|Oslo|0150|Norge'

    # Every field that can be set, by the view's own columns; the password's hash; one emptied.
    api "SELECT api.update_user('$user', (SELECT to_jsonb(u) - 'external_user_id' - 'first_name'
                                            FROM api.users u WHERE external_user_id = '$user')
           || '{\"hashed_password\": \"new\", \"phone_number\": null, \"last_login\": \"2024-02-03T04:05:06Z\",
                \"days_between_order_notifications\": 30, \"order_notifications_via_email\": true}')"
    expect_sql "SELECT first_name, hashed_password, phone_number IS NULL, city,
                       last_login = '2024-02-03 04:05:06Z', days_between_order_notifications,
                       order_notifications_via_email
                  FROM users.users WHERE external_user_id = '$user'" 'Ada|new|t|Oslo|t|30|t'
}

# Orders -------------------------------------------------------------------------------------------

@test "create_order: prices of today, exact totals, and what the loader derives as well" {
    local user first second unpriced
    unpriced=$(sql "SELECT min(product_id) FROM products.products
                     WHERE product_id NOT IN (SELECT product_id FROM products.product_enriched WHERE price IS NOT NULL)")
    user=$(make_user buyer)
    first=$(api "SELECT api.create_order('$user', '[{\"product_id\": 3, \"quantity\": 1}, {\"product_id\": 2.0, \"quantity\": 3},
                                                  {\"product_id\": $unpriced}]')")
    [[ $first =~ ^$V4$ ]]
    expect_sql "SELECT id >= 3422000, order_dow = extract(dow FROM created_at AT TIME ZONE 'UTC'),
                       order_hour_of_day = extract(hour FROM created_at AT TIME ZONE 'UTC'),
                       created_at = updated_at, now() - created_at < interval '1 minute'
                  FROM orders.orders WHERE external_order_id = '$first'" 't|t|t|t|t'
    expect_sql "SELECT product_id, add_to_cart_order, reordered, quantity, i.price = coalesce(e.price, 0),
                       i.price > 0, price_given
                  FROM orders.order_items i JOIN orders.orders ON id = order_id
                  LEFT JOIN products.product_enriched e USING (product_id)
                 WHERE external_order_id = '$first' ORDER BY add_to_cart_order" \
        "3|1|0|1|t|t|
2|2|0|3|t|t|
$unpriced|3|0|1|t|f|"
    expect_api "SELECT order_number, days_since_prior_order, total_items, status, delivery_name, city,
                       total_price = (SELECT sum(price::text::numeric * quantity)::float8 FROM api.order_items i
                                       WHERE i.external_order_id = o.external_order_id)
                  FROM api.orders o WHERE external_order_id = '$first'" \
        '1||3|pending|buyer Test|Velm|t'
    expect_api "SELECT old_status, new_status, changed_by = '$user', note
                  FROM api.order_status_history WHERE external_order_id = '$first'" '|pending|t|'

    # Ordered again, four days and a bit later; what is new in it is not reordered.
    sql "UPDATE orders.orders SET created_at = now() - interval '4 days 20 hours' WHERE external_order_id = '$first'"
    second=$(api "SELECT api.create_order('$user', '[{\"product_id\": 5}, {\"product_id\": 2}]')")
    expect_api "SELECT order_number, days_since_prior_order, string_agg(product_id || ':' || reordered, ' ' ORDER BY add_to_cart_order)
                  FROM api.orders JOIN api.order_items USING (external_order_id)
                 WHERE external_order_id = '$second' GROUP BY 1, 2" '2|4|5:0 2:1'
    # A price that changes later is not the order's.
    sql "UPDATE products.product_enriched SET price = price + 1 WHERE product_id = 5"
    expect_api "SELECT i.price + 1 = p.price FROM api.order_items i JOIN api.products p USING (product_id)
                 WHERE external_order_id = '$second' AND product_id = 5" t
}

@test "an order of ten items is one statement" {
    local user
    user=$(make_user ten)
    expect_api "SELECT total_items FROM api.orders
                 WHERE external_order_id = (
                   SELECT api.create_order('$user', jsonb_agg(jsonb_build_object('product_id', n)))
                     FROM generate_series(1, 10) n)" ''
    expect_api "SELECT total_items, (SELECT count(*) FROM api.order_items i
                                      WHERE i.external_order_id = o.external_order_id)
                  FROM api.orders o WHERE external_user_id = '$user'" '10|10'
}

@test "set_order_status: one row of history, whatever the trigger does" {
    local user order
    user=$(make_user clerk)
    order=$(api "SELECT api.create_order('$user', '[{\"product_id\": 1}]')")
    api "SELECT api.set_order_status('$order', 'processing', '$user', 'on its way')"
    api "SELECT api.set_order_status('$order', 'shipped')"
    # Settings are any client's to make; one tells the trigger to write nothing, one is no UUID.
    expect_api "SET timele.loading = 'on';
                SET timele.changed_by = 'nonsense';
                SELECT FROM api.set_order_status('$order', 'delivered', '$user');
                SELECT current_setting('timele.changed_by')" nonsense
    sql 'ALTER TABLE orders.orders DISABLE TRIGGER record_status_change'
    api "SELECT api.set_order_status('$order', 'returned', note => 'torn')"
    sql 'ALTER TABLE orders.orders ENABLE TRIGGER record_status_change'
    # Undone together.
    api "BEGIN; SELECT api.set_order_status('$order', 'refunded'); ROLLBACK"
    expect_api "SELECT old_status, new_status, CASE changed_by WHEN '$user' THEN 'clerk' END, note
                  FROM api.order_status_history
                 WHERE external_order_id = '$order' ORDER BY changed_at" \
        '|pending|clerk|
pending|processing|clerk|on its way
processing|shipped||
shipped|delivered|clerk|
delivered|returned||torn'
    expect_api "SELECT status, updated_at = (SELECT max(changed_at) FROM api.order_status_history
                                              WHERE external_order_id = '$order')
                  FROM api.orders WHERE external_order_id = '$order'" 'returned|t'
}

# Carts --------------------------------------------------------------------------------------------

@test "a cart from its making to the order" {
    local user cart order
    user=$(make_user shopper)
    cart=$(api "SELECT api.create_cart('$user')")
    [[ $cart =~ ^$V4$ ]]
    api "SELECT api.set_cart_item('$user', '$cart', 12, 2)"
    api "SELECT api.set_cart_item('$user', '$cart', 8)"
    api "SELECT api.set_cart_item('$user', '$cart', 14, 1)"
    api "SELECT api.set_cart_item('$user', '$cart', 12, 5)"
    api "SELECT api.remove_cart_item('$user', '$cart', 14)"
    expect_api "SELECT product_id, add_to_cart_order, reordered, quantity FROM api.cart_items
                 WHERE external_cart_id = '$cart' ORDER BY 2" $'12|1|0|5\n8|2|0|1'
    expect_api "SELECT external_user_id, total_items FROM api.carts WHERE external_cart_id = '$cart'" \
        "$user|2"
    order=$(api "SELECT api.checkout('$user', '$cart')")
    expect_api "SELECT product_id, add_to_cart_order, quantity FROM api.order_items
                 WHERE external_order_id = '$order' ORDER BY 2" $'12|1|5\n8|2|1'
    expect_api "SELECT total_items, external_user_id, (SELECT count(*) FROM api.cart_items
                                                        WHERE external_cart_id = '$cart')
                  FROM api.carts WHERE external_cart_id = '$cart'" "0|$user|0"
    # It can be filled again.
    api "SELECT api.set_cart_item('$user', '$cart', 12, 1)"
    expect_api "SELECT add_to_cart_order, reordered FROM api.cart_items
                 WHERE external_cart_id = '$cart'" '1|1'
}

waits_for_lock() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'second'
               AND datname = current_database() AND wait_event_type = 'Lock'") == 1 ]]
}

@test "two checkouts of a cart at once make one order" {
    local user cart deadline=$((SECONDS + 300)) status=0
    user=$(make_user twice)
    cart=$(api "SELECT api.create_cart('$user')")
    api "SELECT api.set_cart_item('$user', '$cart', 7)"
    mkfifo commands
    PGUSER=$api_server psql -XAtq <commands >early 2>&1 3>&- &
    exec 7>commands
    echo "BEGIN; SELECT api.checkout('$user', '$cart');" >&7
    until grep -qE "^$V4$" early; do
        ((SECONDS < deadline))
        sleep 0.02
    done
    PGAPPNAME=second api "SELECT api.checkout('$user', '$cart')" >late 2>&1 3>&- 7>&- &
    until waits_for_lock; do
        ((SECONDS < deadline))
        sleep 0.02
    done
    echo 'COMMIT;' >&7
    exec 7>&-
    wait %1
    wait %2 || status=$?
    ((status != 0))
    grep -qx "ERROR:  cart $cart is empty" late
    expect_api "SELECT external_order_id FROM api.orders WHERE external_user_id = '$user'" "$(<early)"
}

# Refusals -----------------------------------------------------------------------------------------

@test "whatever is wrong has a state and a message of its own" {
    local user other cart order nobody=00000000-0000-4000-8000-000000000000 long
    user=$(make_user refused)
    other=$(make_user other)
    cart=$(api "SELECT api.create_cart('$user')")
    order=$(api "SELECT api.create_order('$user', '[{\"product_id\": 1}]')")
    long=$(printf '%0101d' 0)

    refused 22P02 'invalid input syntax for type uuid: "12"' "SELECT api.create_cart('12')"
    refused TE001 "no such user: $nobody" "SELECT api.create_cart('$nobody')"
    refused TE001 "no such user: $nobody" "SELECT api.update_user('$nobody', '{}')"
    refused TE001 "no such user: $nobody" "SELECT api.create_order('$nobody', '[{\"product_id\": 1}]')"
    refused TE001 "no such user: $nobody" "SELECT api.set_cart_item('$nobody', '$cart', 1)"
    refused TE001 "no such user: $nobody" "SELECT api.remove_cart_item('$nobody', '$cart', 1)"
    refused TE001 "no such user: $nobody" "SELECT api.checkout('$nobody', '$cart')"
    refused TE001 "no such user: $nobody" "SELECT api.set_order_status('$order', 'shipped', '$nobody')"
    refused TE002 "no such order: $nobody" "SELECT api.set_order_status('$nobody', 'shipped')"
    refused TE003 "no such cart: $nobody" "SELECT api.set_cart_item('$user', '$nobody', 1)"
    refused TE003 "no such cart: $nobody" "SELECT api.checkout('$user', '$nobody')"
    refused TE004 "cart $cart is not of user $other" "SELECT api.set_cart_item('$other', '$cart', 1)"
    refused TE004 "cart $cart is not of user $other" "SELECT api.remove_cart_item('$other', '$cart', 1)"
    refused TE004 "cart $cart is not of user $other" "SELECT api.checkout('$other', '$cart')"
    refused TE005 'no such product: 70001' "SELECT api.set_cart_item('$user', '$cart', 70001)"
    refused TE005 'no such product: -1' "SELECT api.create_order('$user', '[{\"product_id\": -1}]')"
    refused TE005 'no such product: 3000000000' "SELECT api.create_order('$user', '[{\"product_id\": 3e9}]')"
    refused TE006 "product 2 is not in cart $cart" "SELECT api.remove_cart_item('$user', '$cart', 2)"
    refused TE007 "cart $cart is empty" "SELECT api.checkout('$user', '$cart')"

    for quantity in 0 -1 1.5 2147483648 1e1000 '"2"' null; do
        refused TE008 'the quantity of product 1 is not a whole number from 1 to 2147483647' \
            "SELECT api.create_order('$user', '[{\"product_id\": 1, \"quantity\": $quantity}]')"
    done
    refused TE008 'the quantity of product 1 is not a whole number from 1 to 2147483647' \
        "SELECT api.set_cart_item('$user', '$cart', 1, 0)"

    for items in '{}' '[]' 'null' '1'; do
        refused TE009 'items is not an array with at least one item' "SELECT api.create_order('$user', '$items')"
    done
    refused TE009 'item 2 is not an object' "SELECT api.create_order('$user', '[{\"product_id\": 1}, 2]')"
    refused TE009 'item 1 has a field that is not known: price' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1, \"price\": 0}]')"
    for product in '{}' '{"product_id": null}' '{"product_id": "1"}' '{"product_id": 1.5}'; do
        refused TE009 'item 1 has no product_id that is a whole number' "SELECT api.create_order('$user', '[$product]')"
    done
    refused TE009 'product 1 stands twice in items' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1}, {\"product_id\": 1.0}]')"

    refused TE010 'external_user_id is missing' "SELECT api.create_order(NULL, '[]')"
    refused TE010 'items is missing' "SELECT api.create_order('$user', NULL)"
    refused TE010 'external_user_id is missing' "SELECT api.create_cart(NULL)"
    refused TE010 'external_cart_id is missing' "SELECT api.checkout('$user', NULL)"
    refused TE010 'product_id is missing' "SELECT api.set_cart_item('$user', '$cart', NULL)"
    refused TE010 'quantity is missing' "SELECT api.set_cart_item('$user', '$cart', 1, NULL)"
    refused TE010 'product_id is missing' "SELECT api.remove_cart_item('$user', '$cart', NULL)"
    refused TE010 'external_order_id is missing' "SELECT api.set_order_status(NULL, 'shipped')"
    refused TE010 'status is missing' "SELECT api.set_order_status('$order', NULL)"
    refused TE010 'email_address is missing' "SELECT api.create_user(NULL)"
    refused TE010 'email_address is missing' "SELECT api.create_user('')"
    refused TE010 'email_address is missing' "SELECT api.update_user('$user', '{\"email_address\": null}')"
    refused TE010 'pending_order_notification is missing' \
        "SELECT api.update_user('$user', '{\"pending_order_notification\": null}')"
    refused TE010 'changes is missing' "SELECT api.update_user('$user', NULL)"

    refused TE011 'city is too long' "SELECT api.create_user('a@b', city => '$long')"
    refused TE011 'hashed_password is too long' "SELECT api.update_user('$user', '{\"hashed_password\": \"$long$long\"}')"
    refused TE011 'last_login is not valid' "SELECT api.update_user('$user', '{\"last_login\": \"soon\"}')"
    refused TE011 'days_between_order_notifications is not valid' \
        "SELECT api.update_user('$user', '{\"days_between_order_notifications\": 99999999999}')"
    refused TE011 'days_between_order_notifications is not valid' \
        "SELECT api.update_user('$user', '{\"days_between_order_notifications\": 366}')"
    refused TE011 'city is not a single value' "SELECT api.update_user('$user', '{\"city\": [1]}')"
    refused TE011 'a user has no field id that can be set' "SELECT api.update_user('$user', '{\"id\": 1}')"
    refused TE011 'changes is not an object' "SELECT api.update_user('$user', '[]')"
    refused TE012 "the e-mail address is another user's" "SELECT api.create_user('other@example.net')"
    refused TE012 "the e-mail address is another user's" \
        "SELECT api.update_user('$user', '{\"email_address\": \"other@example.net\"}')"
    refused TE013 'no such status: lost' "SELECT api.set_order_status('$order', 'lost')"
    refused TE014 "order $order is pending already" "SELECT api.set_order_status('$order', 'pending')"

    expect_refusals
    # Nothing of all that was done.
    expect_api "SELECT users.city, carts.total_items, order_number, (SELECT count(*) FROM api.order_status_history
                                                          WHERE external_order_id = '$order')
                  FROM api.users JOIN api.carts USING (external_user_id)
                  JOIN api.orders USING (external_user_id) WHERE external_user_id = '$user'" 'Velm|0|1|1'
    expect_api "SELECT count(*) FROM api.users WHERE email_address IN ('a@b', '')" 0
}

@test "what PostgreSQL says about a row reaches the log, not the client" {
    local user order
    user=$(make_user unlucky)
    order=$(api "SELECT api.create_order('$user', '[{\"product_id\": 1}]')")
    # An id that is taken: Key (id)=(...) already exists.
    sql "SELECT setval('users.users_id_seq', 400000, false); SELECT setval('orders.orders_id_seq', 3422000, false)"
    refused TE999 'the database cannot do this' "SELECT api.create_user('unlucky2@example.net')"
    refused TE999 'the database cannot do this' "SELECT api.create_order('$user', '[{\"product_id\": 1}]')"
    expect_refusals
    sql "SELECT setval('users.users_id_seq', (SELECT max(id) FROM users.users)),
                setval('orders.orders_id_seq', (SELECT max(id) FROM orders.orders))"
    grep -q 'TimeL-E API: SQLSTATE 23505: duplicate key value' "$PGHOST/data/server.log"

    # A check, whose DETAIL is the row, and a trigger that names the id.
    sql "ALTER TABLE orders.orders ADD CONSTRAINT no_cancelling CHECK (status <> 'cancelled') NOT VALID;
         CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN RAISE EXCEPTION 'row %', NEW.id USING DETAIL = NEW.id, HINT = NEW.id; END \$\$;
         CREATE TRIGGER tell BEFORE UPDATE ON orders.orders FOR EACH ROW
           WHEN (NEW.status = 'failed') EXECUTE FUNCTION public.tell()"
    refused TE999 'the database cannot do this' "SELECT api.set_order_status('$order', 'cancelled')"
    refused TE999 'the database cannot do this' "SELECT api.set_order_status('$order', 'failed')"
    expect_refusals
    sql "DROP TRIGGER tell ON orders.orders; ALTER TABLE orders.orders DROP CONSTRAINT no_cancelling"

    # Plans have ids in them; a client may ask for its own statement's, and sees no more.
    PGUSER=$api_server PGOPTIONS='-c client_min_messages=log -c debug_print_plan=on' \
        psql -XAtq --command "SELECT api.set_order_status('$order', 'shipped')" >plans 2>&1
    [ "$(grep -c '^LOG:  plan:' plans)" -eq 1 ]

    # States that tell a server to try again are kept; what was being waited for is not told.
    mkfifo commands
    psql -XAtq <commands >/dev/null 2>&1 3>&- &
    exec 7>commands
    echo "BEGIN; SELECT FROM orders.orders WHERE external_order_id = '$order' FOR UPDATE; SELECT pg_advisory_lock(7);" >&7
    until [[ $(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7") == 1 ]]; do
        sleep 0.02
    done
    echo 'SET lock_timeout = 50;' >refusals.sql
    refused 55P03 'canceling statement due to lock timeout' \
        "SELECT api.set_order_status('$order', 'delivered')"
    echo 'SET lock_timeout = 0; SET statement_timeout = 50;' >>refusals.sql
    refused 57014 'canceling statement due to statement timeout' \
        "SELECT api.set_order_status('$order', 'delivered')"
    echo 'SET default_transaction_read_only = on;' >>refusals.sql
    refused 25006 'cannot execute INSERT in a read-only transaction' "SELECT api.create_cart('$user')"
    expect_refusals
    exec 7>&-
    wait
}

# Beside the loader --------------------------------------------------------------------------------

@test "new rows count from the floor, and a load afterwards leaves them as they are" {
    local before rows
    expect_sql "SELECT (SELECT min(id) FROM users.users WHERE id > 80),
                       (SELECT min(id) FROM orders.orders WHERE id > 1000),
                       (SELECT min(id) FROM orders.carts)" '400000|3422000|1'
    rows="SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM (
            SELECT xmin, u::text FROM users.users u WHERE id >= 400000
            UNION ALL SELECT xmin, o::text FROM orders.orders o WHERE id >= 3422000
            UNION ALL SELECT xmin, i::text FROM orders.order_items i WHERE order_id >= 3422000
            UNION ALL SELECT xmin, h::text FROM orders.order_status_history h WHERE order_id >= 3422000
            UNION ALL SELECT xmin, c::text FROM orders.carts c
            UNION ALL SELECT xmin, i::text FROM orders.cart_items i) t"
    before=$(sql "$rows")
    printf 'user_id,email_address\n2001,later@example.org\n' >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n2001,2001,1,0,8\n' >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n2001,5,1\n' >items.csv
    printf 'order_id,status,changed_at\n2001,shipped,2024-01-02Z\n' >events.csv
    printf 'product_id,description,price\n300001,new,1\n' >enriched.csv
    printf 'product_id,product_name,aisle_id,department_id\n300001,New,1,1\n' >products.csv
    run_load --create-schema --rebuild=always {users,orders,items,events,enriched,products}.csv
    expect_status 0
    expect_silence
    expect_sql "$rows" "$before"
    expect_api "SELECT status, total_items FROM api.orders JOIN api.users USING (external_user_id)
                 WHERE email_address = 'later@example.org'" 'shipped|1'
    api "SELECT api.create_order(api.create_user('last@example.net'), '[{\"product_id\": 300001}]')"
    expect_api "SELECT total_price FROM api.orders WHERE delivery_name IS NULL
                   AND external_user_id = (SELECT external_user_id FROM api.users WHERE email_address = 'last@example.net')" 1
}

@test "look-ups by external id use the unique indexes, with 100,000 orders" {
    sql <<'SQL'
SET session_replication_role = replica; -- asks for no foreign key
INSERT INTO users.users (id) SELECT n FROM generate_series(100001, 110000) n;
INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
SELECT 100000 + n, 100001 + n % 10000, 1 + n / 10000, 0, 0 FROM generate_series(0, 99999) n;
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
SELECT 100000 + n, 1, 1 FROM generate_series(0, 29999) n;
INSERT INTO orders.order_status_history (order_id, new_status)
SELECT 100000 + n, 'pending' FROM generate_series(0, 29999) n;
INSERT INTO orders.carts (user_id) SELECT 100000 + n FROM generate_series(1, 10000) n;
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) SELECT id, 1, 1 FROM orders.carts
ON CONFLICT DO NOTHING;
ANALYZE;
SQL
    # Every plan that lacks one of its indexes, or reads a table from end to end.
    api >plans <<'SQL'
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  line text;
  plan text := '';
BEGIN
  FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
    plan := plan || line || E'\n';
  END LOOP;
  RETURN plan;
END
$$;
\set id '\'11111111-1111-4111-8111-111111111111\''
-- From a parameter, as a server sends it.
SET plan_cache_mode = force_generic_plan;
PREPARE look_up (uuid) AS SELECT * FROM api.orders WHERE external_order_id = $1;
SELECT query, indexes, plan
  FROM (VALUES
    ('SELECT * FROM api.users WHERE external_user_id = ', '{users_external_user_id_key}'::text[]),
    ('SELECT * FROM api.users WHERE email_address = ', '{users_email_address_key}'),
    ('SELECT * FROM api.orders WHERE external_order_id = ', '{orders_external_order_id_key}'),
    ('SELECT * FROM api.orders WHERE external_user_id = ', '{users_external_user_id_key,orders_user_id}'),
    ('SELECT * FROM api.order_items WHERE external_order_id = ',
     '{orders_external_order_id_key,order_items_pkey}'),
    ('SELECT * FROM api.order_status_history WHERE external_order_id = ',
     '{orders_external_order_id_key,order_status_history_order_id}'),
    ('SELECT * FROM api.carts WHERE external_cart_id = ', '{carts_external_cart_id_key}'),
    ('SELECT * FROM api.carts WHERE external_user_id = ', '{users_external_user_id_key,carts_user_id}'),
    ('SELECT * FROM api.cart_items WHERE external_cart_id = ', '{carts_external_cart_id_key,cart_items_pkey}'),
    ('EXECUTE look_up', '{orders_external_order_id_key}'),
    ('SELECT external_order_id FROM api.orders WHERE $$nobody$$ <> ', '{}')
  ) AS look_up (query, indexes)
  CROSS JOIN LATERAL pg_temp.plan(query || '(' || quote_literal(:id) || ')') AS plan
 WHERE plan LIKE '%Seq Scan%'
    OR EXISTS (SELECT FROM unnest(indexes) AS name WHERE plan !~ ('Scan (using|on) ' || name));
SQL
    # The last one asks for all orders: the question can be answered wrongly.
    [ "$(grep -c '^SELECT' plans)" -eq 1 ]
    grep -q '^SELECT external_order_id FROM api.orders WHERE' plans
}

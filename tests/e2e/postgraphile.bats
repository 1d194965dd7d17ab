#!/usr/bin/env bats
#
# PostGraphile 5 serves the schema `api` of the sample: what it makes of it, and what its clients
# can do. The login has the role timele_api and nothing else.

load harness
load api_server
load graphql_server
load documented_ids

setup_file() {
    has_postgraphile || return 0
    # With the Node.js that it needs.
    export PATH=$POSTGRAPHILE/node_modules/.bin:$PATH
    start_file
    create_api_server
    load_sample
    cd "$BATS_FILE_TMPDIR" || return 1
    ln -s "$POSTGRAPHILE/node_modules" node_modules
    document_block 'js graphile.config.mjs' >graphile.config.mjs
    start_graphql graphql.log "$(server_command | sed 's/--preset [^ ]*/--config graphile.config.mjs/')"
}

teardown_file() {
    stop_graphql
}

# Of a test that started a server of its own.
teardown() {
    stop_graphql
}

setup() {
    has_postgraphile || skip 'there is no PostGraphile: scripts/fetch-postgraphile fetches it'
    cd "$BATS_TEST_TMPDIR" || return 1
}

# The schema -----------------------------------------------------------------------------------------

schema_lines() {
    node "$BATS_TEST_DIRNAME/fixtures/graphql.mjs" "$graphql_url" --schema
}

@test "the whole GraphQL schema: no internal id, no hash, no BigInt" {
    local hidden
    schema_lines >schema
    # What every PostGraphile has is left out, and the arguments of lists but their order.
    grep -vE '^([A-Za-z]+(Connection|Edge|Condition|OrderBy)|PageInfo)\.|\.(clientMutationId|query): |Payload\.[a-z]+Edge\(' schema |
        sed 's/(after: .*\(orderBy: .*\))/(\1)/' >fields
    diff "$BATS_TEST_DIRNAME/fixtures/graphql_schema.txt" fields
    run ! grep -w BigInt schema
    # No list is in the order in which the tables are read, if the client does not say so.
    run ! grep -F '[NATURAL]' schema
    grep -qF '[PRIMARY_KEY_ASC]' schema
    # Internal ids and what else clients do not see, as a field, an argument, a condition or an order.
    hidden=$(sql "SELECT string_agg(DISTINCT attname, '|')
                    FROM pg_attribute
                    JOIN pg_class c ON c.oid = attrelid
                   WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('users', 'orders')
                     AND attnum > 0
                     AND (attname ~ '(^|_)id$' AND attname !~ '^(external_.*|product_id)$'
                          OR attname IN ('hashed_password', 'inferred', 'price_given'))")
    [[ $hidden == 'cart_id|hashed_password|history_id|id|inferred|order_id|price_given|user_id' ]]
    # The field id: ID! of an object is PostGraphile's own.
    sed -E '/^scalar /d; s/\bid: ID!//g; s/([a-z])([A-Z])/\1_\2/g; s/_(ASC|DESC)$//; s/.*/\L&/' schema >snakes
    run grep -wE "$hidden" snakes
    [[ $output == 'create_user_input.hashed_password: string
set_password_hash_input.hashed_password: string' ]] || unexpected
}

# Lists ----------------------------------------------------------------------------------------------

# expect_same EXPECTED GOT: files, of which the first differences are shown.
expect_same() {
    diff "$1" "$2" >differences || {
        head -n 20 differences >&2
        return 1
    }
}

# expect_sorted QUERY: the ids of all the rows are sorted among those that have the same rank.
expect_sorted() {
    ask '.list.nodes[] | "\(.rank) \(.id)"' "{list: $1}" >ranked
    (($(wc -l <ranked) > 50)) || unexpected "$1"
    # Stable: what has the same rank stays as it came.
    expect_same <(sort --key=1,1 --stable ranked) <(sort ranked)
}

@test "lists come in the order of the external id, so a rank tells no internal id" {
    local list
    for list in 'allUsers {nodes {id: externalUserId}}' 'allOrders {nodes {id: externalOrderId}}' \
        'allOrderItems {nodes {id: externalOrderId}}' 'allOrderStatusHistories {nodes {id: externalOrderId}}' \
        'allUsers(orderBy: CITY_ASC) {nodes {rank: city, id: externalUserId}}' \
        'allUsers(orderBy: NATURAL) {nodes {id: externalUserId}}' \
        'allOrders(orderBy: NATURAL) {nodes {id: externalOrderId}}' \
        'allOrders(orderBy: TOTAL_ITEMS_ASC) {nodes {rank: totalItems, id: externalOrderId}}' \
        'allOrders(condition: {orderDow: 0}) {nodes {rank: orderDow, id: externalOrderId}}'; do
        expect_sorted "$list"
    done
    # That of a user, too.
    ask '.userByEmailAddress.ordersByExternalUserId.nodes[].externalOrderId' '{
        userByEmailAddress(emailAddress: "juniper.20@example.org") {
            ordersByExternalUserId {nodes {externalOrderId}}}}' >orders
    (($(wc -l <orders) == 4))
    sort --check orders
}

# next_page CURSOR
next_page() {
    ask '.allOrders | .pageInfo.endCursor, .pageInfo.hasNextPage, .nodes[].externalOrderId' \
        "{allOrders(first: 300 $1) {pageInfo {endCursor hasNextPage} nodes {externalOrderId}}}"
}

@test "pages are stable: each order comes once, whatever is written in the meantime" {
    local pages=0 next=true cursor=''
    sql 'SELECT external_order_id FROM orders.orders ORDER BY 1' >expected
    while [[ $next == true ]]; do
        next_page "$cursor" >page
        cursor="after: \"$(sed -n 1p page)\""
        next=$(sed -n 2p page)
        sed 1,2d page >>orders
        # The table's own order changes.
        sql 'UPDATE orders.orders SET updated_at = updated_at WHERE id % 3 = 0'
        pages=$((pages + 1))
    done
    ((pages == 4))
    expect_same expected orders
}

# Objects --------------------------------------------------------------------------------------------

@test "from a user to orders, items, products, and back; each by its external id" {
    local user order
    user=$(ask .userByEmailAddress.externalUserId '{userByEmailAddress(emailAddress: "juniper.20@example.org") {externalUserId}}')
    expect_answer '.userByExternalUserId | .firstName, (.ordersByExternalUserId.nodes[] | .orderNumber)' \
        "{userByExternalUserId(externalUserId: \"$user\") {
            firstName ordersByExternalUserId(orderBy: ORDER_NUMBER_ASC) {nodes {orderNumber}}}}" \
        $'Élodine\n1\n2\n3\n4'
    order=$(ask '.allOrders.nodes[].externalOrderId' "{
        allOrders(condition: {externalUserId: \"$user\", orderNumber: 3}) {nodes {externalOrderId}}}")
    expect_answer '.orderByExternalOrderId | .status, .userByExternalUserId.externalUserId,
            (.orderItemsByExternalOrderId.nodes[] | [.productByProductId.productName, .price, .orderByExternalOrderId.orderNumber]),
            ([.orderStatusHistoriesByExternalOrderId.nodes[].newStatus] | join(" "))' \
        "{orderByExternalOrderId(externalOrderId: \"$order\") {
            status userByExternalUserId {externalUserId}
            orderItemsByExternalOrderId(orderBy: ADD_TO_CART_ORDER_ASC, first: 2) {
                nodes {price productByProductId {productName} orderByExternalOrderId {orderNumber}}}
            orderStatusHistoriesByExternalOrderId(orderBy: CHANGED_AT_ASC) {nodes {newStatus}}}}" \
        "delivered
$user
[\"Wystan Wild Nettle Dumplings\",6.51,3]
[\"Brightwick® Lemon-Thyme Lentils\",17.06,3]
pending processing shipped delivered"
    expect_answer '.productByProductId | .productName, .price, .aisleByAisleId.aisle,
            .departmentByDepartmentId.department' \
        '{productByProductId(productId: 6) {productName price aisleByAisleId {aisle}
            departmentByDepartmentId {department}}}' \
        $'Moss & Daughters No-Sugar Pear Crackers\n15.02\ntravel pastries\nlaundry'
    # The id of the object itself is made of its external id.
    expect_answer '.userByExternalUserId.id | @base64d' \
        "{userByExternalUserId(externalUserId: \"$user\") {id}}" "[\"User\",\"$user\"]"
}

# Mutations ------------------------------------------------------------------------------------------

# mutate NAME INPUT FIELDS [FILTER]: what jq takes from the row that the function returns.
mutate() {
    ask ".$1.result ${4:+| $4}" "mutation {$1(input: {$2}) {result {$3}}}"
}

# mutate_void NAME INPUT: a function that returns nothing.
mutate_void() {
    [[ $(ask ".$1" "mutation {$1(input: {$2}) {clientMutationId}}") == '{"clientMutationId":null}' ]]
}

# expect_mutation ROW NAME INPUT FIELDS [FILTER]
expect_mutation() {
    local row
    row=$(mutate "${@:2}") || return 1
    [[ $row == "$1" ]] || {
        printf '%s\n' "mutation: $2" '-- expected --' "$1" '-- got --' "$row" '--' >&2
        return 1
    }
}

# make_user NAME
make_user() {
    mutate createUser "emailAddress: \"$1@example.net\", firstName: \"$1\", city: \"Velm\"" \
        externalUserId .externalUserId
}

@test "users: made, changed, given a hash that nobody reads, deleted" {
    local user
    user=$(make_user grace)
    [[ $user =~ ^$V4$ ]]
    expect_mutation '{"firstName":"grace","city":null,"phoneNumber":"+1"}' \
        updateUser "externalUserId: \"$user\", changes: {city: null, phone_number: \"+1\"}" \
        'firstName city phoneNumber'
    mutate_void setPasswordHash "externalUserId: \"$user\", hashedPassword: \"secret\""
    expect_sql "SELECT hashed_password FROM users.users WHERE external_user_id = '$user'" secret
    expect_refused TE012 "the e-mail address is another user's" \
        'mutation {createUser(input: {emailAddress: "grace@example.net"}) {clientMutationId}}'
    mutate_void deleteUser "externalUserId: \"$user\""
    expect_answer .userByExternalUserId "{userByExternalUserId(externalUserId: \"$user\") {city}}" null
    expect_refused TE001 "no such user: $user" \
        "mutation {deleteUser(input: {externalUserId: \"$user\"}) {clientMutationId}}"
}

@test "orders: placed once for a key, more items, a status with tracking" {
    local user order input
    user=$(make_user heron)
    input="externalUserId: \"$user\", items: [{product_id: 6, quantity: 2}, {product_id: 10}],
           idempotencyKey: \"k\", deliveryName: \"H. Eron\", city: \"Quay\""
    order=$(mutate createOrder "$input" externalOrderId .externalOrderId)
    [[ $order =~ ^$V4$ ]]
    expect_mutation "[\"$order\",1,\"pending\",2,46.04,\"H. Eron\",\"Quay\",null]" createOrder "$input" \
        'externalOrderId orderNumber status totalItems totalPrice deliveryName city streetAddress' '[.[]]'
    expect_mutation $'3\nheron\n[6,2]\n[10,1]\n[14,1]' addOrderItems \
        "externalUserId: \"$user\", externalOrderId: \"$order\", items: [{product_id: 14}]" \
        'totalItems userByExternalUserId {firstName}
         orderItemsByExternalOrderId(orderBy: ADD_TO_CART_ORDER_ASC) {nodes {productId quantity}}' \
        '.totalItems, .userByExternalUserId.firstName, (.orderItemsByExternalOrderId.nodes[] | [.[]])'
    expect_mutation $'shipped\nT1\n[null,"pending",null,"heron"]\n["pending","shipped","gone","heron"]' \
        setOrderStatus "externalOrderId: \"$order\", status: shipped, changedBy: \"$user\", note: \"gone\",
                        trackingNumber: \"T1\"" \
        'status trackingNumber orderStatusHistoriesByExternalOrderId(orderBy: CHANGED_AT_ASC) {
             nodes {oldStatus newStatus note userByChangedBy {firstName}}}' \
        '.status, .trackingNumber, (.orderStatusHistoriesByExternalOrderId.nodes[] |
             [.oldStatus, .newStatus, .note, .userByChangedBy.firstName])'
    expect_refused TE018 "order $order is not pending" \
        "mutation {addOrderItems(input: {externalUserId: \"$user\", externalOrderId: \"$order\",
                                         items: [{product_id: 3}]}) {clientMutationId}}"
    expect_refused TE017 "user $user has orders" \
        "mutation {deleteUser(input: {externalUserId: \"$user\"}) {clientMutationId}}"
    # GraphQL itself knows the statuses.
    run graphql <<<"mutation {setOrderStatus(input: {externalOrderId: \"$order\", status: lost}) {clientMutationId}}"
    [[ $output == *'Value \"lost\" does not exist'* ]] || unexpected
}

@test "carts: filled, emptied, ordered, deleted" {
    local user cart input
    user=$(make_user ida)
    cart=$(mutate createCart "externalUserId: \"$user\"" externalCartId .externalCartId)
    input="externalUserId: \"$user\", externalCartId: \"$cart\""
    expect_mutation 1 setCartItem "$input, productId: 10, quantity: 3" totalItems .totalItems
    expect_mutation $'2\n[3,48]\n[1,5.45]' setCartItem "$input, productId: 14" \
        'totalItems cartItemsByExternalCartId(orderBy: ADD_TO_CART_ORDER_ASC) {
             nodes {quantity productByProductId {price}}}' \
        '.totalItems, (.cartItemsByExternalCartId.nodes[] |
             [.quantity, .quantity * (.productByProductId.price | tonumber)])'
    expect_mutation 1 removeCartItem "$input, productId: 14" totalItems .totalItems
    expect_mutation '[1,48,[0]]' checkout "$input, idempotencyKey: \"c\"" \
        'totalItems totalPrice userByExternalUserId {cartsByExternalUserId {nodes {totalItems}}}' \
        '[.totalItems, .totalPrice, [.userByExternalUserId.cartsByExternalUserId.nodes[].totalItems]]'
    expect_refused TE007 "cart $cart is empty" "mutation {checkout(input: {$input}) {clientMutationId}}"
    expect_mutation 1 setCartItem "$input, productId: 10" totalItems .totalItems
    expect_mutation 0 clearCart "$input" totalItems .totalItems
    mutate_void deleteCart "$input"
    expect_refused TE003 "no such cart: $cart" "mutation {deleteCart(input: {$input}) {clientMutationId}}"
}

# The document ---------------------------------------------------------------------------------------

# Each query and the answer after it, as N.graphql and N.json.
split_queries() {
    awk '/^```/ { inside = !inside; kind = substr($0, 4); if (kind == "graphql") count++; next }
         inside && (kind == "graphql" || kind == "json") { print > count "." kind }' "$API_DOCUMENT"
}

@test "docs/api.md: its commands start a server, and its queries have its answers" {
    local number answer
    split_queries
    [[ $(echo *.graphql *.json) == '1.graphql 2.graphql 1.json 2.json' ]]
    start_graphql graphql.log "$(server_command)"
    for number in 1 2; do
        answer=$(with_uuids actual <"$number.graphql" | graphql)
        pair_uuids "$(<"$number.json")" "$answer"
        diff "$number.json" <(with_uuids documented <<<"$answer")
    done
    # What a client sees of an error without docs/api.md's configuration.
    run graphql <<<'mutation {createUser(input: {emailAddress: "juniper.20@example.org"}) {clientMutationId}}'
    [[ $output == *'"message": "An error occurred (logged with hash'* && $output != *TE012* ]] || unexpected
}

@test "with the configuration of docs/api.md a client sees no error but TimeL-E's refusals" {
    expect_refused TE012 "the e-mail address is another user's" \
        'mutation {createUser(input: {emailAddress: "juniper.20@example.org"}) {clientMutationId}}'
    sql 'REVOKE SELECT ON api.aisles FROM timele_api'
    run graphql <<<'{allAisles {nodes {aisle}}}'
    sql 'GRANT SELECT ON api.aisles TO timele_api'
    [[ $output == *'"message": "An error occurred (logged with hash'* && $output != *permission* ]] || unexpected
    expect_answer '.allAisles.nodes | length' '{allAisles(first: 2) {nodes {aisle}}}' 2
}

# In the database of this file, so this comes last.
@test "where a view of the API cannot be made, the others are served" {
    sql "SET client_min_messages = error;
         DROP VIEW api.order_status_history;
         ALTER TABLE orders.order_status_history ALTER changed_by TYPE integer USING NULL;
         COMMENT ON VIEW api.carts IS 'Ours'"
    setup_api
    start_graphql graphql.log "$(server_command)"
    run ! grep -i history < <(schema_lines)
    expect_answer '.allOrders.nodes[].userByExternalUserId | has("firstName")' \
        '{allOrders(first: 1) {nodes {userByExternalUserId {firstName}}}}' true
    # Somebody's own comment stays, and is without the keys.
    run ! grep -F 'cartByExternalCartId' < <(schema_lines)
}

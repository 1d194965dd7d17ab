#!/usr/bin/env bats
#
# What set_order_status of the schema `api` does to an order and its history.

load harness
load api_server
load api_sample
load api_race

@test "set_order_status: one row of history, whatever the trigger does" {
    local user order
    user=$(make_user clerk)
    order=$(make_order "$user" '[{"product_id": 1}]')
    api "SELECT FROM api.set_order_status('$order', 'processing', '$user', 'on its way')"
    api "SELECT FROM api.set_order_status('$order', 'shipped')"
    # Settings are any client's to make; one tells the trigger to write nothing, one is no UUID.
    expect_api "SET timele.loading = 'on';
                SET timele.changed_by = 'nonsense';
                SELECT FROM api.set_order_status('$order', 'delivered', '$user');
                SELECT current_setting('timele.changed_by')" nonsense
    sql 'ALTER TABLE orders.orders DISABLE TRIGGER record_status_change'
    api "SELECT FROM api.set_order_status('$order', 'returned', note => 'torn')"
    sql 'ALTER TABLE orders.orders ENABLE TRIGGER record_status_change'
    # Undone together.
    api "BEGIN; SELECT FROM api.set_order_status('$order', 'refunded'); ROLLBACK"
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

@test "set_order_status: tracking, with a new status and without" {
    local user order
    user=$(make_user parcel)
    order=$(make_order "$user" '[{"product_id": 1}]')
    expect_api "SELECT status, tracking_number, shipping_carrier, tracking_url
                  FROM api.set_order_status('$order', 'shipped', tracking_number => 'T-1', shipping_carrier => 'Post')" \
        'shipped|T-1|Post|'
    # Without a new status only tracking changes: what is not given stays, and the history does not grow.
    expect_api "SELECT status, tracking_number, shipping_carrier, tracking_url, updated_at > created_at
                  FROM api.set_order_status('$order', 'shipped', '$user', tracking_url => 'https://example.org/T-1')" \
        'shipped|T-1|Post|https://example.org/T-1|t'
    expect_api "SELECT count(*) FROM api.order_status_history WHERE external_order_id = '$order'" 2
    refused TE014 "order $order is shipped already" "SELECT api.set_order_status('$order', 'shipped', note => 'seen', tracking_number => 'T-2')"
    refused TE011 'tracking_number is too long' "SELECT api.set_order_status('$order', 'shipped', tracking_number => repeat('x', 101))"
    refused TE011 'shipping_carrier is too long' "SELECT api.set_order_status('$order', 'shipped', shipping_carrier => repeat('x', 51))"
    refused TE011 'tracking_url is too long' "SELECT api.set_order_status('$order', 'failed', tracking_url => repeat('x', 256))"
    refused TE011 'note is too long' "SELECT api.set_order_status('$order', 'failed', note => repeat('ø', 10001))"
    expect_refusals
    expect_api "SELECT status FROM api.set_order_status('$order', 'failed', note => repeat('ø', 10000))" failed
    # Where a column has no length of its own.
    sql "DROP SCHEMA api, api_private CASCADE; ALTER TABLE orders.orders ALTER tracking_url TYPE text"
    setup_api
    refused TE011 'tracking_url is too long' "SELECT api.set_order_status('$order', 'failed', tracking_url => repeat('x', 256))"
    expect_refusals
    expect_api "SELECT length(tracking_url) FROM api.set_order_status('$order', 'failed', tracking_url => repeat('x', 255))" 255
}

@test "changes of one transaction have an order" {
    local user order
    user=$(make_user quick)
    order=$(api <<SQL
BEGIN;
SELECT external_order_id AS id FROM api.create_order('$user', '[{"product_id": 1}]') \gset
SELECT FROM api.set_order_status(:'id', 'processing');
SELECT FROM api.set_order_status(:'id', 'shipped');
SELECT FROM api.set_order_status(:'id', 'delivered');
COMMIT;
SELECT :'id';
SQL
    )
    expect_api "SELECT string_agg(new_status::text, ' ' ORDER BY changed_at), count(DISTINCT changed_at)
                  FROM api.order_status_history WHERE external_order_id = '$order'" 'pending processing shipped delivered|4'
}

@test "a row of history that another session writes at the same time stays as it is" {
    local user order isolation insert
    user=$(make_user observed)
    for isolation in 'read\ committed' 'repeatable\ read'; do
        order=$(make_order "$user" '[{"product_id": 1}]')
        insert="INSERT INTO orders.order_status_history (order_id, new_status, note)
                SELECT id, 'failed', 'theirs' FROM orders.orders WHERE external_order_id = '$order' RETURNING note"
        RACE_OWNER=first race "$insert" "SELECT status FROM api.set_order_status('$order', 'shipped', '$user', 'ours')" "$isolation"
        expect_race theirs shipped
        expect_api "SELECT string_agg(concat_ws(':', new_status, note), ' ' ORDER BY new_status)
                      FROM api.order_status_history WHERE external_order_id = '$order'" 'pending shipped:ours failed:theirs'
    done
    RACE_OWNER=second race "SELECT status FROM api.set_order_status('$order', 'delivered', '$user', 'ours too')" "$insert"
    expect_race delivered theirs
    expect_api "SELECT string_agg(concat_ws(':', new_status, note), ' ' ORDER BY new_status)
                  FROM api.order_status_history WHERE external_order_id = '$order'" \
        'pending shipped:ours delivered:ours too failed:theirs failed:theirs'
}

@test "where the history has internal ids, as in TimeL-E's older schema" {
    local user order
    user=$(make_user older)
    sql "DROP SCHEMA api, api_private CASCADE;
         ALTER TABLE orders.order_status_history ALTER changed_by TYPE integer USING NULL"
    setup_api
    order=$(make_order "$user" '[{"product_id": 1}]')
    api "SELECT FROM api.set_order_status('$order', 'shipped', '$user', 'ours'); SELECT FROM api.set_order_status('$order', 'delivered')"
    expect_sql "SELECT new_status, changed_by = user_id, note
                  FROM orders.order_status_history JOIN orders.orders o ON o.id = order_id
                 WHERE external_order_id = '$order' ORDER BY changed_at" $'pending|t|\nshipped|t|ours\ndelivered||'
    # Loads that write no history are still told from others.
    expect_api "SELECT FROM api.set_order_status('$order', 'returned'); SELECT current_setting('timele.loading')" ''
}

#!/usr/bin/env bats
#
# What the functions of the schema `api` refuse, and what a client is told of it.

load harness
load api_server
load api_sample

@test "whatever is wrong has a state and a message of its own" {
    local user other cart order nobody=00000000-0000-4000-8000-000000000000
    user=$(make_user refused)
    other=$(make_user other)
    cart=$(api "SELECT api.create_cart('$user')")
    order=$(api "SELECT api.create_order('$user', '[{\"product_id\": 1}]')")

    refused 22P02 'invalid input syntax for type uuid: "12"' "SELECT api.create_cart('12')"
    refused TE001 "no such user: $nobody" "SELECT api.create_cart('$nobody')"
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
    refused TE013 'no such status: lost' "SELECT api.set_order_status('$order', 'lost')"
    refused TE014 "order $order is pending already" "SELECT api.set_order_status('$order', 'pending')"

    expect_refusals
    # Nothing of all that was done.
    expect_api "SELECT users.city, carts.total_items, order_number, (SELECT count(*) FROM api.order_status_history
                                                          WHERE external_order_id = '$order')
                  FROM api.users JOIN api.carts USING (external_user_id)
                  JOIN api.orders USING (external_user_id) WHERE external_user_id = '$user'" 'Velm|0|1|1'
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

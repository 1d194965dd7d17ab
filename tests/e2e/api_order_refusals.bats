#!/usr/bin/env bats
#
# What the functions of orders and carts of the schema `api` refuse.

load harness
load api_server
load api_sample

@test "whatever is wrong with an order or a cart has a state and a message of its own" {
    local user other cart order foreign nobody=00000000-0000-4000-8000-000000000000 quantity items product field function
    user=$(make_user refused)
    other=$(make_user other)
    cart=$(make_cart "$user")
    order=$(make_order "$user" '[{"product_id": 1}]')
    foreign=$(make_order "$other" '[{"product_id": 1}]')

    refused 22P02 'invalid input syntax for type uuid: "12"' "SELECT api.create_cart('12')"
    refused TE001 "no such user: $nobody" "SELECT api.create_cart('$nobody')"
    refused TE001 "no such user: $nobody" "SELECT api.create_order('$nobody', '[{\"product_id\": 1}]')"
    refused TE001 "no such user: $nobody" "SELECT api.set_cart_item('$nobody', '$cart', 1)"
    refused TE001 "no such user: $nobody" "SELECT api.remove_cart_item('$nobody', '$cart', 1)"
    refused TE001 "no such user: $nobody" "SELECT api.checkout('$nobody', '$cart')"
    refused TE001 "no such user: $nobody" "SELECT api.set_order_status('$order', 'shipped', '$nobody')"
    for function in add_order_items clear_cart delete_cart; do
        [[ $function == *items ]] && items=", '[]'" || items=
        refused TE001 "no such user: $nobody" "SELECT api.$function('$nobody', '$cart'$items)"
        refused TE010 'external_user_id is missing' "SELECT api.$function(NULL, '$cart'$items)"
    done
    refused TE002 "no such order: $nobody" "SELECT api.add_order_items('$user', '$nobody', '[]')"
    refused TE002 "no such order: $nobody" "SELECT api.set_order_status('$nobody', 'shipped')"
    refused TE003 "no such cart: $nobody" "SELECT api.set_cart_item('$user', '$nobody', 1)"
    refused TE003 "no such cart: $nobody" "SELECT api.checkout('$user', '$nobody')"
    refused TE004 "cart $cart is not of user $other" "SELECT api.set_cart_item('$other', '$cart', 1)"
    refused TE004 "cart $cart is not of user $other" "SELECT api.remove_cart_item('$other', '$cart', 1)"
    refused TE004 "cart $cart is not of user $other" "SELECT api.checkout('$other', '$cart')"
    for function in clear_cart delete_cart; do
        refused TE003 "no such cart: $nobody" "SELECT api.$function('$user', '$nobody')"
        refused TE004 "cart $cart is not of user $other" "SELECT api.$function('$other', '$cart')"
        refused TE010 'external_cart_id is missing' "SELECT api.$function('$user', NULL)"
    done
    refused TE004 "order $foreign is not of user $user" "SELECT api.add_order_items('$user', '$foreign', '[]')"
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
        refused TE009 'items is not an array with at least one item' "SELECT api.add_order_items('$user', '$order', '$items')"
    done
    refused TE009 'item 2 is not an object' "SELECT api.create_order('$user', '[{\"product_id\": 1}, 2]')"
    refused TE009 'item 1 has a field that is not known: price' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1, \"price\": 0}]')"
    for product in '{}' '{"product_id": null}' '{"product_id": "1"}' '{"product_id": 1.5}'; do
        refused TE009 'item 1 has no product_id that is a whole number' "SELECT api.create_order('$user', '[$product]')"
    done
    refused TE009 'product 1 stands twice in items' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1}, {\"product_id\": 1.0}]')"
    # The first item that is wrong, by the first thing that is wrong with it.
    refused TE005 'no such product: 70001' \
        "SELECT api.create_order('$user', '[{\"product_id\": 1}, {\"product_id\": 70001, \"quantity\": 0}, {\"product_id\": 1}, 4]')"

    refused TE010 'external_user_id is missing' "SELECT api.create_order(NULL, '[]')"
    refused TE010 'items is missing' "SELECT api.create_order('$user', NULL)"
    refused TE010 'external_user_id is missing' "SELECT api.create_cart(NULL)"
    refused TE010 'external_order_id is missing' "SELECT api.add_order_items('$user', NULL, '[]')"
    refused TE010 'items is missing' "SELECT api.add_order_items('$user', '$order', NULL)"
    refused TE010 'external_cart_id is missing' "SELECT api.checkout('$user', NULL)"
    refused TE010 'product_id is missing' "SELECT api.set_cart_item('$user', '$cart', NULL)"
    refused TE010 'quantity is missing' "SELECT api.set_cart_item('$user', '$cart', 1, NULL)"
    refused TE010 'product_id is missing' "SELECT api.remove_cart_item('$user', '$cart', NULL)"
    refused TE010 'external_order_id is missing' "SELECT api.set_order_status(NULL, 'shipped')"
    refused TE010 'status is missing' "SELECT api.set_order_status('$order', NULL)"

    for field in delivery_name:101 phone_number:51 street_address:256 city:101 postal_code:21 country:101; do
        for function in "create_order('$user', '[{\"product_id\": 1}]'" "checkout('$user', '$cart'"; do
            refused TE011 "${field%:*} is too long" "SELECT api.$function, ${field%:*} => repeat('ø', ${field#*:}))"
        done
    done

    refused 22P02 'invalid input value for enum order_status_enum: "lost"' "SELECT api.set_order_status('$order', 'lost')"
    refused TE014 "order $order is pending already" "SELECT api.set_order_status('$order', 'pending')"

    expect_refusals
    sql "UPDATE orders.orders SET status = 'shipped' WHERE external_order_id = '$order'"
    refused TE018 "order $order is not pending" "SELECT api.add_order_items('$user', '$order', '[{\"product_id\": 2}]')"
    expect_refusals
    # Nothing of all that was done.
    expect_api "SELECT users.city, carts.total_items, order_number, (SELECT count(*) FROM api.order_status_history
                                                          WHERE external_order_id = '$order')
                  FROM api.users JOIN api.carts USING (external_user_id)
                  JOIN api.orders USING (external_user_id) WHERE external_user_id = '$user'" 'Velm|0|1|2'
}

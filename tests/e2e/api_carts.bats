#!/usr/bin/env bats
#
# What an API server does with carts by the schema `api`.

load harness
load api_server
load api_sample
load api_race

@test "a cart from its making to the order" {
    local user cart order
    user=$(make_user shopper)
    cart=$(make_cart "$user")
    [[ $cart =~ ^$V4$ ]]
    api "SELECT FROM api.set_cart_item('$user', '$cart', 12, 2)"
    api "SELECT FROM api.set_cart_item('$user', '$cart', 8)"
    api "SELECT FROM api.set_cart_item('$user', '$cart', 14, 1)"
    api "SELECT FROM api.set_cart_item('$user', '$cart', 12, 5)"
    api "SELECT FROM api.remove_cart_item('$user', '$cart', 14)"
    expect_api "SELECT product_id, add_to_cart_order, reordered, quantity FROM api.cart_items
                 WHERE external_cart_id = '$cart' ORDER BY 2" $'12|1|0|5\n8|2|0|1'
    expect_api "SELECT external_user_id, total_items FROM api.carts WHERE external_cart_id = '$cart'" \
        "$user|2"
    order=$(api "SELECT external_order_id FROM api.checkout('$user', '$cart')")
    expect_api "SELECT product_id, add_to_cart_order, quantity FROM api.order_items
                 WHERE external_order_id = '$order' ORDER BY 2" $'12|1|5\n8|2|1'
    expect_api "SELECT total_items, external_user_id, (SELECT count(*) FROM api.cart_items
                                                        WHERE external_cart_id = '$cart')
                  FROM api.carts WHERE external_cart_id = '$cart'" "0|$user|0"
    # It can be filled again.
    api "SELECT FROM api.set_cart_item('$user', '$cart', 12, 1)"
    expect_api "SELECT add_to_cart_order, reordered FROM api.cart_items
                 WHERE external_cart_id = '$cart'" '1|1'
}

@test "a cart is cleared, deleted, and ordered to another address" {
    local user cart other
    user=$(make_user leaving)
    cart=$(make_cart "$user")
    other=$(make_cart "$user")
    api "SELECT FROM api.set_cart_item('$user', '$cart', 12); SELECT FROM api.set_cart_item('$user', '$other', 13)"
    expect_api "SELECT external_cart_id, external_user_id, total_items, updated_at > created_at
                  FROM api.clear_cart('$user', '$cart')" "$cart|$user|0|t"
    expect_api "SELECT total_items FROM api.clear_cart('$user', '$cart')" 0
    api "SELECT api.delete_cart('$user', '$cart')"
    expect_api "SELECT delivery_name, city, total_items FROM api.checkout('$user', '$other', delivery_name => 'Inga')" 'Inga||1'
    api "SELECT FROM api.set_cart_item('$user', '$other', 13); SELECT api.delete_cart('$user', '$other')"
    expect_api "SELECT count(*) FROM api.carts WHERE external_user_id = '$user'" 0
    expect_sql "SELECT count(*) FROM orders.cart_items WHERE cart_id NOT IN (SELECT id FROM orders.carts)" 0
}

@test "two checkouts of a cart at once make one order" {
    local user cart checkout
    user=$(make_user twice)
    cart=$(make_cart "$user")
    api "SELECT FROM api.set_cart_item('$user', '$cart', 7)"
    checkout="SELECT external_order_id FROM api.checkout('$user', '$cart')"
    race "$checkout" "$checkout"
    expect_race "$(grep -xE "$V4" first)" "ERROR:  TE007: cart $cart is empty"
    expect_api "SELECT external_order_id FROM api.orders WHERE external_user_id = '$user'" "$(<first)"
    api "SELECT FROM api.set_cart_item('$user', '$cart', 7)"
    race "$checkout" "$checkout" 'repeatable\ read'
    expect_race "$(grep -xE "$V4" first)" "$CONFLICT"
}

@test "a cart that is deleted while it is ordered, and the other way about" {
    local user cart checkout delete
    user=$(make_user undecided)
    cart=$(make_cart "$user")
    api "SELECT FROM api.set_cart_item('$user', '$cart', 7)"
    checkout="SELECT total_items FROM api.checkout('$user', '$cart')"
    delete="SELECT api.delete_cart('$user', '$cart')"
    race "$checkout" "$delete"
    expect_race 1 ''
    cart=$(make_cart "$user")
    api "SELECT FROM api.set_cart_item('$user', '$cart', 7)"
    race "SELECT api.delete_cart('$user', '$cart')" "SELECT FROM api.checkout('$user', '$cart')"
    expect_race '' "ERROR:  TE003: no such cart: $cart"
    expect_api "SELECT count(*) FROM api.orders WHERE external_user_id = '$user'" 1
}

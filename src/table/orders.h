/* Orders, their items, what became of them, and the carts that become orders. */
#ifndef TABLE_ORDERS_H
#define TABLE_ORDERS_H

#include "table/description.h"

extern const struct table table_orders;
extern const struct table table_order_items;
extern const struct table table_order_status_history;
extern const struct table table_carts;
extern const struct table table_cart_items;

#endif

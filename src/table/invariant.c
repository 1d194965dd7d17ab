#include "table/invariant.h"

/* The planner knows the value and so finds the few rows by an index; every row is compared anew. */
#define USERS_FLOOR  "current_setting('timele.users_floor')::bigint"
#define ORDERS_FLOOR "current_setting('timele.orders_floor')::bigint"

/* Asked once, where most rows are compared. */
#define ONCE(floor) "(SELECT " floor ")"

/* The sum of doubles differs from the exact sum, which a load writes, in the last digits at most:
 * by less than this part of it, and below 1000 by less than 1e-9. */
#define TOTAL_TOLERANCE "1e-12 * greatest(1000, r.price)"

/* Otherwise each parallel worker works out the whole. */
#define ONE_SCAN "MATERIALIZED"

const struct invariant invariants[] = {
    {.name = "users.inferred: placeholders are below the floor",
     .marker = "inferred",
     .marked = TABLE_USERS,
     .rows = "(SELECT id, inferred FROM users.users WHERE id >= " USERS_FLOOR ") r",
     .broken = "r.inferred",
     .order = "r.id",
     .example = "format('id %s is a placeholder', r.id)"},

    /* Only a load marks a price. */
    {.name = "order_items: files' prices are below the floor",
     .marker = "price_given",
     .marked = TABLE_ORDER_ITEMS,
     .rows = "(SELECT order_id, product_id, price_given FROM orders.order_items "
             "WHERE order_id >= " ORDERS_FLOOR ") r",
     .broken = "r.price_given",
     .order = "r.order_id, r.product_id",
     .example = "format('order_id %s, product_id %s has price_given', r.order_id, r.product_id)"},

    /* What the application counts, pieces or lines, at what price, is its own business. */
    {.name = "orders.total_items, total_price: as the items",
     .rows = "(WITH t AS " ONE_SCAN " (SELECT i.order_id, count(*) AS items, "
             "sum(i.price * i.quantity) AS price FROM orders.order_items i GROUP BY i.order_id) "
             "SELECT o.id, o.total_items, o.total_price, coalesce(t.items, 0) AS items, "
             "coalesce(t.price, 0) AS price FROM orders.orders o "
             "LEFT JOIN t ON t.order_id = o.id WHERE o.id < " ONCE(ORDERS_FLOOR) ") r",
     .broken = "(r.total_items <> r.items OR abs(r.total_price - r.price) > " TOTAL_TOLERANCE ")",
     .order = "r.id",
     .example = "format('id %s: total_items %s, items %s; total_price %s, prices %s', "
                "r.id, r.total_items, r.items, r.total_price, r.price)"},

    /* The application may begin an order with any status, which leaves no change behind. */
    {.name = "orders.status: as the last status change",
     .rows = "(WITH l AS " ONE_SCAN " (SELECT DISTINCT ON (h.order_id) h.order_id, h.new_status "
             "FROM orders.order_status_history h "
             "ORDER BY h.order_id, h.changed_at DESC, h.history_id DESC) "
             "SELECT o.id, o.status, coalesce(l.new_status, 'pending') AS last "
             "FROM orders.orders o LEFT JOIN l ON l.order_id = o.id "
             "WHERE o.id < " ONCE(ORDERS_FLOOR) " OR l.order_id IS NOT NULL) r",
     .broken = "r.status <> r.last",
     .order = "r.id",
     .example = "format('id %s: status %s, last change %s', r.id, r.status, r.last)"},
};

const size_t invariant_count = sizeof invariants / sizeof *invariants;

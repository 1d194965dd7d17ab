#include "table/invariant.h"

/* The planner knows the value and so finds the few rows by an index; every row is compared anew. */
#define USERS_FLOOR  "current_setting('timele.users_floor')::bigint"
#define ORDERS_FLOOR "current_setting('timele.orders_floor')::bigint"

/* Asked once, where most rows are compared. */
#define ONCE(floor) "(SELECT " floor ")"

/* The sum of doubles differs from the exact sum, which a load writes, in the last digits at most:
 * by less than this part of it, and below 1000 by less than 1e-9. */
#define TOTAL_TOLERANCE "1e-12 * greatest(1000, r.price)"

/*
 * The transactions of runs, which rows bear as their xmin: those of the ledger, and the present
 * one, which a setting tells. Each parallel worker works them out, as they are few. An xmin has 32
 * bits and comes back after 2^32 transactions, so older runs are left out. So are those of a ledger
 * that was copied from another server, whose transactions have other numbers: its rows came in one
 * transaction, each run's own row in one of its own.
 */
#define RUNS                                                                                       \
    "SELECT (array_agg(l.transaction_id))[1]::xid AS id FROM timele_load.runs l "                  \
    "WHERE l.transaction_id::text::numeric > "                                                     \
    "pg_snapshot_xmax(pg_current_snapshot())::text::numeric - 4294967296 "                         \
    "GROUP BY l.xmin::text HAVING count(*) = 1 "                                                   \
    "UNION ALL SELECT nullif(current_setting('timele.transaction'), '')::xid"

/* As an order takes it over from its user. */
#define DELIVERY_NAME_OF_USER                                                                      \
    "regexp_replace(left(nullif(concat_ws(' ', nullif(u.first_name, ''), "                         \
    "nullif(u.last_name, '')), ''), (SELECT current_setting('timele.delivery_name_length')"        \
    "::integer)), (SELECT current_setting('timele.delivery_name_cut')), '')"

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

    /* What files count is their own business. The array keeps the planner from reading the history
     * of users who have no order of the application: it asks the index on user_id for each of the
     * others. */
    {.name = "orders.order_number: the application's, once",
     .rows = "(SELECT o.user_id, o.order_number, count(*) AS times, min(o.id) AS first, "
             "max(o.id) AS last FROM orders.orders o WHERE o.user_id = ANY (ARRAY("
             "SELECT DISTINCT a.user_id FROM orders.orders a WHERE a.id >= " ORDERS_FLOOR ")) "
             "GROUP BY o.user_id, o.order_number HAVING max(o.id) >= " ONCE(ORDERS_FLOOR) ") r",
     .broken = "r.times > 1",
     .order = "r.last",
     .example = "format('user_id %s has order_number %s in %s orders: id %s, id %s', "
                "r.user_id, r.order_number, r.times, r.first, r.last)"},

    /* What the application counts, pieces or lines, at what price, is its own business. */
    {.name = "orders.total_items, total_price: as the items",
     .rows = "(SELECT o.id, o.total_items, o.total_price, coalesce(t.items, 0) AS items, "
             "coalesce(t.price, 0) AS price FROM orders.orders o LEFT JOIN "
             "(SELECT i.order_id, count(*) AS items, sum(i.price * i.quantity) AS price "
             "FROM orders.order_items i GROUP BY i.order_id) t ON t.order_id = o.id "
             "WHERE o.id < " ONCE(ORDERS_FLOOR) ") r",
     .broken = "(r.total_items <> r.items OR abs(r.total_price - r.price) > " TOTAL_TOLERANCE ")",
     .order = "r.id",
     .example = "format('id %s: total_items %s, items %s; total_price %s, prices %s', "
                "r.id, r.total_items, r.items, r.total_price, r.price)"},

    /* The application may begin an order with any status, which leaves no change behind. */
    {.name = "orders.status: as the last status change",
     .rows = "(SELECT o.id, o.status, coalesce(l.new_status, 'pending') AS last "
             "FROM orders.orders o LEFT JOIN (SELECT DISTINCT ON (h.order_id) h.order_id, "
             "h.new_status FROM orders.order_status_history h "
             "ORDER BY h.order_id, h.changed_at DESC, h.history_id DESC) l ON l.order_id = o.id "
             "WHERE o.id < " ONCE(ORDERS_FLOOR) " OR l.order_id IS NOT NULL) r",
     .broken = "r.status <> r.last",
     .order = "r.id",
     .example = "format('id %s: status %s, last change %s', r.id, r.status, r.last)"},

    /* Only where a run was the last to write both: the application may change either. No value is
     * shown, as they are a person's. */
    {.name = "orders: delivery details as the user's",
     .needs_runs = true,
     .rows = "(SELECT o.id, u.id AS user_id, "
             "(o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code, "
             "o.country) IS DISTINCT FROM (" DELIVERY_NAME_OF_USER ", u.phone_number, "
             "u.street_address, u.city, u.postal_code, u.country) AS differs "
             "FROM orders.orders o JOIN users.users u ON u.id = o.user_id "
             "WHERE o.id < " ONCE(ORDERS_FLOOR) " AND o.xmin IN (" RUNS ") "
                                                "AND u.xmin IN (" RUNS ")) r",
     .broken = "r.differs",
     .order = "r.id",
     .example = "format('id %s, user_id %s', r.id, r.user_id)"},
};

const size_t invariant_count = sizeof invariants / sizeof *invariants;

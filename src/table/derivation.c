#include "table/derivation.h"

const char *derivation_table(enum derivation_subject subject)
{
    switch (subject) {
    case SUBJECT_PRODUCTS:
        return "timele_load_product";
    case SUBJECT_ITEM_ORDERS:
        return "timele_load_item_order";
    case SUBJECT_EVENT_ORDERS:
        return "timele_load_event_order";
    case SUBJECT_USERS:
        return "timele_load_user";
    case SUBJECT_COUNT:
        break;
    }
    return "";
}

/* An item whose price no file gave costs what the catalogue says. A price that is there already may
 * have come before anybody marked where prices come from, and stays. */
#define REPRICE(not_given)                                                                         \
    "WITH repriced AS ("                                                                           \
    "UPDATE orders.order_items i SET price = e.price::double precision "                           \
    "FROM pg_temp.timele_load_product p JOIN products.product_enriched e ON e.product_id = p.id "  \
    "WHERE i.product_id = e.product_id "                                                           \
    "AND i.order_id < current_setting('timele.orders_floor')::bigint "                             \
    "AND e.price IS NOT NULL AND " not_given " "                                                   \
    "AND i.price IS DISTINCT FROM e.price::double precision "                                      \
    "RETURNING i.order_id) "                                                                       \
    "INSERT INTO pg_temp.timele_load_item_order SELECT DISTINCT order_id FROM repriced "           \
    "EXCEPT SELECT id FROM pg_temp.timele_load_item_order"

/* A row of this run has the price it is to have: a given 0 would be taken for none. */
#define NOT_OF_THIS_RUN "AND i.xmin <> pg_current_xact_id()::xid"

const struct derivation derivations[] = {
    {.subject = SUBJECT_PRODUCTS,
     .result = "the prices of items",
     .sql = REPRICE("i.price_given IS NOT TRUE AND i.price = 0"),
     .sql_without_marker = REPRICE("i.price = 0 " NOT_OF_THIS_RUN)},
    /* As text a price has all its digits; its own cast to numeric keeps 15. */
    {.subject = SUBJECT_ITEM_ORDERS,
     .result = "the totals of orders",
     .sql = "UPDATE orders.orders o SET total_items = t.items, total_price = t.price FROM ("
            "SELECT c.id, count(i.order_id)::integer AS items, "
            "coalesce(sum(i.price::text::numeric * i.quantity), 0)::double precision AS price "
            "FROM pg_temp.timele_load_item_order c "
            "LEFT JOIN orders.order_items i ON i.order_id = c.id GROUP BY c.id) t "
            "WHERE o.id = t.id "
            "AND (o.total_items, o.total_price) IS DISTINCT FROM (t.items, t.price)"},
    {.subject = SUBJECT_EVENT_ORDERS,
     .result = "the previous statuses of orders",
     .sql = "UPDATE orders.order_status_history h SET old_status = p.previous FROM ("
            "SELECT e.history_id, lag(e.new_status) OVER (PARTITION BY e.order_id "
            "ORDER BY e.changed_at, e.history_id) AS previous "
            "FROM orders.order_status_history e "
            "JOIN pg_temp.timele_load_event_order c ON c.id = e.order_id) p "
            "WHERE h.history_id = p.history_id AND h.old_status IS DISTINCT FROM p.previous"},
    {.subject = SUBJECT_EVENT_ORDERS,
     .result = "the status of orders",
     .sql = "UPDATE orders.orders o SET status = l.new_status, updated_at = l.changed_at FROM ("
            "SELECT DISTINCT ON (e.order_id) e.order_id, e.new_status, e.changed_at "
            "FROM orders.order_status_history e "
            "JOIN pg_temp.timele_load_event_order c ON c.id = e.order_id "
            "ORDER BY e.order_id, e.changed_at DESC, e.history_id DESC) l "
            "WHERE o.id = l.order_id "
            "AND (o.status, o.updated_at) IS DISTINCT FROM (l.new_status, l.changed_at)"},
    {.subject = SUBJECT_USERS,
     .result = "the delivery details of orders",
     .sql = "UPDATE orders.orders o SET delivery_name = d.name, phone_number = d.phone_number, "
            "street_address = d.street_address, city = d.city, postal_code = d.postal_code, "
            "country = d.country FROM ("
            "SELECT u.id, left(nullif(concat_ws(' ', nullif(u.first_name, ''), "
            "nullif(u.last_name, '')), ''), 100) AS name, u.phone_number, u.street_address, "
            "u.city, u.postal_code, u.country "
            "FROM users.users u JOIN pg_temp.timele_load_user c ON c.id = u.id) d "
            "WHERE o.user_id = d.id AND o.id < current_setting('timele.orders_floor')::bigint "
            "AND (o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code, "
            "o.country) IS DISTINCT FROM (d.name, d.phone_number, d.street_address, d.city, "
            "d.postal_code, d.country)"},
};

const size_t derivation_count = sizeof derivations / sizeof *derivations;

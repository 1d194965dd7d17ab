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
    case SUBJECT_USER_ORDERS:
        return "timele_load_user_order";
    case SUBJECT_COUNT:
        break;
    }
    return "";
}

const char derivation_keep_prices[] =
    "CREATE TEMPORARY TABLE " DERIVATION_FORMER_PRICE " ON COMMIT DROP AS "
    "SELECT product_id AS id, price::double precision AS price FROM products.product_enriched";

/* An item whose price no file gave costs what the catalogue says. A price that is there already and
 * is not the catalogue's may have come before anybody marked where prices come from, and stays. */
#define REPRICE(not_given)                                                                         \
    "WITH repriced AS ("                                                                           \
    "UPDATE orders.order_items i SET price = c.price FROM ("                                       \
    "SELECT p.id, coalesce(e.price::double precision, 0) AS price, f.price AS former "             \
    "FROM pg_temp.timele_load_product p "                                                          \
    "LEFT JOIN products.product_enriched e ON e.product_id = p.id "                                \
    "LEFT JOIN pg_temp." DERIVATION_FORMER_PRICE " f ON f.id = p.id) c "                           \
    "WHERE i.product_id = c.id "                                                                   \
    "AND i.order_id < current_setting('timele.orders_floor')::bigint "                             \
    "AND (i.price = 0 OR i.price = c.former) AND " not_given " "                                   \
    "AND i.price IS DISTINCT FROM c.price "                                                        \
    "RETURNING i.order_id) "                                                                       \
    "INSERT INTO pg_temp.timele_load_item_order SELECT DISTINCT order_id FROM repriced "           \
    "EXCEPT SELECT id FROM pg_temp.timele_load_item_order"

/* A row of this run has the price it is to have: a given 0 would be taken for none. */
#define NOT_OF_THIS_RUN "i.xmin <> pg_current_xact_id()::xid"

/* An order takes over who and where its user is. `id` is that of the user or of the order. */
#define DELIVER(id, concerned, match)                                                              \
    "UPDATE orders.orders o SET delivery_name = d.name, phone_number = d.phone_number, "           \
    "street_address = d.street_address, city = d.city, postal_code = d.postal_code, "              \
    "country = d.country FROM ("                                                                   \
    "SELECT " id ", left(nullif(concat_ws(' ', nullif(u.first_name, ''), "                         \
    "nullif(u.last_name, '')), ''), 100) AS name, u.phone_number, u.street_address, "              \
    "u.city, u.postal_code, u.country FROM " concerned ") d "                                      \
    "WHERE " match " AND o.id < current_setting('timele.orders_floor')::bigint "                   \
    "AND (o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code, "              \
    "o.country) IS DISTINCT FROM (d.name, d.phone_number, d.street_address, d.city, "              \
    "d.postal_code, d.country)"

const struct derivation derivations[] = {
    {.subject = SUBJECT_PRODUCTS,
     .result = "the prices of items",
     .sql = REPRICE("i.price_given IS NOT TRUE"),
     .sql_without_marker = REPRICE(NOT_OF_THIS_RUN)},
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
     .sql = "UPDATE orders.orders o SET status = l.status, updated_at = l.changed_at FROM ("
            "SELECT DISTINCT ON (k.id) k.id, "
            "coalesce(e.new_status, 'pending') AS status, "
            "coalesce(e.changed_at, k.created_at) AS changed_at "
            "FROM pg_temp.timele_load_event_order c JOIN orders.orders k ON k.id = c.id "
            "LEFT JOIN orders.order_status_history e ON e.order_id = k.id "
            "ORDER BY k.id, e.changed_at DESC, e.history_id DESC) l "
            "WHERE o.id = l.id "
            "AND (o.status, o.updated_at) IS DISTINCT FROM (l.status, l.changed_at)"},
    {.subject = SUBJECT_USERS,
     .result = "the delivery details of orders",
     .sql = DELIVER("u.id", "users.users u JOIN pg_temp.timele_load_user c ON c.id = u.id",
                    "o.user_id = d.id")},
    {.subject = SUBJECT_USER_ORDERS,
     .result = "the delivery details of orders",
     .sql = DELIVER("k.id",
                    "pg_temp.timele_load_user_order c JOIN orders.orders k ON k.id = c.id "
                    "JOIN users.users u ON u.id = k.user_id",
                    "o.id = d.id")},
};

const size_t derivation_count = sizeof derivations / sizeof *derivations;

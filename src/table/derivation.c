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

/* Each reads the ids that it is about from the table of its subject; no rows come back. */
extern const char reprice_items_sql[];
extern const char reprice_items_without_mark_sql[];
extern const char total_orders_sql[];
extern const char previous_statuses_sql[];
extern const char order_statuses_sql[];
extern const char deliver_to_orders_of_users_sql[];
extern const char deliver_to_orders_sql[];

const struct derivation derivations[] = {
    {.subject = SUBJECT_PRODUCTS,
     .result = "the prices of items",
     .updated = TABLE_ORDER_ITEMS,
     .sql = reprice_items_sql,
     .sql_without_marker = reprice_items_without_mark_sql},
    {.subject = SUBJECT_ITEM_ORDERS,
     .result = "the totals of orders",
     .updated = TABLE_ORDERS,
     .sql = total_orders_sql,
     .sets_apart = true},
    {.subject = SUBJECT_EVENT_ORDERS,
     .result = "the previous statuses of orders",
     .updated = TABLE_ORDER_STATUS_HISTORY,
     .sql = previous_statuses_sql},
    {.subject = SUBJECT_EVENT_ORDERS,
     .result = "the status of orders",
     .updated = TABLE_ORDERS,
     .sql = order_statuses_sql,
     .sets_apart = true},
    {.subject = SUBJECT_USERS,
     .result = "the delivery details of orders",
     .updated = TABLE_ORDERS,
     .sql = deliver_to_orders_of_users_sql},
    {.subject = SUBJECT_USER_ORDERS,
     .result = "the delivery details of orders",
     .updated = TABLE_ORDERS,
     .sql = deliver_to_orders_sql},
};

const size_t derivation_count = sizeof derivations / sizeof *derivations;

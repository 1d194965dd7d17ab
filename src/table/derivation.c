#include "table/derivation.h"

const struct derivation_ids derivation_subjects[SUBJECT_COUNT] = {
    [SUBJECT_PRODUCTS] = {"timele_load_product", TABLE_PRODUCT_ENRICHED},
    [SUBJECT_ITEM_ORDERS] = {"timele_load_item_order", TABLE_ORDERS},
    [SUBJECT_EVENT_ORDERS] = {"timele_load_event_order", TABLE_ORDERS},
    [SUBJECT_USERS] = {"timele_load_user", TABLE_USERS},
    [SUBJECT_USER_ORDERS] = {"timele_load_user_order", TABLE_ORDERS},
    [SUBJECT_DATED_ORDERS] = {"timele_load_dated_order", TABLE_ORDERS},
};

const char derivation_keep_prices[] =
    "WITH kept AS ("
    "INSERT INTO pg_temp." DERIVATION_FORMER_PRICE
    " SELECT product_id, price::double precision FROM products.product_enriched "
    "WHERE product_id = ANY ($1::bigint[]) RETURNING 1) SELECT count(*) FROM kept";

/* Each reads the ids that it is about from the table of its subject, and gives a row for each row
 * that has to be updated: the key and the new values. */
extern const char reprice_items_sql[];
extern const char reprice_items_without_mark_sql[];
extern const char total_orders_sql[];
extern const char previous_statuses_sql[];
extern const char order_statuses_sql[];
extern const char order_dates_sql[];
extern const char deliver_to_orders_of_users_sql[];
extern const char deliver_to_orders_sql[];

/* No parameters, no rows. */
extern const char orders_of_repriced_items_sql[];

/* What orders take over from their users. */
#define DELIVERY_COLUMNS                                                                           \
    {                                                                                              \
        "delivery_name", "phone_number", "street_address", "city", "postal_code", "country"        \
    }

const struct derivation derivations[] = {
    {.subject = SUBJECT_PRODUCTS,
     .result = "the prices of items",
     .sql = reprice_items_sql,
     .sql_without_marker = reprice_items_without_mark_sql,
     .list = "timele_load_price",
     .updated = TABLE_ORDER_ITEMS,
     .keys = {"order_id", "product_id"},
     .columns = {"price"},
     .afterwards = orders_of_repriced_items_sql},
    {.subject = SUBJECT_ITEM_ORDERS,
     .result = "the totals of orders",
     .sql = total_orders_sql,
     .sets_apart = true,
     .list = "timele_load_total",
     .updated = TABLE_ORDERS,
     .keys = {"id"},
     .columns = {"total_items", "total_price"}},
    {.subject = SUBJECT_EVENT_ORDERS,
     .result = "the previous statuses of orders",
     .sql = previous_statuses_sql,
     .list = "timele_load_previous_status",
     .updated = TABLE_ORDER_STATUS_HISTORY,
     .keys = {"order_id", "history_id"},
     .columns = {"old_status"}},
    {.subject = SUBJECT_EVENT_ORDERS,
     .result = "the status of orders",
     .sql = order_statuses_sql,
     .sets_apart = true,
     .list = "timele_load_status",
     .updated = TABLE_ORDERS,
     .keys = {"id"},
     .columns = {"status", "updated_at"}},
    {.subject = SUBJECT_USERS,
     .result = "the delivery details of orders",
     .sql = deliver_to_orders_of_users_sql,
     .list = "timele_load_delivery_of_user",
     .updated = TABLE_ORDERS,
     .keys = {"id"},
     .columns = DELIVERY_COLUMNS},
    {.subject = SUBJECT_USER_ORDERS,
     .result = "the delivery details of orders",
     .sql = deliver_to_orders_sql,
     .list = "timele_load_delivery",
     .updated = TABLE_ORDERS,
     .keys = {"id"},
     .columns = DELIVERY_COLUMNS},
    {.subject = SUBJECT_DATED_ORDERS,
     .result = "the times of orders",
     .sql = order_dates_sql,
     .list = "timele_load_date",
     .updated = TABLE_ORDERS,
     .keys = {"id"},
     .columns = {"updated_at"}},
};

const size_t derivation_count = sizeof derivations / sizeof *derivations;

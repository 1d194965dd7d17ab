#include "target/known_tables.h"

#include "schema/catalog_reading.h"
#include "schema/row_security.h"
#include "target/existing.h"
#include "target/existing_digest.h"
#include "target/sequences.h"

static unsigned needed_access(const struct dataset *dataset)
{
    if (dataset->source_count == 0)
        return 0;
    switch (dataset->mode) {
    case MODE_INSERT:
    case MODE_SKIP:
        break;
    case MODE_UPSERT:
        return ACCESS_INSERT | ACCESS_UPDATE;
    case MODE_REPLACE:
        return ACCESS_INSERT | ACCESS_UPDATE | ACCESS_DELETE;
    }
    return ACCESS_INSERT;
}

/* Rows that refer to one that may be deleted decide whether it may. */
static bool require_seen_references(const struct dataset *dataset, const struct session *session)
{
    return (needed_access(dataset) & ACCESS_DELETE) == 0 ||
           row_security_refuse_references(session->connection, dataset->table, session->error);
}

/* What is asked of the catalog for a run: the tables that the run writes, or whose ids it has to
 * know; then those that it needs only to derive values, and which may be missing. */
struct request_list {
    struct catalog_request requests[TABLE_COUNT];
    struct dataset *datasets[TABLE_COUNT];
    size_t needed, count;
};

static void add_request(struct request_list *list, struct dataset *dataset, unsigned access)
{
    list->requests[list->count] =
        (struct catalog_request){.table = dataset->table, .access = access};
    list->datasets[list->count++] = dataset;
}

/* Items of the run need the database's prices, prices of the run need its items. */
static void list_requests(struct plan *plan, struct request_list *list)
{
    struct dataset *items = &plan->datasets[TABLE_ORDER_ITEMS];
    struct dataset *enriched = &plan->datasets[TABLE_PRODUCT_ENRICHED];

    for (int id = 0; id < TABLE_COUNT; id++)
        if (plan_needs(plan, (enum table_id)id))
            add_request(list, &plan->datasets[id], needed_access(&plan->datasets[id]));
    list->needed = list->count;
    if (enriched->source_count > 0 && !plan_needs(plan, TABLE_ORDER_ITEMS))
        add_request(list, items, 0);
    if (items->source_count > 0 && !plan_needs(plan, TABLE_PRODUCT_ENRICHED))
        add_request(list, enriched, 0);
}

static bool take_needed(const struct catalog_reading *reading, size_t place,
                        struct dataset *dataset, const struct session *session)
{
    return catalog_reading_take(reading, place, &dataset->database.catalog, session->error) &&
           require_seen_references(dataset, session) &&
           sequences_require_settable(dataset, session->error);
}

static bool take_tables(const struct catalog_reading *reading, const struct request_list *list,
                        const struct session *session)
{
    for (size_t i = 0; i < list->needed; i++)
        if (!take_needed(reading, i, list->datasets[i], session))
            return false;
    for (size_t i = list->needed; i < list->count; i++)
        if (catalog_reading_exists(reading, i) &&
            !catalog_reading_take(reading, i, &list->datasets[i]->database.catalog, session->error))
            return false;
    return true;
}

bool known_tables_find(struct plan *plan, const struct session *session)
{
    struct request_list list = {0};
    struct catalog_reading reading;
    bool found;

    list_requests(plan, &list);
    phase_begin(session->phases, "find", "tables");
    found = catalog_reading_start(&reading, list.requests, list.count, session->connection,
                                  session->error) &&
            take_tables(&reading, &list, session);
    catalog_reading_free(&reading);
    return found;
}

/* A table that has only to do with derived values may be missing. */
static bool read_if_present(struct plan *plan, enum table_id id, const struct session *session)
{
    struct dataset *dataset = &plan->datasets[id];
    bool exists = false;

    return dataset->database.catalog.read ||
           (catalog_table_exists(session->connection, dataset->table, &exists, session->error) &&
            (!exists || catalog_read_table(session->connection, dataset->table, 0,
                                           &dataset->database.catalog, session->error)));
}

/* What orders have room for, of that which they take over from users. */
static void take_delivery_room(const struct dataset *orders, struct delivery_room *room)
{
    for (int detail = 0; detail < DELIVERY_COUNT; detail++) {
        int column = table_column_delivering(orders->table, (enum delivery_detail)detail);

        room->limits[detail] =
            catalog_column_length(&orders->database.catalog, orders->table, (size_t)column);
    }
    room->in_bytes = orders->database.catalog.counts_bytes;
}

/* Whether the run may change users of the database, whose orders follow them then. */
static bool may_change_users(const struct dataset *users)
{
    return (needed_access(users) & ACCESS_UPDATE) != 0 ||
           (users->source_count > 0 && !id_set_is_empty(&users->database.existing_inferred));
}

/* Whether the run may change when orders of the database were created. */
static bool may_date_orders(const struct plan *plan)
{
    const struct dataset *orders = &plan->datasets[TABLE_ORDERS];

    return plan->derived.dates_orders && (needed_access(orders) & ACCESS_UPDATE) != 0 &&
           !orders->database.catalog.empty;
}

static bool read_needed(struct plan *plan, const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        if (!plan_needs(plan, (enum table_id)id))
            continue;
        phase_begin(session->phases, "read", "%s.%s", dataset->table->schema, dataset->table->name);
        if (!existing_digest_choose(dataset, session->error) || !existing_read(dataset, session) ||
            !existing_digest_read(plan, dataset, session))
            return false;
    }
    return true;
}

/* Orders need the database's users; those that are dated anew need to know whether they have a
 * history. */
static bool read_derived(struct plan *plan, const struct session *session)
{
    struct dataset *datasets = plan->datasets;
    struct derived *derived = &plan->derived;

    if (datasets[TABLE_ORDER_ITEMS].source_count > 0 &&
        !existing_read_prices(&datasets[TABLE_PRODUCT_ENRICHED], derived, session))
        return false;
    if (may_change_users(&datasets[TABLE_USERS]) && !read_if_present(plan, TABLE_ORDERS, session))
        return false;
    if (may_date_orders(plan) && !read_if_present(plan, TABLE_ORDER_STATUS_HISTORY, session))
        return false;
    take_delivery_room(&datasets[TABLE_ORDERS], &derived->deliveries.room);
    return !derived->keeps_deliveries ||
           existing_read_deliveries(&datasets[TABLE_USERS], derived, session);
}

/* Of all tables at once: derived values change tables that the run reads nothing of. */
static bool read_publications(struct plan *plan, const struct session *session)
{
    const struct table *tables[TABLE_COUNT];
    struct publication publications[TABLE_COUNT];

    for (int id = 0; id < TABLE_COUNT; id++)
        tables[id] = table_get((enum table_id)id);
    if (!publication_read(tables, TABLE_COUNT, publications, session->connection, session->error))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        plan->datasets[id].database.publication = publications[id];
    return true;
}

bool known_tables_read(struct plan *plan, const struct session *session)
{
    return read_needed(plan, session) && read_derived(plan, session) &&
           read_publications(plan, session);
}

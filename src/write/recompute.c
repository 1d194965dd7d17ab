#include "write/recompute.h"

#include "pg/array_parameter.h"
#include "pg/copy_in.h"
#include "pg/query.h"
#include "pg/search_path.h"
#include "pg/stage.h"
#include "pg/statement.h"
#include "plan/unnamed_rows.h"
#include "schema/delivery_name.h"
#include "schema/merge_plan.h"
#include "schema/row_security.h"
#include "schema/rules.h"
#include "schema/shortfall.h"
#include "table/derivation.h"

#include <inttypes.h>
#include <stdio.h>

static bool send_id(int64_t id, void *context)
{
    struct copy_in *copy = context;
    struct error ignored = {0};

    copy_in_row(copy, 1);
    copy_in_bigint(copy, id);
    /* A failed send is remembered by the COPY and told at its end. */
    return copy_in_row_end(copy, &ignored);
}

static bool open_copy(const char *stage, const struct session *session, struct copy_in **copy)
{
    struct statement statement;
    const char *sql;
    bool opened = false;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "COPY ");
    stage_add_name(&statement, stage);
    statement_add(&statement, " FROM STDIN (FORMAT binary)");
    sql = statement_text(&statement, session->error);
    if (sql != NULL)
        opened = copy_in_open(session->connection, sql, copy, session->error);
    statement_free(&statement);
    return opened;
}

static bool send_ids(enum derivation_subject subject, const struct id_set *ids,
                     const struct session *session)
{
    const struct stage stage = {.connection = session->connection,
                                .name = derivation_subjects[subject].stage,
                                .beside = table_get(derivation_subjects[subject].of),
                                .key = "id"};
    struct copy_in *copy;

    if (!stage_create(&stage, "id bigint PRIMARY KEY", session->error) ||
        !open_copy(stage.name, session, &copy))
        return false;
    (void)id_set_each(ids, send_id, copy);
    /* However few they are: without, the planner takes them for ten pages of ids, thousands, and
     * may read a whole table for them. */
    return copy_in_end(copy, session->error) &&
           stage_analyze(session->connection, stage.name, session->error);
}

static bool set_parameters(const struct plan *plan, const struct session *session)
{
    const struct delivery_room *room = &plan->derived.deliveries.room;
    char sql[128];

    (void)snprintf(sql, sizeof sql, "SET LOCAL timele.orders_floor = '%" PRId64 "'",
                   plan->datasets[TABLE_ORDERS].floor);
    return connection_execute(session->connection, sql, session->error) &&
           delivery_name_set_limit(session->connection, room->limits[DELIVERY_NAME], room->in_bytes,
                                   session->error);
}

/* Asked once for each table. */
static bool require_updatable(struct plan *plan, const struct derivation *derivation,
                              const struct session *session)
{
    struct dataset_database *database = &plan->datasets[derivation->updated].database;
    const struct table *table = table_get(derivation->updated);

    if (!database->updatable)
        database->updatable =
            publication_require(database->publication.why_no_update, session->error) &&
            row_security_refuse(session->connection, table, session->error) &&
            rules_refuse(session->connection, table, ACCESS_UPDATE, session->error);
    return database->updatable;
}

/* A derivation while it is carried out. */
struct deriving {
    const struct derivation *derivation;
    const struct table *table;
    char purpose[96];
    unsigned long long listed;
    const struct session *session;
};

/* Lists the rows that have to be updated, with their new values. */
static bool list_rows(struct deriving *deriving, const char *query)
{
    const struct derivation *derivation = deriving->derivation;
    const struct stage stage = {.connection = deriving->session->connection,
                                .name = derivation->list,
                                .beside = deriving->table,
                                .key = derivation->keys[0]};

    return stage_create_filled(&stage, query, deriving->purpose, &deriving->listed,
                               deriving->session->error);
}

/* UPDATE table t SET ... FROM list l WHERE the keys are the same. */
static void add_update(struct statement *statement, const struct deriving *deriving)
{
    const struct derivation *derivation = deriving->derivation;

    statement_add(statement, "UPDATE ");
    statement_qualified(statement, deriving->table->schema, deriving->table->name);
    for (size_t i = 0; i < DERIVATION_COLUMNS_MAX && derivation->columns[i] != NULL; i++)
        statement_add(statement, "%s%s = l.%s", i == 0 ? " t SET " : ", ", derivation->columns[i],
                      derivation->columns[i]);
    statement_add(statement, " FROM ");
    stage_add_name(statement, derivation->list);
    statement_add(statement, " l");
    for (size_t i = 0; i < DERIVATION_KEYS_MAX && derivation->keys[i] != NULL; i++)
        statement_add(statement, "%st.%s OPERATOR(pg_catalog.=) l.%s", i == 0 ? " WHERE " : " AND ",
                      derivation->keys[i], derivation->keys[i]);
}

/* Runs under the session's search path. */
static bool update_rows(const struct deriving *deriving, unsigned long long *updated)
{
    const struct session *session = deriving->session;
    struct statement statement;
    const char *sql;
    bool done = false;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    add_update(&statement, deriving);
    sql = statement_text(&statement, session->error);
    if (sql != NULL)
        done = connection_execute_counted(session->connection, deriving->purpose, sql, updated,
                                          session->error);
    statement_free(&statement);
    return done;
}

static bool require_updated(const struct deriving *deriving, unsigned long long updated)
{
    const struct derivation *derivation = deriving->derivation;
    struct shortfall shortfall = {.connection = deriving->session->connection,
                                  .table = deriving->table,
                                  .change = ACCESS_UPDATE,
                                  .list = derivation->list,
                                  .keys = derivation->keys,
                                  .written = updated};

    while (shortfall.key_count < DERIVATION_KEYS_MAX &&
           derivation->keys[shortfall.key_count] != NULL)
        shortfall.key_count++;
    return updated == deriving->listed || shortfall_check(&shortfall, deriving->session->error);
}

static bool run_afterwards(const struct deriving *deriving)
{
    const struct session *session = deriving->session;
    struct statement statement;
    bool done;

    if (deriving->derivation->afterwards == NULL)
        return true;
    if (!statement_open(&statement, session->connection, session->error))
        return false;
    stage_add_query(&statement, deriving->derivation->afterwards);
    done = statement_execute(&statement, session->error);
    statement_free(&statement);
    return done;
}

static bool write_list(const struct deriving *deriving)
{
    const struct session *session = deriving->session;
    struct connection *connection = session->connection;
    unsigned long long updated = 0;

    return (deriving->listed < MERGE_ANALYZED_FROM ||
            stage_analyze(connection, deriving->derivation->list, session->error)) &&
           search_path_use_session(connection, session->error) && update_rows(deriving, &updated) &&
           search_path_restrict(connection, session->error) && require_updated(deriving, updated) &&
           run_afterwards(deriving);
}

/* In a subtransaction the rows that it writes get another xmin than those that are loaded. */
#define SET_APART "timele_load_derivation"

static bool run_derivation(const struct derivation *derivation, bool has_marker,
                           const struct session *session)
{
    struct deriving deriving = {
        .derivation = derivation, .table = table_get(derivation->updated), .session = session};
    const char *query = derivation->sql;

    if (derivation->sql_without_marker != NULL && !has_marker)
        query = derivation->sql_without_marker;
    (void)snprintf(deriving.purpose, sizeof deriving.purpose, "cannot set %s", derivation->result);
    phase_begin(session->phases, "set", "%s", derivation->result);
    if (!list_rows(&deriving, query))
        return false;
    if (deriving.listed == 0 || !derivation->sets_apart)
        return deriving.listed == 0 || write_list(&deriving);
    return connection_execute(session->connection, "SAVEPOINT " SET_APART, session->error) &&
           write_list(&deriving) &&
           connection_execute(session->connection, "RELEASE SAVEPOINT " SET_APART, session->error);
}

static bool run_derivations(struct plan *plan, const bool wanted[SUBJECT_COUNT],
                            const struct session *session)
{
    const struct dataset *items = &plan->datasets[TABLE_ORDER_ITEMS];
    int marker = table_column_derived(items->table, ABSENT_GIVEN);

    for (size_t i = 0; i < derivation_count; i++)
        if (wanted[derivations[i].subject] &&
            (!require_updatable(plan, &derivations[i], session) ||
             !run_derivation(&derivations[i], items->database.catalog.columns[marker].present,
                             session)))
            return false;
    return true;
}

/* Items that were loaded in this run bear the new prices already. */
static bool items_follow_prices(const struct plan *plan)
{
    const struct catalog_table *items = &plan->datasets[TABLE_ORDER_ITEMS].database.catalog;

    return plan->datasets[TABLE_PRODUCT_ENRICHED].source_count > 0 && items->read && !items->empty;
}

/* The ids that each subject is about, as far as they are known. */
static void list_ids(const struct derived *derived, const struct id_set *ids[SUBJECT_COUNT])
{
    ids[SUBJECT_PRODUCTS] = &derived->products;
    ids[SUBJECT_ITEM_ORDERS] = &derived->item_orders;
    ids[SUBJECT_EVENT_ORDERS] = &derived->event_orders;
    ids[SUBJECT_USERS] = &derived->users;
    ids[SUBJECT_USER_ORDERS] = &derived->user_orders;
    ids[SUBJECT_DATED_ORDERS] = &derived->dated_orders;
}

static void choose_subjects(const struct plan *plan, const struct id_set *const ids[SUBJECT_COUNT],
                            bool wanted[SUBJECT_COUNT])
{
    for (int i = 0; i < SUBJECT_COUNT; i++)
        wanted[i] = !id_set_is_empty(ids[i]);
    wanted[SUBJECT_PRODUCTS] = wanted[SUBJECT_PRODUCTS] && items_follow_prices(plan);
    /* A database without a table for the history has no rule for the order's times either. */
    wanted[SUBJECT_DATED_ORDERS] = wanted[SUBJECT_DATED_ORDERS] &&
                                   plan->datasets[TABLE_ORDER_STATUS_HISTORY].database.catalog.read;
    wanted[SUBJECT_ITEM_ORDERS] = wanted[SUBJECT_ITEM_ORDERS] || wanted[SUBJECT_PRODUCTS];
}

static bool add_product(int64_t product, void *products)
{
    return array_parameter_add_integer(products, product);
}

static bool add_named_product(int64_t product, const void *line, void *products)
{
    (void)line;
    return add_product(product, products);
}

/* The products whose price the run may change: those that the files name or that it deletes. */
static bool list_products(const struct plan *plan, struct array_parameter *products)
{
    const struct dataset *enriched = &plan->datasets[TABLE_PRODUCT_ENRICHED];

    return paged_array_each(&enriched->files.lines.lines, sizeof(uint32_t), add_named_product,
                            products) &&
           (!dataset_replaces(enriched) ||
            unnamed_rows_each(plan, enriched, add_product, products));
}

static bool keep_prices_of(struct array_parameter *products, const struct session *session)
{
    const char *ids = array_parameter_text(products);
    struct query query = {.parameters = &ids, .parameter_count = 1, .columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    bool kept = false;

    if (ids == NULL)
        return error_memory(session->error);
    if (!statement_open(&statement, session->connection, session->error))
        return false;
    stage_add_query(&statement, derivation_keep_prices);
    query.sql = statement_text(&statement, session->error);
    if (query.sql != NULL)
        kept = connection_query_row(session->connection, &query, &counted, session->error);
    PQclear(counted);
    statement_free(&statement);
    return kept;
}

static bool keep_prices(const struct plan *plan, const struct session *session)
{
    const struct stage stage = {.connection = session->connection,
                                .name = DERIVATION_FORMER_PRICE,
                                .beside = table_get(TABLE_PRODUCT_ENRICHED),
                                .key = "id"};
    struct array_parameter products = {0};
    bool kept;

    if (!stage_create(&stage, DERIVATION_FORMER_PRICE_COLUMNS, session->error))
        return false;
    kept = list_products(plan, &products) ? keep_prices_of(&products, session)
                                          : error_memory(session->error);
    array_parameter_free(&products);
    return kept;
}

bool recompute_prepare(struct plan *plan, const struct session *session)
{
    const struct id_set *ids[SUBJECT_COUNT];
    bool wanted[SUBJECT_COUNT];

    list_ids(&plan->derived, ids);
    choose_subjects(plan, ids, wanted);
    for (size_t i = 0; i < derivation_count; i++)
        if (wanted[derivations[i].subject] && !require_updatable(plan, &derivations[i], session))
            return false;
    return !items_follow_prices(plan) || keep_prices(plan, session);
}

static bool is_any(const bool wanted[SUBJECT_COUNT])
{
    for (int i = 0; i < SUBJECT_COUNT; i++)
        if (wanted[i])
            return true;
    return false;
}

bool recompute(struct plan *plan, const struct session *session)
{
    const struct id_set *ids[SUBJECT_COUNT];
    bool wanted[SUBJECT_COUNT];

    list_ids(&plan->derived, ids);
    choose_subjects(plan, ids, wanted);
    if (!is_any(wanted))
        return true;
    if (!set_parameters(plan, session))
        return false;
    for (int i = 0; i < SUBJECT_COUNT; i++)
        if (wanted[i] && !send_ids((enum derivation_subject)i, ids[i], session))
            return false;
    return run_derivations(plan, wanted, session);
}

#include "schema/verify_settings.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "schema/delivery_name.h"

#include <inttypes.h>
#include <stdio.h>

/* What the invariants of delivery details read. */
static bool set_delivery_name(const struct verify_table tables[TABLE_COUNT],
                              const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        const struct catalog_table *catalog = tables[id].catalog;
        int column = table_column_delivering(table, DELIVERY_NAME);

        if (column < 0)
            continue;
        if (!delivery_name_set_limit(session->connection,
                                     catalog_column_length(catalog, table, (size_t)column),
                                     catalog->counts_bytes, session->error))
            return false;
    }
    return true;
}

/* What a row that this run has written bears as its xmin: the number of its transaction, or of that
 * which has filled new tables for it (timele.filled_by); '' while it has written nothing, because a
 * worker of a parallel plan gets no setting that is NULL. It may not ask for the number itself. */
static bool set_transaction(const struct session *session)
{
    const struct query query = {
        .sql = "SELECT set_config('timele.transaction', "
               "coalesce(coalesce(nullif(current_setting('timele.filled_by', true), '')::xid8, "
               "pg_current_xact_id_if_assigned())::xid::text, ''), true)",
        .columns = 1};
    PGresult *result;

    if (!connection_query_row(session->connection, &query, &result, session->error))
        return false;
    PQclear(result);
    return true;
}

/* The other nodes of a distributed database get only what SET LOCAL sets. What nodes send to the
 * coordinator for a uniqueness over all of them is a row for each value: it may be large. */
static bool allow_on_nodes(const struct session *session, const char *workers)
{
    char sql[64];

    if (!distribution_is_any(session->connection))
        return true;
    (void)snprintf(sql, sizeof sql, "SET LOCAL max_parallel_workers_per_gather = %s", workers);
    return connection_execute(session->connection, sql, session->error) &&
           connection_execute(session->connection,
                              "SET LOCAL citus.max_intermediate_result_size = -1", session->error);
}

/* Two workers, which is the server's own default, or more where more are allowed. How many the
 * server has at all, max_parallel_workers, stays its decision. */
static bool allow_workers(const struct session *session)
{
    const struct query query = {
        .sql = "SELECT set_config('max_parallel_workers_per_gather', "
               "greatest(2, current_setting('max_parallel_workers_per_gather')::integer)::text, "
               "true)",
        .columns = 1};
    PGresult *result;

    bool allowed;

    if (!connection_query_row(session->connection, &query, &result, session->error))
        return false;
    allowed = allow_on_nodes(session, PQgetvalue(result, 0, 0));
    PQclear(result);
    return allowed;
}

/* All queries read whole tables. The planner may have no statistics yet of what was just loaded, so
 * it is kept from plans that look up single rows, or walk through a table in the order of an
 * index. Each query is worth the workers. */
static const char *const plans[] = {"SET LOCAL work_mem = '256MB'",
                                    "SET LOCAL enable_nestloop = off",
                                    "SET LOCAL enable_bitmapscan = off",
                                    "SET LOCAL enable_indexonlyscan = off",
                                    "SET LOCAL enable_hashjoin = on",
                                    "SET LOCAL enable_hashagg = on",
                                    "SET LOCAL enable_seqscan = on",
                                    "SET LOCAL enable_gathermerge = on",
                                    "SET LOCAL enable_parallel_hash = on",
                                    "SET LOCAL min_parallel_table_scan_size = '8MB'",
                                    "SET LOCAL parallel_setup_cost = 0",
                                    "SET LOCAL parallel_tuple_cost = 0.01",
                                    NULL};

bool verify_settings_set(const struct verify_table tables[TABLE_COUNT],
                         const struct session *session)
{
    char sql[128];

    for (int id = 0; id < TABLE_COUNT; id++) {
        (void)snprintf(sql, sizeof sql, "SET LOCAL timele.%s_floor = '%" PRId64 "'",
                       table_get((enum table_id)id)->name, tables[id].floor);
        if (tables[id].floor > 0 && !connection_execute(session->connection, sql, session->error))
            return false;
    }
    return set_delivery_name(tables, session) && set_transaction(session) &&
           allow_workers(session) &&
           statement_execute_each(session->connection, plans, session->error);
}

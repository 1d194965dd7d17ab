#include "schema/verify_settings.h"

#include "table/derivation.h"

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
        size_t limit;
        char sql[256];

        if (column < 0)
            continue;
        limit = catalog_column_length(catalog, table, (size_t)column);
        (void)snprintf(sql, sizeof sql, DERIVATION_SET_NAME, limit > 0 ? limit : (size_t)INT32_MAX,
                       catalog->counts_bytes ? DERIVATION_CUT_OF_BYTES
                                             : DERIVATION_CUT_OF_CHARACTERS);
        if (!connection_execute(session->connection, sql, session->error))
            return false;
    }
    return true;
}

/* All queries read whole tables. The planner may have no statistics yet of what was just loaded, so
 * it is kept from plans that look up single rows. */
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
    return set_delivery_name(tables, session) &&
           connection_execute(session->connection,
                              "SET LOCAL work_mem = '256MB';"
                              "SET LOCAL enable_nestloop = off;"
                              "SET LOCAL enable_hashjoin = on;"
                              "SET LOCAL enable_seqscan = on",
                              session->error);
}

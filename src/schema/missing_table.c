#include "schema/missing_table.h"

#include "pg/query.h"

#include <stdlib.h>

extern const char tables_present_sql[];

enum { COLUMN_OTHER_KIND, COLUMN_TABLES, COLUMN_COUNT, COLUMNS };

enum { TABLES_NAMED = 5 }; /* by the query */

static bool detail_tables(const PGresult *row, struct error *error)
{
    const char *tables = PQgetvalue(row, 0, COLUMN_TABLES);
    unsigned long count = strtoul(PQgetvalue(row, 0, COLUMN_COUNT), NULL, 10);

    if (count == 0)
        return error_detail(error, "The database has no tables.");
    if (count <= TABLES_NAMED)
        return error_detail(error, "The database has these tables: %s.", tables);
    return error_detail(error, "The database has these tables, and %lu more: %s.",
                        count - TABLES_NAMED, tables);
}

bool missing_table_refuse(struct connection *connection, const struct table *table,
                          struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    const struct query query = {.sql = tables_present_sql,
                                .parameters = parameters,
                                .parameter_count = 2,
                                .columns = COLUMNS};
    PGresult *row;
    bool is_other;

    if (!connection_query(connection, &query, &row, error))
        return false;
    is_other = PQgetvalue(row, 0, COLUMN_OTHER_KIND)[0] != '\0';
    if (is_other)
        (void)error_set(error, ERROR_DATABASE, "%s.%s in %s is %s, and no table", table->schema,
                        table->name, connection_name(connection),
                        PQgetvalue(row, 0, COLUMN_OTHER_KIND));
    else
        (void)error_set(error, ERROR_DATABASE, "there is no table %s.%s in %s", table->schema,
                        table->name, connection_name(connection));
    (void)detail_tables(row, error);
    PQclear(row);
    /* It would fail at what is in the table's place. */
    if (is_other)
        return error_hint(error, "Name TimeL-E's database with -d.");
    return error_hint(error,
                      "Name TimeL-E's database with -d, or let --create-schema create what is "
                      "missing in this one.");
}

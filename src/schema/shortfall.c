#include "schema/shortfall.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/stage.h"
#include "pg/statement.h"

#include <stdio.h>
#include <stdlib.h>

/* $1 to $3 are schema, table and a bit of pg_trigger.tgtype: one row, the triggers' names or NULL.
 */
extern const char suppressing_triggers_sql[];

struct kind {
    const char *one, *many; /* of one row, of several */
    const char *trigger;    /* the bit of pg_trigger.tgtype, as text */
    const char *statement;  /* "INSERT" */
};

static struct kind kind_of(unsigned change)
{
    switch (change) {
    case ACCESS_INSERT:
        return (struct kind){"was not inserted", "were not inserted", "4", "INSERT"};
    case ACCESS_UPDATE:
        return (struct kind){"was not updated", "were not updated", "16", "UPDATE"};
    default:
        return (struct kind){"was not deleted", "were not deleted", "8", "DELETE"};
    }
}

bool shortfall_refuse(const struct shortfall *shortfall, unsigned long long rows,
                      struct error *error)
{
    const struct table *table = shortfall->table;
    const struct kind kind = kind_of(shortfall->change);
    const char *const parameters[] = {table->schema, table->name, kind.trigger};
    const struct query query = {.sql = suppressing_triggers_sql,
                                .parameters = parameters,
                                .parameter_count = 3,
                                .columns = 1};
    PGresult *names;

    if (!connection_query_row(shortfall->connection, &query, &names, error))
        return false;
    (void)error_set(error, ERROR_DATABASE, "%llu row%s of %s.%s %s", rows, rows == 1 ? "" : "s",
                    table->schema, table->name, rows == 1 ? kind.one : kind.many);
    if (PQgetvalue(names, 0, 0)[0] != '\0')
        (void)error_detail(error, "Before each %s there fires: %s.", kind.statement,
                           PQgetvalue(names, 0, 0));
    PQclear(names);
    return error_hint(error,
                      "Nothing was changed. A trigger that returns NULL keeps a row from being "
                      "written: disable it for the load, or let it pass rows while the "
                      "setting timele.loading is on.");
}

static void add_count(struct statement *query, const struct shortfall *shortfall)
{
    statement_add(query, "SELECT count(*) FROM ");
    stage_add_name(query, shortfall->list);
    statement_add(query, " l WHERE EXISTS (SELECT 1 FROM ");
    statement_qualified(query, shortfall->table->schema, shortfall->table->name);
    for (size_t i = 0; i < shortfall->key_count; i++) {
        statement_add(query, i == 0 ? " t WHERE t." : " AND t.");
        statement_identifier(query, shortfall->keys[i]);
        statement_add(query, " = l.");
        statement_identifier(query, shortfall->keys[i]);
    }
    statement_add(query, ")");
}

/* How many rows of the list are in the table. */
static bool count_present(const struct shortfall *shortfall, unsigned long long *present,
                          struct error *error)
{
    struct query query = {.columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    bool asked = false;

    if (!statement_open(&statement, shortfall->connection, error))
        return false;
    add_count(&statement, shortfall);
    query.sql = statement_text(&statement, error);
    if (query.sql != NULL)
        asked = connection_query_row(shortfall->connection, &query, &counted, error);
    if (asked)
        *present = strtoull(PQgetvalue(counted, 0, 0), NULL, 10);
    PQclear(counted);
    statement_free(&statement);
    return asked;
}

bool shortfall_check(const struct shortfall *shortfall, struct error *error)
{
    unsigned long long present = 0, expected = 0;

    if (!count_present(shortfall, &present, error))
        return false;
    if (shortfall->change == ACCESS_UPDATE)
        expected = shortfall->written;
    return present <= expected || shortfall_refuse(shortfall, present - expected, error);
}

bool shortfall_require_counted(struct connection *connection, const struct table *table,
                               struct error *error)
{
    const char *const parameters[] = {table->schema, table->name, kind_of(ACCESS_INSERT).trigger};
    const struct query query = {.sql = suppressing_triggers_sql,
                                .parameters = parameters,
                                .parameter_count = 3,
                                .columns = 1};
    PGresult *names;
    bool counted;

    if (distribution_of(connection, table) == DISTRIBUTION_LOCAL)
        return true;
    if (!connection_query_row(connection, &query, &names, error))
        return false;
    counted = PQgetisnull(names, 0, 0) || PQgetvalue(names, 0, 0)[0] == '\0';
    if (!counted) {
        (void)error_set(error, ERROR_DATABASE,
                        "%s of %s.%s may keep rows from being inserted, and Citus does not tell "
                        "whether it has",
                        PQgetvalue(names, 0, 0), table->schema, table->name);
        (void)error_hint(error, "Drop it for the load, or for good.");
    }
    PQclear(names);
    return counted;
}

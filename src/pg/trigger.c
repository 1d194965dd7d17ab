#include "pg/trigger.h"

#include <stdio.h>
#include <stdlib.h>

struct disabled_triggers {
    PGresult *statements;
};

/* $1 to $4 are schema and table, the table that is written, and bits of pg_trigger.tgtype: a row a
 * trigger, the columns below. */
extern const char triggers_that_write_sql[];

enum { STATEMENT_DISABLE, STATEMENT_ENABLE, STATEMENT_COLUMNS };

/* Bits of pg_trigger.tgtype (PostgreSQL's catalog/pg_trigger.h). */
enum { TYPE_INSERT = 4, TYPE_UPDATE = 16 };

static bool execute_all(const PGresult *statements, int column, struct connection *connection,
                        struct error *error)
{
    for (int row = 0; row < PQntuples(statements); row++)
        if (!connection_execute_for(connection, "cannot keep a trigger from firing",
                                    PQgetvalue(statements, row, column), error))
            return false;
    return true;
}

bool triggers_disable(struct connection *connection, const struct table *table,
                      const struct table *written, bool on_insert, bool on_update,
                      struct disabled_triggers **disabled, struct error *error)
{
    char types[16];
    const char *const parameters[] = {table->schema, table->name, written->name, types};
    PGresult *statements;

    *disabled = NULL;
    (void)snprintf(types, sizeof types, "%d",
                   (on_insert ? TYPE_INSERT : 0) | (on_update ? TYPE_UPDATE : 0));
    if (!connection_query(connection, triggers_that_write_sql, 4, parameters, STATEMENT_COLUMNS,
                          &statements, error))
        return false;
    if (PQntuples(statements) == 0) {
        PQclear(statements);
        return true;
    }
    if (!execute_all(statements, STATEMENT_DISABLE, connection, error) ||
        (*disabled = calloc(1, sizeof **disabled)) == NULL) {
        PQclear(statements);
        return error_memory(error);
    }
    (*disabled)->statements = statements;
    return true;
}

bool triggers_restore(const struct disabled_triggers *disabled, struct connection *connection,
                      struct error *error)
{
    return disabled == NULL ||
           execute_all(disabled->statements, STATEMENT_ENABLE, connection, error);
}

void triggers_free(struct disabled_triggers *disabled)
{
    if (disabled == NULL)
        return;
    PQclear(disabled->statements);
    free(disabled);
}

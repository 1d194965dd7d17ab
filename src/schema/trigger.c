#include "schema/trigger.h"

#include "pg/query.h"

#include <stdio.h>
#include <stdlib.h>

struct disabled_triggers {
    PGresult *statements;
};

/* $1 to $4 are schema and table, the table that is written, and bits of pg_trigger.tgtype: a row a
 * trigger, the columns below. */
extern const char triggers_that_write_sql[];

enum { STATEMENT_DISABLE, STATEMENT_ENABLE, STATEMENT_COLUMNS };

static bool execute_all(const PGresult *statements, int column, const struct session *session)
{
    for (int row = 0; row < PQntuples(statements); row++)
        if (!connection_execute_for(session->connection, "cannot keep a trigger from firing",
                                    PQgetvalue(statements, row, column), session->error))
            return false;
    return true;
}

bool triggers_disable(const struct table *table, const struct table *written, unsigned changes,
                      struct disabled_triggers **disabled, const struct session *session)
{
    char types[16];
    const char *const parameters[] = {table->schema, table->name, written->name, types};
    const struct query query = {.sql = triggers_that_write_sql,
                                .parameters = parameters,
                                .parameter_count = 4,
                                .columns = STATEMENT_COLUMNS};
    PGresult *statements;

    *disabled = NULL;
    (void)snprintf(types, sizeof types, "%u", changes);
    if (!connection_query(session->connection, &query, &statements, session->error))
        return false;
    if (PQntuples(statements) == 0) {
        PQclear(statements);
        return true;
    }
    if (!execute_all(statements, STATEMENT_DISABLE, session))
        goto failed;
    *disabled = calloc(1, sizeof **disabled);
    if (*disabled == NULL) {
        (void)error_memory(session->error);
        goto failed;
    }
    (*disabled)->statements = statements;
    return true;

failed:
    PQclear(statements);
    return false;
}

bool triggers_restore(const struct disabled_triggers *disabled, const struct session *session)
{
    return disabled == NULL || execute_all(disabled->statements, STATEMENT_ENABLE, session);
}

void triggers_free(struct disabled_triggers *disabled)
{
    if (disabled == NULL)
        return;
    PQclear(disabled->statements);
    free(disabled);
}

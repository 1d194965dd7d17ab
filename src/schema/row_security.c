#include "schema/row_security.h"

#include "pg/query.h"
#include "pg/server_message.h"

/* In each, $1 and $2 are schema and table: a row a table whose rows are hidden, its qualified name
 * and the user. */
extern const char hidden_table_sql[];
extern const char hidden_references_sql[];

static bool refuse_hidden(struct connection *connection, const char *sql, const struct table *table,
                          struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    const struct query query = {
        .sql = sql, .parameters = parameters, .parameter_count = 2, .columns = 2};
    PGresult *rows;
    bool seen = true;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) > 0) {
        (void)error_set(error, ERROR_DATABASE, "row-level security hides rows of %s from role %s",
                        PQgetvalue(rows, 0, 0), PQgetvalue(rows, 0, 1));
        seen = error_hint(error, SERVER_MESSAGE_ROW_SECURITY_HINT);
    }
    PQclear(rows);
    return seen;
}

bool row_security_refuse(struct connection *connection, const struct table *table,
                         struct error *error)
{
    return refuse_hidden(connection, hidden_table_sql, table, error);
}

bool row_security_refuse_references(struct connection *connection, const struct table *table,
                                    struct error *error)
{
    return refuse_hidden(connection, hidden_references_sql, table, error);
}

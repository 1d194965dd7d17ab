#include "pg/statement.h"

#include "pg/query.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

bool statement_open(struct statement *statement, struct connection *connection, struct error *error)
{
    *statement = (struct statement){.connection = connection};
    statement->stream = open_memstream(&statement->text, &statement->size);
    return statement->stream != NULL || error_memory(error);
}

void statement_add(struct statement *statement, const char *format, ...)
{
    va_list arguments;

    assert(statement->stream != NULL);
    va_start(arguments, format);
    if (vfprintf(statement->stream, format, arguments) < 0)
        statement->failed = true;
    va_end(arguments);
}

void statement_identifier(struct statement *statement, const char *name)
{
    char *quoted = PQescapeIdentifier(connection_handle(statement->connection), name, strlen(name));

    assert(statement->stream != NULL);
    if (quoted == NULL || fputs(quoted, statement->stream) == EOF)
        statement->failed = true;
    PQfreemem(quoted);
}

void statement_qualified(struct statement *statement, const char *schema, const char *name)
{
    const char *prefix = connection_schema_prefix(statement->connection);
    char *prefixed = NULL;

    if (asprintf(&prefixed, "%s%s", prefix, schema) < 0) {
        statement->failed = true;
        return;
    }
    statement_identifier(statement, prefixed);
    free(prefixed);
    statement_add(statement, ".");
    statement_identifier(statement, name);
}

/* Where memory runs out as the stream is closed, fclose gives 0 all the same, and no text. */
const char *statement_text(struct statement *statement, struct error *error)
{
    if (statement->stream != NULL) {
        if (fclose(statement->stream) != 0)
            statement->failed = true;
        statement->stream = NULL;
    }
    if (statement->text == NULL)
        statement->failed = true;
    if (statement->failed) {
        (void)error_set(error, ERROR_INTERNAL, "out of memory for an SQL statement");
        return NULL;
    }
    return statement->text;
}

bool statement_execute(struct statement *statement, struct error *error)
{
    const char *sql = statement_text(statement, error);

    return sql != NULL && connection_execute(statement->connection, sql, error);
}

bool statement_ask(struct statement *statement, bool *answer, struct error *error)
{
    const struct query query = {.sql = statement_text(statement, error), .columns = 1};
    PGresult *result;

    if (query.sql == NULL || !connection_query_row(statement->connection, &query, &result, error))
        return false;
    *answer = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return true;
}

void statement_free(struct statement *statement)
{
    if (statement->stream != NULL)
        (void)fclose(statement->stream);
    free(statement->text);
    *statement = (struct statement){0};
}

bool statement_execute_each(struct connection *connection, const char *const statements[],
                            struct error *error)
{
    for (size_t i = 0; statements[i] != NULL; i++)
        if (!connection_execute(connection, statements[i], error))
            return false;
    return true;
}

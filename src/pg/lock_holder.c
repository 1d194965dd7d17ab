#include "pg/lock_holder.h"

#include "pg/statement.h"
#include "pg/transaction.h"
#include "table/table.h"

#include <stdio.h>
#include <string.h>

/* $1 is the array of schemas: one row at most, a sentence about the session that has one of their
 * tables locked. */
extern const char table_lock_holder_sql[];

bool lock_holder_is_to_blame(const struct error *refusal)
{
    return refusal->kind == ERROR_DATABASE && strcmp(refusal->state, "55P03") == 0;
}

/* The schemas as the text of an array; their names are plain words. */
static const char *list_schemas(struct statement *list, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        statement_add(list, "%s%s", id == 0 ? "{" : ",", table_get((enum table_id)id)->schema);
    statement_add(list, "}");
    return statement_text(list, error);
}

bool lock_holder_find(struct connection *connection, char holder[LOCK_HOLDER_SIZE],
                      struct error *error)
{
    const char *schemas;
    const struct query query = {
        .sql = table_lock_holder_sql, .parameters = &schemas, .parameter_count = 1, .columns = 1};
    struct statement list;
    PGresult *rows = NULL;
    bool found;

    holder[0] = '\0';
    if (!statement_open(&list, connection, error))
        return false;
    schemas = list_schemas(&list, error);
    found = schemas != NULL && connection_query(connection, &query, &rows, error);
    if (found && PQntuples(rows) > 0)
        (void)snprintf(holder, LOCK_HOLDER_SIZE, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
    statement_free(&list);
    return found;
}

void lock_holder_explain(struct connection *connection, struct error *error)
{
    char holder[LOCK_HOLDER_SIZE] = "";
    struct error ignored = {0};

    if (!lock_holder_is_to_blame(error))
        return;
    if (connection_execute(connection, "ROLLBACK", &ignored) &&
        transaction_begin(connection, TRANSACTION_LOOK, 0, &ignored))
        (void)lock_holder_find(connection, holder, &ignored);
    if (holder[0] != '\0')
        (void)error_detail(error, "%s.", holder);
    (void)error_hint(error, "Start again when that session has ended, or wait longer with "
                            "--lock-timeout=SECONDS.");
}

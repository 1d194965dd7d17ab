#include "pg/lock_holder.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "table/table.h"

#include <stdio.h>
#include <string.h>

/* $1 is the array of schemas: one row at most, a sentence about the session that has one of their
 * tables locked. */
extern const char table_lock_holder_sql[];

/* The same of the other nodes; $2 is that query. */
extern const char table_lock_holder_of_nodes_sql[];

bool lock_holder_is_to_blame(const struct error *refusal)
{
    return refusal->kind == ERROR_DATABASE && strcmp(refusal->state, "55P03") == 0;
}

/* The schemas as the text of an array; their names are plain words. */
static const char *list_schemas(struct statement *list, const char *prefix, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        statement_add(list, "%s%s%s", id == 0 ? "{" : ",", prefix,
                      table_get((enum table_id)id)->schema);
    statement_add(list, "}");
    return statement_text(list, error);
}

static bool ask(struct connection *connection, const struct query *query,
                char holder[LOCK_HOLDER_SIZE], struct error *error)
{
    PGresult *rows;

    if (!connection_query(connection, query, &rows, error))
        return false;
    if (PQntuples(rows) > 0)
        (void)snprintf(holder, LOCK_HOLDER_SIZE, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return true;
}

/* On this server, or on the other nodes. */
static bool find(struct connection *connection, bool elsewhere, char holder[LOCK_HOLDER_SIZE],
                 struct error *error)
{
    const char *parameters[] = {NULL, table_lock_holder_sql};
    const struct query query = {.sql = elsewhere ? table_lock_holder_of_nodes_sql
                                                 : table_lock_holder_sql,
                                .parameters = parameters,
                                .parameter_count = elsewhere ? 2 : 1,
                                .columns = 1};
    struct statement list;
    bool found;

    holder[0] = '\0';
    if (!statement_open(&list, connection, error))
        return false;
    parameters[0] = list_schemas(&list, "", error);
    found = parameters[0] != NULL && ask(connection, &query, holder, error);
    statement_free(&list);
    return found;
}

bool lock_holder_find(struct connection *connection, char holder[LOCK_HOLDER_SIZE],
                      struct error *error)
{
    return find(connection, false, holder, error);
}

bool lock_holder_find_in(struct connection *connection, const char *schemas, const char *prefix,
                         char holder[LOCK_HOLDER_SIZE], struct error *error)
{
    const char *const parameters[] = {schemas};
    const struct query query = {
        .sql = table_lock_holder_sql, .parameters = parameters, .parameter_count = 1, .columns = 1};
    size_t length = strlen(prefix);

    holder[0] = '\0';
    if (!ask(connection, &query, holder, error))
        return false;
    if (strncmp(holder, prefix, length) == 0)
        memmove(holder, &holder[length], strlen(holder) - length + 1);
    return true;
}

/* Who holds a lock on a part of a table there came through that node, or was left prepared. */
static bool find_anywhere(struct connection *connection, char holder[LOCK_HOLDER_SIZE],
                          struct error *error)
{
    return find(connection, false, holder, error) &&
           (holder[0] != '\0' || !distribution_is_any(connection) ||
            find(connection, true, holder, error));
}

static bool find_prefixed(struct connection *connection, const char *prefix,
                          char holder[LOCK_HOLDER_SIZE], struct error *error)
{
    struct statement list;
    const char *schemas;
    bool found;

    if (prefix[0] == '\0')
        return true;
    if (!statement_open(&list, connection, error))
        return false;
    schemas = list_schemas(&list, prefix, error);
    found = schemas != NULL && lock_holder_find_in(connection, schemas, prefix, holder, error);
    statement_free(&list);
    return found;
}

void lock_holder_explain(struct connection *connection, const char *prefix, struct error *error)
{
    char holder[LOCK_HOLDER_SIZE] = "";
    struct error ignored = {0};

    if (!lock_holder_is_to_blame(error))
        return;
    if (connection_execute(connection, "ROLLBACK", &ignored) &&
        transaction_begin(connection, TRANSACTION_LOOK, 0, &ignored) &&
        find_prefixed(connection, prefix, holder, &ignored) && holder[0] == '\0')
        (void)find_anywhere(connection, holder, &ignored);
    if (holder[0] != '\0')
        (void)error_detail(error, "%s.", holder);
    (void)error_hint(error, "Start again when that session has ended, or wait longer with "
                            "--lock-timeout=SECONDS.");
}

#include "pg/lock_holder.h"

#include "pg/statement.h"
#include "table/table.h"

#include <stdio.h>
#include <string.h>

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

/* What of another's session a user may not see is NULL: the start, and without privileges that is
 * all. */
static const char holder_query[] =
    "SELECT format('%I.%I is in use by server process %s (%s, user %s)%s', n.nspname, "
    "c.relname, a.pid, "
    "coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown'), "
    "coalesce(a.usename, 'unknown'), "
    "to_char(a.xact_start, '\", in a transaction since \"YYYY-MM-DD HH24:MI:SSOF')) "
    "FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p') "
    "AND l.database = (SELECT oid FROM pg_database "
    "WHERE datname = current_database()) "
    "AND n.nspname = ANY ($1::text[]) AND a.pid <> pg_backend_pid() "
    "ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', "
    "'ShareRowExclusiveLock', 'ShareLock', 'ShareUpdateExclusiveLock', 'RowExclusiveLock', "
    "'RowShareLock', 'AccessShareLock'], l.mode), a.xact_start, a.pid, c.oid LIMIT 1";

bool lock_holder_find(struct connection *connection, char holder[LOCK_HOLDER_SIZE],
                      struct error *error)
{
    const char *parameters[1];
    struct statement list;
    PGresult *rows = NULL;
    bool found;

    holder[0] = '\0';
    if (!statement_open(&list, connection, error))
        return false;
    parameters[0] = list_schemas(&list, error);
    found = parameters[0] != NULL &&
            connection_query(connection, holder_query, 1, parameters, 1, &rows, error);
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
    if (connection_execute(
            connection, "ROLLBACK; BEGIN READ ONLY; SET LOCAL search_path = pg_catalog", &ignored))
        (void)lock_holder_find(connection, holder, &ignored);
    if (holder[0] != '\0')
        (void)error_detail(error, "%s.", holder);
    (void)error_hint(error, "Start again when that session has ended, or wait longer with "
                            "--lock-timeout=SECONDS.");
}

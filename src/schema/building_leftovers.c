#include "schema/building_leftovers.h"

#include "pg/lock_holder.h"
#include "pg/query.h"
#include "pg/run_lock.h"
#include "pg/statement.h"
#include "pg/transaction.h"
#include "schema/building.h"
#include "schema/schema_list.h"

#include <stdio.h>

/* Where the session sets no lock_timeout: long enough for a server process to end a short
 * statement. */
#define LIMIT_LOCKS                                                                                \
    "SELECT set_config('lock_timeout', '10s', true) FROM pg_settings "                             \
    "WHERE name = 'lock_timeout' AND setting = '0'"

bool building_remove(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();

    return schema_list_drop(&list, BUILDING_PREFIX, session);
}

/* "timele_load_building_users, timele_load_building_orders" */
static void list_names(const struct schema_list *list, char names[SCHEMA_LIST_SIZE])
{
    size_t length = 0;

    for (size_t i = 0; i < list->count; i++)
        length += (size_t)snprintf(&names[length], SCHEMA_LIST_SIZE - length, "%s%s%s",
                                   i == 0 ? "" : ", ", BUILDING_PREFIX, list->names[i]);
}

/* A refusal of the server is told; a lost connection or a signal is an error. */
static bool leave(const struct schema_list *list, const struct error *refusal,
                  const struct session *session)
{
    static const char *const undo[] = {"ROLLBACK TO SAVEPOINT timele_load_leftovers",
                                       "RELEASE SAVEPOINT timele_load_leftovers", NULL};
    char names[SCHEMA_LIST_SIZE], schemas[SCHEMA_LIST_SIZE];
    char holder[LOCK_HOLDER_SIZE] = "";

    if (refusal->kind != ERROR_DATABASE || connection_is_lost(session->connection))
        return error_copy(session->error, refusal);
    if (!statement_execute_each(session->connection, undo, session->error))
        return false;
    schema_list_text(list, BUILDING_PREFIX, schemas);
    if (lock_holder_is_to_blame(refusal) &&
        !lock_holder_find_in(session->connection, schemas, "", holder, session->error))
        return false;
    list_names(list, names);
    log_note(session->log, "%s, which a killed run has left, cannot be dropped yet: %s", names,
             holder[0] != '\0' ? holder : refusal->message);
    return true;
}

/* Tells whether it has set a limit. */
static bool limit_locks(bool *limited, const struct session *session)
{
    const struct query query = {.sql = LIMIT_LOCKS, .columns = 1};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    *limited = PQntuples(rows) > 0;
    PQclear(rows);
    return true;
}

/* Under a savepoint. */
static bool drop(const struct schema_list *list, const struct session *session)
{
    bool limited = false;

    return limit_locks(&limited, session) && schema_list_drop(list, BUILDING_PREFIX, session) &&
           (!limited ||
            connection_execute(session->connection, "SET LOCAL lock_timeout = 0", session->error));
}

bool building_remove_leftovers(bool *left, const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    struct schema_list present;
    struct error refusal = {0};
    struct session attempt = *session;

    attempt.error = &refusal;
    *left = false;
    if (!schema_list_find(&list, BUILDING_PREFIX, &present, session))
        return false;
    if (present.count == 0)
        return true;
    if (!connection_execute(session->connection, "SAVEPOINT timele_load_leftovers", session->error))
        return false;
    *left = !drop(&present, &attempt);
    if (*left)
        return leave(&present, &refusal, session);
    log_verbose(session->log, "dropped what a killed run had left");
    return connection_execute(session->connection, "RELEASE SAVEPOINT timele_load_leftovers",
                              session->error);
}

bool building_warn_of_leftovers(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    struct schema_list present, still;
    char names[SCHEMA_LIST_SIZE];
    bool held = true;

    if (!schema_list_find(&list, BUILDING_PREFIX, &present, session))
        return false;
    if (present.count == 0)
        return true;
    if (!run_lock_is_held(session, &held))
        return false;
    if (held)
        return true;
    /* The run that was filling them may have ended since the transaction's snapshot. */
    if (!connection_execute(session->connection, "ROLLBACK", session->error) ||
        !transaction_begin(session->connection, TRANSACTION_LOOK, 0, session->error) ||
        !schema_list_find(&present, BUILDING_PREFIX, &still, session))
        return false;
    if (still.count == 0)
        return true;
    list_names(&still, names);
    log_warning(session->log,
                "a killed run has left %s; the next run that loads something drops %s", names,
                still.count == 1 ? "it" : "them");
    return true;
}

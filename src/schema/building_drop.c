#include "schema/building_drop.h"

#include "base/clock.h"
#include "base/wait_budget.h"
#include "pg/lock_holder.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "schema/api_schema.h"
#include "schema/application_rows.h"
#include "schema/building.h"
#include "schema/schema_list.h"

#include <stdio.h>
#include <stdlib.h>

/* $1 is the names of the schemas that are set aside, as an array: a row a table to be locked, its
 * schema and name. */
extern const char building_replaced_tables_sql[];

/* Nobody waits longer behind an attempt to get all locks. */
static const double attempt_seconds = 0.2;

static bool drop_api(const struct session *session)
{
    struct schema_list list = {.count = API_SCHEMA_COUNT};

    for (size_t i = 0; i < API_SCHEMA_COUNT; i++)
        list.names[i] = api_schema_name(i);
    return schema_list_drop(&list, BUILDING_REPLACED_PREFIX, session);
}

static bool drop_enum(const struct session *session)
{
    struct statement statement;
    bool dropped;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "DROP TYPE IF EXISTS ");
    statement_identifier(&statement, TABLE_ENUM_SCHEMA);
    statement_add(&statement, ".");
    statement_identifier(&statement, BUILDING_REPLACED_PREFIX TABLE_ENUM_NAME);
    dropped = statement_execute(&statement, session->error);
    statement_free(&statement);
    return dropped;
}

/* In milliseconds; 0: no limit. */
static bool read_lock_timeout(double *timeout, const struct session *session)
{
    const struct query query = {
        .sql = "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'", .columns = 1};
    PGresult *row;

    if (!connection_query_row(session->connection, &query, &row, session->error))
        return false;
    *timeout = strtod(PQgetvalue(row, 0, 0), NULL);
    PQclear(row);
    return true;
}

static bool set_lock_timeout(double milliseconds, const struct session *session)
{
    char sql[64];

    (void)snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = '%.0fms'", milliseconds);
    return connection_execute(session->connection, sql, session->error);
}

static bool lock_table(const char *schema, const char *name, const struct session *session,
                       struct error *refusal)
{
    struct statement statement;
    bool locked;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "LOCK TABLE ");
    statement_identifier(&statement, schema);
    statement_add(&statement, ".");
    statement_identifier(&statement, name);
    statement_add(&statement, " IN ACCESS EXCLUSIVE MODE");
    locked = statement_execute(&statement, refusal);
    statement_free(&statement);
    return locked;
}

/* One attempt, all tables within one time: others wait behind the first of the locks. */
static bool lock_tables(const PGresult *tables, const struct session *session,
                        struct error *refusal)
{
    double deadline = clock_seconds() + attempt_seconds;

    for (int row = 0; row < PQntuples(tables); row++) {
        double left = deadline - clock_seconds();

        if (!set_lock_timeout(left > 0.001 ? left * 1000 : 1, session) ||
            !lock_table(PQgetvalue(tables, row, 0), PQgetvalue(tables, row, 1), session, refusal))
            return false;
    }
    return true;
}

static bool tell_holder(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    char schemas[SCHEMA_LIST_SIZE];
    char holder[LOCK_HOLDER_SIZE];

    schema_list_text(&list, BUILDING_REPLACED_PREFIX, schemas);
    if (!lock_holder_find_in(session->connection, schemas, BUILDING_REPLACED_PREFIX, holder,
                             session->error))
        return false;
    log_note(session->log, "waiting until the old tables can be dropped%s%s",
             holder[0] != '\0' ? ": " : "", holder);
    return true;
}

/* Whether the locks are there; another failure than that of a lock is one. */
static bool try_to_lock(const PGresult *tables, bool *locked, const struct session *session,
                        struct error *refusal)
{
    static const char *const undo[] = {"ROLLBACK TO SAVEPOINT timele_load_lock",
                                       "RELEASE SAVEPOINT timele_load_lock", NULL};
    struct connection *connection = session->connection;

    if (!connection_execute(connection, "SAVEPOINT timele_load_lock", session->error))
        return false;
    *locked = lock_tables(tables, session, refusal);
    if (*locked)
        return connection_execute(connection, "RELEASE SAVEPOINT timele_load_lock", session->error);
    if (session->error->kind != ERROR_NONE)
        return false;
    if (!lock_holder_is_to_blame(refusal))
        return error_copy(session->error, refusal);
    return statement_execute_each(connection, undo, session->error);
}

/* The pauses between attempts grow to two seconds: others use the tables meanwhile. */
static bool lock_patiently(const PGresult *tables, double timeout, const struct session *session)
{
    const double endless = 1e9;
    struct wait_budget budget = wait_budget_begin(timeout > 0 ? timeout / 1000 : endless);
    bool locked = false;

    for (bool told = false; !locked; told = true) {
        struct error refusal = {0};

        if (!try_to_lock(tables, &locked, session, &refusal))
            return false;
        if (locked)
            break;
        if (wait_budget_left(&budget) <= 0)
            return error_copy(session->error, &refusal);
        if ((!told && !tell_holder(session)) || !wait_budget_pause(&budget, session->error))
            return false;
    }
    return true;
}

static bool lock_replaced(const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    char schemas[SCHEMA_LIST_SIZE];
    const char *const parameters[] = {schemas};
    const struct query query = {.sql = building_replaced_tables_sql,
                                .parameters = parameters,
                                .parameter_count = 1,
                                .columns = 2};
    PGresult *tables;
    double timeout;
    bool locked;

    schema_list_text(&list, BUILDING_REPLACED_PREFIX, schemas);
    if (!read_lock_timeout(&timeout, session) ||
        !connection_query(session->connection, &query, &tables, session->error))
        return false;
    locked = lock_patiently(tables, timeout, session) && set_lock_timeout(timeout, session);
    PQclear(tables);
    return locked;
}

bool building_drop_old(const int64_t floors[TABLE_COUNT], bool force, const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();

    return lock_replaced(session) &&
           (force || application_rows_refuse_new(floors, BUILDING_REPLACED_PREFIX, session)) &&
           drop_api(session) && schema_list_drop(&list, BUILDING_REPLACED_PREFIX, session) &&
           drop_enum(session);
}

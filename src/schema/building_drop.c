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

/* In each, $1 is the names of the schemas that are set aside, as an array: a row a view to be
 * dropped, or a table to be locked, the columns below. */
extern const char building_replaced_views_sql[];
extern const char building_replaced_tables_sql[];

enum { RELATION_SCHEMA, RELATION_NAME, RELATION_KIND, RELATION_COLUMNS };

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

static bool set_lock_timeout(double deadline, const struct session *session)
{
    double left = (deadline - clock_seconds()) * 1000;
    char sql[64];

    (void)snprintf(sql, sizeof sql, "SET LOCAL lock_timeout = '%.0fms'", left > 1 ? left : 1);
    return connection_execute(session->connection, sql, session->error);
}

/* What is done with each relation: the words before its kind, before its name and after that. */
struct action {
    const char *verb, *condition, *rest;
};

static const struct action lock = {"LOCK", "", "IN ACCESS EXCLUSIVE MODE"};
static const struct action drop = {"DROP", "IF EXISTS ", "CASCADE"};

static bool execute(const struct action *action, const PGresult *relations, int row,
                    const struct session *session)
{
    struct statement statement;
    bool executed;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "%s %s %s", action->verb, PQgetvalue(relations, row, RELATION_KIND),
                  action->condition);
    statement_identifier(&statement, PQgetvalue(relations, row, RELATION_SCHEMA));
    statement_add(&statement, ".");
    statement_identifier(&statement, PQgetvalue(relations, row, RELATION_NAME));
    statement_add(&statement, " %s", action->rest);
    executed = statement_execute(&statement, session->error);
    statement_free(&statement);
    return executed;
}

/* Does something with each relation of an answer, all within one time. */
static bool each(const struct action *action, const PGresult *relations, double deadline,
                 const struct session *session)
{
    for (int row = 0; row < PQntuples(relations); row++)
        if (!set_lock_timeout(deadline, session) || !execute(action, relations, row, session))
            return false;
    return true;
}

/* Those of a query whose $1 is the schemas that are set aside. */
static bool find_relations(const char *sql, PGresult **relations, const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();
    char schemas[SCHEMA_LIST_SIZE];
    const char *const parameters[] = {schemas};
    const struct query query = {
        .sql = sql, .parameters = parameters, .parameter_count = 1, .columns = RELATION_COLUMNS};

    schema_list_text(&list, BUILDING_REPLACED_PREFIX, schemas);
    return connection_query(session->connection, &query, relations, session->error);
}

static bool act_on_relations(const struct action *action, const char *sql, double deadline,
                             const struct session *session)
{
    PGresult *relations;
    bool done;

    if (!find_relations(sql, &relations, session))
        return false;
    done = each(action, relations, deadline, session);
    PQclear(relations);
    return done;
}

/*
 * One attempt. Who reads a view has it locked before its tables: the views are dropped before the
 * tables are locked, so that nobody waits for these who has one of those.
 */
static bool take_away(const struct session *session)
{
    double deadline = clock_seconds() + attempt_seconds;

    return set_lock_timeout(deadline, session) && drop_api(session) &&
           act_on_relations(&drop, building_replaced_views_sql, deadline, session) &&
           act_on_relations(&lock, building_replaced_tables_sql, deadline, session);
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

/* Whether the tables are locked; another failure than that of a lock is one. */
static bool attempt(bool *locked, struct error *refusal, const struct session *session)
{
    static const char *const undo[] = {"ROLLBACK TO SAVEPOINT timele_load_drop",
                                       "RELEASE SAVEPOINT timele_load_drop", NULL};
    struct connection *connection = session->connection;
    struct session attempting = *session;

    attempting.error = refusal;
    if (!connection_execute(connection, "SAVEPOINT timele_load_drop", session->error))
        return false;
    *locked = take_away(&attempting);
    if (*locked)
        return connection_execute(connection, "RELEASE SAVEPOINT timele_load_drop", session->error);
    return lock_holder_is_to_blame(refusal)
               ? statement_execute_each(connection, undo, session->error)
               : error_copy(session->error, refusal);
}

/* The pauses between attempts grow to two seconds: others use the tables meanwhile. */
static bool lock_patiently(double timeout, const struct session *session)
{
    const double endless = 1e9;
    struct wait_budget budget = wait_budget_begin(timeout > 0 ? timeout / 1000 : endless);
    bool locked = false;

    for (bool told = false;; told = true) {
        struct error refusal = {0};

        if (!attempt(&locked, &refusal, session))
            return false;
        if (locked)
            return true;
        if (wait_budget_left(&budget) <= 0)
            return error_copy(session->error, &refusal);
        if ((!told && !tell_holder(session)) || !wait_budget_pause(&budget, session->error))
            return false;
    }
}

static bool lock_replaced(const struct session *session)
{
    char restore[64];
    double timeout;

    if (!read_lock_timeout(&timeout, session) || !lock_patiently(timeout, session))
        return false;
    (void)snprintf(restore, sizeof restore, "SET LOCAL lock_timeout = '%.0fms'", timeout);
    return connection_execute(session->connection, restore, session->error);
}

bool building_drop_old(const int64_t floors[TABLE_COUNT], bool force, const struct session *session)
{
    const struct schema_list list = schema_list_of_tables();

    return lock_replaced(session) &&
           (force || application_rows_refuse_new(floors, BUILDING_REPLACED_PREFIX, session)) &&
           schema_list_drop(&list, BUILDING_REPLACED_PREFIX, session) && drop_enum(session);
}

#include "schema/schema.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "schema/api_schema.h"
#include "schema/application_rows.h"

#include <string.h>

/* schema.sql and api.sql. */
extern const char schema_sql[];
extern const char api_sql[];

/* No parameters: a row a publication, its name and the tables that were created or altered. */
extern const char published_creations_sql[];

/* The server's answer to a statement that takes another privilege or another owner. */
static const char insufficient_privilege[] = "42501";
static const char undefined_column[] = "42703";
static const char undefined_object[] = "42704";

static bool warn_of_published(const struct session *session)
{
    const struct query query = {.sql = published_creations_sql, .columns = 2};
    PGresult *rows;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    for (int row = 0; row < PQntuples(rows); row++)
        log_warning(session->log,
                    "publication %s publishes tables that are new or altered: %s; a subscriber "
                    "stops until it has them too (run schema.sql there)",
                    PQgetvalue(rows, row, 0), PQgetvalue(rows, row, 1));
    PQclear(rows);
    return true;
}

bool schema_create(const struct session *session)
{
    struct error *error = session->error;

    if (connection_execute_for(session->connection, "cannot create the schema", schema_sql, error))
        return warn_of_published(session);
    if (strcmp(error->state, insufficient_privilege) != 0)
        return false;
    return error_hint(error,
                      "--create-schema takes GRANT CREATE ON DATABASE (for the schemas) and "
                      "GRANT CREATE ON SCHEMA public (for the enum type), and the ownership "
                      "of what is there already; or let the owner run it once.%s",
                      distribution_is_any(session->connection)
                          ? " On Citus, a superuser has to, where timele_api and timele_auth "
                            "were made in another database."
                          : "");
}

static bool require_readable(struct connection *connection, const struct table *table,
                             struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    const struct query query = {
        .sql = "SELECT has_schema_privilege(n.oid, 'USAGE') "
               "AND has_table_privilege(c.oid, 'SELECT') "
               "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
               "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')",
        .parameters = parameters,
        .parameter_count = 2,
        .columns = 1};
    PGresult *rows;
    bool exists, readable;

    if (!connection_query(connection, &query, &rows, error))
        return false;
    exists = PQntuples(rows) > 0;
    readable = exists && PQgetvalue(rows, 0, 0)[0] == 't';
    PQclear(rows);
    if (readable)
        return true;
    if (exists) {
        (void)error_set(error, ERROR_DATABASE, "cannot create the API: no privilege to read %s.%s",
                        table->schema, table->name);
        return error_hint(error, "Its views and functions have the privileges of who creates "
                                 "them: let the owner of the tables do it.");
    }
    (void)error_set(error, ERROR_DATABASE, "cannot create the API: there is no table %s.%s in %s",
                    table->schema, table->name, connection_name(connection));
    return error_hint(error, "--create-schema creates what is missing of the schema.");
}

bool schema_create_api(const struct session *session)
{
    struct error *error = session->error;

    for (int id = 0; id < TABLE_COUNT; id++)
        if (!require_readable(session->connection, table_get((enum table_id)id), error))
            return false;
    if (connection_execute_for(session->connection, "cannot create the API", api_sql, error))
        return true;
    if (strcmp(error->state, insufficient_privilege) == 0)
        return error_hint(error,
                          "--create-api takes GRANT CREATE ON DATABASE (for its schemas) "
                          "and the ownership of what is there already of the API; or let "
                          "the owner run it once.%s",
                          distribution_is_any(session->connection)
                              ? " Where another database has made its roles, Citus takes them from "
                                "a superuser, or before contrib/citus.sql distributes the tables."
                              : "");
    if (strcmp(error->state, undefined_column) == 0)
        return error_hint(error, "--create-schema adds the columns that older databases lack; any "
                                 "other must be added by hand, as in schema.sql.");
    if (strcmp(error->state, undefined_object) == 0 && distribution_is_any(session->connection))
        return error_hint(error, "Where tables are distributed, run --create-api without a FILE: "
                                 "the roles that it makes have to be there first.");
    return false;
}

static bool drop_schema(struct connection *connection, const char *schema, struct error *error)
{
    struct statement statement;
    bool dropped;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "DROP SCHEMA IF EXISTS ");
    statement_identifier(&statement, schema);
    statement_add(&statement, " CASCADE");
    dropped = statement_execute(&statement, error);
    statement_free(&statement);
    return dropped;
}

static bool drop_api(struct connection *connection, bool *dropped, struct error *error)
{
    *dropped = false;
    for (size_t i = 0; i < API_SCHEMA_COUNT; i++) {
        const char *schema = api_schema_name(i);
        bool is_ours = false;

        if (!api_schema_is_ours(connection, schema, &is_ours, error) ||
            (is_ours && !drop_schema(connection, schema, error)))
            return false;
        *dropped = *dropped || is_ours;
    }
    return true;
}

static bool drop_enum(struct connection *connection, struct error *error)
{
    struct statement statement;
    bool dropped;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "DROP TYPE IF EXISTS ");
    statement_qualified(&statement, TABLE_ENUM_SCHEMA, TABLE_ENUM_NAME);
    dropped = statement_execute(&statement, error);
    statement_free(&statement);
    return dropped;
}

bool schema_refuse_reset(const int64_t floors[TABLE_COUNT], bool force,
                         const struct session *session)
{
    /* What has read the copies over a session of its own would keep the drop waiting forever. */
    return distribution_use_own_copies(session->connection, session->error) &&
           (force || application_rows_refuse(floors, session));
}

bool schema_reset(const int64_t floors[TABLE_COUNT], bool force, bool *dropped_api,
                  const struct session *session)
{
    struct connection *connection = session->connection;
    struct error *error = session->error;

    if (!schema_refuse_reset(floors, force, session))
        return false;
    if (!drop_api(connection, dropped_api, error))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!drop_schema(connection, table_get((enum table_id)id)->schema, error))
            return false;
    return drop_enum(connection, error);
}

#include "schema/schema.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "schema/catalog.h"
#include "schema/row_security.h"

#include <inttypes.h>
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

/* Whether the table holds a row whose id is at or above the floor. */
static bool find_application_rows(struct connection *connection, const struct table *table,
                                  int64_t floor, bool *found, struct error *error)
{
    struct statement statement;
    bool asked;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "SELECT EXISTS (SELECT 1 FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WHERE ");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    statement_add(&statement, " >= %" PRId64 " LIMIT 1)", floor);
    asked = statement_ask(&statement, found, error);
    statement_free(&statement);
    return asked;
}

static bool refuse_application_rows(struct connection *connection,
                                    const int64_t floors[TABLE_COUNT], struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        bool exists = false, found = false;

        if (!row_security_refuse(connection, table, error))
            return false;
        if (table->floor == 0)
            continue;
        if (!catalog_table_exists(connection, table, &exists, error))
            return false;
        if (exists && !find_application_rows(connection, table, floors[id], &found, error))
            return false;
        if (found) {
            (void)error_set(
                error, ERROR_DATABASE,
                "--reset would drop rows of the application: %s.%s has ids from %" PRId64 " up",
                table->schema, table->name, floors[id]);
            return error_hint(error, "Save them first, or add --force to drop them too.");
        }
    }
    return true;
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

/* Another schema may be called "api" as well. That of TimeL-E is known by its comment. */
static bool is_schema_of_api(struct connection *connection, const char *schema, bool *is_ours,
                             struct error *error)
{
    struct statement statement;
    bool asked;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement,
                  "SELECT coalesce(obj_description(to_regnamespace('%s'), 'pg_namespace') "
                  "LIKE 'TimeL-E: %%', false)",
                  schema);
    asked = statement_ask(&statement, is_ours, error);
    statement_free(&statement);
    return asked;
}

static bool drop_api(struct connection *connection, bool *dropped, struct error *error)
{
    static const char *const schemas[] = {"api", "api_auth", "api_private"};

    *dropped = false;

    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++) {
        bool is_ours = false;

        if (!is_schema_of_api(connection, schemas[i], &is_ours, error) ||
            (is_ours && !drop_schema(connection, schemas[i], error)))
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

bool schema_reset(const int64_t floors[TABLE_COUNT], bool force, bool *dropped_api,
                  const struct session *session)
{
    struct connection *connection = session->connection;
    struct error *error = session->error;

    /* What has read the copies over a session of its own would keep the drop waiting forever. */
    if (!distribution_use_own_copies(connection, error) ||
        (!force && !refuse_application_rows(connection, floors, error)))
        return false;
    if (!drop_api(connection, dropped_api, error))
        return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        if (!drop_schema(connection, table_get((enum table_id)id)->schema, error))
            return false;
    return drop_enum(connection, error);
}

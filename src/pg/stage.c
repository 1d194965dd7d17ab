#include "pg/stage.h"

#include "pg/distribution.h"
#include "pg/query.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define TEMPORARY_SCHEMA "pg_temp."
#define SCHEMA           "timele_load."

/* Runs the statement and frees it. */
static bool run(struct statement *statement, struct error *error)
{
    bool done = statement_execute(statement, error);

    statement_free(statement);
    return done;
}

void stage_add_name(struct statement *statement, const char *name)
{
    statement_add(statement, "%s%s",
                  distribution_is_any(statement->connection) ? SCHEMA : TEMPORARY_SCHEMA, name);
}

void stage_add_query(struct statement *statement, const char *sql)
{
    const char *found;

    if (distribution_is_any(statement->connection))
        while ((found = strstr(sql, TEMPORARY_SCHEMA)) != NULL) {
            statement_add(statement, "%.*s" SCHEMA, (int)(found - sql), sql);
            sql = found + strlen(TEMPORARY_SCHEMA);
        }
    statement_add(statement, "%s", sql);
}

static bool refuse_schema(bool present, const char *user, struct error *error)
{
    if (!present) {
        (void)error_set(error, ERROR_DATABASE,
                        "there is no schema timele_load, in which updates of distributed tables "
                        "make tables of their own");
        return error_hint(error, "--create-schema makes it.");
    }
    (void)error_set(error, ERROR_DATABASE,
                    "%s may not create tables in the schema timele_load, as updates of distributed "
                    "tables do",
                    user);
    return error_hint(error, "GRANT CREATE ON SCHEMA timele_load TO %s allows it.", user);
}

/* The schema is the ledger's. */
static bool require_schema(struct connection *connection, struct error *error)
{
    const struct query query = {
        .sql = "SELECT n.oid IS NOT NULL, coalesce(has_schema_privilege(n.oid, 'CREATE'), false), "
               "format('%I', current_user) "
               "FROM (SELECT to_regnamespace('timele_load')::oid AS oid) n",
        .columns = 3};
    PGresult *row;
    bool usable;

    if (!connection_query_row(connection, &query, &row, error))
        return false;
    usable = PQgetvalue(row, 0, 1)[0] == 't';
    if (!usable)
        (void)refuse_schema(PQgetvalue(row, 0, 0)[0] == 't', PQgetvalue(row, 0, 2), error);
    PQclear(row);
    return usable;
}

/* What the stage is called as long as it is there, so that stage_drop_all finds it. */
static void remember(const struct stage *stage)
{
    struct distribution *distribution = connection_distribution(stage->connection);
    char *name = distribution->stages[distribution->stage_count];

    assert(distribution->stage_count < DISTRIBUTION_STAGES_MAX);
    assert(strlen(stage->name) < DISTRIBUTION_STAGE_SIZE);
    (void)snprintf(name, DISTRIBUTION_STAGE_SIZE, "%s", stage->name);
    distribution->stage_count++;
}

/* Rows of a reference table can only be updated from another one. */
static bool distribute(const struct stage *stage, struct error *error)
{
    const char *const name[] = {stage->name, stage->key, stage->beside->schema,
                                stage->beside->name};
    bool by_hash = distribution_of(stage->connection, stage->beside) == DISTRIBUTION_HASH;
    const struct query query = {
        .sql = by_hash ? "SELECT create_distributed_table(format('timele_load.%I', $1::text), "
                         "$2::text, colocate_with => format('%I.%I', $3::text, $4::text))"
                       : "SELECT create_reference_table(format('timele_load.%I', $1::text))",
        .parameters = name,
        .parameter_count = by_hash ? 4 : 1,
        .columns = 1};
    PGresult *row;

    if (!connection_query_row(stage->connection, &query, &row, error))
        return false;
    PQclear(row);
    return true;
}

/* Without the rows of the query, which come later. */
static bool create_distributed(const struct stage *stage, const char *columns, const char *query,
                               struct error *error)
{
    struct statement statement;

    if (!require_schema(stage->connection, error) ||
        !statement_open(&statement, stage->connection, error))
        return false;
    statement_add(&statement, "CREATE TABLE ");
    stage_add_name(&statement, stage->name);
    if (query == NULL) {
        statement_add(&statement, " (%s)", columns);
    } else {
        statement_add(&statement, " AS ");
        stage_add_query(&statement, query);
        statement_add(&statement, " WITH NO DATA");
    }
    if (!run(&statement, error))
        return false;
    remember(stage);
    return distribute(stage, error);
}

bool stage_create(const struct stage *stage, const char *columns, struct error *error)
{
    struct statement statement;

    if (distribution_is_any(stage->connection))
        return create_distributed(stage, columns, NULL, error);
    if (!statement_open(&statement, stage->connection, error))
        return false;
    statement_add(&statement, "CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP", stage->name,
                  columns);
    return run(&statement, error);
}

bool stage_create_like(const struct stage *stage, const char *query, struct error *error)
{
    struct statement statement;

    if (distribution_is_any(stage->connection))
        return create_distributed(stage, NULL, query, error);
    if (!statement_open(&statement, stage->connection, error))
        return false;
    statement_add(&statement, "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS %s WITH NO DATA",
                  stage->name, query);
    return run(&statement, error);
}

bool stage_create_filled(const struct stage *stage, const char *query, const char *purpose,
                         unsigned long long *rows, struct error *error)
{
    bool distributed = distribution_is_any(stage->connection);
    struct statement statement;
    const char *sql;
    bool filled = false;

    if ((distributed && !create_distributed(stage, NULL, query, error)) ||
        !statement_open(&statement, stage->connection, error))
        return false;
    if (distributed) {
        statement_add(&statement, "INSERT INTO ");
        stage_add_name(&statement, stage->name);
        statement_add(&statement, " ");
    } else {
        statement_add(&statement, "CREATE TEMPORARY TABLE %s ON COMMIT DROP AS ", stage->name);
    }
    stage_add_query(&statement, query);
    sql = statement_text(&statement, error);
    if (sql != NULL)
        filled = connection_execute_counted(stage->connection, purpose, sql, rows, error);
    statement_free(&statement);
    return filled;
}

bool stage_analyze(struct connection *connection, const char *name, struct error *error)
{
    struct statement statement;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "ANALYZE ");
    stage_add_name(&statement, name);
    return run(&statement, error);
}

bool stage_drop_all(struct connection *connection, struct error *error)
{
    struct distribution *distribution = connection_distribution(connection);

    while (distribution->stage_count > 0) {
        struct statement statement;

        if (!statement_open(&statement, connection, error))
            return false;
        distribution->stage_count--;
        statement_add(&statement, "DROP TABLE ");
        stage_add_name(&statement, distribution->stages[distribution->stage_count]);
        if (!run(&statement, error))
            return false;
    }
    return true;
}

#include "pg/rebuild.h"

#include "pg/lock_holder.h"
#include "pg/statement.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * The catalog puts the statements together itself: format('%I') quotes identifiers, and
 * pg_get_indexdef() and pg_get_constraintdef() know every detail of a definition.
 */
struct rebuild {
    PGresult *indexes; /* those of primary keys and unique constraints too */
    PGresult *foreign_keys;
};

enum { OBJECT_LABEL, OBJECT_DROP, OBJECT_CREATE, OBJECT_TABLESPACE, INDEX_COLUMNS };

/* The same columns of foreign_keys, with these instead of the tablespace. */
enum { OBJECT_TABLE = OBJECT_TABLESPACE, OBJECT_PARENT, OBJECT_COLUMN, FOREIGN_KEY_COLUMNS };

/* In each, $1 is the array of tables. */
extern const char rebuild_indexes_sql[];      /* a row an index: INDEX_COLUMNS */
extern const char rebuild_foreign_keys_sql[]; /* a row a foreign key: FOREIGN_KEY_COLUMNS */
extern const char rebuild_obstacles_sql[];    /* a row an obstacle: a sentence */

/* $1 to $3 are a foreign key's table, referenced table and column: one row, two settings. */
extern const char choose_join_sql[];

/* The tables as the text of an array of regclass; their names are plain words. */
static const char *list_tables(struct statement *list, const struct rebuild_table *tables,
                               size_t table_count, struct error *error)
{
    for (size_t i = 0; i < table_count; i++)
        statement_add(list, "%s%s.%s", i == 0 ? "{" : ",", tables[i].table->schema,
                      tables[i].table->name);
    statement_add(list, "}");
    return statement_text(list, error);
}

static bool find_obstacle(struct connection *connection, const char *list,
                          char obstacle[REBUILD_OBSTACLE_SIZE], struct error *error)
{
    const char *const parameters[] = {list};
    PGresult *rows;

    if (!connection_query(connection, rebuild_obstacles_sql, 1, parameters, 1, &rows, error))
        return false;
    if (PQntuples(rows) > 0)
        (void)snprintf(obstacle, REBUILD_OBSTACLE_SIZE, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return true;
}

static bool lock_tables(struct connection *connection, const struct rebuild_table *tables,
                        size_t table_count, struct error *error)
{
    struct statement statement;
    bool locked;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "LOCK TABLE ");
    for (size_t i = 0; i < table_count; i++) {
        statement_add(&statement, "%s", i == 0 ? "" : ", ");
        statement_qualified(&statement, tables[i].table->schema, tables[i].table->name);
    }
    statement_add(&statement, " IN ACCESS EXCLUSIVE MODE");
    locked = statement_execute(&statement, error);
    statement_free(&statement);
    return locked;
}

static bool truncate_empty(struct connection *connection, const struct rebuild_table *tables,
                           size_t table_count, struct error *error)
{
    bool truncated = true;

    for (size_t i = 0; truncated && i < table_count; i++) {
        struct statement statement;

        if (!tables[i].empty)
            continue;
        if (!statement_open(&statement, connection, error))
            return false;
        statement_add(&statement, "TRUNCATE ");
        statement_qualified(&statement, tables[i].table->schema, tables[i].table->name);
        truncated = statement_execute(&statement, error);
        statement_free(&statement);
    }
    return truncated;
}

/* Only under the lock is "empty" more than a memory: rows that came since must not be truncated. */
static bool require_empty(struct connection *connection, const struct table *table,
                          struct error *error)
{
    struct statement query;
    bool empty = false;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT NOT EXISTS (SELECT FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, ")");
    if (statement_ask(&query, &empty, error) && !empty)
        (void)error_set(error, ERROR_DATABASE, "%s.%s has got rows meanwhile", table->schema,
                        table->name);
    statement_free(&query);
    return empty;
}

static bool execute_each(struct connection *connection, const PGresult *objects, int column,
                         struct error *error)
{
    for (int row = 0; row < PQntuples(objects); row++)
        if (!connection_execute(connection, PQgetvalue(objects, row, column), error))
            return false;
    return true;
}

static bool drop_all(struct rebuild *rebuild, struct connection *connection,
                     const struct rebuild_table *tables, size_t table_count, const char *list,
                     struct error *error)
{
    const char *const parameters[] = {list};

    if (!lock_tables(connection, tables, table_count, error))
        return false;
    for (size_t i = 0; i < table_count; i++)
        if (tables[i].empty && !require_empty(connection, tables[i].table, error))
            return false;
    /* Read under the lock: nobody changes an index between the look and the drop. */
    return connection_query(connection, rebuild_indexes_sql, 1, parameters, INDEX_COLUMNS,
                            &rebuild->indexes, error) &&
           connection_query(connection, rebuild_foreign_keys_sql, 1, parameters,
                            FOREIGN_KEY_COLUMNS, &rebuild->foreign_keys, error) &&
           execute_each(connection, rebuild->foreign_keys, OBJECT_DROP, error) &&
           execute_each(connection, rebuild->indexes, OBJECT_DROP, error);
}

/* A refusal of the server is an obstacle; a lost connection or a signal is not. */
static bool give_up(struct connection *connection, const struct error *refusal,
                    char obstacle[REBUILD_OBSTACLE_SIZE], struct error *error)
{
    char holder[LOCK_HOLDER_SIZE];

    if (refusal->kind != ERROR_DATABASE ||
        PQstatus(connection_handle(connection)) == CONNECTION_BAD) {
        *error = *refusal;
        return false;
    }
    (void)snprintf(obstacle, REBUILD_OBSTACLE_SIZE, "%.250s%s%.250s", refusal->message,
                   refusal->detail[0] != '\0' ? ": " : "", refusal->detail);
    if (!connection_execute(connection, "ROLLBACK TO SAVEPOINT timele_load_rebuild", error))
        return false;
    if (!lock_holder_is_to_blame(refusal))
        return true;
    if (!lock_holder_find(connection, holder, error))
        return false;
    if (holder[0] != '\0')
        (void)snprintf(obstacle, REBUILD_OBSTACLE_SIZE, "%s", holder);
    return true;
}

/* Takes over `attempt`: it is what *rebuild is set to, or freed. */
static bool drop_or_give_up(struct rebuild *attempt, struct connection *connection,
                            const struct rebuild_table *tables, size_t table_count,
                            const char *list, struct rebuild **rebuild,
                            char obstacle[REBUILD_OBSTACLE_SIZE], struct error *error)
{
    struct error refusal = {0};

    if (!connection_execute(connection, "SAVEPOINT timele_load_rebuild", error)) {
        rebuild_free(attempt);
        return false;
    }
    if (!drop_all(attempt, connection, tables, table_count, list, &refusal)) {
        rebuild_free(attempt);
        return give_up(connection, &refusal, obstacle, error);
    }
    *rebuild = attempt;
    /* COPY ... FREEZE asks for a truncation outside the savepoint. */
    return connection_execute(connection, "RELEASE SAVEPOINT timele_load_rebuild", error) &&
           truncate_empty(connection, tables, table_count, error);
}

static bool try_to_drop(struct connection *connection, const struct rebuild_table *tables,
                        size_t table_count, const char *list, struct rebuild **rebuild,
                        char obstacle[REBUILD_OBSTACLE_SIZE], struct error *error)
{
    struct rebuild *attempt;

    if (!find_obstacle(connection, list, obstacle, error))
        return false;
    if (obstacle[0] != '\0')
        return true;
    attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL)
        return error_memory(error);
    return drop_or_give_up(attempt, connection, tables, table_count, list, rebuild, obstacle,
                           error);
}

bool rebuild_drop(struct connection *connection, const struct rebuild_table *tables,
                  size_t table_count, struct rebuild **rebuild,
                  char obstacle[REBUILD_OBSTACLE_SIZE], struct error *error)
{
    struct statement list;
    const char *text;
    bool done = false;

    *rebuild = NULL;
    obstacle[0] = '\0';
    if (!statement_open(&list, connection, error))
        return false;
    text = list_tables(&list, tables, table_count, error);
    if (text != NULL)
        done = try_to_drop(connection, tables, table_count, text, rebuild, obstacle, error);
    statement_free(&list);
    return done;
}

static bool create(const PGresult *objects, int row, struct connection *connection,
                   struct error *error)
{
    return connection_execute_for(connection, PQgetvalue(objects, row, OBJECT_LABEL),
                                  PQgetvalue(objects, row, OBJECT_CREATE), error);
}

/*
 * With these settings large indexes are built fastest on two processors (bench/RESULTS.md): sorts
 * that stay in the processor's cache beat large ones, and a leader that waits for its two workers
 * beats one that takes their time.
 */
static bool set_for_indexes(struct connection *connection, struct error *error)
{
    return connection_execute(connection,
                              "SET LOCAL maintenance_work_mem = '96MB';"
                              "SET LOCAL max_parallel_maintenance_workers = 2;"
                              "SET LOCAL parallel_leader_participation = off",
                              error);
}

/* The server's joins may take the ids of all parents into memory. */
static bool set_for_foreign_keys(struct connection *connection, struct error *error)
{
    return connection_execute(connection,
                              "SET LOCAL maintenance_work_mem = '256MB';"
                              "SET LOCAL parallel_leader_participation TO DEFAULT",
                              error);
}

static bool create_indexes(const PGresult *indexes, struct connection *connection,
                           struct phase_list *phases, struct error *error)
{
    char tablespace[192];

    for (int row = 0; row < PQntuples(indexes); row++) {
        phase_begin(phases, "create", "%s", PQgetvalue(indexes, row, OBJECT_LABEL));
        /* pg_get_indexdef() names no tablespace; this setting does. */
        (void)snprintf(tablespace, sizeof tablespace, "SET LOCAL default_tablespace = %s",
                       PQgetvalue(indexes, row, OBJECT_TABLESPACE));
        if (!connection_execute(connection, tablespace, error) ||
            !create(indexes, row, connection, error))
            return false;
    }
    return true;
}

static bool choose_join(const PGresult *foreign_keys, int row, struct connection *connection,
                        struct error *error)
{
    const char *const parameters[] = {PQgetvalue(foreign_keys, row, OBJECT_TABLE),
                                      PQgetvalue(foreign_keys, row, OBJECT_PARENT),
                                      PQgetvalue(foreign_keys, row, OBJECT_COLUMN)};
    PGresult *chosen;

    if (!connection_query_row(connection, choose_join_sql, 3, parameters, 2, &chosen, error))
        return false;
    PQclear(chosen);
    return true;
}

static bool create_foreign_keys(const PGresult *foreign_keys, struct connection *connection,
                                struct phase_list *phases, struct error *error)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        phase_begin(phases, "create", "%s", PQgetvalue(foreign_keys, row, OBJECT_LABEL));
        if (!choose_join(foreign_keys, row, connection, error) ||
            !create(foreign_keys, row, connection, error))
            return false;
    }
    return connection_execute(connection,
                              "SET LOCAL enable_seqscan TO DEFAULT;"
                              "SET LOCAL enable_hashjoin TO DEFAULT",
                              error);
}

bool rebuild_create(struct rebuild *rebuild, struct connection *connection,
                    struct phase_list *phases, struct error *error)
{
    if (rebuild == NULL)
        return true;
    return set_for_indexes(connection, error) &&
           create_indexes(rebuild->indexes, connection, phases, error) &&
           set_for_foreign_keys(connection, error) &&
           create_foreign_keys(rebuild->foreign_keys, connection, phases, error);
}

void rebuild_free(struct rebuild *rebuild)
{
    if (rebuild == NULL)
        return;
    PQclear(rebuild->indexes);
    PQclear(rebuild->foreign_keys);
    free(rebuild);
}

#include "schema/rebuild.h"

#include "pg/lock_holder.h"
#include "pg/search_path.h"
#include "pg/statement.h"
#include "schema/publication.h"

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

enum {
    OBJECT_LABEL,
    OBJECT_DROP,
    OBJECT_CREATE,
    OBJECT_TABLESPACE,
    OBJECT_FUNCTION,
    INDEX_COLUMNS
};

/* The same columns of foreign_keys, with these instead of the tablespace. */
enum {
    OBJECT_TABLE = OBJECT_TABLESPACE,
    OBJECT_PARENT,
    OBJECT_COLUMN,
    OBJECT_BEFORE,
    FOREIGN_KEY_COLUMNS
};

/* In each, $1 is the array of tables. */
extern const char rebuild_indexes_sql[];      /* a row an index: INDEX_COLUMNS */
extern const char rebuild_foreign_keys_sql[]; /* a row a foreign key: FOREIGN_KEY_COLUMNS */
extern const char rebuild_obstacles_sql[];    /* a row an obstacle: a sentence */
extern const char rebuild_trials_sql[];       /* a row a trial: statements */

/* $1 to $3 are a foreign key's table, referenced table and column: one row, two settings. */
extern const char choose_join_sql[];

/* The tables, while their indexes and constraints are dropped. */
struct dropping {
    struct rebuild_table *tables;
    size_t table_count;
    const char *list; /* the tables as the text of an array of regclass */
    char *obstacle;   /* [REBUILD_OBSTACLE_SIZE] */
    const struct session *session;
};

/* The tables' names are plain words, and need no quotes. */
static const char *list_tables(struct statement *list, const struct dropping *dropping)
{
    for (size_t i = 0; i < dropping->table_count; i++)
        statement_add(list, "%s%s.%s", i == 0 ? "{" : ",", dropping->tables[i].table->schema,
                      dropping->tables[i].table->name);
    statement_add(list, "}");
    return statement_text(list, dropping->session->error);
}

/* Runs one of the queries about the list of tables. */
static bool query_list(const struct dropping *dropping, const char *sql, int columns,
                       PGresult **rows, struct error *error)
{
    const struct query query = {
        .sql = sql, .parameters = &dropping->list, .parameter_count = 1, .columns = columns};

    return connection_query(dropping->session->connection, &query, rows, error);
}

static bool find_obstacle(const struct dropping *dropping)
{
    PGresult *rows;

    if (!query_list(dropping, rebuild_obstacles_sql, 1, &rows, dropping->session->error))
        return false;
    if (PQntuples(rows) > 0)
        (void)snprintf(dropping->obstacle, REBUILD_OBSTACLE_SIZE, "%s", PQgetvalue(rows, 0, 0));
    PQclear(rows);
    return true;
}

static bool lock_tables(const struct dropping *dropping, struct error *error)
{
    struct statement statement;
    bool locked;

    if (!statement_open(&statement, dropping->session->connection, error))
        return false;
    statement_add(&statement, "LOCK TABLE ");
    for (size_t i = 0; i < dropping->table_count; i++) {
        statement_add(&statement, "%s", i == 0 ? "" : ", ");
        statement_qualified(&statement, dropping->tables[i].table->schema,
                            dropping->tables[i].table->name);
    }
    statement_add(&statement, " IN ACCESS EXCLUSIVE MODE");
    locked = statement_execute(&statement, error);
    statement_free(&statement);
    return locked;
}

static bool truncate_table(const struct table *table, const struct session *session)
{
    struct statement statement;
    bool truncated;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "TRUNCATE ");
    statement_qualified(&statement, table->schema, table->name);
    truncated = statement_execute(&statement, session->error);
    statement_free(&statement);
    return truncated;
}

/* A subscriber would truncate its own table, whatever rows that has from elsewhere, or refuse to
 * and stop: a table that foreign keys lead to cannot be truncated. Asked under the lock. */
static bool truncate_empty(const struct dropping *dropping)
{
    const struct session *session = dropping->session;

    for (size_t i = 0; i < dropping->table_count; i++) {
        struct rebuild_table *table = &dropping->tables[i];
        struct publication publication;

        if (!table->empty)
            continue;
        if (!publication_read(&table->table, 1, &publication, session->connection, session->error))
            return false;
        if (publication.truncation[0] != '\0') {
            log_note(
                session->log,
                "%s.%s is loaded without FREEZE: %s would replicate the TRUNCATE that it needs",
                table->table->schema, table->table->name, publication.truncation);
            continue;
        }
        if (!truncate_table(table->table, session))
            return false;
        table->truncated = true;
    }
    return true;
}

/* To be asked under the lock: a row that came since the last look must not be truncated. */
static bool require_empty(const struct table *table, struct connection *connection,
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

static bool drop_foreign_keys(const PGresult *foreign_keys, struct connection *connection,
                              struct error *error)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++)
        if (!connection_execute(connection, PQgetvalue(foreign_keys, row, OBJECT_DROP), error))
            return false;
    return true;
}

/* Whether it might not be created again (rebuild_indexes.sql). */
static bool stays(const PGresult *indexes, int row)
{
    return PQgetvalue(indexes, row, OBJECT_FUNCTION)[0] != '\0';
}

static bool drop_indexes(const PGresult *indexes, const struct session *session,
                         struct error *error)
{
    for (int row = 0; row < PQntuples(indexes); row++) {
        if (stays(indexes, row))
            log_note(session->log,
                     "%s stays in place during the load: %s has no search_path of its own (ALTER "
                     "FUNCTION ... SET), as PostgreSQL 17 wants for the creation of an index",
                     PQgetvalue(indexes, row, OBJECT_LABEL),
                     PQgetvalue(indexes, row, OBJECT_FUNCTION));
        else if (!connection_execute(session->connection, PQgetvalue(indexes, row, OBJECT_DROP),
                                     error))
            return false;
    }
    return true;
}

/* Under its own savepoint, so that no trace is left of it. */
static bool try_to_create(const struct dropping *dropping, struct error *error)
{
    struct connection *connection = dropping->session->connection;
    PGresult *trials;
    bool tried = true;

    if (!query_list(dropping, rebuild_trials_sql, 1, &trials, error))
        return false;
    for (int row = 0; tried && row < PQntuples(trials); row++)
        tried = connection_execute(connection, "SAVEPOINT timele_load_trial", error) &&
                connection_execute(connection, PQgetvalue(trials, row, 0), error) &&
                connection_execute(connection,
                                   "ROLLBACK TO SAVEPOINT timele_load_trial;"
                                   "RELEASE SAVEPOINT timele_load_trial",
                                   error);
    PQclear(trials);
    return tried;
}

static bool drop_all(const struct dropping *dropping, struct rebuild *rebuild, struct error *error)
{
    struct connection *connection = dropping->session->connection;

    if (!lock_tables(dropping, error))
        return false;
    for (size_t i = 0; i < dropping->table_count; i++)
        if (dropping->tables[i].empty &&
            !require_empty(dropping->tables[i].table, connection, error))
            return false;
    /* Read under the lock: nobody changes an index between the look and the drop. */
    return query_list(dropping, rebuild_indexes_sql, INDEX_COLUMNS, &rebuild->indexes, error) &&
           query_list(dropping, rebuild_foreign_keys_sql, FOREIGN_KEY_COLUMNS,
                      &rebuild->foreign_keys, error) &&
           drop_foreign_keys(rebuild->foreign_keys, connection, error) &&
           drop_indexes(rebuild->indexes, dropping->session, error) &&
           try_to_create(dropping, error);
}

/* A refusal of the server is an obstacle; a lost connection or a signal is not. */
static bool give_up(const struct dropping *dropping, const struct error *refusal)
{
    const struct session *session = dropping->session;
    char holder[LOCK_HOLDER_SIZE];

    if (refusal->kind != ERROR_DATABASE || connection_is_lost(session->connection))
        return error_copy(session->error, refusal);
    (void)snprintf(dropping->obstacle, REBUILD_OBSTACLE_SIZE, "%.250s%s%.250s", refusal->message,
                   refusal->detail[0] != '\0' ? ": " : "", refusal->detail);
    if (!connection_execute(session->connection, "ROLLBACK TO SAVEPOINT timele_load_rebuild",
                            session->error))
        return false;
    if (!lock_holder_is_to_blame(refusal))
        return true;
    if (!lock_holder_find(session->connection, holder, session->error))
        return false;
    if (holder[0] != '\0')
        (void)snprintf(dropping->obstacle, REBUILD_OBSTACLE_SIZE, "%s", holder);
    return true;
}

/* Takes over `attempt`: *rebuild is set to it, or it is freed. */
static bool drop_or_give_up(const struct dropping *dropping, struct rebuild *attempt,
                            struct rebuild **rebuild)
{
    const struct session *session = dropping->session;
    struct error refusal = {0};

    if (!connection_execute(session->connection, "SAVEPOINT timele_load_rebuild", session->error)) {
        rebuild_free(attempt);
        return false;
    }
    if (!drop_all(dropping, attempt, &refusal)) {
        rebuild_free(attempt);
        return give_up(dropping, &refusal);
    }
    *rebuild = attempt;
    /* COPY ... FREEZE asks for a truncation outside the savepoint. */
    return connection_execute(session->connection, "RELEASE SAVEPOINT timele_load_rebuild",
                              session->error) &&
           truncate_empty(dropping);
}

static bool try_to_drop(const struct dropping *dropping, struct rebuild **rebuild)
{
    struct rebuild *attempt;

    if (!find_obstacle(dropping))
        return false;
    if (dropping->obstacle[0] != '\0')
        return true;
    attempt = calloc(1, sizeof *attempt);
    if (attempt == NULL)
        return error_memory(dropping->session->error);
    return drop_or_give_up(dropping, attempt, rebuild);
}

bool rebuild_drop(struct rebuild_table *tables, size_t table_count, struct rebuild **rebuild,
                  char obstacle[REBUILD_OBSTACLE_SIZE], const struct session *session)
{
    struct dropping dropping = {
        .tables = tables, .table_count = table_count, .obstacle = obstacle, .session = session};
    struct statement list;
    bool done = false;

    *rebuild = NULL;
    obstacle[0] = '\0';
    if (!statement_open(&list, session->connection, session->error))
        return false;
    dropping.list = list_tables(&list, &dropping);
    if (dropping.list != NULL)
        done = try_to_drop(&dropping, rebuild);
    statement_free(&list);
    return done;
}

static bool create(const PGresult *objects, int row, const struct session *session)
{
    return connection_execute_for(session->connection, PQgetvalue(objects, row, OBJECT_LABEL),
                                  PQgetvalue(objects, row, OBJECT_CREATE), session->error);
}

/*
 * With these settings large indexes are built fastest on two processors (bench/RESULTS.md). Sorts
 * that stay in the processor's cache are faster than large ones. A leader that waits for its two
 * workers is faster than one that sorts as well and takes their time.
 */
static bool set_for_indexes(const struct session *session)
{
    return connection_execute(session->connection,
                              "SET LOCAL maintenance_work_mem = '96MB';"
                              "SET LOCAL max_parallel_maintenance_workers = 2;"
                              "SET LOCAL parallel_leader_participation = off",
                              session->error);
}

/* The server's joins may take the ids of all parents into memory. */
static bool set_for_foreign_keys(const struct session *session)
{
    return connection_execute(session->connection,
                              "SET LOCAL maintenance_work_mem = '256MB';"
                              "SET LOCAL parallel_leader_participation TO DEFAULT",
                              session->error);
}

static bool create_indexes(const PGresult *indexes, const struct session *session)
{
    char tablespace[192];

    for (int row = 0; row < PQntuples(indexes); row++) {
        if (stays(indexes, row))
            continue;
        phase_begin(session->phases, "create", "%s", PQgetvalue(indexes, row, OBJECT_LABEL));
        /* pg_get_indexdef() names no tablespace; this setting does. */
        (void)snprintf(tablespace, sizeof tablespace, "SET LOCAL default_tablespace = %s",
                       PQgetvalue(indexes, row, OBJECT_TABLESPACE));
        if (!connection_execute(session->connection, tablespace, session->error) ||
            !create(indexes, row, session))
            return false;
    }
    return true;
}

/* Runs under the session's search path, as the triggers are the user's. */
static bool fire_deferred(const PGresult *foreign_keys, const struct session *session)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        const char *statements = PQgetvalue(foreign_keys, row, OBJECT_BEFORE);

        if (statements[0] != '\0' &&
            !connection_execute(session->connection, statements, session->error))
            return false;
    }
    return true;
}

static bool choose_join(const PGresult *foreign_keys, int row, const struct session *session)
{
    const char *const parameters[] = {PQgetvalue(foreign_keys, row, OBJECT_TABLE),
                                      PQgetvalue(foreign_keys, row, OBJECT_PARENT),
                                      PQgetvalue(foreign_keys, row, OBJECT_COLUMN)};
    const struct query query = {
        .sql = choose_join_sql, .parameters = parameters, .parameter_count = 3, .columns = 2};
    PGresult *chosen;

    if (!connection_query_row(session->connection, &query, &chosen, session->error))
        return false;
    PQclear(chosen);
    return true;
}

static bool create_foreign_keys(const PGresult *foreign_keys, const struct session *session)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        phase_begin(session->phases, "create", "%s", PQgetvalue(foreign_keys, row, OBJECT_LABEL));
        if (!choose_join(foreign_keys, row, session) || !create(foreign_keys, row, session))
            return false;
    }
    return connection_execute(session->connection,
                              "SET LOCAL enable_seqscan TO DEFAULT;"
                              "SET LOCAL enable_hashjoin TO DEFAULT",
                              session->error);
}

bool rebuild_create(const struct rebuild *rebuild, const struct session *session)
{
    if (rebuild == NULL)
        return true;
    return set_for_indexes(session) &&
           search_path_use_session(session->connection, session->error) &&
           create_indexes(rebuild->indexes, session) &&
           fire_deferred(rebuild->foreign_keys, session) &&
           search_path_restrict(session->connection, session->error) &&
           set_for_foreign_keys(session) && create_foreign_keys(rebuild->foreign_keys, session);
}

void rebuild_free(struct rebuild *rebuild)
{
    if (rebuild == NULL)
        return;
    PQclear(rebuild->indexes);
    PQclear(rebuild->foreign_keys);
    free(rebuild);
}

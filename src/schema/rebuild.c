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
    OBJECT_PLACE,
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
extern const char rebuild_obstacles_sql[];    /* a row an obstacle: a table's place, a sentence */
extern const char rebuild_trials_sql[];       /* a row a trial: statements, a table's place */

/* $1 to $3 are a foreign key's table, referenced table and column: one row, two settings. */
extern const char choose_join_sql[];

/* The tables, while their indexes and constraints are dropped. */
struct dropping {
    struct rebuild_list list;
    struct rebuild_table *blamed; /* what the server refuses is about this table; NULL: about all */
    const struct session *session;
};

bool rebuild_find_obstacles(struct rebuild_table *tables, size_t table_count,
                            const struct session *session)
{
    struct rebuild_list list;
    PGresult *rows;
    bool asked;

    if (!rebuild_list_open(&list, tables, table_count, session->connection, session->error))
        return false;
    asked = rebuild_list_query(&list, rebuild_obstacles_sql, 2, &rows, session->error);
    for (int row = 0; asked && row < PQntuples(rows); row++) {
        struct rebuild_table *table = rebuild_list_table(&list, rows, row, 0);

        if (table->obstacle[0] == '\0')
            (void)snprintf(table->obstacle, sizeof table->obstacle, "%s", PQgetvalue(rows, row, 1));
    }
    if (asked)
        PQclear(rows);
    rebuild_list_free(&list);
    return asked;
}

static bool lock_tables(const struct dropping *dropping, struct error *error)
{
    struct statement statement;
    bool locked;

    if (!statement_open(&statement, dropping->session->connection, error))
        return false;
    statement_add(&statement, "LOCK TABLE ");
    for (size_t i = 0; i < dropping->list.count; i++) {
        const struct table *table = dropping->list.tables[i]->table;

        statement_add(&statement, "%s", i == 0 ? "" : ", ");
        statement_qualified(&statement, table->schema, table->name);
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

    for (size_t i = 0; i < dropping->list.count; i++) {
        struct rebuild_table *table = dropping->list.tables[i];
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
    statement_add(&query, "SELECT NOT EXISTS (SELECT 1 FROM ");
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

/* What depends on a constraint, such as a view, keeps its table in place. */
static bool drop_indexes(struct dropping *dropping, const PGresult *indexes, struct error *error)
{
    for (int row = 0; row < PQntuples(indexes); row++) {
        dropping->blamed = rebuild_list_table(&dropping->list, indexes, row, OBJECT_PLACE);
        if (!stays(indexes, row) &&
            !connection_execute(dropping->session->connection,
                                PQgetvalue(indexes, row, OBJECT_DROP), error))
            return false;
    }
    dropping->blamed = NULL;
    return true;
}

static void note_staying(const PGresult *indexes, struct log *log)
{
    for (int row = 0; row < PQntuples(indexes); row++)
        if (stays(indexes, row))
            log_note(log,
                     "%s stays in place during the load: %s has no search_path of its own (ALTER "
                     "FUNCTION ... SET), as PostgreSQL 17 wants for the creation of an index",
                     PQgetvalue(indexes, row, OBJECT_LABEL),
                     PQgetvalue(indexes, row, OBJECT_FUNCTION));
}

/* Under its own savepoint, so that no trace is left of it. */
static bool try_to_create(struct dropping *dropping, struct error *error)
{
    struct connection *connection = dropping->session->connection;
    PGresult *trials;
    bool tried = true;

    if (!rebuild_list_query(&dropping->list, rebuild_trials_sql, 2, &trials, error))
        return false;
    for (int row = 0; tried && row < PQntuples(trials); row++) {
        dropping->blamed = rebuild_list_table(&dropping->list, trials, row, 1);
        tried = connection_execute(connection, "SAVEPOINT timele_load_trial", error) &&
                connection_execute(connection, PQgetvalue(trials, row, 0), error) &&
                connection_execute(connection,
                                   "ROLLBACK TO SAVEPOINT timele_load_trial;"
                                   "RELEASE SAVEPOINT timele_load_trial",
                                   error);
    }
    PQclear(trials);
    return tried;
}

static bool require_still_empty(struct dropping *dropping, struct error *error)
{
    for (size_t i = 0; i < dropping->list.count; i++) {
        dropping->blamed = dropping->list.tables[i];
        if (dropping->blamed->empty &&
            !require_empty(dropping->blamed->table, dropping->session->connection, error))
            return false;
    }
    dropping->blamed = NULL;
    return true;
}

static bool drop_all(struct dropping *dropping, struct rebuild *rebuild, struct error *error)
{
    const struct rebuild_list *list = &dropping->list;

    /* Read under the lock: nobody changes an index between the look and the drop. */
    return lock_tables(dropping, error) && require_still_empty(dropping, error) &&
           rebuild_list_query(list, rebuild_indexes_sql, INDEX_COLUMNS, &rebuild->indexes, error) &&
           rebuild_list_query(list, rebuild_foreign_keys_sql, FOREIGN_KEY_COLUMNS,
                              &rebuild->foreign_keys, error) &&
           drop_foreign_keys(rebuild->foreign_keys, dropping->session->connection, error) &&
           drop_indexes(dropping, rebuild->indexes, error) && try_to_create(dropping, error);
}

static void block(const struct dropping *dropping, const char *obstacle)
{
    for (size_t i = 0; i < dropping->list.count; i++) {
        struct rebuild_table *table = dropping->list.tables[i];

        if (dropping->blamed == NULL || dropping->blamed == table)
            (void)snprintf(table->obstacle, sizeof table->obstacle, "%s", obstacle);
    }
}

/* A refusal of the server is an obstacle; a lost connection or a signal is not. */
static bool give_up(struct dropping *dropping, const struct error *refusal)
{
    const struct session *session = dropping->session;
    char obstacle[REBUILD_OBSTACLE_SIZE];
    char holder[LOCK_HOLDER_SIZE] = "";

    if (refusal->kind != ERROR_DATABASE || connection_is_lost(session->connection))
        return error_copy(session->error, refusal);
    (void)snprintf(obstacle, sizeof obstacle, "%.250s%s%.250s", refusal->message,
                   refusal->detail[0] != '\0' ? ": " : "", refusal->detail);
    if (!connection_execute(session->connection, "ROLLBACK TO SAVEPOINT timele_load_rebuild",
                            session->error) ||
        !connection_execute(session->connection, "RELEASE SAVEPOINT timele_load_rebuild",
                            session->error))
        return false;
    /* To wait once more, for the lock of another table, would take too long. */
    if (lock_holder_is_to_blame(refusal)) {
        dropping->blamed = NULL;
        if (!lock_holder_find(session->connection, holder, session->error))
            return false;
    }
    block(dropping, holder[0] != '\0' ? holder : obstacle);
    return true;
}

/* Takes over `attempt`: *rebuild is set to it, or it is freed. */
static bool drop_or_give_up(struct dropping *dropping, struct rebuild *attempt,
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
    note_staying(attempt->indexes, session->log);
    /* COPY ... FREEZE asks for a truncation outside the savepoint. */
    return connection_execute(session->connection, "RELEASE SAVEPOINT timele_load_rebuild",
                              session->error) &&
           truncate_empty(dropping);
}

static bool try_to_drop(struct dropping *dropping, struct rebuild **rebuild)
{
    struct rebuild *attempt = calloc(1, sizeof *attempt);

    if (attempt == NULL)
        return error_memory(dropping->session->error);
    return drop_or_give_up(dropping, attempt, rebuild);
}

/* Each attempt that fails leaves one table less. */
bool rebuild_drop(struct rebuild_table *tables, size_t table_count, struct rebuild **rebuild,
                  const struct session *session)
{
    bool done = true;
    bool any = true;

    *rebuild = NULL;
    while (done && any && *rebuild == NULL) {
        struct dropping dropping = {.session = session};

        if (!rebuild_list_open(&dropping.list, tables, table_count, session->connection,
                               session->error))
            return false;
        any = dropping.list.count > 0;
        done = !any || try_to_drop(&dropping, rebuild);
        rebuild_list_free(&dropping.list);
    }
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

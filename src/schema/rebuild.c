#include "schema/rebuild.h"

#include "pg/distribution.h"
#include "pg/lock_holder.h"
#include "pg/search_path.h"
#include "pg/server_message.h"
#include "pg/statement.h"
#include "schema/catalog.h"
#include "schema/publication.h"
#include "schema/rebuild_objects.h"

#include <stdio.h>
#include <stdlib.h>

/* In each, $1 is the array of tables. */
extern const char rebuild_indexes_sql[];      /* INDEX_COLUMNS */
extern const char rebuild_foreign_keys_sql[]; /* FOREIGN_KEY_COLUMNS */
extern const char rebuild_obstacles_sql[];    /* a row an obstacle: a table's place, a sentence */
extern const char rebuild_obstacles_of_distribution_sql[]; /* the same, where Citus is */
extern const char rebuild_trials_sql[]; /* a row a statement: it, a table's place */

/* The tables, while their indexes and constraints are dropped. */
struct dropping {
    struct rebuild_list list;
    struct rebuild_table *blamed; /* what the server refuses is about this table; NULL: about all */
    const struct session *session;
};

static bool find_obstacles(struct rebuild_table *tables, size_t table_count, const char *sql,
                           const struct session *session)
{
    struct rebuild_list list;
    PGresult *rows;
    bool asked;

    if (!rebuild_list_open(&list, tables, table_count, session->connection, session->error))
        return false;
    asked = rebuild_list_query(&list, sql, 2, &rows, session->error);
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

bool rebuild_find_obstacles(struct rebuild_table *tables, size_t table_count,
                            const struct session *session)
{
    return find_obstacles(tables, table_count, rebuild_obstacles_sql, session) &&
           (!distribution_is_any(session->connection) ||
            find_obstacles(tables, table_count, rebuild_obstacles_of_distribution_sql, session));
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

/* A subscriber would truncate its own table, whatever rows that has from elsewhere, or refuse to
 * and stop: a table that foreign keys lead to cannot be truncated. Asked under the lock. Citus
 * takes a FREEZE, and hands it on to no node: it is not worth the TRUNCATE there. */
static bool truncate_empty(const struct dropping *dropping)
{
    const struct session *session = dropping->session;

    for (size_t i = 0; i < dropping->list.count; i++) {
        struct rebuild_table *table = dropping->list.tables[i];
        struct publication publication;

        if (!table->empty ||
            distribution_of(session->connection, table->table) != DISTRIBUTION_LOCAL)
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
        if (!catalog_truncate(session->connection, table->table, session->error))
            return false;
        table->truncated = true;
    }
    return true;
}

/* To be asked under the lock: a row that came since the last look must not be truncated. */
static bool require_empty(const struct table *table, struct connection *connection,
                          struct error *error)
{
    bool empty = false;

    if (catalog_ask_empty(connection, table, &empty, error) && !empty)
        (void)error_set(error, ERROR_DATABASE, "%s.%s has got rows meanwhile", table->schema,
                        table->name);
    return empty;
}

/* Citus makes constraints immediate on the coordinator, and not where the rows are. While one of
 * their triggers has still to fire there, no foreign key of the table can be created again. */
static bool require_nothing_deferred(struct dropping *dropping, const PGresult *foreign_keys,
                                     struct error *error)
{
    if (!distribution_is_any(dropping->session->connection))
        return true;
    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        if (PQgetvalue(foreign_keys, row, OBJECT_BEFORE)[0] == '\0')
            continue;
        dropping->blamed =
            rebuild_list_table(&dropping->list, foreign_keys, row, OBJECT_PARENT_PLACE);
        return error_set(error, ERROR_DATABASE,
                         "%s could not be created again: deferred constraints are in the way, "
                         "which Citus cannot make immediate",
                         PQgetvalue(foreign_keys, row, OBJECT_LABEL));
    }
    return true;
}

static bool drop_foreign_keys(const PGresult *foreign_keys, struct connection *connection,
                              struct error *error)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++)
        if (rebuild_object_begins(foreign_keys, row) &&
            !connection_execute(connection, PQgetvalue(foreign_keys, row, OBJECT_DROP), error))
            return false;
    return true;
}

/* What depends on a constraint, such as a view, keeps its table in place. */
static bool drop_indexes(struct dropping *dropping, const PGresult *indexes, struct error *error)
{
    for (int row = 0; row < PQntuples(indexes); row++) {
        dropping->blamed = rebuild_list_table(&dropping->list, indexes, row, OBJECT_PLACE);
        if (rebuild_object_begins(indexes, row) && !rebuild_index_stays(indexes, row) &&
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
        if (rebuild_object_begins(indexes, row) && rebuild_index_stays(indexes, row))
            log_note(log,
                     "%s stays in place during the load: %s has no search_path of its own (ALTER "
                     "FUNCTION ... SET), as PostgreSQL 17 wants for the creation of an index",
                     PQgetvalue(indexes, row, OBJECT_LABEL),
                     PQgetvalue(indexes, row, OBJECT_FUNCTION));
}

static bool run_trials(struct dropping *dropping, const PGresult *trials, struct error *error)
{
    for (int row = 0; row < PQntuples(trials); row++) {
        dropping->blamed = rebuild_list_table(&dropping->list, trials, row, 1);
        if (!connection_execute(dropping->session->connection, PQgetvalue(trials, row, 0), error))
            return false;
    }
    dropping->blamed = NULL;
    return true;
}

/* Under a savepoint of their own, so that no trace is left of them. */
static bool try_to_create(struct dropping *dropping, struct error *error)
{
    static const char *const undo[] = {"ROLLBACK TO SAVEPOINT timele_load_trial",
                                       "RELEASE SAVEPOINT timele_load_trial", NULL};
    struct connection *connection = dropping->session->connection;
    PGresult *trials;
    bool tried;

    if (!rebuild_list_query(&dropping->list, rebuild_trials_sql, 2, &trials, error))
        return false;
    tried =
        PQntuples(trials) == 0 ||
        (connection_execute(connection, "SAVEPOINT timele_load_trial", error) &&
         run_trials(dropping, trials, error) && statement_execute_each(connection, undo, error));
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
           require_nothing_deferred(dropping, rebuild->foreign_keys, error) &&
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

/* A refusal of the server is an obstacle; a lost connection or a signal is not, nor is a lost node.
 */
static bool give_up(struct dropping *dropping, const struct error *refusal)
{
    const struct session *session = dropping->session;
    char obstacle[REBUILD_OBSTACLE_SIZE];
    char holder[LOCK_HOLDER_SIZE] = "";

    if (refusal->kind != ERROR_DATABASE || connection_is_lost(session->connection) ||
        server_message_blames_node(refusal))
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
    for (size_t i = 0; i < dropping->list.count; i++)
        attempt->tables[attempt->table_count++] = dropping->list.tables[i]->table;
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

void rebuild_free(struct rebuild *rebuild)
{
    if (rebuild == NULL)
        return;
    PQclear(rebuild->indexes);
    PQclear(rebuild->foreign_keys);
    free(rebuild);
}

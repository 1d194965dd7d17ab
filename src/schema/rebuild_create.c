#include "schema/rebuild_create.h"

#include "pg/query.h"
#include "pg/search_path.h"
#include "pg/statement.h"
#include "schema/building.h"
#include "schema/rebuild_objects.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

/* $1 to $3 are a foreign key's table, referenced table and column: one row, two settings. */
extern const char choose_join_sql[];

/* "index orders.orders_pkey" */
static void read_label(const PGresult *objects, int row, char label[REBUILD_LABEL_SIZE])
{
    (void)snprintf(label, REBUILD_LABEL_SIZE, "%s", PQgetvalue(objects, row, OBJECT_LABEL));
    building_take_prefix_out(label);
}

static void begin_phase(const PGresult *objects, int row, const char *what,
                        const struct session *session)
{
    char label[REBUILD_LABEL_SIZE];

    read_label(objects, row, label);
    phase_begin(session->phases, what, "%s", label);
}

/* Executes a statement that is about the object in the row. */
static bool execute(const PGresult *objects, int row, const char *sql,
                    const struct session *session)
{
    char label[REBUILD_LABEL_SIZE];

    read_label(objects, row, label);
    return connection_execute_for(session->connection, label, sql, session->error);
}

static bool create(const PGresult *objects, int row, const struct session *session)
{
    return execute(objects, row, PQgetvalue(objects, row, OBJECT_CREATE), session);
}

/*
 * With these settings large indexes are built fastest on two processors (bench/RESULTS.md). Sorts
 * that stay in the processor's cache are faster than large ones. A leader that waits for its two
 * workers is faster than one that sorts as well and takes their time.
 */
static bool set_for_indexes(const struct session *session)
{
    static const char *const settings[] = {"SET LOCAL maintenance_work_mem = '96MB'",
                                           "SET LOCAL max_parallel_maintenance_workers = 2",
                                           "SET LOCAL parallel_leader_participation = off", NULL};

    return statement_execute_each(session->connection, settings, session->error);
}

/* The server's joins may take the ids of all parents into memory. */
static bool set_for_foreign_keys(const struct session *session)
{
    static const char *const settings[] = {"SET LOCAL maintenance_work_mem = '256MB'",
                                           "SET LOCAL parallel_leader_participation TO DEFAULT",
                                           NULL};

    return statement_execute_each(session->connection, settings, session->error);
}

/* pg_get_indexdef() names no tablespace; this setting does. */
static bool begin_index(const PGresult *indexes, int row, const struct session *session)
{
    char tablespace[192];

    begin_phase(indexes, row, "create", session);
    (void)snprintf(tablespace, sizeof tablespace, "SET LOCAL default_tablespace = %s",
                   PQgetvalue(indexes, row, OBJECT_TABLESPACE));
    return connection_execute(session->connection, tablespace, session->error);
}

static bool create_indexes(const PGresult *indexes, const struct session *session)
{
    for (int row = 0; row < PQntuples(indexes); row++) {
        if (rebuild_index_stays(indexes, row))
            continue;
        if ((rebuild_object_begins(indexes, row) && !begin_index(indexes, row, session)) ||
            !create(indexes, row, session))
            return false;
    }
    return true;
}

/* Runs under the session's search path, as the triggers are the user's. */
static bool fire_deferred(const PGresult *foreign_keys, const struct session *session)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        const char *statement = PQgetvalue(foreign_keys, row, OBJECT_BEFORE);

        if (statement[0] != '\0' &&
            !connection_execute(session->connection, statement, session->error))
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

static bool begin_foreign_key(const PGresult *foreign_keys, int row, const struct session *session)
{
    begin_phase(foreign_keys, row, "create", session);
    return choose_join(foreign_keys, row, session);
}

static bool unset_join(const struct session *session)
{
    static const char *const defaults[] = {"SET LOCAL enable_seqscan TO DEFAULT",
                                           "SET LOCAL enable_hashjoin TO DEFAULT", NULL};

    return statement_execute_each(session->connection, defaults, session->error);
}

static bool create_foreign_keys(const PGresult *foreign_keys, const struct session *session)
{
    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        if ((rebuild_object_begins(foreign_keys, row) &&
             !begin_foreign_key(foreign_keys, row, session)) ||
            !create(foreign_keys, row, session))
            return false;
    }
    return unset_join(session);
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

static bool is_index_to_create(const PGresult *indexes, int row)
{
    return rebuild_object_begins(indexes, row) && !rebuild_index_stays(indexes, row);
}

static size_t count_indexes(const PGresult *indexes)
{
    size_t count = 0;

    for (int row = 0; row < PQntuples(indexes); row++)
        count += is_index_to_create(indexes, row);
    return count;
}

static size_t count_foreign_keys(const PGresult *foreign_keys)
{
    size_t count = 0;

    for (int row = 0; row < PQntuples(foreign_keys); row++)
        count += rebuild_object_begins(foreign_keys, row);
    return count;
}

size_t rebuild_object_count(const struct rebuild *rebuild)
{
    return rebuild == NULL
               ? 0
               : count_indexes(rebuild->indexes) + count_foreign_keys(rebuild->foreign_keys);
}

/* The first row of an object. */
static int index_row(const struct rebuild *rebuild, size_t object)
{
    for (int row = 0; row < PQntuples(rebuild->indexes); row++)
        if (is_index_to_create(rebuild->indexes, row) && object-- == 0)
            return row;
    assert(!"there is such an index");
    return 0;
}

static int foreign_key_row(const struct rebuild *rebuild, size_t object)
{
    size_t place = object - count_indexes(rebuild->indexes);

    for (int row = 0; row < PQntuples(rebuild->foreign_keys); row++)
        if (rebuild_object_begins(rebuild->foreign_keys, row) && place-- == 0)
            return row;
    assert(!"there is such a foreign key");
    return 0;
}

/* NULL: the column is NULL. */
static const struct table *table_of_place(const struct rebuild *rebuild, const PGresult *objects,
                                          int row, int column)
{
    unsigned long place = strtoul(PQgetvalue(objects, row, column), NULL, 10);

    assert(place <= rebuild->table_count);
    return place == 0 ? NULL : rebuild->tables[place - 1];
}

void rebuild_object_read(const struct rebuild *rebuild, size_t object,
                         struct rebuild_object *description)
{
    *description = (struct rebuild_object){.kind = REBUILD_INDEX};
    if (object < count_indexes(rebuild->indexes)) {
        int row = index_row(rebuild, object);

        read_label(rebuild->indexes, row, description->label);
        description->table = table_of_place(rebuild, rebuild->indexes, row, OBJECT_PLACE);
        description->is_unique = PQgetvalue(rebuild->indexes, row, OBJECT_IS_UNIQUE)[0] == 't';
    } else {
        int row = foreign_key_row(rebuild, object);
        const PGresult *keys = rebuild->foreign_keys;

        description->kind = REBUILD_FOREIGN_KEY;
        read_label(keys, row, description->label);
        description->table = table_of_place(rebuild, keys, row, OBJECT_TABLE_PLACE);
        description->parent = table_of_place(rebuild, keys, row, OBJECT_PARENT_PLACE);
    }
}

/*
 * Two indexes that are created beside each other on two processors are ready soonest where each
 * one's sorts stay in the processor's cache. A leader that waits for two workers is faster than one
 * that sorts as well (set_for_indexes); with one worker alone it has to. The server takes a worker
 * only where there are 32 MB for each process.
 */
static bool set_for_index(int workers, const struct session *session)
{
    char memory[64], processes[64];
    const char *const settings[] = {memory, processes,
                                    workers > 1 ? "SET LOCAL parallel_leader_participation = off"
                                                : "SET LOCAL parallel_leader_participation = on",
                                    NULL};

    (void)snprintf(memory, sizeof memory, "SET LOCAL maintenance_work_mem = '%dMB'",
                   workers == 0 ? 8 : 32 * (workers + 1));
    (void)snprintf(processes, sizeof processes, "SET LOCAL max_parallel_maintenance_workers = %d",
                   workers);
    return statement_execute_each(session->connection, settings, session->error);
}

bool rebuild_create_index(const struct rebuild *rebuild, size_t object, int workers,
                          const struct session *session)
{
    int row = index_row(rebuild, object);

    return set_for_index(workers, session) &&
           search_path_use_session(session->connection, session->error) &&
           begin_index(rebuild->indexes, row, session) && create(rebuild->indexes, row, session) &&
           search_path_restrict(session->connection, session->error);
}

bool rebuild_complete_indexes(const struct rebuild *rebuild, const struct session *session)
{
    const PGresult *indexes = rebuild->indexes;

    for (int row = 0; row < PQntuples(indexes); row++)
        if (!rebuild_object_begins(indexes, row) && !rebuild_index_stays(indexes, row) &&
            !create(indexes, row, session))
            return false;
    return true;
}

static bool add_not_valid(const PGresult *foreign_keys, int row, const struct session *session)
{
    struct statement statement;
    const char *sql;
    bool added;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "%s NOT VALID", PQgetvalue(foreign_keys, row, OBJECT_CREATE));
    sql = statement_text(&statement, session->error);
    added = sql != NULL && execute(foreign_keys, row, sql, session);
    statement_free(&statement);
    return added;
}

bool rebuild_add_foreign_key(const struct rebuild *rebuild, size_t object,
                             const struct session *session)
{
    const PGresult *keys = rebuild->foreign_keys;
    int row = foreign_key_row(rebuild, object);
    bool is_validated_later = PQgetvalue(keys, row, OBJECT_VALIDATE)[0] != '\0';

    if (!(is_validated_later ? add_not_valid(keys, row, session) : create(keys, row, session)))
        return false;
    for (row++; row < PQntuples(keys) && !rebuild_object_begins(keys, row); row++)
        if (!create(keys, row, session))
            return false;
    return true;
}

bool rebuild_validate_foreign_key(const struct rebuild *rebuild, size_t object,
                                  const struct session *session)
{
    const PGresult *keys = rebuild->foreign_keys;
    int row = foreign_key_row(rebuild, object);
    const char *statement = PQgetvalue(keys, row, OBJECT_VALIDATE);

    if (statement[0] == '\0')
        return true;
    begin_phase(keys, row, "create", session);
    return connection_execute(session->connection, "SET LOCAL maintenance_work_mem = '256MB'",
                              session->error) &&
           choose_join(keys, row, session) && execute(keys, row, statement, session) &&
           unset_join(session);
}

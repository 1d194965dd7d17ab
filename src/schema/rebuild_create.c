#include "schema/rebuild_create.h"

#include "pg/query.h"
#include "pg/search_path.h"
#include "pg/statement.h"
#include "schema/rebuild_objects.h"

#include <stdio.h>

/* $1 to $3 are a foreign key's table, referenced table and column: one row, two settings. */
extern const char choose_join_sql[];

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

    phase_begin(session->phases, "create", "%s", PQgetvalue(indexes, row, OBJECT_LABEL));
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

static bool begin_foreign_key(const PGresult *foreign_keys, int row, const struct session *session)
{
    const char *const parameters[] = {PQgetvalue(foreign_keys, row, OBJECT_TABLE),
                                      PQgetvalue(foreign_keys, row, OBJECT_PARENT),
                                      PQgetvalue(foreign_keys, row, OBJECT_COLUMN)};
    const struct query query = {
        .sql = choose_join_sql, .parameters = parameters, .parameter_count = 3, .columns = 2};
    PGresult *chosen;

    phase_begin(session->phases, "create", "%s", PQgetvalue(foreign_keys, row, OBJECT_LABEL));
    if (!connection_query_row(session->connection, &query, &chosen, session->error))
        return false;
    PQclear(chosen);
    return true;
}

static bool create_foreign_keys(const PGresult *foreign_keys, const struct session *session)
{
    static const char *const defaults[] = {"SET LOCAL enable_seqscan TO DEFAULT",
                                           "SET LOCAL enable_hashjoin TO DEFAULT", NULL};

    for (int row = 0; row < PQntuples(foreign_keys); row++) {
        if ((rebuild_object_begins(foreign_keys, row) &&
             !begin_foreign_key(foreign_keys, row, session)) ||
            !create(foreign_keys, row, session))
            return false;
    }
    return statement_execute_each(session->connection, defaults, session->error);
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

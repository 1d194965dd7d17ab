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

/* A foreign key's, instead of the tablespace: what index_scan_query asks about. */
enum { OBJECT_TABLE = OBJECT_TABLESPACE, OBJECT_PARENT, OBJECT_COLUMN, FOREIGN_KEY_COLUMNS };

/* $1 is the list of tables. An index that belongs to a constraint is created as an index first:
 * pg_get_constraintdef() leaves out storage parameters, pg_get_indexdef() does not. */
static const char index_query[] =
    "SELECT format('index %s', i.indexrelid::regclass), "
    "CASE WHEN k.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass) "
    "ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', i.indrelid::regclass, k.conname) END, "
    "pg_get_indexdef(i.indexrelid) "
    "|| CASE WHEN k.oid IS NULL THEN '' ELSE "
    "format('; ALTER TABLE %s ADD CONSTRAINT %I %s USING INDEX %I%s%s', "
    "i.indrelid::regclass, k.conname, "
    "CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' END, c.relname, "
    "CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END, "
    "CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END) "
    "|| coalesce(format('; COMMENT ON CONSTRAINT %I ON %s IS ', k.conname, i.indrelid::regclass) "
    "|| quote_literal(obj_description(k.oid, 'pg_constraint')), '') END "
    "|| coalesce(format('; COMMENT ON INDEX %s IS ', i.indexrelid::regclass) "
    "|| quote_literal(obj_description(i.indexrelid, 'pg_class')), '') "
    "|| CASE WHEN i.indisclustered "
    "THEN format('; ALTER TABLE %s CLUSTER ON %I', i.indrelid::regclass, c.relname) ELSE '' END "
    "|| CASE WHEN i.indisreplident "
    "THEN format('; ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', i.indrelid::regclass, "
    "c.relname) ELSE '' END "
    "|| coalesce((SELECT string_agg(format('; ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', "
    "i.indexrelid::regclass, a.attnum, a.attstattarget), '' ORDER BY a.attnum) "
    "FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0), ''), "
    "coalesce((SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace), "
    "'''''') "
    "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid "
    "AND k.contype IN ('p', 'u', 'x') "
    "WHERE i.indrelid = ANY ($1::regclass[]) AND i.indisvalid AND k.contype IS DISTINCT FROM 'x' "
    "ORDER BY i.indrelid::regclass::text, NOT i.indisprimary, c.relname";

static const char foreign_key_query[] =
    "SELECT format('foreign key %I of %s', k.conname, k.conrelid::regclass), "
    "format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname), "
    "format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, "
    "pg_get_constraintdef(k.oid)) "
    "|| coalesce('; ' || format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, "
    "k.conrelid::regclass, nullif(obj_description(k.oid, 'pg_constraint'), '')), ''), "
    "k.conrelid, k.confrelid, k.conkey[1] "
    "FROM pg_constraint k WHERE k.contype = 'f' "
    "AND (k.conrelid = ANY ($1::regclass[]) OR k.confrelid = ANY ($1::regclass[])) "
    "ORDER BY k.conrelid::regclass::text, k.conname";

/* What is known to stand in the way before anything is tried. */
static const char obstacle_query[] =
    "WITH listed AS (SELECT unnest($1::regclass[])::oid AS oid), "
    "altered AS (SELECT oid FROM listed UNION SELECT k.conrelid FROM pg_constraint k JOIN listed l "
    "ON l.oid IN (k.conrelid, k.confrelid) WHERE k.contype = 'f') "
    "SELECT format('%s belongs to %I', c.oid::regclass, pg_get_userbyid(c.relowner)) "
    "FROM altered JOIN pg_class c USING (oid) WHERE NOT pg_has_role(c.relowner, 'USAGE') "
    "UNION ALL SELECT format('no REFERENCES privilege on %s', k.confrelid::regclass) "
    "FROM pg_constraint k JOIN listed l ON l.oid = k.conrelid WHERE k.contype = 'f' "
    "AND NOT has_table_privilege(k.confrelid, 'REFERENCES') "
    "UNION ALL SELECT format('%s is partitioned or has child tables', c.oid::regclass) "
    "FROM altered JOIN pg_class c USING (oid) WHERE c.relkind <> 'r' OR EXISTS "
    "(SELECT FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid)) "
    /* Creating an index asks for what creating the table once did. */
    "UNION ALL SELECT format('no CREATE privilege on schema %I', n.nspname) "
    "FROM listed JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE NOT has_schema_privilege(n.oid, 'CREATE') "
    "UNION ALL SELECT format('no CREATE privilege on tablespace %I', s.spcname) "
    "FROM listed l JOIN pg_index i ON i.indrelid = l.oid JOIN pg_class x ON x.oid = i.indexrelid "
    "JOIN pg_tablespace s ON s.oid = x.reltablespace "
    "WHERE NOT has_tablespace_privilege(s.oid, 'CREATE') "
    /* A truncation of no row is none of the trigger's business, and what a deferred trigger still
     * has to do forbids every ALTER TABLE and CREATE INDEX. */
    "UNION ALL SELECT format('trigger %I of %s %s', t.tgname, t.tgrelid::regclass, "
    "CASE WHEN t.tginitdeferred THEN 'is deferred' ELSE 'fires on TRUNCATE' END) "
    "FROM listed l JOIN pg_trigger t ON t.tgrelid = l.oid "
    "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
    "AND (t.tginitdeferred OR t.tgtype & 32 <> 0)";

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

    if (!connection_query(connection, obstacle_query, 1, parameters, 1, &rows, error))
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
    return connection_query(connection, index_query, 1, parameters, INDEX_COLUMNS,
                            &rebuild->indexes, error) &&
           connection_query(connection, foreign_key_query, 1, parameters, FOREIGN_KEY_COLUMNS,
                            &rebuild->foreign_keys, error) &&
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

/*
 * The server proves a foreign key with one join of the two tables, on one processor. Where an index
 * holds the column and all pages are known to be visible (frozen rows are), merging the two indexes
 * takes half the time of hashing the tables; the planner takes indexes for dearer than they are.
 */
static const char index_scan_query[] =
    "SELECT set_config('enable_seqscan', chosen.off, true), "
    "set_config('enable_hashjoin', chosen.off, true) "
    "FROM (SELECT CASE WHEN bool_and(c.relallvisible >= c.relpages * 0.9) AND EXISTS "
    "(SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid "
    "JOIN pg_am a ON a.oid = x.relam WHERE i.indrelid = $1::oid AND i.indkey[0] = $3::smallint "
    "AND i.indisvalid AND i.indpred IS NULL AND a.amname = 'btree') THEN 'off' ELSE 'on' END "
    "FROM pg_class c WHERE c.oid IN ($1::oid, $2::oid)) chosen (off)";

static bool choose_join(const PGresult *foreign_keys, int row, struct connection *connection,
                        struct error *error)
{
    const char *const parameters[] = {PQgetvalue(foreign_keys, row, OBJECT_TABLE),
                                      PQgetvalue(foreign_keys, row, OBJECT_PARENT),
                                      PQgetvalue(foreign_keys, row, OBJECT_COLUMN)};
    PGresult *chosen;

    if (!connection_query_row(connection, index_scan_query, 3, parameters, 2, &chosen, error))
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

#include "schema/publication.h"

#include "pg/query.h"
#include "schema/name_arrays.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* No parameters: one row, whether there is anything that published_tables.sql tells of. */
extern const char logical_replication_sql[];

/* $1 and $2 are arrays of schemas and of tables in them: a row a table, the columns below. */
extern const char published_tables_sql[];

enum {
    ROW_PLACE,
    ROW_TRUNCATION,
    ROW_NO_UPDATE_WITHOUT_INDEXES,
    ROW_NO_UPDATE,
    ROW_NO_DELETE_WITHOUT_INDEXES,
    ROW_NO_DELETE,
    ROW_COLUMNS
};

static void take(struct publication *publication, const PGresult *rows, int row)
{
    (void)snprintf(publication->truncation, sizeof publication->truncation, "%s",
                   PQgetvalue(rows, row, ROW_TRUNCATION));
    (void)snprintf(publication->why_no_update_without_indexes,
                   sizeof publication->why_no_update_without_indexes, "%s",
                   PQgetvalue(rows, row, ROW_NO_UPDATE_WITHOUT_INDEXES));
    (void)snprintf(publication->why_no_update, sizeof publication->why_no_update, "%s",
                   PQgetvalue(rows, row, ROW_NO_UPDATE));
    (void)snprintf(publication->why_no_delete_without_indexes,
                   sizeof publication->why_no_delete_without_indexes, "%s",
                   PQgetvalue(rows, row, ROW_NO_DELETE_WITHOUT_INDEXES));
    (void)snprintf(publication->why_no_delete, sizeof publication->why_no_delete, "%s",
                   PQgetvalue(rows, row, ROW_NO_DELETE));
}

/* Most databases have none, and the long query takes longer to plan than to run. */
static bool find_replication(struct connection *connection, bool *possible, struct error *error)
{
    const struct query query = {.sql = logical_replication_sql, .columns = 1};
    PGresult *row;

    if (!connection_query_row(connection, &query, &row, error))
        return false;
    *possible = PQgetvalue(row, 0, 0)[0] == 't';
    PQclear(row);
    return true;
}

static bool read_published(const struct table *const *tables, size_t count,
                           struct publication *publications, struct connection *connection,
                           struct error *error)
{
    const struct query query = {.sql = published_tables_sql, .columns = ROW_COLUMNS};
    struct name_arrays arrays = {0};
    PGresult *rows = NULL;
    bool read = true;

    for (size_t i = 0; read && i < count; i++) {
        const char *const names[] = {tables[i]->schema, tables[i]->name};

        read = name_arrays_add(&arrays, names, 2, error);
    }
    read = read && name_arrays_ask(&arrays, 2, query, connection, &rows, error);
    for (int row = 0; read && row < PQntuples(rows); row++)
        take(&publications[name_arrays_place(rows, row, count)], rows, row);
    PQclear(rows);
    name_arrays_free(&arrays);
    return read;
}

bool publication_read(const struct table *const *tables, size_t count,
                      struct publication *publications, struct connection *connection,
                      struct error *error)
{
    bool possible = false;

    assert(count > 0 && count <= TABLE_COUNT);
    memset(publications, 0, count * sizeof *publications);
    return find_replication(connection, &possible, error) &&
           (!possible || read_published(tables, count, publications, connection, error));
}

bool publication_require(const char *why_not, struct error *error)
{
    if (why_not[0] == '\0')
        return true;
    (void)error_set(error, ERROR_DATABASE, "%s", why_not);
    return error_hint(error, "The replica identity tells other databases which rows are meant, "
                             "and all of its columns have to be published: ALTER TABLE ... REPLICA "
                             "IDENTITY FULL makes it the whole row, DEFAULT the primary key.");
}

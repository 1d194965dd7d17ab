#include "schema/publication.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Two names of TimeL-E's tables, which are plain words and need no quotes in an array's text. */
enum { NAMES_SIZE = 64 * TABLE_COUNT };

struct names {
    char text[NAMES_SIZE];
    size_t length;
};

static void add_name(struct names *names, const char *name)
{
    int added = snprintf(names->text + names->length, sizeof names->text - names->length, "%c%s",
                         names->length == 0 ? '{' : ',', name);

    assert(added > 0 && names->length + (size_t)added + 1 < sizeof names->text);
    names->length += (size_t)added;
}

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
    struct names schemas = {0}, names = {0};
    const char *const parameters[] = {schemas.text, names.text};
    const struct query query = {.sql = published_tables_sql,
                                .parameters = parameters,
                                .parameter_count = 2,
                                .columns = ROW_COLUMNS};
    PGresult *rows;

    for (size_t i = 0; i < count; i++) {
        add_name(&schemas, tables[i]->schema);
        add_name(&names, tables[i]->name);
    }
    schemas.text[schemas.length] = names.text[names.length] = '}';
    if (!connection_query(connection, &query, &rows, error))
        return false;
    for (int row = 0; row < PQntuples(rows); row++) {
        unsigned long place = strtoul(PQgetvalue(rows, row, ROW_PLACE), NULL, 10);

        assert(place >= 1 && place <= count);
        take(&publications[place - 1], rows, row);
    }
    PQclear(rows);
    return true;
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
    return error_hint(error, "ALTER TABLE ... REPLICA IDENTITY FULL lets the server tell other "
                             "databases which rows are meant; DEFAULT needs a primary key.");
}

#include "schema/deletion.h"

#include "base/display.h"
#include "index/id_set.h"
#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/search_path.h"
#include "pg/statement.h"
#include "schema/deletion_list.h"
#include "schema/merge.h"
#include "schema/shortfall.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A deletion while it is carried out. */
struct deleting {
    struct connection *connection;
    const struct table *table;
    PGresult *references;   /* foreign keys that lead to the table */
    const PGresult *former; /* those that did before the run; NULL: that was not asked */
    struct error *error;
};

enum { REFERENCE_TABLE, REFERENCE_MATCH, REFERENCE_LABEL, REFERENCE_IS_SELF, REFERENCE_COLUMNS };

/* $1 and $2 are schema and table: a row a foreign key that leads there, the columns above. */
extern const char foreign_keys_to_table_sql[];

bool deletion_find_references(const struct table *table, struct connection *connection,
                              PGresult **references, struct error *error)
{
    const char *const parameters[] = {table->schema, table->name};
    const struct query query = {.sql = foreign_keys_to_table_sql,
                                .parameters = parameters,
                                .parameter_count = 2,
                                .columns = REFERENCE_COLUMNS};

    return connection_query(connection, &query, references, error);
}

static int count_references(const struct deleting *deleting)
{
    return PQntuples(deleting->references) +
           (deleting->former == NULL ? 0 : PQntuples(deleting->former));
}

/* The former ones come behind those that lead to the table now. */
static const char *reference(const struct deleting *deleting, int number, int column)
{
    int count = PQntuples(deleting->references);

    return number < count ? PQgetvalue(deleting->references, number, column)
                          : PQgetvalue(deleting->former, number - count, column);
}

/* Whether a former foreign key still leads to the table. */
static bool is_repeated(const struct deleting *deleting, int number)
{
    int count = PQntuples(deleting->references);

    for (int i = 0; number >= count && i < count; i++)
        if (strcmp(reference(deleting, i, REFERENCE_TABLE),
                   reference(deleting, number, REFERENCE_TABLE)) == 0 &&
            strcmp(reference(deleting, i, REFERENCE_MATCH),
                   reference(deleting, number, REFERENCE_MATCH)) == 0)
            return true;
    return false;
}

static bool open_statement(const struct deleting *deleting, struct statement *statement)
{
    return statement_open(statement, deleting->connection, deleting->error);
}

/* Keeps the table that a foreign key leads from as it is. */
static bool lock_pointing_table(const struct deleting *deleting, int number)
{
    const char *pointing = reference(deleting, number, REFERENCE_TABLE);
    char purpose[ERROR_TEXT_SIZE];
    struct statement statement;
    const char *sql;
    bool locked;

    if (!open_statement(deleting, &statement))
        return false;
    (void)snprintf(purpose, sizeof purpose, "cannot lock %s, which points to %s.%s", pointing,
                   deleting->table->schema, deleting->table->name);
    statement_add(&statement, "LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE", pointing);
    sql = statement_text(&statement, deleting->error);
    locked =
        sql != NULL && connection_execute_for(deleting->connection, purpose, sql, deleting->error);
    statement_free(&statement);
    return locked;
}

/* Citus locks no rows for a query. And who points to a row locks it on its node alone, where a lock
 * of the whole table is not seen. But nobody points to a row without writing a table that points,
 * and that lock is seen on all nodes. */
static bool lock_pointing_tables(const struct deleting *deleting)
{
    for (int i = 0; i < count_references(deleting); i++)
        if (!is_repeated(deleting, i) && !lock_pointing_table(deleting, i))
            return false;
    return true;
}

/* To point to a row, the server locks it first. Under this lock nobody else can come to point to a
 * row that is about to be deleted, and have the deletion cascade to his own row. */
static bool lock_rows(const struct deleting *deleting)
{
    struct query query = {.columns = 1};
    struct statement statement;
    PGresult *counted = NULL;
    bool locked = false;

    if (!open_statement(deleting, &statement))
        return false;
    statement_add(&statement, "WITH locked AS (SELECT 1 FROM ");
    statement_qualified(&statement, deleting->table->schema, deleting->table->name);
    statement_add(&statement, " t JOIN ");
    deletion_list_add_name(&statement, deleting->table);
    statement_add(&statement, " g ON ");
    merge_add_same_key(&statement, deleting->table, "g", "t");
    statement_add(&statement, " FOR UPDATE OF t) SELECT count(*) FROM locked");
    query.sql = statement_text(&statement, deleting->error);
    if (query.sql != NULL)
        locked = connection_query_row(deleting->connection, &query, &counted, deleting->error);
    PQclear(counted);
    statement_free(&statement);
    return locked;
}

/* A row that is deleted as well does not keep another row of its table from being deleted. */
static void add_stays(struct statement *statement, const struct deleting *deleting, int number)
{
    if (reference(deleting, number, REFERENCE_IS_SELF)[0] != 't')
        return;
    statement_add(statement, " AND NOT EXISTS (SELECT 1 FROM ");
    deletion_list_add_name(statement, deleting->table);
    statement_add(statement, " x WHERE ");
    merge_add_same_key(statement, deleting->table, "x", "r");
    statement_add(statement, ")");
}

/* JOIN of the listed rows g, the rows t themselves and the rows r that point to them. */
static void add_pointing(struct statement *query, const struct deleting *deleting, int number)
{
    deletion_list_add_name(query, deleting->table);
    statement_add(query, " g JOIN ");
    statement_qualified(query, deleting->table->schema, deleting->table->name);
    statement_add(query, " t ON ");
    merge_add_same_key(query, deleting->table, "g", "t");
    statement_add(query, " JOIN %s r ON %s", reference(deleting, number, REFERENCE_TABLE),
                  reference(deleting, number, REFERENCE_MATCH));
    add_stays(query, deleting, number);
}

static void add_is_placeholder(struct statement *statement, const struct table *table)
{
    statement_add(statement, "t.");
    statement_identifier(statement, table->columns[table_inferred_column(table)].name);
}

static void add_spare(struct statement *statement, const struct deleting *deleting, int number)
{
    statement_add(statement, "DELETE FROM ");
    deletion_list_add_name(statement, deleting->table);
    statement_add(statement, " g USING ");
    statement_qualified(statement, deleting->table->schema, deleting->table->name);
    statement_add(statement, " t WHERE ");
    merge_add_same_key(statement, deleting->table, "g", "t");
    statement_add(statement, " AND ");
    add_is_placeholder(statement, deleting->table);
    statement_add(statement, " AND EXISTS (SELECT 1 FROM %s r WHERE %s",
                  reference(deleting, number, REFERENCE_TABLE),
                  reference(deleting, number, REFERENCE_MATCH));
    add_stays(statement, deleting, number);
    statement_add(statement, ")");
}

/* The same, where the pointing rows are not on the node that has the list. To find one of them is
 * not cheaper there than to find all. */
static void add_distributed_spare(struct statement *statement, const struct deleting *deleting,
                                  int number)
{
    statement_add(statement, "WITH pointed AS (SELECT DISTINCT ");
    deletion_list_add_key(statement, deleting->table);
    statement_add(statement, " FROM ");
    add_pointing(statement, deleting, number);
    statement_add(statement, " WHERE ");
    add_is_placeholder(statement, deleting->table);
    statement_add(statement, ") DELETE FROM ");
    deletion_list_add_name(statement, deleting->table);
    statement_add(statement, " g USING pointed p WHERE ");
    merge_add_same_key(statement, deleting->table, "g", "p");
}

/* Takes placeholders that a row points to, through this foreign key, off the list. */
static bool spare_placeholders(const struct deleting *deleting, const struct catalog_table *found,
                               int number)
{
    int mark = table_inferred_column(deleting->table);
    struct statement statement;
    bool spared;

    if (mark < 0 || !found->columns[mark].present)
        return true;
    if (!open_statement(deleting, &statement))
        return false;
    if (distribution_is_any(deleting->connection))
        add_distributed_spare(&statement, deleting, number);
    else
        add_spare(&statement, deleting, number);
    spared = statement_execute(&statement, deleting->error);
    statement_free(&statement);
    return spared;
}

/* The query for the first rows that point to a listed one: what names each of the two, and how many
 * there are in all. */
static const char *ask_who_points(const struct deleting *deleting, int number,
                                  struct statement *query)
{
    statement_add(query, "SELECT concat_ws(', ', %s), concat_ws(', ', ",
                  reference(deleting, number, REFERENCE_LABEL));
    deletion_list_add_key(query, deleting->table);
    statement_add(query, "), count(*) OVER () FROM ");
    add_pointing(query, deleting, number);
    statement_add(query, " ORDER BY ");
    deletion_list_add_key(query, deleting->table);
    statement_add(query, ", %s LIMIT 5", reference(deleting, number, REFERENCE_LABEL));
    return statement_text(query, deleting->error);
}

static bool refuse(const struct deleting *deleting, int number, const PGresult *rows)
{
    const struct table *table = deleting->table;
    const char *pointing = reference(deleting, number, REFERENCE_TABLE);
    const char *count = PQgetvalue(rows, 0, 2);
    char examples[ERROR_TEXT_SIZE] = "";
    size_t used = 0;

    for (int row = 0; row < PQntuples(rows) && used < sizeof examples; row++) {
        const char *label = PQgetvalue(rows, row, 0);
        char shown[DISPLAY_SIZE];

        used += (size_t)snprintf(examples + used, sizeof examples - used, "%s%s (%s) to %s (%s)",
                                 row == 0 ? "" : ", ", pointing,
                                 display_text(label, strlen(label), shown), table->name,
                                 PQgetvalue(rows, row, 1));
    }
    (void)error_set(deleting->error, ERROR_DATABASE,
                    "rows of %s.%s that no file names cannot be deleted: %s row%s of %s point%s to "
                    "them",
                    table->schema, table->name, count, strcmp(count, "1") == 0 ? "" : "s", pointing,
                    strcmp(count, "1") == 0 ? "s" : "");
    (void)error_detail(deleting->error, "%s%s", examples,
                       strtoull(count, NULL, 10) > (unsigned long long)PQntuples(rows) ? ", ..."
                                                                                       : "");
    return error_hint(deleting->error,
                      "Nothing was changed. Put the rows of %s.%s into the files again, or take "
                      "care of those that point to them first.",
                      table->schema, table->name);
}

static bool require_unreferenced(const struct deleting *deleting, int number)
{
    struct query query = {.columns = 3};
    struct statement statement;
    PGresult *rows = NULL;
    bool free_of_references = false;

    if (!open_statement(deleting, &statement))
        return false;
    query.sql = ask_who_points(deleting, number, &statement);
    if (query.sql != NULL && connection_query(deleting->connection, &query, &rows, deleting->error))
        free_of_references = PQntuples(rows) == 0 || refuse(deleting, number, rows);
    PQclear(rows);
    statement_free(&statement);
    return free_of_references;
}

/* First all foreign keys take their placeholders off the list: a placeholder that stays may itself
 * point to a listed row. */
static bool check_references(struct deleting *deleting, const struct catalog_table *found)
{
    int count;

    if (!deletion_find_references(deleting->table, deleting->connection, &deleting->references,
                                  deleting->error))
        return false;
    count = count_references(deleting);
    if (count > 0 && !(distribution_is_any(deleting->connection) ? lock_pointing_tables(deleting)
                                                                 : lock_rows(deleting)))
        return false;
    for (int i = 0; i < count; i++)
        if (!is_repeated(deleting, i) && !spare_placeholders(deleting, found, i))
            return false;
    for (int i = 0; i < count; i++)
        if (!is_repeated(deleting, i) && !require_unreferenced(deleting, i))
            return false;
    return true;
}

/* Rows of a reference table that Citus has deleted. */
struct deleted_copies {
    const struct deletion *deletion;
    struct id_set ids;
};

/* Each node deletes its copy of a row, and several may say so: Citus takes the answer of one node
 * alone only once that one has given all of its rows. */
static bool take_first(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct deleted_copies *copies = context;
    int64_t id = copy_out_integer(&fields[0]);

    if (id_set_contains(&copies->ids, id))
        return true;
    return id_set_add(&copies->ids, id)
               ? copies->deletion->row(copies->deletion->context, fields, error)
               : error_memory(error);
}

/* Runs under the session's search path. */
static bool delete_listed(const struct deletion *deletion, struct error *error)
{
    const struct table *table = deletion->table;
    struct deleted_copies copies = {.deletion = deletion};
    struct copy_out copy = {.field_count = 1, .row = deletion->row, .context = deletion->context};
    struct statement statement;
    bool deleted = false;

    if (distribution_of(deletion->connection, table) == DISTRIBUTION_REFERENCE) {
        assert(table->key_count == 1);
        copy.row = take_first;
        copy.context = &copies;
    }
    if (!statement_open(&statement, deletion->connection, error))
        return false;
    statement_add(&statement, "DELETE FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " t USING ");
    deletion_list_add_name(&statement, table);
    statement_add(&statement, " g WHERE ");
    merge_add_same_key_anywhere(&statement, table, "g", "t");
    statement_add(&statement, " RETURNING t.");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    copy.query = statement_text(&statement, error);
    if (copy.query != NULL)
        deleted = copy_out_rows(deletion->connection, &copy, error);
    statement_free(&statement);
    id_set_free(&copies.ids);
    return deleted;
}

static bool require_deleted(const struct deletion *deletion, struct error *error)
{
    const struct table *table = deletion->table;
    const char *keys[TABLE_KEY_MAX];
    char list[64];
    const struct shortfall shortfall = {.connection = deletion->connection,
                                        .table = table,
                                        .change = ACCESS_DELETE,
                                        .list = list,
                                        .keys = keys,
                                        .key_count = table->key_count};

    (void)snprintf(list, sizeof list, DELETION_LIST_PREFIX "%s", table->name);
    table_key_names(table, keys);
    return shortfall_check(&shortfall, error);
}

static bool delete_rows(const struct deletion *deletion, struct error *error)
{
    return search_path_use_session(deletion->connection, error) && delete_listed(deletion, error) &&
           search_path_restrict(deletion->connection, error) && require_deleted(deletion, error);
}

bool deletion_carry_out(const struct deletion *deletion, struct error *error)
{
    struct deleting deleting = {.connection = deletion->connection,
                                .table = deletion->table,
                                .former = deletion->former_references,
                                .error = error};
    bool done = check_references(&deleting, deletion->found) && delete_rows(deletion, error);

    PQclear(deleting.references);
    return done;
}

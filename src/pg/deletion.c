#include "pg/deletion.h"

#include "base/display.h"
#include "pg/merge.h"
#include "pg/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One table on its way to lose rows. */
struct deletion {
    struct connection *connection;
    const struct table *table;
    const struct catalog_table *found;
    PGresult *references; /* foreign keys that lead to the table */
    struct error *error;
};

static void add_list(struct statement *statement, const struct table *table)
{
    statement_add(statement, "pg_temp.timele_load_gone_%s", table->name);
}

static void add_key_columns(struct statement *statement, const struct table *table)
{
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(statement, "%st.", i == 0 ? "" : ", ");
        statement_identifier(statement, table->columns[table->key[i]].name);
    }
}

bool deletion_list(struct connection *connection, const struct table *table, int64_t floor,
                   uint64_t *count, struct error *error)
{
    struct statement statement;
    const char *sql;
    unsigned long long rows = 0;
    bool listed = false;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement,
                  "CREATE TEMPORARY TABLE timele_load_gone_%s ON COMMIT DROP AS SELECT ",
                  table->name);
    add_key_columns(&statement, table);
    statement_add(&statement, " FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " t WHERE NOT EXISTS (SELECT FROM ");
    merge_add_stage(&statement, table);
    statement_add(&statement, " s WHERE ");
    merge_add_same_key(&statement, table, "s", "t");
    statement_add(&statement, ")");
    if (floor > 0) {
        statement_add(&statement, " AND t.");
        statement_identifier(&statement, table->columns[table->key[0]].name);
        statement_add(&statement, " < %" PRId64, floor);
    }
    sql = statement_text(&statement, error);
    if (sql != NULL)
        listed = connection_execute_counted(connection, sql, &rows, error);
    statement_free(&statement);
    *count = rows;
    return listed;
}

enum { REFERENCE_TABLE, REFERENCE_MATCH, REFERENCE_LABEL, REFERENCE_IS_SELF, REFERENCE_COLUMNS };

/* $1 and $2 are schema and table: a row a foreign key that leads to the table, the columns above.
 */
extern const char foreign_keys_to_table_sql[];

static bool find_references(struct deletion *deletion)
{
    const char *const parameters[] = {deletion->table->schema, deletion->table->name};

    return connection_query(deletion->connection, foreign_keys_to_table_sql, 2, parameters,
                            REFERENCE_COLUMNS, &deletion->references, deletion->error);
}

static const char *reference(const struct deletion *deletion, int number, int column)
{
    return PQgetvalue(deletion->references, number, column);
}

static bool open_statement(const struct deletion *deletion, struct statement *statement)
{
    return statement_open(statement, deletion->connection, deletion->error);
}

/* Who points to a row has to lock it first, and waits from here on: nothing can come to point to
 * what is about to be deleted, and be cascaded away. */
static bool lock_rows(const struct deletion *deletion)
{
    struct statement query;
    const char *sql;
    PGresult *counted = NULL;
    bool locked = false;

    if (!open_statement(deletion, &query))
        return false;
    statement_add(&query, "WITH locked AS (SELECT FROM ");
    statement_qualified(&query, deletion->table->schema, deletion->table->name);
    statement_add(&query, " t JOIN ");
    add_list(&query, deletion->table);
    statement_add(&query, " g ON ");
    merge_add_same_key(&query, deletion->table, "g", "t");
    statement_add(&query, " FOR UPDATE OF t) SELECT count(*) FROM locked");
    sql = statement_text(&query, deletion->error);
    if (sql != NULL)
        locked =
            connection_query_row(deletion->connection, sql, 0, NULL, 1, &counted, deletion->error);
    PQclear(counted);
    statement_free(&query);
    return locked;
}

/* A row that goes as well does not hold another of its table back. */
static void add_stays(struct statement *statement, const struct deletion *deletion, int number)
{
    if (reference(deletion, number, REFERENCE_IS_SELF)[0] != 't')
        return;
    statement_add(statement, " AND NOT EXISTS (SELECT FROM ");
    add_list(statement, deletion->table);
    statement_add(statement, " x WHERE ");
    merge_add_same_key(statement, deletion->table, "x", "r");
    statement_add(statement, ")");
}

/* Takes placeholders that the foreign key leads to off the list. */
static bool spare_placeholders(const struct deletion *deletion, int number)
{
    int mark = table_inferred_column(deletion->table);
    struct statement statement;
    bool spared;

    if (mark < 0 || !deletion->found->columns[mark].present)
        return true;
    if (!open_statement(deletion, &statement))
        return false;
    statement_add(&statement, "DELETE FROM ");
    add_list(&statement, deletion->table);
    statement_add(&statement, " g USING ");
    statement_qualified(&statement, deletion->table->schema, deletion->table->name);
    statement_add(&statement, " t WHERE ");
    merge_add_same_key(&statement, deletion->table, "g", "t");
    statement_add(&statement, " AND t.");
    statement_identifier(&statement, deletion->table->columns[mark].name);
    statement_add(&statement, " AND EXISTS (SELECT FROM %s r WHERE %s",
                  reference(deletion, number, REFERENCE_TABLE),
                  reference(deletion, number, REFERENCE_MATCH));
    add_stays(&statement, deletion, number);
    statement_add(&statement, ")");
    spared = statement_execute(&statement, deletion->error);
    statement_free(&statement);
    return spared;
}

/* The query for the first rows that point to a listed one: what names each of the two, and how many
 * there are in all. */
static const char *ask_who_points(const struct deletion *deletion, int number,
                                  struct statement *query)
{
    statement_add(query, "SELECT concat_ws(', ', %s), concat_ws(', ', ",
                  reference(deletion, number, REFERENCE_LABEL));
    add_key_columns(query, deletion->table);
    statement_add(query, "), count(*) OVER () FROM ");
    add_list(query, deletion->table);
    statement_add(query, " g JOIN ");
    statement_qualified(query, deletion->table->schema, deletion->table->name);
    statement_add(query, " t ON ");
    merge_add_same_key(query, deletion->table, "g", "t");
    statement_add(query, " JOIN %s r ON %s", reference(deletion, number, REFERENCE_TABLE),
                  reference(deletion, number, REFERENCE_MATCH));
    add_stays(query, deletion, number);
    statement_add(query, " ORDER BY ");
    add_key_columns(query, deletion->table);
    statement_add(query, ", %s LIMIT 5", reference(deletion, number, REFERENCE_LABEL));
    return statement_text(query, deletion->error);
}

static bool refuse(const struct deletion *deletion, int number, const PGresult *rows)
{
    const struct table *table = deletion->table;
    const char *pointing = reference(deletion, number, REFERENCE_TABLE);
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
    (void)error_set(deletion->error, ERROR_DATABASE,
                    "rows of %s.%s that no file names cannot be deleted: %s row%s of %s point%s to "
                    "them",
                    table->schema, table->name, count, strcmp(count, "1") == 0 ? "" : "s", pointing,
                    strcmp(count, "1") == 0 ? "s" : "");
    (void)error_detail(deletion->error, "%s%s", examples,
                       strtoull(count, NULL, 10) > (unsigned long long)PQntuples(rows) ? ", ..."
                                                                                       : "");
    return error_hint(deletion->error,
                      "Nothing was changed. Put the rows of %s.%s into the files again, or take "
                      "care of those that point to them first.",
                      table->schema, table->name);
}

static bool require_unreferenced(const struct deletion *deletion, int number)
{
    struct statement query;
    const char *sql;
    PGresult *rows = NULL;
    bool free_of_references = false;

    if (!open_statement(deletion, &query))
        return false;
    sql = ask_who_points(deletion, number, &query);
    if (sql != NULL &&
        connection_query(deletion->connection, sql, 0, NULL, 3, &rows, deletion->error))
        free_of_references = PQntuples(rows) == 0 || refuse(deletion, number, rows);
    PQclear(rows);
    statement_free(&query);
    return free_of_references;
}

/* All placeholders first: one that stays may be what another foreign key has to leave alone. */
static bool check_references(struct deletion *deletion)
{
    int count;

    if (!find_references(deletion))
        return false;
    count = PQntuples(deletion->references);
    if (count > 0 && !lock_rows(deletion))
        return false;
    for (int i = 0; i < count; i++)
        if (!spare_placeholders(deletion, i))
            return false;
    for (int i = 0; i < count; i++)
        if (!require_unreferenced(deletion, i))
            return false;
    return true;
}

static bool delete_rows(const struct deletion *deletion, copy_out_row *row, void *context)
{
    const struct table *table = deletion->table;
    struct statement statement;
    const char *sql;
    bool deleted = false;

    if (!open_statement(deletion, &statement))
        return false;
    statement_add(&statement, "DELETE FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " t USING ");
    add_list(&statement, table);
    statement_add(&statement, " g WHERE ");
    merge_add_same_key(&statement, table, "g", "t");
    statement_add(&statement, " RETURNING t.");
    statement_identifier(&statement, table->columns[table->key[0]].name);
    sql = statement_text(&statement, deletion->error);
    if (sql != NULL)
        deleted = copy_out_rows(deletion->connection, sql, 1, row, context, deletion->error);
    statement_free(&statement);
    return deleted;
}

bool deletion_carry_out(struct connection *connection, const struct table *table,
                        const struct catalog_table *found, copy_out_row *row, void *context,
                        struct error *error)
{
    struct deletion deletion = {
        .connection = connection, .table = table, .found = found, .error = error};
    bool done = check_references(&deletion) && delete_rows(&deletion, row, context);

    PQclear(deletion.references);
    return done;
}

#include "schema/verify_check.h"

#include "pg/query.h"

#include <stdio.h>
#include <stdlib.h>

/* "alias.column" */
static void add_column(struct statement *statement, const char *alias, const char *column)
{
    statement_add(statement, "%s.", alias);
    statement_identifier(statement, column);
}

static const char *key_name(const struct table *table)
{
    return table->columns[table->key[0]].name;
}

static void add_from(struct statement *statement, const struct table *table)
{
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, " r");
}

static void add_labelled(struct statement *statement, const char *column)
{
    statement_add(statement, ", '%s ' || ", column);
    add_column(statement, "r", column);
}

/* The key, which names the row, and the column, which leads to no row. */
static void add_reference_example(struct statement *statement, const struct verify_check *check)
{
    const struct table *table = check->table;
    bool shown = false;

    statement_add(statement, "concat_ws(', '");
    for (size_t i = 0; i < table->key_count; i++) {
        const struct column *key = &table->columns[table->key[i]];

        add_labelled(statement, key->name);
        shown = shown || key == check->column;
    }
    if (!shown)
        add_labelled(statement, check->column->name);
    statement_add(statement, ")");
}

void verify_add_reference(struct statement *statement, const struct verify_check *check,
                          enum verify_part part)
{
    const struct table *parent = table_get(check->column->references);

    switch (part) {
    case PART_ROWS:
        add_from(statement, check->table);
        statement_add(statement, " LEFT JOIN ");
        statement_qualified(statement, parent->schema, parent->name);
        statement_add(statement, " p ON ");
        add_column(statement, "p", key_name(parent));
        statement_add(statement, " = ");
        add_column(statement, "r", check->column->name);
        break;
    case PART_BROKEN:
        add_column(statement, "p", key_name(parent));
        statement_add(statement, " IS NULL AND ");
        add_column(statement, "r", check->column->name);
        statement_add(statement, " IS NOT NULL");
        break;
    case PART_ORDER:
        for (size_t i = 0; i < check->table->key_count; i++) {
            statement_add(statement, "%s", i == 0 ? "" : ", ");
            add_column(statement, "r", check->table->columns[check->table->key[i]].name);
        }
        break;
    case PART_EXAMPLE:
        add_reference_example(statement, check);
    }
}

/* Version and variant of RFC 9562, 4.1 and 4.2, stand in the first bits of bytes 6 and 8. */
void verify_add_random(struct statement *statement, const struct verify_check *check,
                       enum verify_part part)
{
    switch (part) {
    case PART_ROWS:
        statement_add(statement, "(SELECT ");
        statement_identifier(statement, key_name(check->table));
        statement_add(statement, " AS id, ");
        statement_identifier(statement, check->column->name);
        statement_add(statement, " AS value FROM ");
        statement_qualified(statement, check->table->schema, check->table->name);
        statement_add(statement, ") r");
        break;
    case PART_BROKEN:
        statement_add(statement, "(r.value IS NULL OR get_byte(uuid_send(r.value), 6) >> 4 <> 4 "
                                 "OR get_byte(uuid_send(r.value), 8) >> 6 <> 2)");
        break;
    case PART_ORDER:
        statement_add(statement, "r.id");
        break;
    case PART_EXAMPLE:
        statement_add(statement, "concat('id ', r.id, ': ', coalesce(r.value::text, 'none'))");
    }
}

/* How many rows of a table have a value, with the first and the last of them; up to FROM. */
static void add_times(struct statement *statement, const struct table *table)
{
    statement_add(statement, "count(*) AS times, min(");
    statement_identifier(statement, key_name(table));
    statement_add(statement, ") AS first, max(");
    statement_identifier(statement, key_name(table));
    statement_add(statement, ") AS last FROM ");
    statement_qualified(statement, table->schema, table->name);
}

void verify_add_unique(struct statement *statement, const struct verify_check *check,
                       enum verify_part part)
{
    switch (part) {
    case PART_ROWS:
        statement_add(statement, "(SELECT ");
        add_times(statement, check->table);
        statement_add(statement, " WHERE ");
        statement_identifier(statement, check->column->name);
        statement_add(statement, " IS NOT NULL GROUP BY ");
        statement_identifier(statement, check->column->name);
        statement_add(statement, ") r");
        break;
    case PART_BROKEN:
        statement_add(statement, "r.times > 1");
        break;
    case PART_ORDER:
        statement_add(statement, "r.first");
        break;
    case PART_EXAMPLE:
        statement_add(statement, "concat('ids ', r.first, ' and ', r.last, ' have the same', "
                                 "CASE WHEN r.times > 2 THEN concat(' (', r.times, ' rows)') END)");
    }
}

void verify_add_number(struct statement *statement, const struct verify_check *check,
                       enum verify_part part)
{
    const struct table *table = check->table;

    switch (part) {
    case PART_ROWS:
        statement_add(statement, "(SELECT ");
        statement_identifier(statement, table->sequence_column);
        statement_add(statement, " AS number, ");
        add_times(statement, table);
        statement_add(statement, " GROUP BY ");
        statement_identifier(statement, table->sequence_column);
        statement_add(statement, ") r");
        break;
    case PART_BROKEN:
        statement_add(statement, "r.times > 1");
        break;
    case PART_ORDER:
        statement_add(statement, "r.number");
        break;
    case PART_EXAMPLE:
        statement_add(statement,
                      "format('%s %%s stands in %%s rows: %s %%s, %s %%s', "
                      "r.number, r.times, r.first, r.last)",
                      table->sequence_column, key_name(table), key_name(table));
    }
}

void verify_add_described(struct statement *statement, const struct verify_check *check,
                          enum verify_part part)
{
    const struct invariant *invariant = check->invariant;
    const char *const parts[] = {
        [PART_ROWS] = invariant->rows,
        [PART_BROKEN] = invariant->broken,
        [PART_ORDER] = invariant->order,
        [PART_EXAMPLE] = invariant->example,
    };

    statement_add(statement, "%s", parts[part]);
}

/* A query for one row of two counts. Frees it. */
static bool ask_counts(struct statement *statement, unsigned long long counts[2],
                       const struct session *session)
{
    const struct query query = {.sql = statement_text(statement, session->error), .columns = 2};
    PGresult *row = NULL;
    bool counted = query.sql != NULL &&
                   connection_query_row(session->connection, &query, &row, session->error);

    for (int i = 0; counted && i < 2; i++)
        counts[i] = strtoull(PQgetvalue(row, 0, i), NULL, 10);
    PQclear(row);
    statement_free(statement);
    return counted;
}

static bool count_rows(const struct verify_check *check, struct verify_result *result,
                       const struct session *session)
{
    unsigned long long counts[2] = {0};
    struct statement query;

    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT count(*), count(*) FILTER (WHERE ");
    check->add(&query, check, PART_BROKEN);
    statement_add(&query, ") FROM ");
    check->add(&query, check, PART_ROWS);
    if (!ask_counts(&query, counts, session))
        return false;
    result->checked = counts[0];
    result->broken = counts[1];
    return true;
}

/* Takes a fifth of the time of count_rows, for which nodes send each value with what an example
 * needs. */
static bool count_values(const struct verify_check *check, struct verify_result *result,
                         bool *are_distinct, const struct session *session)
{
    unsigned long long counts[2] = {0};
    struct statement query;

    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT count(DISTINCT ");
    statement_identifier(&query, check->distinct);
    statement_add(&query, "), count(");
    statement_identifier(&query, check->distinct);
    statement_add(&query, ") FROM ");
    statement_qualified(&query, check->table->schema, check->table->name);
    if (!ask_counts(&query, counts, session))
        return false;
    result->checked = counts[0];
    *are_distinct = counts[0] == counts[1];
    return true;
}

static bool take_examples(const PGresult *rows, struct verify_result *result, struct error *error)
{
    result->examples = calloc((size_t)PQntuples(rows) + 1, sizeof *result->examples);
    if (result->examples == NULL)
        return error_memory(error);
    for (int row = 0; row < PQntuples(rows); row++)
        (void)snprintf(result->examples[result->example_count++], VERIFY_EXAMPLE_SIZE, "%s",
                       PQgetvalue(rows, row, 0));
    return true;
}

static bool find_examples(const struct verify_check *check, struct verify_result *result,
                          const struct session *session)
{
    struct query query = {.columns = 1};
    struct statement text;
    PGresult *rows = NULL;
    bool found = false;

    if (!statement_open(&text, session->connection, session->error))
        return false;
    statement_add(&text, "SELECT ");
    check->add(&text, check, PART_EXAMPLE);
    statement_add(&text, " FROM ");
    check->add(&text, check, PART_ROWS);
    statement_add(&text, " WHERE ");
    check->add(&text, check, PART_BROKEN);
    statement_add(&text, " ORDER BY ");
    check->add(&text, check, PART_ORDER);
    statement_add(&text, " LIMIT %d", VERIFY_EXAMPLES_MAX);
    query.sql = statement_text(&text, session->error);
    if (query.sql != NULL && connection_query(session->connection, &query, &rows, session->error))
        found = take_examples(rows, result, session->error);
    PQclear(rows);
    statement_free(&text);
    return found;
}

bool verify_check_run(const struct verify_check *check, struct verify_result *result,
                      const struct session *session)
{
    bool are_distinct = false;

    if (check->distinct != NULL && !count_values(check, result, &are_distinct, session))
        return false;
    return are_distinct || (count_rows(check, result, session) &&
                            (result->broken == 0 || find_examples(check, result, session)));
}

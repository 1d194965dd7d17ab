#include "schema/verify.h"

#include "pg/statement.h"
#include "schema/verify_settings.h"
#include "table/invariant.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The parts that the two queries about an invariant are made of: the rows to look at, a condition
 * that breaks it, the order of the examples, the text of an example. */
enum part { PART_ROWS, PART_BROKEN, PART_ORDER, PART_EXAMPLE };

struct check;
typedef void add_part(struct statement *statement, const struct check *check, enum part part);

/* An invariant: `add` adds a part of its queries, from those of the members that it needs. */
struct check {
    add_part *add;
    const struct table *table;
    const struct column *column;
    const struct invariant *invariant;
};

struct verifying {
    const struct verify_table *tables;
    struct verify_results *results;
    const struct session *session;
};

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
static void add_reference_example(struct statement *statement, const struct check *check)
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

static void add_reference(struct statement *statement, const struct check *check, enum part part)
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
static void add_random(struct statement *statement, const struct check *check, enum part part)
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

static void add_unique(struct statement *statement, const struct check *check, enum part part)
{
    switch (part) {
    case PART_ROWS:
        statement_add(statement, "(SELECT count(*) AS times, min(");
        statement_identifier(statement, key_name(check->table));
        statement_add(statement, ") AS first, max(");
        statement_identifier(statement, key_name(check->table));
        statement_add(statement, ") AS last FROM ");
        statement_qualified(statement, check->table->schema, check->table->name);
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

static void add_described(struct statement *statement, const struct check *check, enum part part)
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

static bool ask(struct verifying *verifying, struct statement *statement, int columns,
                PGresult **rows)
{
    const struct session *session = verifying->session;
    const struct query query = {.sql = statement_text(statement, session->error),
                                .columns = columns};

    return query.sql != NULL && connection_query(session->connection, &query, rows, session->error);
}

static bool count_rows(struct verifying *verifying, const struct check *check,
                       struct verify_result *result)
{
    struct statement query;
    PGresult *rows = NULL;
    bool counted;

    if (!statement_open(&query, verifying->session->connection, verifying->session->error))
        return false;
    statement_add(&query, "SELECT count(*), count(*) FILTER (WHERE ");
    check->add(&query, check, PART_BROKEN);
    statement_add(&query, ") FROM ");
    check->add(&query, check, PART_ROWS);
    counted = ask(verifying, &query, 2, &rows);
    if (counted && PQntuples(rows) == 1) {
        result->checked = strtoull(PQgetvalue(rows, 0, 0), NULL, 10);
        result->broken = strtoull(PQgetvalue(rows, 0, 1), NULL, 10);
    }
    PQclear(rows);
    statement_free(&query);
    return counted;
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

static bool find_examples(struct verifying *verifying, const struct check *check,
                          struct verify_result *result)
{
    struct statement query;
    PGresult *rows = NULL;
    bool found;

    if (!statement_open(&query, verifying->session->connection, verifying->session->error))
        return false;
    statement_add(&query, "SELECT ");
    check->add(&query, check, PART_EXAMPLE);
    statement_add(&query, " FROM ");
    check->add(&query, check, PART_ROWS);
    statement_add(&query, " WHERE ");
    check->add(&query, check, PART_BROKEN);
    statement_add(&query, " ORDER BY ");
    check->add(&query, check, PART_ORDER);
    statement_add(&query, " LIMIT %d", VERIFY_EXAMPLES_MAX);
    found =
        ask(verifying, &query, 1, &rows) && take_examples(rows, result, verifying->session->error);
    PQclear(rows);
    statement_free(&query);
    return found;
}

/* Adds a result and begins its phase; NULL when memory ran out. */
static struct verify_result *add_result(struct verifying *verifying, const char *name)
{
    struct verify_results *results = verifying->results;
    struct verify_result *added = list_add(&results->list, sizeof *added, 1);

    if (added == NULL) {
        (void)error_memory(verifying->session->error);
        return NULL;
    }
    *added = (struct verify_result){0};
    (void)snprintf(added->name, sizeof added->name, "%s", name);
    phase_begin(verifying->session->phases, "verify", "%s", name);
    return added;
}

static bool look(struct verifying *verifying, const char *name, const char *constraint,
                 const struct check *check)
{
    struct verify_result *result = add_result(verifying, name);

    if (result == NULL || !count_rows(verifying, check, result))
        return false;
    result->constraint = constraint;
    if (result->broken == 0)
        return true;
    verifying->results->broken_count++;
    return find_examples(verifying, check, result);
}

static bool look_at_reference(struct verifying *verifying, const struct table *table,
                              const struct column *column)
{
    const struct check check = {.add = add_reference, .table = table, .column = column};
    const struct table *parent = table_get(column->references);
    struct catalog_foreign_key found;
    char name[VERIFY_NAME_SIZE];

    if (!catalog_read_foreign_key(verifying->session->connection, table, column, &found,
                                  verifying->session->error))
        return false;
    (void)snprintf(name, sizeof name, "%s.%s -> %s.%s", table->name, column->name, parent->schema,
                   parent->name);
    return look(verifying, name,
                !found.present    ? "not there"
                : found.validated ? "valid"
                                  : "not valid",
                &check);
}

static bool look_at_external_id(struct verifying *verifying, const struct table *table,
                                const struct column *column)
{
    const struct check random = {.add = add_random, .table = table, .column = column};
    const struct check unique = {.add = add_unique, .table = table, .column = column};
    char name[VERIFY_NAME_SIZE];

    (void)snprintf(name, sizeof name, "%s.%s: version 4, not NULL", table->name, column->name);
    if (!look(verifying, name, NULL, &random))
        return false;
    (void)snprintf(name, sizeof name, "%s.%s: unique", table->name, column->name);
    return look(verifying, name, NULL, &unique);
}

static bool look_at_columns(struct verifying *verifying, bool references)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        for (size_t i = 0; i < table->column_count; i++) {
            const struct column *column = &table->columns[i];

            if (references ? column->has_reference && !look_at_reference(verifying, table, column)
                           : column->absent == ABSENT_RANDOM_UUID &&
                                 !look_at_external_id(verifying, table, column))
                return false;
        }
    }
    return true;
}

/* Whether the ledger says in which transaction each run was, and the user may read all of
 * that. */
static bool find_runs(struct verifying *verifying, bool *found)
{
    const struct query query = {
        .sql =
            "SELECT has_schema_privilege(n.oid, 'USAGE') "
            "AND has_table_privilege(c.oid, 'SELECT') "
            "AND NOT row_security_active(c.oid) FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'timele_load' AND c.relname = 'runs' "
            "AND a.attname = 'transaction_id' AND a.atttypid = 'pg_catalog.xid8'::regtype",
        .columns = 1};
    PGresult *rows;

    if (!connection_query(verifying->session->connection, &query, &rows, verifying->session->error))
        return false;
    *found = PQntuples(rows) == 1 && PQgetvalue(rows, 0, 0)[0] == 't';
    PQclear(rows);
    return true;
}

static bool look_at_described(struct verifying *verifying)
{
    bool has_runs = false;

    if (!find_runs(verifying, &has_runs))
        return false;
    for (size_t i = 0; i < invariant_count; i++) {
        const struct invariant *invariant = &invariants[i];
        const struct check check = {.add = add_described, .invariant = invariant};

        if (invariant->marker != NULL) {
            int marker = table_column_named(table_get(invariant->marked), invariant->marker);

            if (!verifying->tables[invariant->marked].catalog->columns[marker].present)
                continue;
        }
        if (invariant->needs_runs && !has_runs)
            continue;
        if (!look(verifying, invariant->name, NULL, &check))
            return false;
    }
    return true;
}

/* If the run ended here, it would set the sequence to give `next`: it must give at least that. */
static bool look_at_sequence(struct verifying *verifying, const struct table *table,
                             const struct verify_table *known)
{
    struct sequence sequence = *known->sequence;
    struct verify_result *result;
    char name[VERIFY_NAME_SIZE];

    (void)snprintf(name, sizeof name, "%s.%s: next value", table->name, table->sequence_column);
    result = add_result(verifying, name);
    if (result == NULL ||
        !sequence_advance(table, known->floor, true, &sequence, verifying->session))
        return false;
    result->checked = 1;
    if (known->sequence_will_be_set || sequence.next == sequence.before)
        return true;
    result->examples = calloc(1, sizeof *result->examples);
    if (result->examples == NULL)
        return error_memory(verifying->session->error);
    result->broken = 1;
    verifying->results->broken_count++;
    result->example_count = 1;
    (void)snprintf(result->examples[0], sizeof result->examples[0],
                   "%s.%s gives %" PRId64 " next; must be %" PRId64 " at least", sequence.schema,
                   sequence.name, sequence.before, sequence.next);
    return true;
}

static bool look_at_sequences(struct verifying *verifying)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        if (verifying->tables[id].sequence->present &&
            !look_at_sequence(verifying, table, &verifying->tables[id]))
            return false;
    }
    return true;
}

bool verify(const struct verify_table tables[TABLE_COUNT], struct verify_results *results,
            const struct session *session)
{
    struct verifying verifying = {.tables = tables, .results = results, .session = session};

    for (int id = 0; id < TABLE_COUNT; id++)
        assert(tables[id].catalog->read);
    return verify_settings_set(tables, session) && look_at_columns(&verifying, true) &&
           look_at_columns(&verifying, false) && look_at_described(&verifying) &&
           look_at_sequences(&verifying);
}

void verify_results_free(struct verify_results *results)
{
    for (size_t i = 0; i < results->list.count; i++)
        free(((struct verify_result *)results->list.items)[i].examples);
    list_free(&results->list);
    *results = (struct verify_results){0};
}

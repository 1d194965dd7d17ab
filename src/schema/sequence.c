#include "schema/sequence.h"

#include "pg/distribution.h"
#include "pg/query.h"
#include "pg/statement.h"
#include "schema/name_arrays.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* $1 to $3 are arrays of schemas, tables and columns: a row a column that draws from a sequence,
 * the columns below. */
extern const char sequences_of_columns_sql[];

enum {
    SEQUENCE_PLACE,
    SEQUENCE_SCHEMA,
    SEQUENCE_NAME,
    SEQUENCE_MINIMUM,
    SEQUENCE_MAXIMUM,
    SEQUENCE_SETTABLE,
    SEQUENCE_OWNED,
    SEQUENCE_READABLE,
    SEQUENCE_COLUMNS
};

static void take_sequence(const PGresult *rows, int row, struct sequence *sequence)
{
    sequence->present = true;
    (void)snprintf(sequence->schema, sizeof sequence->schema, "%s",
                   PQgetvalue(rows, row, SEQUENCE_SCHEMA));
    (void)snprintf(sequence->name, sizeof sequence->name, "%s",
                   PQgetvalue(rows, row, SEQUENCE_NAME));
    sequence->minimum = strtoll(PQgetvalue(rows, row, SEQUENCE_MINIMUM), NULL, 10);
    sequence->maximum = strtoll(PQgetvalue(rows, row, SEQUENCE_MAXIMUM), NULL, 10);
    sequence->settable = PQgetvalue(rows, row, SEQUENCE_SETTABLE)[0] == 't';
    sequence->owned = PQgetvalue(rows, row, SEQUENCE_OWNED)[0] == 't';
    sequence->readable = PQgetvalue(rows, row, SEQUENCE_READABLE)[0] == 't';
}

bool sequence_find(const struct table *const *tables, size_t count, struct sequence *sequences,
                   const struct session *session)
{
    const struct query query = {.sql = sequences_of_columns_sql, .columns = SEQUENCE_COLUMNS};
    struct name_arrays arrays = {0};
    PGresult *rows = NULL;
    bool found = true;

    memset(sequences, 0, count * sizeof *sequences);
    for (size_t i = 0; found && i < count; i++) {
        const char *const names[] = {tables[i]->schema, tables[i]->name,
                                     tables[i]->sequence_column};

        assert(tables[i]->sequence_column != NULL);
        found = name_arrays_add(&arrays, names, 3, session->error);
    }
    found = found && name_arrays_ask(&arrays, 3, query, session->connection, &rows, session->error);
    for (int row = 0; found && row < PQntuples(rows); row++)
        take_sequence(rows, row, &sequences[name_arrays_place(rows, row, count)]);
    PQclear(rows);
    name_arrays_free(&arrays);
    return found;
}

/* The highest id that Citus lets the coordinator's sequence give. It has given the ids above to the
 * sequences of the other nodes, 2^48 to each. */
#define COORDINATOR_ID_MAX (INT64_C(1) << 48)

static void add_highest_id(struct statement *statement, const struct table *table)
{
    statement_add(statement, "(SELECT max(");
    statement_identifier(statement, table->sequence_column);
    statement_add(statement, ")::bigint + 1 FROM ");
    statement_qualified(statement, table->schema, table->name);
    if (distribution_of(statement->connection, table) != DISTRIBUTION_LOCAL) {
        statement_add(statement, " WHERE ");
        statement_identifier(statement, table->sequence_column);
        statement_add(statement, " <= %" PRId64, COORDINATOR_ID_MAX);
    }
    statement_add(statement, ")");
}

/* One query reads, decides and sets: the application gets no id in between. */
static void add_advance(struct statement *statement, size_t place,
                        const struct sequence_advance *advance, bool rehearse)
{
    statement_add(statement,
                  "SELECT %zu, CASE WHEN wanted > next THEN %s ELSE next END, next FROM (", place,
                  rehearse ? "wanted" : "setval(sequence, wanted, false)");
    statement_add(statement,
                  "SELECT q.tableoid::regclass AS sequence, "
                  "q.last_value + CASE WHEN q.is_called THEN s.seqincrement "
                  "ELSE 0 END AS next, greatest(%" PRId64 ", ",
                  advance->floor > 0 ? advance->floor : 1);
    add_highest_id(statement, advance->table);
    statement_add(statement, ") AS wanted FROM ");
    statement_qualified(statement, advance->sequence->schema, advance->sequence->name);
    statement_add(statement, " q JOIN pg_sequence s ON s.seqrelid = q.tableoid) decision");
}

static void take_advances(const PGresult *rows, const struct sequence_advance *advances,
                          size_t count)
{
    for (int row = 0; row < PQntuples(rows); row++) {
        struct sequence *sequence = advances[name_arrays_place(rows, row, count)].sequence;

        sequence->next = strtoll(PQgetvalue(rows, row, 1), NULL, 10);
        sequence->before = strtoll(PQgetvalue(rows, row, 2), NULL, 10);
    }
}

bool sequence_advance(const struct sequence_advance *advances, size_t count, bool rehearse,
                      const struct session *session)
{
    struct query query = {.columns = 3};
    struct statement statement;
    PGresult *rows = NULL;
    bool advanced = false;

    if (count == 0)
        return true;
    if (!statement_open(&statement, session->connection, session->error))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct sequence *sequence = advances[i].sequence;

        assert(sequence->present && (sequence->settable || (rehearse && sequence->readable)));
        statement_add(&statement, "%s", i == 0 ? "" : " UNION ALL ");
        add_advance(&statement, i + 1, &advances[i], rehearse);
    }
    query.sql = statement_text(&statement, session->error);
    if (query.sql != NULL && connection_query(session->connection, &query, &rows, session->error)) {
        advanced = (size_t)PQntuples(rows) == count ||
                   error_set(session->error, ERROR_INTERNAL, "%d of %zu sequences were found",
                             PQntuples(rows), count);
        take_advances(rows, advances, count);
    }
    PQclear(rows);
    statement_free(&statement);
    return advanced;
}

static bool alter(const struct sequence *sequence, const char *clauses,
                  const struct session *session)
{
    struct statement statement;
    bool altered;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "ALTER SEQUENCE ");
    statement_qualified(&statement, sequence->schema, sequence->name);
    statement_add(&statement, " %s", clauses);
    altered = statement_execute(&statement, session->error);
    statement_free(&statement);
    return altered;
}

/* Any ALTER SEQUENCE gives the sequence a new file with the state of the old one, and a rollback
 * takes the new file away again. So an ALTER that changes nothing will do (PostgreSQL manual, ALTER
 * SEQUENCE, "Notes"). */
bool sequence_make_draws_transactional(const struct sequence *sequence,
                                       const struct session *session)
{
    char clauses[48];

    assert(sequence->present && sequence->owned);
    (void)snprintf(clauses, sizeof clauses, "MINVALUE %" PRId64, sequence->minimum);
    return alter(sequence, clauses, session);
}

/* Whether no id was ever drawn: the sequence stands where its MINVALUE put it. */
static bool find_unused(const struct sequence *sequence, bool *unused,
                        const struct session *session)
{
    struct statement query;
    bool asked;

    if (!statement_open(&query, session->connection, session->error))
        return false;
    statement_add(&query, "SELECT last_value = %" PRId64 " AND NOT is_called FROM ",
                  sequence->minimum);
    statement_qualified(&query, sequence->schema, sequence->name);
    asked = statement_ask(&query, unused, session->error);
    statement_free(&query);
    return asked;
}

/* A rehearsal has not moved the last value past the floor; the server then takes the MINVALUE only
 * together with RESTART. */
static bool set_minimum(const struct sequence *sequence, int64_t floor, bool rehearse,
                        const struct session *session)
{
    char clauses[112], restart[32] = "";

    if (rehearse)
        (void)snprintf(restart, sizeof restart, " RESTART %" PRId64, sequence->next);
    (void)snprintf(clauses, sizeof clauses, "MINVALUE %" PRId64 " START %" PRId64 "%s", floor,
                   floor, restart);
    return alter(sequence, clauses, session);
}

bool sequence_set_floor(struct sequence *sequence, int64_t floor, bool rehearse,
                        const struct session *session)
{
    bool unused = false;

    assert(sequence->next != 0); /* sequence_advance has set it */
    if (!set_minimum(sequence, floor, rehearse, session))
        return false;
    if (floor > sequence->minimum)
        return true;
    /* Looked at after ALTER has locked the sequence: nobody can draw an id in between. */
    if (!find_unused(sequence, &unused, session))
        return false;
    if (!unused)
        return true;
    sequence->next = floor;
    return alter(sequence, "RESTART", session);
}

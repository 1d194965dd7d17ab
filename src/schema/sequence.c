#include "schema/sequence.h"

#include "pg/statement.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* $1 to $3 are schema, table and column: one row at most, the columns below. */
extern const char sequence_of_column_sql[];

enum {
    SEQUENCE_SCHEMA,
    SEQUENCE_NAME,
    SEQUENCE_MINIMUM,
    SEQUENCE_MAXIMUM,
    SEQUENCE_SETTABLE,
    SEQUENCE_OWNED,
    SEQUENCE_READABLE,
    SEQUENCE_COLUMNS
};

static void take_sequence(const PGresult *rows, struct sequence *sequence)
{
    sequence->present = true;
    (void)snprintf(sequence->schema, sizeof sequence->schema, "%s",
                   PQgetvalue(rows, 0, SEQUENCE_SCHEMA));
    (void)snprintf(sequence->name, sizeof sequence->name, "%s", PQgetvalue(rows, 0, SEQUENCE_NAME));
    sequence->minimum = strtoll(PQgetvalue(rows, 0, SEQUENCE_MINIMUM), NULL, 10);
    sequence->maximum = strtoll(PQgetvalue(rows, 0, SEQUENCE_MAXIMUM), NULL, 10);
    sequence->settable = PQgetvalue(rows, 0, SEQUENCE_SETTABLE)[0] == 't';
    sequence->owned = PQgetvalue(rows, 0, SEQUENCE_OWNED)[0] == 't';
    sequence->readable = PQgetvalue(rows, 0, SEQUENCE_READABLE)[0] == 't';
}

bool sequence_find(const struct table *table, struct sequence *sequence,
                   const struct session *session)
{
    const char *const parameters[] = {table->schema, table->name, table->sequence_column};
    const struct query query = {.sql = sequence_of_column_sql,
                                .parameters = parameters,
                                .parameter_count = 3,
                                .columns = SEQUENCE_COLUMNS};
    PGresult *rows;

    assert(table->sequence_column != NULL);
    *sequence = (struct sequence){0};
    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    if (PQntuples(rows) > 0)
        take_sequence(rows, sequence);
    PQclear(rows);
    return true;
}

/* One statement reads, decides and sets: the application gets no id in between. */
static void build_advance(struct statement *statement, const struct table *table, int64_t floor,
                          bool rehearse, const struct sequence *sequence)
{
    statement_add(statement, "SELECT CASE WHEN wanted > next THEN %s ELSE next END, next FROM (",
                  rehearse
                      ? "wanted"
                      : "setval(format('%I.%I', $1::text, $2::text)::regclass, wanted, false)");
    statement_add(statement,
                  "SELECT q.last_value + CASE WHEN q.is_called THEN s.seqincrement "
                  "ELSE 0 END AS next, greatest(%" PRId64 ", (SELECT max(",
                  floor > 0 ? floor : 1);
    statement_identifier(statement, table->sequence_column);
    statement_add(statement, ")::bigint + 1 FROM ");
    statement_qualified(statement, table->schema, table->name);
    statement_add(statement, ")) AS wanted FROM ");
    statement_qualified(statement, sequence->schema, sequence->name);
    statement_add(statement,
                  " q JOIN pg_sequence s "
                  "ON s.seqrelid = format('%%I.%%I', $1::text, $2::text)::regclass) decision");
}

bool sequence_advance(const struct table *table, int64_t floor, bool rehearse,
                      struct sequence *sequence, const struct session *session)
{
    const char *const parameters[] = {sequence->schema, sequence->name};
    struct query query = {.parameters = parameters, .parameter_count = 2, .columns = 2};
    struct statement statement;
    PGresult *result = NULL;
    bool advanced = false;

    assert(sequence->present && (sequence->settable || (rehearse && sequence->readable)));
    if (!statement_open(&statement, session->connection, session->error))
        return false;
    build_advance(&statement, table, floor, rehearse, sequence);
    query.sql = statement_text(&statement, session->error);
    if (query.sql != NULL &&
        connection_query_row(session->connection, &query, &result, session->error)) {
        sequence->next = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        sequence->before = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
        advanced = true;
    }
    PQclear(result);
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

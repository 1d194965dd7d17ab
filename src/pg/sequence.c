#include "pg/sequence.h"

#include "pg/statement.h"

#include <inttypes.h>
#include <stdlib.h>

/* $1 to $3 are schema, table and column: one row at most, the columns below. */
extern const char sequence_of_column_sql[];

enum {
    SEQUENCE_SCHEMA,
    SEQUENCE_NAME,
    SEQUENCE_MINIMUM,
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
    sequence->settable = PQgetvalue(rows, 0, SEQUENCE_SETTABLE)[0] == 't';
    sequence->owned = PQgetvalue(rows, 0, SEQUENCE_OWNED)[0] == 't';
    sequence->readable = PQgetvalue(rows, 0, SEQUENCE_READABLE)[0] == 't';
}

bool sequence_find(struct connection *connection, const struct table *table,
                   struct sequence *sequence, struct error *error)
{
    const char *const parameters[] = {table->schema, table->name, table->sequence_column};
    PGresult *rows;

    *sequence = (struct sequence){0};
    if (!connection_query(connection, sequence_of_column_sql, 3, parameters, SEQUENCE_COLUMNS,
                          &rows, error))
        return false;
    if (PQntuples(rows) > 0)
        take_sequence(rows, sequence);
    PQclear(rows);
    return true;
}

/* One statement reads, decides and sets, which leaves the application no time between. */
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

bool sequence_advance(struct connection *connection, const struct table *table, int64_t floor,
                      bool rehearse, struct sequence *sequence, struct error *error)
{
    const char *const parameters[] = {sequence->schema, sequence->name};
    struct statement statement;
    PGresult *result = NULL;
    const char *sql;
    bool advanced = false;

    if (!statement_open(&statement, connection, error))
        return false;
    build_advance(&statement, table, floor, rehearse, sequence);
    sql = statement_text(&statement, error);
    if (sql != NULL && connection_query_row(connection, sql, 2, parameters, 2, &result, error)) {
        sequence->next = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
        sequence->before = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
        advanced = true;
    }
    PQclear(result);
    statement_free(&statement);
    return advanced;
}

static bool alter(struct connection *connection, const struct sequence *sequence,
                  const char *clauses, struct error *error)
{
    struct statement statement;
    bool altered;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "ALTER SEQUENCE ");
    statement_qualified(&statement, sequence->schema, sequence->name);
    statement_add(&statement, " %s", clauses);
    altered = statement_execute(&statement, error);
    statement_free(&statement);
    return altered;
}

/* Any ALTER SEQUENCE gives it a new file, with the state of the old one, that a rollback takes away
 * again; so one that changes nothing will do (PostgreSQL manual, ALTER SEQUENCE, "Notes"). */
bool sequence_make_draws_transactional(struct connection *connection,
                                       const struct sequence *sequence, struct error *error)
{
    char clauses[48];

    (void)snprintf(clauses, sizeof clauses, "MINVALUE %" PRId64, sequence->minimum);
    return alter(connection, sequence, clauses, error);
}

/* Whether no id was ever drawn: the sequence stands where its MINVALUE put it. */
static bool find_unused(struct connection *connection, const struct sequence *sequence,
                        bool *unused, struct error *error)
{
    struct statement query;
    bool asked;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT last_value = %" PRId64 " AND NOT is_called FROM ",
                  sequence->minimum);
    statement_qualified(&query, sequence->schema, sequence->name);
    asked = statement_ask(&query, unused, error);
    statement_free(&query);
    return asked;
}

/* Until setval has moved the last value past it, the server takes a MINVALUE with RESTART only. */
static bool set_minimum(struct connection *connection, const struct sequence *sequence,
                        int64_t floor, bool rehearse, struct error *error)
{
    char clauses[112], restart[32] = "";

    if (rehearse)
        (void)snprintf(restart, sizeof restart, " RESTART %" PRId64, sequence->next);
    (void)snprintf(clauses, sizeof clauses, "MINVALUE %" PRId64 " START %" PRId64 "%s", floor,
                   floor, restart);
    return alter(connection, sequence, clauses, error);
}

bool sequence_set_floor(struct connection *connection, struct sequence *sequence, int64_t floor,
                        bool rehearse, struct error *error)
{
    bool unused = false;

    if (!set_minimum(connection, sequence, floor, rehearse, error))
        return false;
    if (floor > sequence->minimum)
        return true;
    /* Looked at after ALTER has locked the sequence: nobody can draw an id in between. */
    if (!find_unused(connection, sequence, &unused, error))
        return false;
    if (!unused)
        return true;
    sequence->next = floor;
    return alter(connection, sequence, "RESTART", error);
}

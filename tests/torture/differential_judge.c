#include "differential_judge.h"

#include "pg/copy_in.h"
#include "pg/query.h"
#include "pg/transaction.h"
#include "schema/schema.h"
#include "write/encode.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Texts that are sent before they are judged. */
enum { BATCH_SIZE = 100000 };

/* Values that the server refuses of a column, until they are no longer told apart. */
enum { REFUSALS_MAX = 5 };

extern const char differential_sql[];

/* A column while its texts are judged. */
struct judging {
    struct differential_column *column;
    const struct differential_request *request;
    struct differential_text *text;
    const char *sql; /* the query that judges */
    unsigned refusals;
    struct list *results;
    const struct session *session;
};

static bool run(const struct session *session, const char *sql)
{
    return connection_execute(session->connection, sql, session->error);
}

bool differential_judge_prepare(const struct session *session)
{
    return transaction_begin(session->connection, TRANSACTION_LOAD, 0, session->error) &&
           schema_create(session) && run(session, differential_sql);
}

/* Makes the table that gets the texts, and the function that gives what PostgreSQL makes of one. */
static bool make_table(const struct differential_column *column, const struct session *session)
{
    struct statement statement;
    bool made;

    if (!statement_open(&statement, session->connection, session->error))
        return false;
    statement_add(&statement, "DROP TABLE IF EXISTS pg_temp.judged; CREATE TEMPORARY TABLE judged "
                              "(number bigint, raw bytea, value ");
    differential_column_add_type(column, &statement);
    statement_add(&statement,
                  "); CREATE OR REPLACE FUNCTION pg_temp.expected(raw bytea) RETURNS bytea "
                  "LANGUAGE plpgsql AS $$ DECLARE t text; plain float8; BEGIN "
                  "t := convert_from(raw, 'UTF8'); ");
    differential_column_add_input(column, &statement);
    statement_add(&statement, " EXCEPTION WHEN data_exception THEN RETURN NULL; END $$");
    made = statement_execute(&statement, session->error);
    statement_free(&statement);
    return made;
}

static bool send_text(struct differential_column *column, uint64_t number,
                      const struct differential_text *text, struct copy_in *copy,
                      struct error *error)
{
    const struct value *value = differential_column_read(column, text);

    copy_in_row(copy, 3);
    copy_in_bigint(copy, (int64_t)number);
    copy_in_bytes(copy, text->bytes, text->length);
    if (value == NULL)
        copy_in_null(copy);
    else
        encode_value(copy, column->column, value);
    return copy_in_row_end(copy, error);
}

/* No setting of the user may change what a binary COPY stores, so these are far from the usual. */
static bool set_odd_settings(const struct session *session)
{
    return run(session,
               "SET LOCAL TimeZone = 'Asia/Kathmandu'; SET LOCAL DateStyle = 'German, DMY'; "
               "SET LOCAL IntervalStyle = 'sql_standard'; SET LOCAL bytea_output = 'escape'");
}

/* Those under which PostgreSQL reads a text as the manual says that it is read: UTC. */
static bool set_plain_settings(const struct session *session)
{
    return run(session, "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'");
}

/* Texts of a column by their numbers, from `first` up to before `end`. */
struct range {
    uint64_t first, end;
};

static bool send_texts(const struct judging *judging, struct range range)
{
    const struct differential_request *request = judging->request;
    const struct session *session = judging->session;
    struct copy_in *copy;

    if (!copy_in_open(session->connection,
                      "COPY pg_temp.judged (number, raw, value) FROM STDIN (FORMAT binary)", &copy,
                      session->error))
        return false;
    for (uint64_t number = range.first; number < range.end; number++) {
        if (number % request->step != request->offset)
            continue;
        differential_text_make(judging->column->column, request->seed, number, judging->text);
        if (!send_text(judging->column, number, judging->text, copy, session->error)) {
            copy_in_abort(copy, "a text was not sent");
            return false;
        }
    }
    return copy_in_end(copy, session->error);
}

static void add_verdict(const struct differential_column *column, struct statement *statement)
{
    statement_add(
        statement,
        "CASE WHEN expected IS NULL AND stored IS NULL THEN '%d' "
        "WHEN expected IS NULL THEN '%dtaken, and PostgreSQL refuses it' "
        "WHEN stored IS NULL AND class IS NULL THEN '%drefused, in a form that the manual has' "
        "WHEN stored IS NULL AND class = '' THEN '%drefused, and in no class of the manual' "
        "WHEN stored IS NULL THEN '%d' || class "
        "WHEN stored <> expected THEN '%dstored otherwise' "
        "WHEN class IS NOT NULL THEN '%dtaken, in a form that the manual does not have: ' || "
        "class ",
        DIFFERENTIAL_BOTH_REFUSE, DIFFERENTIAL_FINDING, DIFFERENTIAL_FINDING, DIFFERENTIAL_FINDING,
        DIFFERENTIAL_STRICTER, DIFFERENTIAL_FINDING, DIFFERENTIAL_FINDING);
    statement_add(statement, "ELSE coalesce('%d' || CASE ", DIFFERENTIAL_EXCEPTION);
    if (!differential_column_add_exception(column, statement))
        statement_add(statement, "WHEN false THEN ''");
    statement_add(statement, " END, '%d') END", DIFFERENTIAL_BOTH_TAKE);
}

/* A row for each way in which texts came out. */
static void write_query(const struct differential_column *column, struct statement *statement)
{
    statement_add(
        statement,
        "WITH typed AS MATERIALIZED (SELECT number, raw, %s(value) AS stored, "
        "pg_temp.expected(raw) AS expected FROM pg_temp.judged), "
        "read AS (SELECT *, CASE WHEN expected IS NOT NULL THEN convert_from(raw, 'UTF8') "
        "END AS t FROM typed), "
        "classed AS MATERIALIZED (SELECT *, CASE WHEN expected IS NOT NULL THEN ",
        column->type->send);
    differential_column_add_class(column, statement);
    statement_add(statement, " END AS class FROM read), judged AS (SELECT *, ");
    add_verdict(column, statement);
    statement_add(statement,
                  " AS verdict FROM classed) SELECT verdict, count(*), "
                  "(array_agg(number ORDER BY octet_length(raw), number) "
                  "FILTER (WHERE verdict >= '%d'))[1], "
                  "(array_agg(concat(encode(stored, 'hex'), ' instead of ', "
                  "encode(expected, 'hex')) ORDER BY octet_length(raw), number) "
                  "FILTER (WHERE verdict >= '%d'))[1] FROM judged GROUP BY verdict",
                  DIFFERENTIAL_EXCEPTION, DIFFERENTIAL_FINDING);
}

static struct differential_result *find_result(struct list *results,
                                               enum differential_verdict verdict, const char *what)
{
    struct differential_result *result = results->items;

    for (size_t i = 0; i < results->count; i++)
        if (result[i].verdict == verdict && strcmp(result[i].what, what) == 0)
            return &result[i];
    result = list_add(results, sizeof *result, 1);
    if (result == NULL)
        return NULL;
    *result = (struct differential_result){.verdict = verdict};
    (void)snprintf(result->what, sizeof result->what, "%s", what);
    return result;
}

/* Takes a row: the number of a verdict and what it is about, how many texts, the shortest of them,
 * its forms. */
static bool take_row(const PGresult *rows, int row, const struct differential_column *column,
                     struct list *results, struct error *error)
{
    const char *verdict = PQgetvalue(rows, row, 0);
    struct differential_result *result =
        find_result(results, (enum differential_verdict)(verdict[0] - '0'), verdict + 1);
    struct differential_example *example;

    if (result == NULL)
        return error_memory(error);
    result->count += strtoull(PQgetvalue(rows, row, 1), NULL, 10);
    if (result->example_count == DIFFERENTIAL_EXAMPLES || PQgetisnull(rows, row, 2))
        return true;
    example = &result->examples[result->example_count++];
    example->column = column->number;
    example->number = strtoull(PQgetvalue(rows, row, 2), NULL, 10);
    (void)snprintf(example->forms, sizeof example->forms, "%s", PQgetvalue(rows, row, 3));
    return true;
}

static bool take_rows(const struct judging *judging)
{
    const struct session *session = judging->session;
    const struct query query = {.sql = judging->sql, .columns = 4};
    PGresult *rows;
    bool taken = true;

    if (!connection_query(session->connection, &query, &rows, session->error))
        return false;
    for (int row = 0; taken && row < PQntuples(rows); row++)
        taken = take_row(rows, row, judging->column, judging->results, session->error);
    PQclear(rows);
    return taken;
}

/* The server has refused a value: that is found, too. */
static bool note_refusal(struct judging *judging, struct range range)
{
    struct error *error = judging->session->error;
    struct differential_result *result = find_result(judging->results, DIFFERENTIAL_FINDING,
                                                     "taken, and the server's COPY refuses it");
    struct differential_example *example;

    if (result == NULL)
        return error_memory(error);
    judging->refusals++;
    result->count++;
    if (result->example_count < DIFFERENTIAL_EXAMPLES) {
        example = &result->examples[result->example_count++];
        example->column = judging->column->number;
        example->number = range.first;
        (void)snprintf(example->forms, sizeof example->forms, "%s", error->message);
    }
    *error = (struct error){0};
    return run(judging->session, "ROLLBACK TO SAVEPOINT batch");
}

static bool judge_range(struct judging *judging, struct range range);

/* Finds the text among many. */
static bool judge_halves(struct judging *judging, struct range range)
{
    uint64_t step = judging->request->step;
    uint64_t texts = (range.end - range.first + step - 1) / step;
    struct range half = {.first = range.first, .end = range.first + texts / 2 * step};
    struct range rest = {.first = half.end, .end = range.end};

    *judging->session->error = (struct error){0};
    return run(judging->session, "ROLLBACK TO SAVEPOINT batch") && judge_range(judging, half) &&
           judge_range(judging, rest);
}

/* `range` begins with a text of the column. */
static bool judge_range(struct judging *judging, struct range range)
{
    const struct session *session = judging->session;

    if (!run(session, "SAVEPOINT batch; TRUNCATE pg_temp.judged") || !set_odd_settings(session))
        return false;
    if (send_texts(judging, range))
        return set_plain_settings(session) && take_rows(judging) &&
               run(session, "RELEASE SAVEPOINT batch");
    if (session->error->state[0] == '\0')
        return false;
    if (range.end - range.first > judging->request->step && judging->refusals < REFUSALS_MAX)
        return judge_halves(judging, range);
    return note_refusal(judging, range);
}

static bool judge_all(struct judging *judging)
{
    const struct differential_request *request = judging->request;
    uint64_t step = request->step, end = request->first + request->count;
    uint64_t first = request->first + (request->offset + step - request->first % step) % step;
    bool judged = true;

    for (; judged && first < end; first += BATCH_SIZE * step) {
        struct range range = {.first = first, .end = first + BATCH_SIZE * step};

        if (range.end > end)
            range.end = end;
        judged = judge_range(judging, range);
    }
    return judged;
}

bool differential_judge(struct differential_column *column,
                        const struct differential_request *request, struct list *results,
                        const struct session *session)
{
    struct judging judging = {
        .column = column, .request = request, .results = results, .session = session};
    struct statement query;
    bool judged;

    if (!make_table(column, session) || !differential_column_open(column, session) ||
        !statement_open(&query, session->connection, session->error))
        return false;
    write_query(column, &query);
    judging.sql = statement_text(&query, session->error);
    judging.text = malloc(sizeof *judging.text);
    if (judging.text == NULL)
        (void)error_memory(session->error);
    judged = judging.sql != NULL && judging.text != NULL && judge_all(&judging);
    free(judging.text);
    statement_free(&query);
    return judged;
}

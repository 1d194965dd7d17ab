#include "scripted_libpq.h"

#include "script_player.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

PGconn *PQconnectStartParams(const char *const *keywords, const char *const *values,
                             int expand_dbname)
{
    PGconn *connection = calloc(1, sizeof *connection);
    const struct scripted_call *call;
    char parameters[512] = "";
    int ends[2];

    ck_assert_ptr_nonnull(connection);
    ck_assert_msg(expand_dbname == 1, "dbname would not be taken for a connection string");
    for (size_t i = 0, used = 0; keywords[i] != NULL; i++)
        if (values[i] != NULL)
            used += (size_t)snprintf(parameters + used, sizeof parameters - used, "%s=%s ",
                                     keywords[i], values[i]);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *connection = (PGconn){.status = CONNECTION_OK,
                           .message = "",
                           .socket = ends[0],
                           .server_end = ends[1],
                           .server_version = 150000};
    script_give(GIVEN_CONNECTIONS);
    script_speak(connection);
    call = script_play_call(connection, CONNECT);
    script_expect_text(call, parameters);
    script_block(call);
    errno = call->reason;
    if (call->returns == 1)
        return connection;
    PQfinish(connection);
    return NULL;
}

/* The connection was made at once. */
void PQreset(PGconn *connection)
{
    (void)connection;
}

int PQsetnonblocking(PGconn *connection, int nonblocking)
{
    ck_assert_int_eq(nonblocking, 1);
    return script_play_call(connection, SET_NONBLOCKING)->returns;
}

void PQfinish(PGconn *connection)
{
    if (connection == NULL)
        return;
    (void)close(connection->socket);
    (void)close(connection->server_end);
    free(connection);
    script_take_back(GIVEN_CONNECTIONS);
}

ConnStatusType PQstatus(const PGconn *connection)
{
    return connection->status;
}

/* No script plays in an open transaction. */
PGTransactionStatusType PQtransactionStatus(const PGconn *connection)
{
    return connection->status == CONNECTION_BAD ? PQTRANS_UNKNOWN : connection->transaction;
}

int PQconnectionNeedsPassword(const PGconn *connection)
{
    return strstr(PQerrorMessage(connection), "no password supplied") != NULL;
}

/* libpq closes the socket of a connection that is lost. */
int PQsocket(const PGconn *connection)
{
    return connection->status == CONNECTION_BAD ? -1 : connection->socket;
}

char *PQerrorMessage(const PGconn *connection)
{
    static char message[512];

    (void)snprintf(message, sizeof message, "%s", connection->message);
    return message;
}

const char *PQparameterStatus(const PGconn *connection, const char *name)
{
    ck_assert_ptr_nonnull(connection);
    ck_assert_str_eq(name, "server_encoding");
    return "UTF8";
}

int PQserverVersion(const PGconn *connection)
{
    return connection->server_version;
}

char *PQdb(const PGconn *connection)
{
    static char name[] = "timele";

    ck_assert_ptr_nonnull(connection);
    return name;
}

char *PQhost(const PGconn *connection)
{
    static char host[] = "/run/postgresql";

    ck_assert_ptr_nonnull(connection);
    return host;
}

PQnoticeReceiver PQsetNoticeReceiver(PGconn *connection, PQnoticeReceiver receiver, void *context)
{
    PQnoticeReceiver former = connection->notice_receiver;

    connection->notice_receiver = receiver;
    connection->notice_context = context;
    return former;
}

int PQsendQuery(PGconn *connection, const char *sql)
{
    const struct scripted_call *call = script_play_call(connection, SEND_QUERY);

    script_expect_text(call, sql);
    script_expect_statement(call, sql);
    if (strncmp(sql, "BEGIN", strlen("BEGIN")) == 0)
        connection->transaction = PQTRANS_INTRANS;
    else if (strcmp(sql, "COMMIT") == 0 || strcmp(sql, "ROLLBACK") == 0)
        connection->transaction = PQTRANS_IDLE;
    return call->returns;
}

int PQsendQueryParams(PGconn *connection, const char *sql, int count, const Oid *types,
                      const char *const *values, const int *lengths, const int *formats,
                      int result_format)
{
    const struct scripted_call *call = script_play_call(connection, SEND_QUERY_PARAMS);
    char *given = NULL;
    size_t size;
    FILE *stream = open_memstream(&given, &size);

    ck_assert_ptr_nonnull(stream);
    (void)fputs(sql, stream);
    for (int i = 0; i < count; i++)
        (void)fprintf(stream, " [%s]", values[i] != NULL ? values[i] : "NULL");
    ck_assert_int_eq(fclose(stream), 0);
    script_expect_text(call, given);
    script_expect_statement(call, sql);
    free(given);
    ck_assert_ptr_null(types);
    ck_assert_ptr_null(lengths);
    ck_assert_ptr_null(formats);
    ck_assert_int_eq(result_format, call->binary ? 1 : 0);
    return call->returns;
}

int PQsetSingleRowMode(PGconn *connection)
{
    (void)connection;
    return 1;
}

int PQflush(PGconn *connection)
{
    return script_comes_next(FLUSH) ? script_play_call(connection, FLUSH)->returns : 0;
}

int PQconsumeInput(PGconn *connection)
{
    return script_play_call(connection, CONSUME_INPUT)->returns;
}

int PQisBusy(PGconn *connection)
{
    if (script_starves())
        errno = ENOMEM;
    return connection->status != CONNECTION_BAD &&
           (script_comes_next(CONSUME_INPUT) || script_comes_next(CANCEL));
}

PGresult *PQgetResult(PGconn *connection)
{
    const struct scripted_call *call = script_play_call(connection, GET_RESULT);
    PGresult *result;

    if (call->result == NULL)
        return NULL;
    if (call->result->status == PGRES_FATAL_ERROR && connection->transaction == PQTRANS_INTRANS)
        connection->transaction = PQTRANS_INERROR;
    result = malloc(sizeof *result);
    ck_assert_ptr_nonnull(result);
    result->script = call->result;
    script_give(GIVEN_RESULTS);
    return result;
}

void PQclear(PGresult *result)
{
    if (result != NULL)
        script_take_back(GIVEN_RESULTS);
    free(result);
}

ExecStatusType PQresultStatus(const PGresult *result)
{
    return result != NULL ? result->script->status : PGRES_FATAL_ERROR;
}

static const char *result_field(const struct scripted_result *result, int field)
{
    switch (field) {
    case PG_DIAG_SEVERITY_NONLOCALIZED:
        return result->severity;
    case PG_DIAG_SQLSTATE:
        return result->state;
    case PG_DIAG_MESSAGE_PRIMARY:
        return result->message;
    case PG_DIAG_MESSAGE_DETAIL:
        return result->detail;
    case PG_DIAG_MESSAGE_HINT:
        return result->hint;
    case PG_DIAG_CONTEXT:
        return result->context;
    case PG_DIAG_SOURCE_FUNCTION:
        return result->function;
    default:
        return NULL;
    }
}

/* libpq gives what may be written to, though nobody should. */
static char *writable(const char *text)
{
    static char texts[8][512];
    static size_t turn;
    char *given = texts[turn++ % 8];

    (void)snprintf(given, sizeof texts[0], "%s", text);
    return given;
}

char *PQresultErrorField(const PGresult *result, int field)
{
    const char *text = result != NULL ? result_field(result->script, field) : NULL;

    return text != NULL ? writable(text) : NULL;
}

char *PQcmdStatus(PGresult *result)
{
    return writable(result->script->tag != NULL ? result->script->tag : "");
}

char *PQcmdTuples(PGresult *result)
{
    static char rows[32];

    (void)snprintf(rows, sizeof rows, "%s",
                   result->script->rows_changed != NULL ? result->script->rows_changed : "");
    return rows;
}

int PQnfields(const PGresult *result)
{
    return result->script->columns;
}

int PQntuples(const PGresult *result)
{
    return result->script->rows;
}

static const char *value_at(const PGresult *result, int row, int column)
{
    const struct scripted_result *answer = result->script;

    ck_assert_int_lt(row, answer->rows);
    ck_assert_int_lt(column, answer->columns);
    return answer->values != NULL ? answer->values[row * answer->columns + column] : answer->value;
}

char *PQgetvalue(const PGresult *result, int row, int column)
{
    return writable(value_at(result, row, column));
}

int PQgetisnull(const PGresult *result, int row, int column)
{
    return value_at(result, row, column) == NULL;
}

int PQgetlength(const PGresult *result, int row, int column)
{
    return (int)strlen(value_at(result, row, column));
}

int PQputCopyData(PGconn *connection, const char *bytes, int length)
{
    const struct scripted_call *call = script_play_call(connection, PUT_COPY_DATA);

    ck_assert_int_gt(length, 0);
    if (call->returns == 1)
        script_keep_copied(bytes, (size_t)length);
    return call->returns;
}

int PQputCopyEnd(PGconn *connection, const char *reason)
{
    const struct scripted_call *call = script_play_call(connection, PUT_COPY_END);

    script_expect_text(call, reason);
    return call->returns;
}

int PQgetCopyData(PGconn *connection, char **bytes, int async)
{
    const struct scripted_call *call = script_play_call(connection, GET_COPY_DATA);

    ck_assert_int_eq(async, 1);
    *bytes = NULL;
    if (call->bytes == NULL)
        return call->returns;
    *bytes = malloc((size_t)call->length);
    ck_assert_ptr_nonnull(*bytes);
    memcpy(*bytes, call->bytes, (size_t)call->length);
    script_give(GIVEN_MESSAGES);
    return call->length;
}

void PQfreemem(void *memory)
{
    if (memory != NULL)
        script_take_back(GIVEN_MESSAGES);
    free(memory);
}

char *PQescapeIdentifier(PGconn *connection, const char *name, size_t length)
{
    char *quoted = malloc(length + 3);

    ck_assert(connection != NULL && quoted != NULL);
    ck_assert_ptr_null(memchr(name, '"', length));
    (void)snprintf(quoted, length + 3, "\"%.*s\"", (int)length, name);
    script_give(GIVEN_MESSAGES);
    return quoted;
}

PGcancel *PQgetCancel(PGconn *connection)
{
    PGcancel *cancel = malloc(sizeof *cancel);

    ck_assert_ptr_nonnull(cancel);
    cancel->connection = connection;
    script_give(GIVEN_CANCELS);
    return cancel;
}

void PQfreeCancel(PGcancel *cancel)
{
    if (cancel != NULL)
        script_take_back(GIVEN_CANCELS);
    free(cancel);
}

int PQcancel(PGcancel *cancel, char *reason, int size)
{
    const struct scripted_call *call = script_play_call(cancel->connection, CANCEL);

    (void)snprintf(reason, (size_t)size, "not now");
    script_block(call);
    if (!call->blocks)
        script_speak(cancel->connection);
    return call->returns;
}

/*
 * A stand-in for libpq that plays a script: which functions must be called, in which order, and
 * what each answers. A call that the script does not have next fails the test.
 *
 * The functions that the script knows are those of `enum scripted_function`. The others only look
 * at what is there (PQstatus, PQresultStatus, ...) and may be called at any time. Two of them
 * follow from the script: PQisBusy is true when PQconsumeInput or PQcancel comes next, and PQflush
 * has nothing left to send unless it comes next itself.
 *
 * SQL that is sent must be one statement, unless the call says that a script is sent.
 * PQtransactionStatus knows of the transactions that are begun with BEGIN; a script may play in one
 * without that.
 *
 * Linked into a test program, these functions take the place of libpq's.
 */
#ifndef TESTS_UNIT_SCRIPTED_LIBPQ_H
#define TESTS_UNIT_SCRIPTED_LIBPQ_H

#include "pg/connection.h"

#include <libpq-fe.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum scripted_function {
    SCRIPT_END,        /* never called: what is left of an array of calls */
    CONNECT,           /* `text` is "keyword=value ..."; returns 1, or 0 for no memory */
    SET_NONBLOCKING,   /* returns 0, or -1 */
    SEND_QUERY,        /* `text` is the SQL; returns 1, or 0 */
    SEND_QUERY_PARAMS, /* `text` is the SQL and each parameter in brackets; returns 1, or 0 */
    FLUSH,             /* returns 0, 1 when something is left, or -1 */
    CONSUME_INPUT,     /* returns 1, or 0 */
    GET_RESULT,        /* gives `result`, NULL after the last */
    PUT_COPY_DATA,     /* returns 1, or -1 */
    PUT_COPY_END,      /* `text` is the reason to give up, NULL: none; returns 1, or -1 */
    GET_COPY_DATA,     /* gives `bytes`, or returns 0 for not yet, -1 at the end, -2 */
    CANCEL             /* returns 1, or 0 */
};

struct scripted_result {
    ExecStatusType status;
    const char *severity, *state, *message, *detail, *hint; /* of an error or a notice */
    const char *context, *function;                         /* the same */
    const char *rows_changed;                               /* as in the command tag */
    const char *tag;                                        /* the command tag */
    int columns, rows;
    const char *value;         /* of every field */
    const char *const *values; /* of each field, row by row; instead of `value` */
};

struct scripted_call {
    enum scripted_function function;
    const char *text;       /* what the function must be given, where the list above says so */
    const char *parameters; /* the end of it: " [orders] [NULL]" */
    bool script;            /* SEND_QUERY: it may be more than one statement */
    bool binary;            /* SEND_QUERY_PARAMS: the fields are asked for in binary form */
    int returns;
    const struct scripted_result *result;
    const char *bytes;
    int length;
    bool repeats;                         /* may come any number of times, none as well */
    bool loses;                           /* the connection is lost in this call */
    const char *message;                  /* what PQerrorMessage says from now on */
    int server_version;                   /* what PQserverVersion says from now on; else 15.0 */
    const struct scripted_result *notice; /* comes with this call */
    int reason;                           /* CONNECT: errno behind it */
    bool starves;                         /* CONSUME_INPUT: PQisBusy before it finds no memory */
    bool blocks;                          /* CONNECT, CANCEL: until the script has ended */
    int raises;                           /* a signal that comes in this call */
    int raises_later; /* one that comes while the server is silent, which it then is from this
                         call on, until it is asked to cancel */
    bool stops;       /* the connection is stopped in this call */
    bool stops_later; /* it is stopped while the server is silent, as with raises_later */
};

/* How many calls a script has room for. */
enum { SCRIPT_LENGTH = 128 };

/* The calls that most scripts have, without their braces. */
#define SENDS(sql)     SEND_QUERY, .text = (sql), .returns = 1
#define FLUSHES        FLUSH, .returns = 0
#define FLUSHES_A_PART FLUSH, .returns = 1
#define READS          CONSUME_INPUT, .returns = 1
#define GIVES(answer)  GET_RESULT, .result = &(answer)
#define GIVES_NO_MORE  GET_RESULT, .result = NULL
#define CANCELS        CANCEL, .returns = 1

/* A row of a table of scripts, with the error that must come of it. */
struct scripted_case {
    const char *name; /* what a check that fails says first */
    struct scripted_call calls[SCRIPT_LENGTH];
    enum error_kind kind;
    const char *message;
    const char *detail, *hint; /* NULL: none */
};

/* The error of a row, where it has neither detail nor hint. */
#define FAILS(kind, message) kind, message, NULL, NULL

/*
 * The calls of one statement, in a row of an array of calls:
 *
 *     {EXECUTES("SAVEPOINT s")},
 *     {ANSWERS("DROP INDEX i", refused)},
 *     {ASKS("SELECT $1", " [orders]", one_row)},
 *     {ASKS("SELECT 1", NULL, one_row)},
 *     {ASKS_ROWS("SELECT $1", " [{1,2}]")}, {GIVES(a_row)}, {GIVES(no_row)}, {GIVES_NO_MORE},
 *     {COPIES_OUT("SELECT 7", "\0\1\0\0\0\4\0\0\0\7")},
 *
 * The bytes of COPIES_OUT are rows as binary COPY data has them.
 */
#define EXECUTES(sql) ANSWERS(sql, script_done)
#define ANSWERS(sql, answer)                                                                       \
    SENDS(sql)                                                                                     \
    }                                                                                              \
    , {GIVES(answer)},                                                                             \
    {                                                                                              \
        GIVES_NO_MORE
#define ASKS(sql, in_brackets, answer)                                                             \
    SEND_QUERY_PARAMS, .text = (sql), .parameters = (in_brackets), .returns = 1                    \
    }                                                                                              \
    , {GIVES(answer)},                                                                             \
    {                                                                                              \
        GIVES_NO_MORE
#define ASKS_ROWS(sql, in_brackets)                                                                \
    SEND_QUERY_PARAMS, .text = (sql), .parameters = (in_brackets), .binary = true, .returns = 1
#define COPIES_OUT(query, rows)                                                                    \
    SENDS("COPY (" query ") TO STDOUT (FORMAT binary)")                                            \
    }                                                                                              \
    , {GIVES(script_copying_out)},                                                                 \
        {GET_COPY_DATA, .bytes = COPY_HEADER rows "\377\377",                                      \
         .length = (int)sizeof(COPY_HEADER rows "\377\377") - 1},                                  \
        {GET_COPY_DATA, .returns = -1}, {GIVES(script_done)},                                      \
    {                                                                                              \
        GIVES_NO_MORE
#define COPY_HEADER "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"

extern const struct scripted_result script_done, script_copying_out, script_path;

/* The calls around a statement that runs under the session's search path. */
#define USES_SESSION_PATH                                                                          \
    ASKS("SELECT set_config('search_path', current_setting('timele.search_path'), true)", NULL,    \
         script_path)
#define RESTRICTS_PATH                                                                             \
    ASKS("SELECT set_config('search_path', 'pg_catalog', true)", NULL, script_path)

/* What stops the connections of script_open. NULL where no call of the script stops any. */
const atomic_bool *script_stop(void);

/* Starts a script. The calls are borrowed. */
void script_play(const struct scripted_call calls[static SCRIPT_LENGTH]);

/* Fails the test unless the whole script was played and all that it gave was given back. */
void script_end(void);

/* Opens a connection to a server that takes it at once, then starts a script. */
struct connection *script_open(const struct scripted_call calls[static SCRIPT_LENGTH]);

/* The same for a row of a table, which is borrowed. */
struct connection *script_open_case(const struct scripted_case *row);

/* Closes the connection; otherwise as script_end. */
void script_close(struct connection *connection);

/* Fails the test unless the error is the one that the row has. */
void script_expect_error(const struct scripted_case *row, const struct error *error);

/* What PQputCopyData was given since the script began. Valid until script_end. */
const uint8_t *script_copied(size_t *length);

#endif

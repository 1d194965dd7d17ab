/*
 * A connection to PostgreSQL, and commands over it (libpq); pg/query asks questions.
 *
 * While a function waits for the server, a signal may come. The statement is then cancelled on the
 * server, and the function fails with the interrupt's error. When the cancel comes too late, the
 * function succeeds and the next one fails. A server that does not answer within ten seconds, or
 * until a second signal comes, is given up: the connection is lost. Every function reads all
 * results of its statement, so that the connection is ready for the next one.
 *
 * `stop` of the options does the same, and nothing more is sent once it is set: ERROR_STOPPED, or
 * the interrupt's error where a signal came as well. A connection belongs to one thread at a time.
 */
#ifndef PG_CONNECTION_H
#define PG_CONNECTION_H

#include "base/error.h"
#include "base/log.h"
#include "base/phase.h"
#include "pg/connect.h"
#include "value/encoding.h"

#include <libpq-fe.h>
#include <stdbool.h>

struct connection;
struct distribution;

/*
 * Connects as every libpq program does. The client encoding is UTF-8. ERROR_DATABASE on failure; a
 * password in conninfo is never part of the message.
 */
bool connection_open(const struct connection_options *options, struct connection **connection,
                     struct error *error);

/* Closes and frees; an open transaction is rolled back by the server. NULL is fine. */
void connection_close(struct connection *connection);

/* "database at host" for messages; owned by the connection. */
const char *connection_name(const struct connection *connection);

/* The database's encoding, which texts must be held in; owned by the connection. */
struct encoding *connection_encoding(const struct connection *connection);

/* What pg/distribution has found, zeroed before; owned by the connection. */
struct distribution *connection_distribution(const struct connection *connection);

/* Puts a prefix (static text, a plain word) before the names of the schemas in the statements to
 * come (statement_qualified); "" at first. */
void connection_prefix_schemas(struct connection *connection, const char *prefix);
const char *connection_schema_prefix(const struct connection *connection);

/*
 * Runs one statement that returns no rows (a SELECT runs, its rows are an error). ERROR_DATABASE
 * carries the server's message, detail and hint.
 *
 * One and no more: a server that hands statements on to others, as Citus does, refuses several in
 * one message, or does something else with them. Only what it does not hand on is sent as a script:
 * schema.sql, the API, and the beginning of a transaction.
 */
bool connection_execute(struct connection *connection, const char *sql, struct error *error);

/* The same, `purpose` before the server's message: "cannot create the schema: ...". */
bool connection_execute_for(struct connection *connection, const char *purpose, const char *sql,
                            struct error *error);

/* The same for one statement, and sets *rows to the number of rows that it inserted, updated or
 * deleted. A purpose of NULL is left out. */
bool connection_execute_counted(struct connection *connection, const char *purpose, const char *sql,
                                unsigned long long *rows, struct error *error);

/* Gives the server so many seconds for all answers to come, or with 0 as long as it likes. What
 * comes later finds the connection lost: ERROR_DATABASE. An interrupt that has cancelled a
 * statement is forgotten. */
void connection_limit(struct connection *connection, double seconds);

/* Whether the connection is lost, or given up. libpq learns so from a function that fails. */
bool connection_is_lost(const struct connection *connection);

/* Whether a transaction is open and has not failed. */
bool connection_in_transaction(const struct connection *connection);

/* All that follows is for the other files of this folder. -------------------------------------- */

/*
 * Runs a statement to be followed by COPY data; `expected` is PGRES_COPY_IN or PGRES_COPY_OUT. The
 * data is then moved with libpq's functions, and connection_finish ends it.
 */
bool connection_start_copy(struct connection *connection, const char *sql, ExecStatusType expected,
                           struct error *error);

/* Runs a statement and gives its first result, as connection_next_result does, whatever it says;
 * then connection_drain. */
bool connection_first_result(struct connection *connection, const char *sql, PGresult **result,
                             struct error *error);

/*
 * The next result of the running statement, to be freed with PQclear; NULL after the last. False
 * where the connection is lost; where libpq finds no memory for the answer (ERROR_INTERNAL) or the
 * server begins a COPY (ERROR_DATABASE), it is given up.
 */
bool connection_next_result(struct connection *connection, PGresult **result, struct error *error);

/* Throws away what is left of the running statement, so that the connection is usable again. */
bool connection_drain(struct connection *connection, struct error *error);

/* Whether something may be sent: false, with the error set, where a signal has asked the run to
 * end, or the connection is stopped. */
bool connection_may_send(const struct connection *connection, struct error *error);

/* Sends what libpq has buffered. */
bool connection_flush(struct connection *connection, struct error *error);

/* Waits until the socket can be read from (or written to, if asked). */
bool connection_wait(struct connection *connection, bool for_write, struct error *error);

/* Waits for the end of the running statement and drains it. With `rows` not NULL, sets the number
 * of rows of its command tag. */
bool connection_finish(struct connection *connection, unsigned long long *rows,
                       struct error *error);

/* libpq's connection, owned by this one. */
PGconn *connection_handle(struct connection *connection);

/* Fills the error from a failed result, or from the connection when result is NULL; an error that
 * is set already stays. False. */
bool connection_error(struct connection *connection, const PGresult *result, const char *purpose,
                      struct error *error);

#endif

/*
 * A connection to PostgreSQL, and questions and commands over it (libpq).
 *
 * Everything waits in one place, which lets a signal in: the statement is then cancelled on the
 * server and the call fails with the interrupt's error. When the cancel comes too late, the call
 * succeeds (a COMMIT was carried out) and the next one fails. Results are always drained to the
 * end.
 */
#ifndef PG_CONNECTION_H
#define PG_CONNECTION_H

#include "base/error.h"
#include "base/log.h"
#include "base/phase.h"

#include <libpq-fe.h>
#include <stdbool.h>

struct connection;

/*
 * Connects as every libpq program does: conninfo is a database name, a key=value string or a URI
 * (PostgreSQL manual, 34.1.1), or NULL for the PG* environment alone. The client encoding is UTF-8.
 * The server's messages go to the log: WARNING as a warning, INFO as a note, others when it is
 * verbose. While the connection waits, now and later, it calls
 * phase_tick (`phases` may be NULL). Both are borrowed and must outlive the connection.
 * Gives up after `timeout` seconds (0: never), unless conninfo or the environment sets a
 * connect_timeout. ERROR_DATABASE on failure; a password in conninfo is never part of the message.
 */
bool connection_open(const char *conninfo, double timeout, struct log *log,
                     struct phase_list *phases, struct connection **connection,
                     struct error *error);

/* Closes and frees; an open transaction is rolled back by the server. NULL is fine. */
void connection_close(struct connection *connection);

/* "database at host" for messages; owned by the connection. */
const char *connection_name(const struct connection *connection);

/* Where a connection goes: "" for what is not known. */
enum { CONNECTION_PLACE_SIZE = 256 };
struct connection_place {
    char database[CONNECTION_PLACE_SIZE];
    char host[CONNECTION_PLACE_SIZE]; /* a name, an address, or the directory of a socket */
    char port[CONNECTION_PLACE_SIZE];
    char user[CONNECTION_PLACE_SIZE];
};

void connection_describe(const struct connection *connection, struct connection_place *place);

/* Runs one or more statements that return no rows (SELECTs run, their rows are an error).
 * ERROR_DATABASE carries the server's message, detail and hint. */
bool connection_execute(struct connection *connection, const char *sql, struct error *error);

/* The same, `purpose` before the server's message: "cannot create the schema: ...". */
bool connection_execute_for(struct connection *connection, const char *purpose, const char *sql,
                            struct error *error);

/* Runs one statement and sets *rows to the number of rows that it inserted, updated or deleted. */
bool connection_execute_counted(struct connection *connection, const char *sql,
                                unsigned long long *rows, struct error *error);

/*
 * Runs one query with text parameters (a NULL among them is SQL's NULL) that must return
 * `columns` columns. On success *result has the rows, to be freed with PQclear.
 */
bool connection_query(struct connection *connection, const char *sql, int parameter_count,
                      const char *const *parameters, int columns, PGresult **result,
                      struct error *error);

/* The same for a query that must return exactly one row. */
bool connection_query_row(struct connection *connection, const char *sql, int parameter_count,
                          const char *const *parameters, int columns, PGresult **result,
                          struct error *error);

/*
 * Runs a statement to be followed by COPY data; `expected` is PGRES_COPY_IN or PGRES_COPY_OUT.
 * For the modules that move data (pg/copy_in, pg/copy_out).
 */
bool connection_start_copy(struct connection *connection, const char *sql, ExecStatusType expected,
                           struct error *error);

/* Waits until the socket can be read from (or written to, if asked). */
bool connection_wait(struct connection *connection, bool for_write, struct error *error);

/* Waits for the end of the running statement and drains it. With `rows` not NULL, sets the number
 * of rows of its command tag. */
bool connection_finish(struct connection *connection, unsigned long long *rows,
                       struct error *error);

/* The libpq connection, for the other files of this folder only. */
PGconn *connection_handle(struct connection *connection);

/* Fills the error from a failed result, or from the connection when result is NULL. False. */
bool connection_error(struct connection *connection, const PGresult *result, const char *purpose,
                      struct error *error);

#endif

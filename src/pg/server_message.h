/*
 * What the server says: its errors as this program's errors, its notices as lines of the log.
 */
#ifndef PG_SERVER_MESSAGE_H
#define PG_SERVER_MESSAGE_H

#include "base/error.h"
#include "base/log.h"

#include <libpq-fe.h>
#include <stdbool.h>

/* What to do about row-level security. */
#define SERVER_MESSAGE_ROW_SECURITY_HINT                                                           \
    "Connect as a role with BYPASSRLS, or as the table's owner without FORCE ROW LEVEL SECURITY: " \
    "rows that are not seen would be judged wrongly, or lost."

/*
 * Fills the error (ERROR_DATABASE) with the message, the detail, the hint and the SQLSTATE of a
 * failed result, `purpose` before the message: "cannot create the schema: ...". A result without a
 * message, and NULL for none, takes what libpq says of the connection. ERROR_INTERNAL when libpq
 * found no memory, and when the result is no failure, only not the one that was expected. A purpose
 * of NULL is left out. False.
 *
 * Where a function of the user's failed, the detail ends with the function and its line. Nothing
 * else of the server's context is shown: statements and lines of COPY have values in them.
 */
bool server_message_error(const PGconn *connection, const PGresult *result, const char *purpose,
                          struct error *error);

/* Whether the error is that the server, which is there, has lost a connection of its own, such as
 * to a node of its cluster (PostgreSQL manual, appendix A: class 08). */
bool server_message_blames_node(const struct error *error);

/* When a node of Citus carries out what was decided while it could not be reached: Citus looks for
 * that each minute, unless citus.recover_2pc_interval says another time. */
#define SERVER_MESSAGE_RECOVERY                                                                    \
    "when Citus has recovered it, within a minute, or at once with SELECT "                        \
    "recover_prepared_transactions()"

/* What the server says that is no error. */
struct server_notice {
    char severity[16]; /* in English */
    char message[ERROR_TEXT_SIZE];
};

/* Takes what is told of a notice; longer texts are cut. False when there is nothing to tell. */
bool server_notice_read(const PGresult *notice, struct server_notice *read);

/* WARNING as a warning, INFO as a note, others when the log is verbose; so is what Citus warns of,
 * that views and functions stay on the coordinator with their tables. */
void server_notice_log(struct log *log, const struct server_notice *notice);

#endif

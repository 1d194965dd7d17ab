/*
 * The text of an SQL statement while it is put together: words and quoted identifiers, no values.
 */
#ifndef PG_STATEMENT_H
#define PG_STATEMENT_H

#include "pg/connection.h"

#include <stdbool.h>
#include <stdio.h>

/* Caller-owned; set up by statement_open, freed by statement_free. */
struct statement {
    struct connection *connection; /* borrowed: quoting depends on its encoding */
    FILE *stream;
    char *text;
    size_t size;
    bool failed;
};

/* Starts an empty statement. */
bool statement_open(struct statement *statement, struct connection *connection,
                    struct error *error);

/* Appends SQL words, formatted; never a value that came from outside. */
void statement_add(struct statement *statement, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends an identifier, or schema.name, quoted by PQescapeIdentifier. The schema gets the
 * connection's prefix (connection_prefix_schemas). */
void statement_identifier(struct statement *statement, const char *name);
void statement_qualified(struct statement *statement, const char *schema, const char *name);

/* The finished text, owned by the statement; NULL with the error set when memory ran out or a name
 * could not be quoted. Nothing can be added after it. */
const char *statement_text(struct statement *statement, struct error *error);

/* Runs the finished statement as connection_execute does. */
bool statement_execute(struct statement *statement, struct error *error);

/* Runs the finished statement, a query for one boolean, and sets the answer. */
bool statement_ask(struct statement *statement, bool *answer, struct error *error);

void statement_free(struct statement *statement);

/* Runs one statement after the other, each in a message of its own, as far as they succeed. The
 * last is followed by NULL. */
bool statement_execute_each(struct connection *connection, const char *const statements[],
                            struct error *error);

#endif

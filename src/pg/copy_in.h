/*
 * Rows into PostgreSQL: one COPY ... FROM STDIN (FORMAT binary)
 * (PostgreSQL manual, COPY, "Binary Format"; 34.10 "Functions Associated with the COPY Command").
 *
 * Open, write rows field by field, then end or abort. The rows are gathered in a buffer of fixed
 * size, which is sent when it is full. Sending waits for the server, so memory does not grow with
 * the data.
 */
#ifndef PG_COPY_IN_H
#define PG_COPY_IN_H

#include "pg/connection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct copy_in;

/* Starts `sql`, a COPY ... FROM STDIN (FORMAT binary). The connection is borrowed. */
bool copy_in_open(struct connection *connection, const char *sql, struct copy_in **copy,
                  struct error *error);

/*
 * Writes a row: copy_in_row with its number of fields, then that many fields, then copy_in_row_end.
 * A failure to send is remembered and told by copy_in_row_end, so that no field has to be checked.
 */
void copy_in_row(struct copy_in *copy, uint16_t field_count);
void copy_in_null(struct copy_in *copy);
void copy_in_boolean(struct copy_in *copy, bool value);
void copy_in_integer(struct copy_in *copy, int32_t value);
void copy_in_bigint(struct copy_in *copy, int64_t value); /* timestamptz too: microseconds */
void copy_in_double(struct copy_in *copy, double value);
void copy_in_bytes(struct copy_in *copy, const void *bytes, size_t length); /* text, enum, uuid */
bool copy_in_row_end(struct copy_in *copy, struct error *error);

/*
 * Ends the COPY and frees `copy`, also on failure. ERROR_DATABASE when the server says that it
 * stored another number of rows than were written.
 */
bool copy_in_end(struct copy_in *copy, struct error *error);

/* The same, but that the server stored less is no error: *lacking is how many rows. */
bool copy_in_end_counted(struct copy_in *copy, unsigned long long *lacking, struct error *error);

/* Gives up: tells the server why, drains it and frees `copy`. NULL is fine. */
void copy_in_abort(struct copy_in *copy, const char *reason);

#endif

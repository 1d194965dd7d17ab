/*
 * Rows out of PostgreSQL: COPY (SELECT ...) TO STDOUT (FORMAT binary), a callback for each row.
 */
#ifndef PG_COPY_OUT_H
#define PG_COPY_OUT_H

#include "pg/connection.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Enough for all columns of a table, and two beside them. */
enum { COPY_OUT_FIELDS_MAX = 34 };

struct copy_out_field {
    const uint8_t *bytes; /* NULL for SQL's NULL; valid until the callback returns */
    size_t length;
};

/* Takes a row; returns false, with the error set, to stop. */
typedef bool copy_out_row(void *context, const struct copy_out_field *fields, struct error *error);

/* A query and who takes its rows. Caller-owned. */
struct copy_out {
    const char *query;    /* a SELECT, or a statement with RETURNING; no semicolon at its end */
    uint16_t field_count; /* how many columns it returns; COPY_OUT_FIELDS_MAX at most */
    copy_out_row *row;
    void *context; /* of row */
};

/* Runs the query and gives each row. After an error the connection can be used as before. */
bool copy_out_rows(struct connection *connection, const struct copy_out *copy, struct error *error);

/* A field that holds an int2, int4 or int8. */
int64_t copy_out_integer(const struct copy_out_field *field);

/* A field that holds a boolean. */
bool copy_out_boolean(const struct copy_out_field *field);

#endif

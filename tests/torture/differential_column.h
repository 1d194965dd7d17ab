/*
 * The columns that files fill, one of each kind: what timele-load takes for a value of them, and
 * what PostgreSQL's own input function does.
 */
#ifndef DIFFERENTIAL_COLUMN_H
#define DIFFERENTIAL_COLUMN_H

#include "differential_text.h"
#include "pg/session.h"
#include "pg/statement.h"
#include "row/row.h"
#include "row/source.h"
#include "schema/catalog.h"

#include <stdbool.h>
#include <stddef.h>

/* A type by the name that a person chooses it by, and what it is in SQL. */
struct differential_type {
    const char *name;
    enum column_type type;
    const char *sql_name; /* as a column has it, but for a limit of its length */
    const char *send;     /* the function that gives a value's binary form */
};

/* The types that files have; the last one has no name. */
extern const struct differential_type differential_types[];

/* A column that is read. Caller-owned; differential_column_open sets it up. It must stay where it
 * is. */
struct differential_column {
    const struct differential_type *type;
    const struct column *column;
    const struct table *table;
    size_t number; /* among those of its type */
    size_t index;  /* in the table */
    struct catalog_table catalog;
    struct source source; /* a file that has this column alone */
    struct row row;
};

/* The column of a type with this number, from 0; two that have the same limits are one. False:
 * there is none. */
bool differential_column_find(const struct differential_type *type, size_t number,
                              struct differential_column *column);

/* Learns what the database says of the column. The schema is there. */
bool differential_column_open(struct differential_column *column, const struct session *session);

/* Reads a text as a field of a file. Returns its value, which borrows the text; NULL: refused. */
const struct value *differential_column_read(struct differential_column *column,
                                             const struct differential_text *text);

/* Adds the column's type in SQL. */
void differential_column_add_type(const struct differential_column *column,
                                  struct statement *statement);

/* Adds the body of a block of PL/pgSQL that returns the binary form of what PostgreSQL makes of the
 * text `t`, or fails with a data_exception. */
void differential_column_add_input(const struct differential_column *column,
                                   struct statement *statement);

/* Adds a condition on the text `t` and the binary form `stored`: what is taken is taken or stored
 * in another way than PostgreSQL's, as the manual says; and what that way is called. False: the
 * type has none. */
bool differential_column_add_exception(const struct differential_column *column,
                                       struct statement *statement);

/* Adds the call that gives the class of the text `t` (differential.sql). */
void differential_column_add_class(const struct differential_column *column,
                                   struct statement *statement);

#endif

/*
 * Whether a text of SQL is one statement: a server that hands statements on, as Citus does, takes
 * no more in a message.
 */
#ifndef TESTS_UNIT_SINGLE_STATEMENT_H
#define TESTS_UNIT_SINGLE_STATEMENT_H

#include <stdbool.h>

/* Whether no statement follows a semicolon; nothing but blanks and comments may. Semicolons within
 * quotes, dollar quotes and comments are not counted. */
bool is_single_statement(const char *sql);

#endif

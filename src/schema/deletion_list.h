/*
 * Rows to be deleted, listed by their keys in a stage (pg/stage) before new rows come.
 *
 * Either the client names the rows: deletion_list_open_ids. Or it names parents, all rows of which
 * are compared with the stage: deletion_list_open_parents, then deletion_list_of_parents.
 */
#ifndef SCHEMA_DELETION_LIST_H
#define SCHEMA_DELETION_LIST_H

#include "pg/copy_in.h"
#include "pg/statement.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* The list is the stage PREFIXname, with the columns of the key. */
#define DELETION_LIST_PREFIX "timele_load_gone_"

/* Appends the list's qualified name. */
void deletion_list_add_name(struct statement *statement, const struct table *table);

/* Appends the columns of the key, of the alias t, with commas between. */
void deletion_list_add_key(struct statement *statement, const struct table *table);

/* Creates the list of a table whose key is one id, and starts a COPY of ids into it. */
bool deletion_list_open_ids(struct connection *connection, const struct table *table,
                            struct copy_in **copy, struct error *error);

/* Creates the list of parents, and starts a COPY of their ids into it. */
bool deletion_list_open_parents(struct connection *connection, const struct table *table,
                                struct copy_in **copy, struct error *error);

/* Lists the rows of the parents whose key is not in the table's stage (schema/merge). *count is how
 * many. */
bool deletion_list_of_parents(struct connection *connection, const struct table *table,
                              uint64_t *count, struct error *error);

#endif

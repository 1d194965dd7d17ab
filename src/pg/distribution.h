/*
 * What Citus, an extension of PostgreSQL, has distributed over the nodes of a cluster. Only what
 * the catalog says of TimeL-E's own tables counts: where none of them is distributed, a server that
 * has the extension is like any other. What is found is kept by the connection.
 *
 * Tables have to lie so that a row is found on one node by its key: a table is either a reference
 * table, which each node has as a whole, or its rows are distributed by the hash of the first
 * column of its key, and they lie with those of the table that this column refers to
 * (contrib/citus.sql). A table that files fill is a reference table only where its key is one
 * column. Either all tables that files fill are distributed, or none is.
 */
#ifndef PG_DISTRIBUTION_H
#define PG_DISTRIBUTION_H

#include "pg/connection.h"
#include "pg/distributed_tables.h"
#include "table/table.h"

#include <stdbool.h>

/*
 * Asks what is distributed, and sets what the rest of the transaction needs for it: Citus works on
 * one node after the other; the coordinator uses its own copies of tables over a connection, as
 * those of another node; the transaction's settings hold on all nodes. To be called in each
 * transaction, and again when the tables were made anew.
 *
 * ERROR_DATABASE on a node that is not the coordinator, which is named, and for tables that do not
 * lie as described above.
 */
bool distribution_find(struct connection *connection, struct error *error);

/*
 * Lets the rest of the transaction read and change the coordinator's own copies of reference tables
 * itself, and not over a session of their own, which sees nothing that is not committed: a role, a
 * dropped schema. To be called after distribution_find, before anything is read; rows cannot be
 * loaded in such a transaction.
 */
bool distribution_use_own_copies(struct connection *connection, struct error *error);

/* Whether any of TimeL-E's tables is distributed. */
bool distribution_is_any(const struct connection *connection);

/* How a table lies. */
enum distribution_kind distribution_of(const struct connection *connection,
                                       const struct table *table);

/* The column by whose hash the rows of a table are distributed; NULL where they are not. */
const char *distribution_column(const struct connection *connection, const struct table *table);

#endif

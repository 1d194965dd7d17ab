/*
 * Transactions of a run: free of the limits that are meant for the application's short statements.
 */
#ifndef PG_TRANSACTION_H
#define PG_TRANSACTION_H

#include "pg/connection.h"

#include <stdbool.h>
#include <stdint.h>

enum transaction_kind {
    TRANSACTION_LOAD, /* READ COMMITTED: sees what others commit meanwhile */
    TRANSACTION_LOOK  /* REPEATABLE READ READ ONLY: sees one moment, that of its first query */
};

/*
 * Begins a transaction with the settings that a run needs, all local to it: no time limit but
 * `lock_timeout` seconds for each lock (0: the user's own setting), only pg_catalog in the search
 * path (pg/search_path), an error instead of rows that row-level security hides, all digits of a
 * double, memory for the proof of foreign keys. tests/e2e/settings.bats says which settings of the
 * user are left alone. A standby, which refuses a TRANSACTION_LOAD, is named as one.
 */
bool transaction_begin(struct connection *connection, enum transaction_kind kind, int lock_timeout,
                       struct error *error);

/* Reads the time of the transaction, as binary COPY has it: microseconds since the year 2000. Rows
 * get it, as they would get it from the database's defaults. */
bool transaction_read_time(struct connection *connection, int64_t *time, struct error *error);

/* Rolls back the transaction that is open, failed or not, if there is one. Whether the connection
 * can be used afterwards. */
bool transaction_abandon(struct connection *connection);

#endif

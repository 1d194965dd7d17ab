/*
 * Rows that no file names, deleted once nothing of the run points to them any more. They were
 * listed before (schema/deletion_list).
 */
#ifndef SCHEMA_DELETION_H
#define SCHEMA_DELETION_H

#include "pg/connection.h"
#include "pg/copy_out.h"
#include "schema/catalog.h"
#include "table/table.h"

#include <stdbool.h>
#include <stdint.h>

/* The table that loses rows, and who wants to know of them. Caller-owned. */
struct deletion {
    struct connection *connection;
    const struct table *table;
    const struct catalog_table *found;
    copy_out_row *row;
    void *context; /* of row */
    /* As deletion_find_references gave them before indexes and constraints were dropped; NULL: they
     * were not asked for. Rows that those keys would have protected are protected all the same. */
    const PGresult *former_references;
};

/* Reads the foreign keys that lead to a table, for `former_references`; to be freed with PQclear.
 */
bool deletion_find_references(const struct table *table, struct connection *connection,
                              PGresult **references, struct error *error);

/*
 * Deletes the listed rows, and gives the first key column of each to `row`. Placeholders that
 * another row points to stay. ERROR_DATABASE when a row that is not listed points to any other
 * listed row through a foreign key, be it ON DELETE CASCADE or not: a deletion never reaches a row
 * that is not listed. The message names both rows. ERROR_DATABASE too when a listed row is still
 * there afterwards (schema/shortfall). To be called once they are listed.
 */
bool deletion_carry_out(const struct deletion *deletion, struct error *error);

#endif

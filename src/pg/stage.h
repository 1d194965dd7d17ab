/*
 * Stages: tables that a run makes for itself, fills and reads, and that are gone at its end. They
 * are temporary tables. A distributed database cannot join those with distributed tables: there a
 * stage is an ordinary table in the schema timele_load, which nobody sees before it is dropped, and
 * its rows lie where those lie that it is joined with.
 */
#ifndef PG_STAGE_H
#define PG_STAGE_H

#include "pg/connection.h"
#include "pg/statement.h"
#include "table/table.h"

#include <stdbool.h>

/* All is borrowed. */
struct stage {
    struct connection *connection;
    const char *name;           /* without a schema */
    const struct table *beside; /* the table that it is joined with */
    const char *key; /* its column with the values of the first column of that table's key */
};

/* Makes an empty stage with these columns, as CREATE TABLE has them: "id bigint PRIMARY KEY". */
bool stage_create(const struct stage *stage, const char *columns, struct error *error);

/* Makes an empty stage with the columns of a query. */
bool stage_create_like(const struct stage *stage, const char *query, struct error *error);

/* Makes a stage with the rows of a query, and sets *rows to their number. Errors have `purpose`
 * before the server's message; NULL: nothing. */
bool stage_create_filled(const struct stage *stage, const char *query, const char *purpose,
                         unsigned long long *rows, struct error *error);

/* Appends the qualified name of a stage. */
void stage_add_name(struct statement *statement, const char *name);

/* Appends SQL that writes the names of stages as pg_temp.NAME, with their right schema. */
void stage_add_query(struct statement *statement, const char *sql);

/* Gathers the planner's statistics of a stage. */
bool stage_analyze(struct connection *connection, const char *name, struct error *error);

/* Drops the stages that a commit would not drop. To be called at the end of the transaction. */
bool stage_drop_all(struct connection *connection, struct error *error);

#endif

/*
 * The tables of a run as the database has them: all that rows are checked against.
 */
#ifndef TARGET_KNOWN_TABLES_H
#define TARGET_KNOWN_TABLES_H

#include "base/phase.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Compares each table that the run writes, or whose ids it has to know, with its description, and
 * reads those ids; of tables that only derived values come from, it reads what those are made of.
 * ERROR_DATABASE when a table, a column or a privilege is missing.
 */
bool known_tables_read(struct plan *plan, const struct session *session);

#endif

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
 * Compares each table that the run writes, or whose ids it has to know, with its description; looks
 * also for those that only derived values come from, which may be missing. ERROR_DATABASE when a
 * table, a column or a privilege is missing.
 */
bool known_tables_find(struct plan *plan, const struct session *session);

/*
 * Reads what the rows of these tables are checked against, and what values are derived from: of all
 * rows, or of those that the files name, as each dataset's lookup says. To be called when the
 * lookups are chosen (target/lookup_choice) and the files have told what they name
 * (check/named_keys).
 */
bool known_tables_read(struct plan *plan, const struct session *session);

#endif

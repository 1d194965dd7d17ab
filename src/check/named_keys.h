/*
 * What files name of the tables that are not read whole (plan/lookup): ids of their own rows, ids
 * that they refer to, values of unique columns. The files are read once for it, before they are
 * checked; they are small against these tables.
 */
#ifndef CHECK_NAMED_KEYS_H
#define CHECK_NAMED_KEYS_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Gathers into `files.named` of every dataset whose lookup is LOOKUP_NAMED. Rows that are bad by
 * themselves name nothing. When a file cannot be read, all tables are to be read whole, and the
 * check tells what is wrong. False with the session's error set: no memory, or a signal.
 */
bool named_keys_gather(struct plan *plan, const struct session *session);

#endif

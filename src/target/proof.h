/*
 * The server's proof of what the client checked, before the commit.
 */
#ifndef TARGET_PROOF_H
#define TARGET_PROOF_H

#include "base/log.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Makes sure that every foreign key of the tables loaded stands in the database and is validated;
 * deferred constraints are checked now. A database that lacks a foreign key is warned about: its
 * rows were checked by the client alone. ERROR_DATABASE when rows violate a constraint.
 */
bool proof_foreign_keys(struct plan *plan, const struct session *session);

#endif

/*
 * --mode=replace: rows below the floor that no file names go, once the files' rows are in.
 */
#ifndef WRITE_REMOVAL_H
#define WRITE_REMOVAL_H

#include "base/log.h"
#include "base/phase.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

/* Deletes what update_apply listed, children before parents, and notes whose derived values change.
 * ERROR_DATABASE when a row that stays points to one that would go. */
bool removal_carry_out(struct plan *plan, const struct session *session);

#endif

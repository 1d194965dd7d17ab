/*
 * Value takeovers, judged once all files of their table are read (plan/value_takeover).
 */
#ifndef CHECK_TAKEOVER_H
#define CHECK_TAKEOVER_H

#include "plan/dataset.h"

#include <stdbool.h>

/* Refuses, as bad rows, those that want what the database's row keeps, and takes them off the
 * dataset's list. False when memory ran out. */
bool takeover_settle(struct dataset *dataset);

#endif

/*
 * What a run has to do, foreseen: for an estimate of the time that it takes.
 */
#ifndef RUN_OUTLOOK_H
#define RUN_OUTLOOK_H

#include "base/phase.h"
#include "plan/plan.h"
#include "run/record.h"

#include <stdbool.h>

/* Every file is checked, and that is all. */
struct phase_outlook outlook_check(const struct plan *plan);

/*
 * Every file is checked, then sent; that of a table whose rows are sent while they are checked
 * (`streams`), once. It is known for a load of empty tables whose indexes are made afterwards. What
 * it takes to update rows, to load with indexes in place, and to verify the whole database depends
 * on what the database has, and is not known.
 */
struct phase_outlook outlook_load(const struct plan *plan, const struct run_options *options,
                                  bool streams);

#endif

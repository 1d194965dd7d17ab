/*
 * How many connections fill new tables.
 */
#ifndef RUN_JOB_COUNT_H
#define RUN_JOB_COUNT_H

#include "plan/plan.h"
#include "run/record.h"

/* What --jobs says. Without it, a connection for each processor that the program may use, 4 at
 * most; and 1 for small files, unless the readers of tables that --reset replaces would wait for
 * them. */
int job_count(const struct run_options *options, const struct plan *plan);

#endif

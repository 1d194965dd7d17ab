/*
 * How the server joins a stage (schema/merge), or another temporary table, with a large table.
 */
#ifndef SCHEMA_MERGE_PLAN_H
#define SCHEMA_MERGE_PLAN_H

#include "schema/merge.h"

#include <stdbool.h>

/*
 * From so many rows on a temporary table is analyzed. Of one that was not, the planner knows how
 * large it is, but takes one row in 200 to come from any file: of few rows it finds each by an
 * index anyhow, and ANALYZE costs more than their join. Of many it may choose badly.
 */
enum { MERGE_ANALYZED_FROM = 500 };

/* Updates the planner's statistics of the stage, once it is filled. */
bool merge_analyze_stage(const struct merge *merge, struct error *error);

/* Chooses how a large stage is joined with its table until merge_plan_end, where each of its rows
 * is looked for. A query that looks for rows which the stage does not have must not run meanwhile:
 * the stage has no index. */
bool merge_plan_begin(const struct merge *merge, struct error *error);

/* The planner chooses by itself again. */
bool merge_plan_end(const struct merge *merge, struct error *error);

#endif

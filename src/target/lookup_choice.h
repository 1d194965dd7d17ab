/*
 * Whether the rows that a table has are read all, or only those that the files name
 * (plan/lookup).
 *
 * To read a row of the whole table costs about half a microsecond. To look one up costs about four:
 * its file is read once more, and the server finds each row by an index. The sizes of the files
 * tell about twice as many rows as they have. So rows are looked up when the files name, by their
 * sizes, no more than a quarter of the table's rows. A run of a few rows then takes the same time
 * in a database of any size.
 *
 * A table of which --mode=replace deletes rows is always read whole: it has to be known which of
 * its rows no file names.
 */
#ifndef TARGET_LOOKUP_CHOICE_H
#define TARGET_LOOKUP_CHOICE_H

#include "pg/session.h"
#include "plan/plan.h"

/* Sets the lookup of every table whose catalog was read; `wanted` is the one that is wanted of all
 * tables, where it can be. Logs each choice as a detail. */
void lookup_choose(struct plan *plan, enum lookup wanted, const struct session *session);

#endif

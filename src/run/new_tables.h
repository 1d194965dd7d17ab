/*
 * The way of a run that makes TimeL-E's tables itself: they are built beside those that are there,
 * over several connections (build/build), and published by the run's transaction.
 *
 *     run's connection      BEGIN, run lock                                  publish, COMMIT
 *     first of the others                    make, COMMIT    COPY, index, ...
 *     the others                                             COPY, index, ...
 *
 * Where that cannot be done, a note says why, and the run goes on over its one connection.
 */
#ifndef RUN_NEW_TABLES_H
#define RUN_NEW_TABLES_H

#include "check/scan.h"
#include "run/running.h"

#include <stdbool.h>

/* Makes the tables in building schemas, empty and committed, and learns what the rows are checked
 * against, where the run is such a one; then running->new_tables is set. To be called under the run
 * lock, before the run's transaction has locked any table. */
bool new_tables_make(struct running *running);

/* Has the rows of the table that is `streamed` sent while the files are checked, as soon as what
 * their values follow from is known; to be called before the files of the table `next` are checked.
 * Only where nothing that is found later can turn a good row of it into a bad one. A file that is
 * wrong ends the run, and what was sent is removed. */
bool new_tables_stream(struct running *running, enum table_id next, const struct scan *scan);

/* Fills the tables, when all files are checked. */
bool new_tables_fill(struct running *running);

/* Gives the tables their names, in the run's transaction; with --reset those that have them now are
 * set aside. Nobody else sees a difference, and nobody waits. */
bool new_tables_publish(struct running *running);

/* The last thing before the commit: drops the tables that were set aside. From here on their
 * readers wait. */
bool new_tables_replace(struct running *running);

/* After a run that failed: removes what was built, in a transaction of its own. What cannot be
 * removed is told in a note. */
void new_tables_remove(struct running *running);

/* Frees; NULL is fine. */
void new_tables_free(struct new_tables *tables);

#endif

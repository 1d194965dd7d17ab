/*
 * The first reading of every file: each row is checked before it is sent, so that every error names
 * its file and line and all of them are counted.
 */
#ifndef CHECK_SCAN_H
#define CHECK_SCAN_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

struct scan;

/* Who takes good rows as they are checked, so that their files are read once. This room does not
 * know the one that writes rows: hence a callback. It returns false with the session's error set.
 */
struct row_taker {
    bool (*take)(void *context, struct source *source, const struct row *row);
    void *context;
};

/* Frees by scan_free. Plan and session are borrowed. */
bool scan_new(struct plan *plan, enum duplicates duplicates, const struct session *session,
              struct scan **scan);

/*
 * Reads all files of a table, after those of the tables that it refers to. Afterwards its dataset
 * knows the ids that the run brings, the lines to leave out and the placeholders to make, each
 * source its counts and problems. Good rows go to `taker` (NULL: nobody takes them) until the first
 * bad one, after which the rest is only checked. A problem is no failure here, see scan_finish.
 * ERROR_FILE when a file could not be read, or a reason not be written.
 */
bool scan_table(struct scan *scan, enum table_id id, const struct row_taker *taker);

/* Whether a row was bad in any file so far. */
bool scan_found_problems(const struct scan *scan);

/*
 * Prints the problems of all files to the log, also after a scan_table that failed, and completes
 * the placeholders. ERROR_DATA when there was any problem, unless bad rows are set aside.
 */
bool scan_finish(struct scan *scan);

/* NULL is fine. */
void scan_free(struct scan *scan);

#endif

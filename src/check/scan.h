/*
 * The first reading of every file. It checks each row before the row is sent, so that every error
 * names its file and line, and all errors are counted.
 */
#ifndef CHECK_SCAN_H
#define CHECK_SCAN_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>

struct scan;

/* Takes each good row as soon as it is checked, to send it: so the file is read once, not twice. A
 * callback, because check/ and write/ do not include each other. It returns false with the
 * session's error set. */
struct row_taker {
    bool (*take)(void *context, struct source *source, const struct row *row);
    void *context;
};

/* Frees by scan_free. Plan and session are borrowed. */
bool scan_new(struct plan *plan, enum duplicates duplicates, const struct session *session,
              struct scan **scan);

/*
 * Reads all files of a table; the tables that it refers to have to come before it. Afterwards its
 * dataset has the ids that the run brings, the lines to leave out and the placeholders to make, and
 * each source has its counts and problems. `taker` (NULL: none) gets the good rows that come before
 * the first bad one. A bad row is no failure here: scan_finish reports it. ERROR_FILE when a file
 * could not be read, or a reason could not be written.
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

/*
 * The first reading of every file: each row is checked before it is sent, so that every error names
 * its file and line and all of them are counted.
 */
#ifndef CHECK_SCAN_H
#define CHECK_SCAN_H

#include "base/phase.h"
#include "check/key.h"
#include "pg/connection.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Who takes a table's rows as they are checked, so that its files, the largest of all, are read
 * once. For runs in which a row that is right stays right, whatever comes after it: any problem
 * ends the run.
 */
struct scan_stream {
    struct dataset *dataset;
    /* When all other files are checked and right; sets *opened when rows will be taken. */
    bool (*open)(void *context, bool *opened);
    bool (*take)(void *context, struct source *source, const struct row *row);
    /* After the last row, or, not `complete`, as soon as a row is wrong. */
    bool (*close)(void *context, bool complete);
    void *context;
};

/*
 * Reads all files of the plan, parents before children, those of the stream (NULL: there is none)
 * last. Afterwards each dataset knows the ids the run brings, the lines to leave out and the
 * placeholders to make, each source its counts. Problems are printed to the log. ERROR_DATA when
 * there was any, unless bad rows are set aside; ERROR_FILE when a file could not be read, or a
 * reason not be written.
 */
bool scan_files(struct plan *plan, enum duplicates duplicates, const struct scan_stream *stream,
                struct connection *connection, struct log *log, struct phase_list *phases,
                struct error *error);

#endif

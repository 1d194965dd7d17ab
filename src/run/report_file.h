/*
 * --report=FILE: where the run's report goes.
 *
 * A regular file is replaced as a whole when the run has ended, however it ended. A stream
 * (standard output, a FIFO, a device) gets the report at the end. Both are opened before anything
 * is loaded.
 */
#ifndef RUN_REPORT_FILE_H
#define RUN_REPORT_FILE_H

#include "base/error.h"
#include "run/record.h"

#include <stdbool.h>
#include <stddef.h>

struct report_file;

/* Whether a path is that of standard output: "-", "/dev/stdout" and the like. */
bool report_file_names_standard_output(const char *path);

/* Whether a file that begins with these bytes is a report of this program. */
bool report_file_is_report(const char *start, size_t length);

/* Opens the file. The path, the options and the run are
 * borrowed. ERROR_FILE when it cannot be written to. */
bool report_file_open(const char *path, const struct run_options *options, const struct run *run,
                      struct report_file **file, struct error *error);

/* Whether the report goes where the summary would; NULL is none. */
bool report_file_is_standard_output(const struct report_file *file);

/* Before the commit, and before other outputs get their names: writes the report of a run that has
 * succeeded to the disk, under a temporary name, so that a full disk fails the run in time. A
 * stream cannot take a report back, so it gets an empty line only. ERROR_FILE. */
bool report_file_prepare(struct report_file *file, struct error *error);

/*
 * Writes the report of a run that ended with `outcome`, and gives the file its name. Where that
 * fails after a success, the file prepared before gets the name. ERROR_FILE.
 */
bool report_file_finish(struct report_file *file, const struct error *outcome, struct error *error);

/* NULL is fine. */
void report_file_free(struct report_file *file);

#endif

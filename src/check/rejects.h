/*
 * --rejects: bad rows are set aside in files of a directory, and the rest is loaded.
 */
#ifndef CHECK_REJECTS_H
#define CHECK_REJECTS_H

#include "base/error.h"
#include "base/log.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* The fraction digits of a percentage that count, and 100 % in units of the last one. */
enum { REJECT_PERCENT_SCALE = 4, REJECT_PERCENT_ALL = 1000000 };

/* How many rows may be rejected: --max-rejects. */
struct reject_limit {
    const char *text; /* as given, for messages; NULL: there is no limit */
    bool percent;
    uint64_t number; /* rows, or units of 10^-REJECT_PERCENT_SCALE percent of the rows read */
};

struct rejects;

/*
 * Makes the directory (mode 0700) when there is none, and prepares two files in it for each source
 * of the plan, see reject_file.h. From here on a bad row of the plan is set aside. ERROR_FILE when
 * the directory cannot be written to. The directory's name, the plan and the limit's text are
 * borrowed and must outlive the rejects.
 */
bool rejects_open(const char *directory, const struct reject_limit *limit, struct plan *plan,
                  struct rejects **rejects, struct error *error);

/*
 * Judges what the scan has found, and completes the files: all is on the disk when it returns true.
 * ERROR_DATA when more rows are bad than the limit allows, or a file could not be read to its end,
 * so that nobody knows which rows were lost. ERROR_FILE.
 */
bool rejects_complete(struct rejects *rejects, struct error *error);

/* Gives the files their names and warns of each; to be called when the rows are committed, or with
 * `loaded` false where none are to be loaded. A file that cannot have its name keeps a temporary
 * one, of which the log tells. */
void rejects_publish(struct rejects *rejects, bool loaded, struct log *log);

/* Frees; what was not published is removed, a directory that was made for it too. NULL is fine. */
void rejects_free(struct rejects *rejects);

#endif

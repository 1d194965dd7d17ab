/*
 * The first reading of every file: each row is checked before anything is sent, so that every
 * error names its file and line and all of them are counted.
 */
#ifndef LOAD_SCAN_H
#define LOAD_SCAN_H

#include "base/phase.h"
#include "load/key.h"
#include "load/plan.h"
#include "pg/connection.h"

#include <stdbool.h>

/*
 * Reads all files of the plan, parents before children. Afterwards each dataset knows the ids the
 * run brings, the lines to leave out and the placeholders to make, each source its counts.
 * Problems are printed to the log. ERROR_DATA when there was any, unless bad rows are set aside;
 * ERROR_FILE when a file could not be read, or a reason not be written.
 */
bool scan_files(struct plan *plan, enum duplicates duplicates, struct connection *connection,
                struct log *log, struct phase_list *phases, struct error *error);

#endif

/*
 * The report: all that is known of a run, as a JSON document. --report writes it to a file, the
 * ledger takes its rows from it. Its format is described in docs/report.md and
 * docs/report.schema.json; whoever changes it changes both, and REPORT_FORMAT when a reader of the
 * old one would be misled.
 */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "base/error.h"
#include "run/record.h"

#include <jansson.h>

enum { REPORT_FORMAT = 1 };

/*
 * The report of a run that has ended with this error, or has succeeded, or is about to commit.
 * Sequences are set last: a report that is made before has no next values of them. It holds no
 * password and no value of a secret column. Freed by json_decref; NULL when memory ran out.
 */
json_t *report_new(const struct run_options *options, const struct run *run,
                   const struct error *error);

#endif

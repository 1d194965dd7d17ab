/*
 * What must hold after a run of --check, whatever its files were.
 */
#ifndef TESTS_FUZZ_CHECK_OUTCOME_H
#define TESTS_FUZZ_CHECK_OUTCOME_H

#include "check_case.h"

#include "base/error.h"
#include "run/record.h"

/* What a run printed on both streams. */
struct check_output {
    const char *log, *summary;
    size_t log_length, summary_length;
};

/*
 * Ends the program unless all of it holds: the exit status is one that the manual promises for the
 * files' state; every record is counted; the reject files have the header and the bad records byte
 * for byte, without passwords, and a reason for each; nothing that is shown controls a terminal;
 * no password and no hash is shown. To be called before the run is freed, in the directory of the
 * files.
 */
void check_outcome_require(const struct check_case *given, const struct run *run,
                           const struct error *error, const struct check_output *output);

/* Copies a file but for its rejected records, and adds how many bytes `kept` gets to *length. After
 * a run that ended with ERROR_REJECTS. False where a compressed file has some. */
bool check_outcome_keep(const struct check_case *given, const struct run *run, size_t file,
                        char *kept, size_t *length);

#endif

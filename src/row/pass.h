/*
 * A pass: one reading of one file, from its header to its end, record by record.
 *
 * Each pass is a phase of the run and counts towards the seconds of its file. Fields that have no
 * place in the table are never copied out of the parser, a plain-text password among them.
 */
#ifndef ROW_PASS_H
#define ROW_PASS_H

#include "csv/reader.h"
#include "pg/session.h"
#include "row/row.h"
#include "row/source.h"

#include <stdbool.h>
#include <stdint.h>

/* Caller-owned; all is borrowed. */
struct pass {
    const char *phase; /* what the pass is for: "check", "copy" */
    enum phase_reading reading;
    struct source *source;
    struct csv_reader *reader;
    struct row *row; /* cleared before the first record */

    /* Take each record behind the header, and each that is no CSV. False stops the reading: then
     * the session's error is set, or the rest of the file is not wanted. */
    bool (*record)(void *context, const struct csv_record *record);
    bool (*fault)(void *context, const struct csv_fault *fault);
    uint64_t (*rows)(const struct source *source); /* for the progress; NULL: none are shown */
    void *context;
};

/* Reads the file from its start. Notes where its header ends. False when the session's error is
 * set: by the reading (ERROR_FILE, a signal) or by a callback. */
bool pass_read(const struct pass *pass, const struct session *session);

#endif

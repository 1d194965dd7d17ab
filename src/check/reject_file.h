/*
 * The rejected rows of one input file, for a person to mend and load again: NAME.csv with the
 * header and the records byte for byte (a last line without an end gets one), and NAME.reasons.csv
 * with what is wrong with each.
 *
 * A column called `password` (in any case of its letters) is plain text: its field is emptied. A
 * record that is too broken to tell which field is which is withheld then, and its reason says so.
 */
#ifndef CHECK_REJECT_FILE_H
#define CHECK_REJECT_FILE_H

#include "base/error.h"
#include "base/pending_file.h"
#include "plan/dataset.h"
#include "row/problem.h"
#include "row/source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reject_file;

/* How many rejected rows' reasons are worth writing; with more the run fails anyway, and must not
 * fill the disk before it does. Shared by all files of a run, of which one writes at a time and has
 * its file of reasons open. */
struct reject_budget {
    uint64_t rows, most;
    struct reject_file *writing; /* the last that wrote a reason; NULL: none */
};

/* Whose rejected rows go where. */
struct reject_request {
    const char *directory;
    const char *name;              /* of both files, without their ending */
    size_t attempt;                /* the name is that of reject_name with this attempt */
    enum pending_file_claim claim; /* on the directory */
    struct source *source;         /* borrowed */
    struct reject_budget *budget;  /* borrowed */
};

/*
 * Prepares the two files of a source: nothing is made before there is something to write. From here
 * on the file is told of each problem of the source.
 */
bool reject_file_new(const struct reject_request *request, struct reject_file **file,
                     struct error *error);

/* False, with its ERROR_FILE, when a reason could not be written. */
bool reject_file_check(const struct reject_file *file, struct error *error);

/*
 * Reads the input again, twice where it has a password, and copies the header and the rejected
 * lines that the dataset knows; then both files are complete on the disk. No record is held in
 * memory, however long it is. Nothing to do without a reason. ERROR_FILE.
 *
 * Where two files that an earlier run left are the same (with the name of an earlier attempt), they
 * are these files: nothing new is written.
 */
bool reject_file_complete(struct reject_file *file, const struct dataset *dataset,
                          struct error *error);

/* Gives both files their names, never over another. Nothing to do without a
 * reason. ERROR_FILE: the message tells where a file is instead, and the detail where the second
 * one is when neither could have its name. */
bool reject_file_publish(struct reject_file *file, struct error *error);

/* Whether there is something in it; and whether an earlier run left the same. */
bool reject_file_is_used(const struct reject_file *file);
bool reject_file_was_there(const struct reject_file *file);

const char *reject_file_path(const struct reject_file *file);
const char *reject_file_reasons_path(const struct reject_file *file);

/* Records that are not in NAME.csv because they may show a password. */
uint64_t reject_file_withheld(const struct reject_file *file);

/* Frees; files that were not published are removed. NULL is fine. */
void reject_file_free(struct reject_file *file);

#endif

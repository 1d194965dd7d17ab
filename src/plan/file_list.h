/*
 * What the FILE arguments of a run stand for: files, the CSV files of directories, and the members
 * of archives.
 */
#ifndef PLAN_FILE_LIST_H
#define PLAN_FILE_LIST_H

#include "base/list.h"
#include "base/log.h"
#include "row/source.h"

#include <stdbool.h>
#include <stddef.h>

struct listed_file {
    char *name;            /* for messages: the argument, DIRECTORY/NAME, or ARCHIVE:MEMBER */
    struct source *source; /* NULL: it could not be opened, or it is no dataset's */
};

/* Caller-owned; zeroed is empty, file_list_free empties it again. */
struct file_list {
    struct list files;           /* struct listed_file, in the order of the arguments */
    struct list archives;        /* char *: their paths, which their members borrow */
    const char *empty_directory; /* the last without a CSV file, as given; NULL: none */
};

struct file_list_request {
    const char *const *paths; /* the FILE arguments */
    size_t path_count;
    bool may_be_empty; /* a directory may have no CSV file */
    bool only_checks;  /* --skip-loaded, by which it may, does not go with the run */
};

/*
 * Opens and recognises every file, also after one that is wrong: the error is the first wrong
 * file's, the errors of the others are logged. The arguments are borrowed and must outlive the
 * list.
 *
 * A directory stands for the CSV files in it (plan/directory_listing). Among them, a file whose
 * header is that of something else (row/header) is not meant for this program, unless it is called
 * like a table. It is left out, as are files of other names, and a note in the log says so. Any
 * other fault is one as if the file had been an argument. An archive stands for its members
 * (plan/archive_listing), which are judged as the archive would be: in one that was found in a
 * directory, what is not meant for this program is left out. ARCHIVE:MEMBER stands for the one
 * member, where no file has the whole as its name.
 *
 * ERROR_USAGE for a directory without a CSV file, unless it may be empty, and for a file that is
 * there twice, by whatever names.
 */
bool file_list_open(const struct file_list_request *request, struct log *log,
                    struct file_list *list, struct error *error);

void file_list_free(struct file_list *list);

#endif

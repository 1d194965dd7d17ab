/*
 * One file of an input of fuzz_check beside what a run made of it.
 */
#ifndef TESTS_FUZZ_EXAMINED_FILE_H
#define TESTS_FUZZ_EXAMINED_FILE_H

#include "check_case.h"
#include "plain_csv.h"

#include "run/record.h"

enum { WRITTEN_MAX = 1 << 20 };

/* A file that was written, whole. */
struct written {
    char bytes[WRITTEN_MAX];
    size_t length;
};

/* A file, its reject files, and what a plain reading makes of them. */
struct examined_file {
    const struct case_file *given;
    const struct source *source;
    struct plain_csv csv, reasons_csv;
    struct written rejects, reasons; /* empty where there are none */
    bool has_password[PLAIN_FIELDS_MAX];
    bool has_some_password;
};

/* Whether a file is compressed: the target knows nothing of its records then. */
bool case_file_is_compressed(const struct case_file *file);

/* Reads a file that is not compressed and, where the run has given the reject files their names
 * (`published`), those. The result is good until the same file's next call. */
struct examined_file *examined_file_read(const struct check_case *given, const struct run *run,
                                         size_t file, bool published);

/* The line that a record of the reasons names. */
uint64_t examined_file_line(const struct examined_file *file, const struct plain_record *reason);

/* Whether a reason names the record. */
bool examined_file_is_bad(const struct examined_file *file, const struct plain_record *record);

#endif

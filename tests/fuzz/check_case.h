/*
 * What one input of fuzz_check asks for: files, and options to check them with.
 */
#ifndef TESTS_FUZZ_CHECK_CASE_H
#define TESTS_FUZZ_CHECK_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CASE_FILES_MAX = 6, CASE_ARGUMENTS_MAX = 24, CASE_OPTION_BYTES = 3 };

/* Stands between two files in an input. */
enum { CASE_FILE_END = 0x1e };

/* The directory of rejected rows, and the report, beside the files. */
#define CASE_REJECTS "rejects"
#define CASE_REPORT  "report.json"

struct case_file {
    const char *name;
    const char *bytes;
    size_t length;
};

/* Borrows from the input. */
struct check_case {
    struct case_file files[CASE_FILES_MAX];
    size_t file_count;
    char limit[24];                      /* --max-rejects=... */
    char *arguments[CASE_ARGUMENTS_MAX]; /* NULL after the last */
    int argument_count;
    bool rejects, json, report;
    bool again; /* what is not rejected is to be checked by itself */
};

/* Reads an input; false when it is too short to be one. */
bool check_case_read(struct check_case *given, const uint8_t *data, size_t size);

/* Takes the rejects out of an input's options, in its bytes. */
void check_case_forget_rejects(uint8_t *data);

#endif

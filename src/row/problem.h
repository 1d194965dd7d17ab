/*
 * What is wrong with rows: all counted, the first of each file kept to be shown.
 *
 * Rows that refer to the same id, which is nowhere, are shown once, with their number: a file of
 * users that was forgotten is one mistake, and not as many as there are orders. So are lines of
 * separators alone, and headers in the midst of a file.
 */
#ifndef ROW_PROBLEM_H
#define ROW_PROBLEM_H

#include "base/display.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROBLEMS_SHOWN = 20,
    PROBLEM_REASON_SIZE = 256,
    PROBLEM_COLUMN_SIZE = 80,
    PROBLEM_KEY_SIZE = 80
};

enum problem_code {
#define PROBLEM_CODE(symbol, name, meaning) PROBLEM_##symbol,
#include "row/problem_code.def"
#undef PROBLEM_CODE
};

/* Reasons of those that are no rows. */
extern const char problem_separators_alone[], problem_header_again[];

/* The name of a code, for programs: "foreign_key". */
const char *problem_code_name(enum problem_code code);

struct problem {
    uint64_t line;
    enum problem_code code;
    char column[PROBLEM_COLUMN_SIZE];
    char key[PROBLEM_KEY_SIZE]; /* the row's, see row_key_text; "" when it cannot be read */
    char reason[PROBLEM_REASON_SIZE];
    bool is_alike; /* rows with the same column, code and id are one problem */
    int64_t id;
    uint64_t rows; /* that it stands for; of a list's: so far */
    bool has_value;
    char value[DISPLAY_SIZE];
};

/* The problems of one file. Caller-owned; zeroed is empty. */
struct problem_list {
    uint64_t count;
    struct problem *first; /* room for PROBLEMS_SHOWN of them, made with the first problem */
    size_t kept;           /* so many are there */

    /* Called for each problem that is added; NULL: nobody is told. A callback, because the reject
     * file wants all problems, of which the list keeps only the first, and row/ does not know
     * check/. */
    void (*tell)(void *listener, const struct problem *problem);
    void *listener;
};

/* A value to show with a problem; text NULL: none. */
struct problem_value {
    const char *text;
    size_t length;
};

/* Where a row is wrong, and how. The texts are borrowed. */
struct problem_place {
    enum problem_code code;
    uint64_t line;
    const char *column;
    const char *key; /* the row's; "" when it cannot be read */
    struct problem_value value;
    bool is_alike; /* rows with the same column, code and id are shown as one problem, with the
                    * reason of the first: those that refer to `id`, and those that are no rows */
    int64_t id;
};

/* Counts a problem, tells it, and keeps it when it is among the first, or adds it to one that is
 * kept and refers to the same id. The reason is printf-formatted. */
void problem_add(struct problem_list *list, const struct problem_place *place, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));

/* Prints the problems kept, by line, as `FILE:LINE: COLUMN: what is wrong ("value" in 35 rows)`,
 * and how many more there are. */
void problem_list_print(struct problem_list *list, const char *path, struct log *log);

void problem_list_free(struct problem_list *list);

#endif

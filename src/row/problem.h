/*
 * What is wrong with rows: all counted, the first of each file kept to be shown.
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

/* The name of a code, for programs: "foreign_key". */
const char *problem_code_name(enum problem_code code);

struct problem {
    uint64_t line;
    enum problem_code code;
    char column[PROBLEM_COLUMN_SIZE];
    char key[PROBLEM_KEY_SIZE]; /* the row's, see row_key_text; "" when it cannot be read */
    char reason[PROBLEM_REASON_SIZE];
    bool has_value;
    char value[DISPLAY_SIZE];
};

/* The problems of one file. Caller-owned; zeroed is empty. */
struct problem_list {
    uint64_t count;
    struct problem *first; /* PROBLEMS_SHOWN of them, made with the first problem */

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
};

/* Counts a problem, tells it, and keeps it when it is among the first. The reason is
 * printf-formatted. */
void problem_add(struct problem_list *list, const struct problem_place *place, const char *format,
                 ...) __attribute__((format(printf, 3, 4)));

/* How many problems are kept. */
size_t problem_list_kept(const struct problem_list *list);

/* Prints the problems kept, by line, as `FILE:LINE: COLUMN: what is wrong ("value")`, and how many
 * more there are. */
void problem_list_print(struct problem_list *list, const char *path, struct log *log);

void problem_list_free(struct problem_list *list);

#endif

/*
 * What is wrong with rows: all counted, the first of each file kept to be shown.
 */
#ifndef LOAD_PROBLEM_H
#define LOAD_PROBLEM_H

#include "base/display.h"
#include "base/log.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBLEMS_SHOWN = 20, PROBLEM_REASON_SIZE = 256, PROBLEM_COLUMN_SIZE = 80 };

struct problem {
    uint64_t line;
    char column[PROBLEM_COLUMN_SIZE];
    char reason[PROBLEM_REASON_SIZE];
    bool has_value;
    char value[DISPLAY_SIZE];
};

/* The problems of one file. Caller-owned; zeroed is empty. */
struct problem_list {
    uint64_t count;
    struct problem *first; /* PROBLEMS_SHOWN of them, made with the first problem */
};

/* A value to show with a problem; text NULL: none. */
struct problem_value {
    const char *text;
    size_t length;
};

/* Counts a problem and keeps it when it is among the first. The reason is printf-formatted. */
void problem_add(struct problem_list *list, uint64_t line, const char *column,
                 struct problem_value value, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Prints the problems kept, by line, as `FILE:LINE: COLUMN: what is wrong ("value")`, and how many
 * more there are. */
void problem_list_print(struct problem_list *list, const char *path, struct log *log);

void problem_list_free(struct problem_list *list);

#endif

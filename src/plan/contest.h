/*
 * Unique values that a row of the run takes over from another row of the database (two users who
 * swap their e-mail addresses): fine when that row gives its value up in the same run, because a
 * file gives it another one or because it is deleted. That is known when all files of the table
 * are read.
 */
#ifndef PLAN_CONTEST_H
#define PLAN_CONTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dataset;

struct contest {
    size_t column;
    int64_t owner;   /* id of the row that has the value in the database */
    uint64_t offset; /* of the value in the column's text index, which says who wants it */
    uint32_t length;
};

/* Caller-owned; zeroed is empty. */
struct contest_list {
    struct contest *contests;
    size_t count, capacity;
};

/* Adds a contest; false when memory ran out. */
bool contest_add(struct contest_list *list, const struct contest *contest);

/* Refuses, as bad rows, those that want what the database's row keeps, and takes them off the
 * dataset's list. False when memory ran out. */
bool contest_settle(struct dataset *dataset);

void contest_list_free(struct contest_list *list);

#endif

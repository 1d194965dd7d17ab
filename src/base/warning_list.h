/*
 * The warnings of a run, for its report.
 */
#ifndef BASE_WARNING_LIST_H
#define BASE_WARNING_LIST_H

#include "base/list.h"

#include <stdbool.h>

/* Caller-owned; zeroed is empty. */
struct warning_list {
    struct list texts; /* of char *, owned */
    bool incomplete;   /* memory ran out */
};

/* Adds a copy of a warning's text. */
void warning_list_add(struct warning_list *list, const char *text);

void warning_list_free(struct warning_list *list);

#endif

/*
 * What the files of rejected rows of a run are called: after their inputs, with a number where two
 * would have one name.
 */
#ifndef CHECK_REJECT_NAME_LIST_H
#define CHECK_REJECT_NAME_LIST_H

#include "index/text_index.h"

#include <stdbool.h>
#include <stddef.h>

struct chosen_name {
    char *name;     /* of both files, without their ending */
    size_t attempt; /* it is that of reject_name with this attempt */
};

/* Caller-owned; zeroed is empty, reject_name_list_free empties it again. */
struct reject_name_list {
    struct chosen_name *items; /* one for each source, in their order */
    size_t count;
    struct text_index taken; /* what the files are called, without ".csv" */
    struct text_index bases; /* the first attempt's names; the id is the last attempt's number */
};

/* Chooses for sources with these file_names the first names that no other of them has, nor anything
 * in the directory. False when memory ran out. */
bool reject_name_list_choose(const char *directory, const char *const *file_names, size_t count,
                             struct reject_name_list *list);

void reject_name_list_free(struct reject_name_list *list);

#endif

/*
 * The status before an event (an order's before a status change), for the events of parents whose
 * events are not in the order of time: while the rows are read it is not known yet. 8 bytes an
 * event.
 */
#ifndef DERIVE_PREVIOUS_STATUS_H
#define DERIVE_PREVIOUS_STATUS_H

#include "base/list.h"

#include <stdbool.h>
#include <stdint.h>

struct previous_status {
    uint32_t line; /* numbered through the table's files */
    int32_t status;
};

enum { PREVIOUS_STATUS_NONE = -1 }; /* the first event of its parent */

/* Caller-owned; zeroed is empty, previous_status_free empties it again. */
struct previous_status_list {
    struct list lines; /* of struct previous_status */
    bool sorted;
};

/* Adds the event of a line. False when memory ran out. */
bool previous_status_add(struct previous_status_list *list, uint32_t line, int32_t status);

/* Sorts the lines, so that they can be looked up; none may be added after that. */
void previous_status_sort(struct previous_status_list *list);

/* Sets *status when the list, which was sorted if it has any line, has this one. */
bool previous_status_get(const struct previous_status_list *list, uint32_t line, int32_t *status);

void previous_status_free(struct previous_status_list *list);

#endif

/*
 * Events of parents (status changes of orders): for each parent only the last event so far is
 * remembered, 16 bytes. That is enough for files in the order of time; a parent whose events come
 * out of order, or whose event may stand twice, is set apart as out_of_order, to be judged by a
 * second read.
 */
#ifndef DERIVE_EVENT_INDEX_H
#define DERIVE_EVENT_INDEX_H

#include "index/id_set.h"
#include "index/paged_array.h"

#include <stdbool.h>
#include <stdint.h>

struct event {
    int64_t time;      /* microseconds since 2000-01-01 UTC */
    uint16_t statuses; /* bit n: status n was seen at this time; 0: no event yet */
    uint8_t status;    /* the last one in the order of time, then of the file */
};

/* Caller-owned; zeroed is empty, event_index_free empties it again. */
struct event_index {
    struct paged_array events;
    struct id_set out_of_order;
};

/* Adds an event. False when memory ran out. */
bool event_index_add(struct event_index *index, int64_t parent, int64_t time, unsigned status);

/* The last event of a parent, NULL when it has none. */
const struct event *event_index_last(const struct event_index *index, int64_t parent);

void event_index_free(struct event_index *index);

#endif

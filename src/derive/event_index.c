#include "derive/event_index.h"

bool event_index_add(struct event_index *index, int64_t parent, int64_t time, unsigned status)
{
    struct event *last = paged_array_at(&index->events, sizeof *last, parent);
    uint16_t bit = (uint16_t)(1U << status);

    if (last == NULL)
        return false;
    if (last->statuses == 0 || time > last->time) {
        *last = (struct event){.time = time, .statuses = bit, .status = (uint8_t)status};
        return true;
    }
    if (time < last->time || (last->statuses & bit) != 0)
        return id_set_add(&index->out_of_order, parent);
    last->statuses |= bit;
    last->status = (uint8_t)status;
    return true;
}

const struct event *event_index_last(const struct event_index *index, int64_t parent)
{
    const struct event *last = paged_array_peek(&index->events, sizeof *last, parent);

    return last == NULL || last->statuses == 0 ? NULL : last;
}

void event_index_free(struct event_index *index)
{
    paged_array_free(&index->events);
    id_set_free(&index->out_of_order);
}

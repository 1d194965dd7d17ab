#include "derive/event_index.h"

/* Times of the years 1 to 9999 in microseconds need 59 bits with their sign; 4 bits are left. */
enum { STATUS_RANGE = 16 };

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
        return id_set_add(&index->scattered, parent);
    last->statuses |= bit;
    last->status = (uint8_t)status;
    return true;
}

const struct event *event_index_last(const struct event_index *index, int64_t parent)
{
    const struct event *last = paged_array_peek(&index->events, sizeof *last, parent);

    return last == NULL || last->statuses == 0 ? NULL : last;
}

int64_t event_pack(int64_t time, unsigned status)
{
    return time * STATUS_RANGE + (int64_t)status;
}

int64_t event_unpack_time(int64_t packed)
{
    return (packed - (int64_t)event_unpack_status(packed)) / STATUS_RANGE;
}

unsigned event_unpack_status(int64_t packed)
{
    return (unsigned)((uint64_t)packed % STATUS_RANGE);
}

void event_index_free(struct event_index *index)
{
    paged_array_free(&index->events);
    id_set_free(&index->scattered);
}

#include "row/row_key.h"

#include "value/timestamp.h"

#include <inttypes.h>
#include <stdio.h>

/* Times of the years 1 to 9999 in microseconds need 59 bits with their sign; 4 bits are left. */
enum { STATUS_RANGE = 16 };

int64_t row_key_pack_event(int64_t time, unsigned status)
{
    return time * STATUS_RANGE + (int64_t)status;
}

int64_t row_key_event_time(int64_t packed)
{
    return (packed - (int64_t)row_key_event_status(packed)) / STATUS_RANGE;
}

unsigned row_key_event_status(int64_t packed)
{
    return (unsigned)((uint64_t)packed % STATUS_RANGE);
}

int64_t row_key_child(const struct table *table, const struct row *row)
{
    if (table->key_kind == KEY_EVENT)
        return row_key_pack_event(row->values[table->key[1]].integer,
                                  (unsigned)row->values[table->key[2]].integer);
    return row->values[table->key[1]].integer;
}

static const char *event_text(int64_t parent, int64_t time, int status, char text[PROBLEM_KEY_SIZE])
{
    char when[TIMESTAMP_TEXT_SIZE];

    (void)snprintf(text, PROBLEM_KEY_SIZE, "%" PRId64 "/%s/%s", parent,
                   timestamp_format(time, when), table_order_status(status));
    return text;
}

static const char *pair_text(int64_t parent, int64_t child, char text[PROBLEM_KEY_SIZE])
{
    (void)snprintf(text, PROBLEM_KEY_SIZE, "%" PRId64 "/%" PRId64, parent, child);
    return text;
}

const char *row_key_text(const struct table *table, const struct row *row,
                         char text[PROBLEM_KEY_SIZE])
{
    int64_t parts[TABLE_KEY_MAX] = {0};

    text[0] = '\0';
    for (size_t i = 0; i < table->key_count; i++) {
        if (!row->values[table->key[i]].present)
            return text;
        parts[i] = row->values[table->key[i]].integer;
    }
    switch (table->key_kind) {
    case KEY_EVENT:
        return event_text(parts[0], parts[1], (int)parts[2], text);
    case KEY_PAIR:
        return pair_text(parts[0], parts[1], text);
    case KEY_ID:
        (void)snprintf(text, PROBLEM_KEY_SIZE, "%" PRId64, parts[0]);
        break;
    }
    return text;
}

const char *row_key_text_of_pair(const struct table *table, int64_t parent, int64_t child,
                                 char text[PROBLEM_KEY_SIZE])
{
    if (table->key_kind == KEY_EVENT)
        return event_text(parent, row_key_event_time(child), (int)row_key_event_status(child),
                          text);
    return pair_text(parent, child, text);
}

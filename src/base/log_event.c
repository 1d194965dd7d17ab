#include "base/log_event.h"

#include "base/clock.h"
#include "base/json_text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *level_name(enum log_priority priority)
{
    switch (priority) {
    case PRIORITY_ERROR:
        return "error";
    case PRIORITY_WARNING:
        return "warning";
    case PRIORITY_INFO:
        return "info";
    case PRIORITY_DEBUG:
        break;
    }
    return "debug";
}

/* Adds a member to the object; a missing or empty text adds none. False when memory ran out. */
static bool add(json_t *object, const char *name, const char *text)
{
    return text == NULL || text[0] == '\0' ||
           json_object_set_new(object, name, json_text(text)) == 0;
}

static bool add_row(json_t *object, const struct log_row *row)
{
    return add(object, "file", row->file) &&
           json_object_set_new(object, "line", json_integer((json_int_t)row->line)) == 0 &&
           add(object, "column", row->column) &&
           (row->value == NULL ||
            json_object_set_new(object, "value", json_text(row->value)) == 0) &&
           add(object, "reason", row->reason) && add(object, "code", row->code) &&
           add(object, "key", row->key) &&
           json_object_set_new(object, "rows", json_integer((json_int_t)row->rows)) == 0;
}

char *log_event_json(const struct log_event *event)
{
    char now[CLOCK_TEXT_SIZE];
    json_t *object = json_object();
    char *line = NULL;

    if (object != NULL && add(object, "time", clock_utc(now)) &&
        add(object, "level", level_name(event->priority)) &&
        add(object, "message", event->message) && add(object, "detail", event->detail) &&
        add(object, "hint", event->hint) && (event->row == NULL || add_row(object, event->row)))
        line = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return line;
}

/* As the inside of a JSON string; returns what was written, which is at most six bytes. */
static size_t write_character(unsigned char byte, char *place)
{
    if (byte == '"' || byte == '\\')
        return (size_t)snprintf(place, 7, "\\%c", byte);
    if (byte < 0x20)
        return (size_t)snprintf(place, 7, "\\u%04x", (unsigned)byte);
    return (size_t)snprintf(place, 7, "%c", byte < 0x80 ? byte : '?');
}

const char *log_event_short_json(const struct log_event *event, char line[LOG_EVENT_SHORT_SIZE])
{
    static const char end[] = "\"}";
    const size_t room = LOG_EVENT_SHORT_SIZE - sizeof end - 6;
    const char *next = event->message;
    char now[CLOCK_TEXT_SIZE];
    size_t used = (size_t)snprintf(line, room, "{\"time\":\"%s\",\"level\":\"%s\",\"message\":\"",
                                   clock_utc(now), level_name(event->priority));

    for (; *next != '\0' && used < room; next++)
        used += write_character((unsigned char)*next, line + used);
    memcpy(line + used, end, sizeof end);
    return line;
}

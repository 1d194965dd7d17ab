#include "csv/raw_record.h"

static bool ends_field(char byte)
{
    return byte == ',' || byte == '\n' || byte == '\r';
}

/* The state behind a byte that does not end its field. */
static enum raw_record_state follow(enum raw_record_state state, char byte)
{
    bool quote = byte == '"';

    switch (state) {
    case RAW_FIELD_START:
        return quote ? RAW_QUOTED : RAW_UNQUOTED;
    case RAW_UNQUOTED:
        return quote ? RAW_BROKEN : RAW_UNQUOTED;
    case RAW_QUOTED:
        return quote ? RAW_QUOTE : RAW_QUOTED;
    case RAW_QUOTE:
        return quote ? RAW_QUOTED : RAW_BROKEN;
    case RAW_RETURN:
    case RAW_END:
    case RAW_BROKEN:
        break;
    }
    return RAW_BROKEN;
}

static bool is_at_line_end(const struct raw_record *record)
{
    return record->state == RAW_RETURN || record->state == RAW_END;
}

static bool ends_now(const struct raw_record *record, char byte)
{
    return record->state != RAW_QUOTED && record->state != RAW_BROKEN && ends_field(byte);
}

/* Behind a line end only the second byte of CRLF belongs to the record. */
static enum raw_record_state end_field(const struct raw_record *record, char byte)
{
    if (is_at_line_end(record))
        return record->state == RAW_RETURN && byte == '\n' ? RAW_END : RAW_BROKEN;
    if (byte == ',')
        return RAW_FIELD_START;
    return byte == '\r' ? RAW_RETURN : RAW_END;
}

size_t raw_record_next(struct raw_record *record, const char *bytes, size_t length)
{
    size_t used = 0;

    if (ends_now(record, bytes[0])) {
        record->state = end_field(record, bytes[0]);
        record->field += bytes[0] == ',';
        record->in_field = false;
        return 1;
    }
    do
        record->state = follow(record->state, bytes[used++]);
    while (used < length && !ends_now(record, bytes[used]));
    record->in_field = record->state != RAW_BROKEN;
    return used;
}

bool raw_record_is_whole(const struct raw_record *record, size_t field_count)
{
    return record->state != RAW_QUOTED && record->state != RAW_BROKEN &&
           record->field + 1 == field_count;
}

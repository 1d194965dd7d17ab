#include "csv/raw_record.h"

#include <string.h>

static bool ends_field(char byte)
{
    return byte == ',' || byte == '\n' || byte == '\r';
}

/* Where the field that starts at `start` ends, or `length` + 1 when it is no CSV. */
static size_t find_end(const char *bytes, size_t length, size_t start)
{
    size_t end = start;

    if (end == length || bytes[end] != '"') {
        while (end < length && !ends_field(bytes[end])) {
            if (bytes[end] == '"')
                return length + 1;
            end++;
        }
        return end;
    }
    for (end++; end < length; end++) {
        if (bytes[end] != '"')
            continue;
        if (end + 1 == length || ends_field(bytes[end + 1]))
            return end + 1;
        if (bytes[++end] != '"')
            break;
    }
    return length + 1;
}

static bool is_line_end(const char *bytes, size_t length)
{
    return length == 0 || (length == 1 && (*bytes == '\n' || *bytes == '\r')) ||
           (length == 2 && memcmp(bytes, "\r\n", 2) == 0);
}

bool raw_record_blank(char *bytes, size_t *length, size_t field_count,
                      const uint64_t blank[CSV_FIELDS_MAX / 64])
{
    size_t read = 0, written = 0;

    for (size_t field = 0; field < field_count; field++) {
        bool last = field + 1 == field_count;
        size_t end = find_end(bytes, *length, read);

        if (end > *length || (!last && (end == *length || bytes[end] != ',')))
            return false;
        if ((blank[field / 64] >> (field % 64) & 1) != 0)
            read = end;
        end += last ? 0 : 1;
        memmove(bytes + written, bytes + read, end - read);
        written += end - read;
        read = end;
    }
    if (!is_line_end(bytes + read, *length - read))
        return false;
    memmove(bytes + written, bytes + read, *length - read);
    *length = written + (*length - read);
    return true;
}

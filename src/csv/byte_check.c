#include "csv/byte_check.h"

/* How many bytes follow the first one of a character (RFC 3629, 3 and 4); a byte that begins none
 * is as bad as one that follows none. */
static bool begin(struct byte_check *check, unsigned char byte)
{
    if (byte < 0x80)
        check->missing = 0;
    else if (byte >= 0xc2 && byte < 0xe0)
        check->missing = 1;
    else if (byte >= 0xe0 && byte < 0xf0)
        check->missing = 2;
    else if (byte >= 0xf0 && byte < 0xf5)
        check->missing = 3;
    else
        return false;
    return true;
}

void byte_check_take(struct byte_check *check, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && !check->has_nul; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        check->has_nul = byte == 0;
        if (check->missing > 0 && (byte & 0xc0) == 0x80) {
            check->missing--;
            continue;
        }
        if (check->missing > 0 || !begin(check, byte))
            check->is_broken = true;
    }
}

void byte_check_take_line(struct byte_check *check, const char *bytes, size_t length)
{
    size_t line = 0;

    while (line < length && bytes[line] != '\n' && bytes[line] != '\r')
        line++;
    byte_check_take(check, bytes, line);
}

void byte_check_end(struct byte_check *check)
{
    check->is_broken = check->is_broken || check->missing > 0;
    check->missing = 0;
}

void byte_check_fields(struct byte_check *check, const struct field_list *fields)
{
    *check = (struct byte_check){0};
    for (size_t i = 0; i < fields->count && i < CSV_FIELDS_MAX; i++)
        if (fields->fields[i].text != NULL) {
            byte_check_take(check, fields->fields[i].text, fields->fields[i].length);
            byte_check_end(check);
        }
}

const char *byte_check_fault(const struct byte_check *check)
{
    if (check->has_nul)
        return "the line contains a NUL byte";
    return check->is_broken ? "the line is not UTF-8" : NULL;
}

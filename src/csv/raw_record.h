/*
 * A record's bytes as the file has them, quotes and line end included, taken apart as they come:
 * of a record of any size nothing is kept.
 */
#ifndef CSV_RAW_RECORD_H
#define CSV_RAW_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum raw_record_state {
    RAW_FIELD_START,
    RAW_UNQUOTED,
    RAW_QUOTED,
    RAW_QUOTE, /* inside quotes: it ends the field, or another one follows */
    RAW_RETURN,
    RAW_END,
    RAW_BROKEN /* no strict CSV: it is unknown which field is which */
};

/* Caller-owned; zeroed stands before the first byte of a record. */
struct raw_record {
    enum raw_record_state state;
    size_t field;  /* index of the field that the bytes taken last are of */
    bool in_field; /* false: they are a comma, which `field` is behind, or a line end */
};

/*
 * Takes bytes of the record, 1 at least of 1 or more, that are of one field, or one comma or line
 * end; returns how many. Of a broken record all of them are taken, and belong to nothing.
 */
size_t raw_record_next(struct raw_record *record, const char *bytes, size_t length);

/* Whether the bytes so far are a record of strict CSV with so many fields; its line end may be
 * missing. */
bool raw_record_is_whole(const struct raw_record *record, size_t field_count);

#endif

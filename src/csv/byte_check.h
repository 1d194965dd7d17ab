/*
 * Whether the bytes of a record are text: UTF-8 without NUL, looked at piece by piece.
 *
 * It explains what breaks a record, and judges no value: value/utf8 is stricter.
 */
#ifndef CSV_BYTE_CHECK_H
#define CSV_BYTE_CHECK_H

#include "csv/field_list.h"

#include <stdbool.h>
#include <stddef.h>

/* Caller-owned; zeroed is ready for the first piece. */
struct byte_check {
    bool has_nul;
    bool is_broken;
    unsigned missing; /* bytes of the last character that are still to come */
};

/* Starts with the fields of a record that were kept. */
void byte_check_fields(struct byte_check *check, const struct field_list *fields);

/* A piece, which may begin and end inside a character. */
void byte_check_take(struct byte_check *check, const char *bytes, size_t length);

/* The same, of a piece that ends with its first line. */
void byte_check_take_line(struct byte_check *check, const char *bytes, size_t length);

/* The bytes end here, or something that is no text's stands between them and the next ones. */
void byte_check_end(struct byte_check *check);

/* What is wrong with them, in static text; NULL: nothing is. */
const char *byte_check_fault(const struct byte_check *check);

#endif

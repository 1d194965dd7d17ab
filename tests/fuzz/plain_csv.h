/*
 * The rules of csv/reader.h once more, for files that are small and in memory: one byte after the
 * other, without libcsv, blocks and limits of size. What the two readers make of a file must be the
 * same.
 */
#ifndef TESTS_FUZZ_PLAIN_CSV_H
#define TESTS_FUZZ_PLAIN_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PLAIN_FIELDS_MAX = 256 };

struct plain_field {
    size_t start, end; /* its bytes in the file, quotes included */
    bool is_null;      /* empty, and not quoted */
    size_t text;       /* where its text begins in plain_csv.texts */
    size_t length;
};

/* A record, or what is none. */
struct plain_record {
    uint64_t line, end_line;
    size_t start, end; /* its bytes in the file, the line end included */
    size_t first_field, field_count;
    const char *wrong; /* NULL: nothing is */
    size_t wrong_field;
    bool fatal;
};

/* Caller-owned; zeroed before the first reading, and used again for the next. */
struct plain_csv {
    const char *bytes;
    size_t length;
    struct plain_record *records;
    size_t record_count, record_room;
    struct plain_field *fields;
    size_t field_count, field_room;
    char *texts;
    size_t text_length, text_room;
    uint64_t unended_line; /* as csv_reader_unended_line tells */

    size_t at; /* while it is read */
    uint64_t line;
};

/* Reads the whole of a file. The bytes are borrowed. */
void plain_csv_read(struct plain_csv *csv, const char *bytes, size_t length);

/* The fields of a record; and the text of one. */
const struct plain_field *plain_csv_fields(const struct plain_csv *csv,
                                           const struct plain_record *record);
const char *plain_csv_text(const struct plain_csv *csv, const struct plain_field *field);

#endif

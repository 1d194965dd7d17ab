/*
 * Bytes to CSV records (RFC 4180) with their line numbers. Knows nothing of tables.
 *
 * Parsing is libcsv's, in strict mode; what it leaves out is added here: physical line numbers, a
 * limit on a field's size, a byte order mark, CRLF, and going on after a broken record.
 */
#ifndef CSV_READER_H
#define CSV_READER_H

#include "base/error.h"
#include "csv/field_list.h"
#include "input/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csv_record {
    uint64_t line;     /* physical line on which the record starts; the first line is 1 */
    uint64_t end_line; /* physical line after the record's last one */
    size_t field_count;
    const struct csv_field *fields; /* valid until the callback returns */
};

/* What is wrong with a record that is no CSV. */
struct csv_fault {
    uint64_t line;                  /* where the record starts */
    uint64_t end_line;              /* where reading goes on, when it does */
    size_t field;                   /* index of the field it happened in, from 0 */
    const struct csv_field *fields; /* those before it, valid until the callback returns; NULL when
                                       fatal */
    const char *message;            /* static text */
    bool is_no_text;                /* its bytes explain it: NUL, or no UTF-8 */
    bool fatal;                     /* nothing after it in this file can be read */
};

/* Who takes the records. The first two callbacks return false to stop the reading. */
struct csv_handler {
    bool (*record)(void *context, const struct csv_record *record);
    bool (*fault)(void *context, const struct csv_fault *fault);
    void (*block)(void *context); /* after each block of the input; NULL: nobody wants to know */
    void *context;
};

struct csv_reader;

/* The reader is freed by csv_reader_free (NULL is fine). Its buffers grow with the longest field,
 * the longest record and, up to the default block size, the largest file. ERROR_INTERNAL: no
 * memory. */
bool csv_reader_new(struct csv_reader **reader, struct error *error);
void csv_reader_free(struct csv_reader *reader);

/*
 * Says which fields of the records to keep: bit i of word i / 64 for field i, CSV_FIELDS_MAX bits.
 * The others are counted, but their bytes are never copied out of the parser (a plain-text
 * password, say), and their csv_field has their length and no text. May be called from the record
 * callback, for the records that follow. Every reading starts with all fields kept.
 */
void csv_reader_keep(struct csv_reader *reader, const uint64_t mask[CSV_FIELDS_MAX / 64]);

/*
 * Reads the input from its present position (its start) to the end, record by record, the header
 * being a record like the others; a UTF-8 byte order mark before it is dropped. Blank lines count
 * as lines and are no records.
 *
 * A record that breaks RFC 4180 (a quote inside an unquoted field, text after a closing quote,
 * more than CSV_FIELDS_MAX fields) is given to `fault`; reading goes on with the next physical
 * line. An unclosed quote at the end of the file, a field over CSV_FIELD_SIZE_MAX and a record over
 * CSV_RECORD_SIZE_MAX are fatal. Where the line of such a record has a NUL byte or is not UTF-8,
 * the message says so instead: what is no text has quotes at random.
 *
 * Returns true at the end of the file, after a fatal fault, and when a callback stopped the
 * reading. False with ERROR_FILE, ERROR_INTERNAL (no memory), or the interrupt's error when a
 * signal came.
 */
bool csv_reader_read(struct csv_reader *reader, struct input *input,
                     const struct csv_handler *handler, struct error *error);

/* After a reading to the end of the input: the physical line that the input ends in, when no LF or
 * CR ends it; else 0. Such an input may have been cut off. */
uint64_t csv_reader_unended_line(const struct csv_reader *reader);

/* For tests: how many bytes are read and parsed at a time, from 1 to the default of 256 KiB. */
void csv_reader_set_block_size(struct csv_reader *reader, size_t size);

#endif

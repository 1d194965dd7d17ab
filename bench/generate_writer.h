/*
 * A CSV file being written, as pandas writes one: comma, LF, quotes only where needed.
 *
 * Fields are written one after the other, writer_end closes the record. Every function ends the
 * program with a message and EXIT_FAILURE when the file cannot be written.
 */
#ifndef GENERATE_WRITER_H
#define GENERATE_WRITER_H

#include <stdint.h>

struct writer;

/* Creates or empties DIRECTORY/NAME and writes the header line. */
struct writer *writer_open(const char *directory, const char *name, const char *header);

void writer_integer(struct writer *writer, uint64_t value);

/* Writes hundredths the way pandas prints a float: 8.75, 5.7, 7.0. */
void writer_decimal(struct writer *writer, uint32_t hundredths);

/* Writes a text of at most WRITER_TEXT_MAX bytes; "" is an empty field. */
enum { WRITER_TEXT_MAX = 4096 };
void writer_text(struct writer *writer, const char *text);

/* Writes seconds since the epoch as 2016-08-19 09:16:40+00:00. */
void writer_timestamp(struct writer *writer, int64_t seconds);

void writer_end(struct writer *writer);

/* Writes what is left and closes the file. NULL is fine. */
void writer_close(struct writer *writer);

#endif

/*
 * Files in memory, and what the reader of CSV makes of them, as text.
 */
#ifndef TESTS_UNIT_CSV_TRANSCRIPT_H
#define TESTS_UNIT_CSV_TRANSCRIPT_H

#include "csv/reader.h"
#include "input/input.h"

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES(literal) literal, sizeof(literal) - 1

#define MARK "\xEF\xBB\xBF"

enum { LONG_FIELD = 64 };

/* A file in memory with a name to open it by. */
struct file {
    int descriptor;
    char path[32];
    struct input *input;
};

/* What came out of a reading, as text: see write_record and write_fault. */
struct transcript {
    FILE *stream;
    char *text;
    size_t length;
};

static struct csv_reader *reader;

static inline void make_reader(void)
{
    struct error error = {0};

    ck_assert(csv_reader_new(&reader, &error));
}

static inline void drop_reader(void)
{
    csv_reader_free(reader);
}

static inline void file_create(struct file *file)
{
    file->input = NULL;
    file->descriptor = memfd_create("test_reader", MFD_CLOEXEC);
    ck_assert_int_ge(file->descriptor, 0);
    ck_assert_int_gt(snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor),
                     0);
}

static inline void file_append(const struct file *file, const char *bytes, size_t length)
{
    ck_assert_int_eq(write(file->descriptor, bytes, length), (ssize_t)length);
}

static inline void file_append_repeated(const struct file *file, char byte, size_t count)
{
    char *bytes = malloc(count);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, byte, count);
    file_append(file, bytes, count);
    free(bytes);
}

static inline void file_open(struct file *file)
{
    struct error error = {0};

    ck_assert_msg(input_open(file->path, &file->input, &error), "%s", error.message);
}

static inline void file_with(struct file *file, const char *bytes, size_t length)
{
    file_create(file);
    file_append(file, bytes, length);
    file_open(file);
}

static inline void file_close(struct file *file)
{
    input_free(file->input);
    (void)close(file->descriptor);
}

static inline bool all_same(const char *bytes, size_t length)
{
    return memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* "-" for NULL, "-1000" where that had a length and is not kept, "<text>" with \xNN for what is not
 * printable, "<x*1000>" for a long one. */
static inline void write_field(FILE *stream, const struct csv_field *field)
{
    if (field->text == NULL) {
        (void)fputs(" -", stream);
        if (field->length > 0)
            (void)fprintf(stream, "%zu", field->length);
        return;
    }
    (void)fputs(" <", stream);
    if (field->length > LONG_FIELD && all_same(field->text, field->length)) {
        (void)fprintf(stream, "%c*%zu>", field->text[0], field->length);
        return;
    }
    for (size_t i = 0; i < field->length; i++) {
        unsigned char byte = (unsigned char)field->text[i];

        (void)fprintf(stream, byte >= ' ' && byte < 0x7F ? "%c" : "\\x%02X", byte);
    }
    (void)fputc('>', stream);
}

/* "line-end_line" and the fields. */
static inline bool write_record(void *context, const struct csv_record *record)
{
    struct transcript *transcript = context;

    (void)fprintf(transcript->stream, "%" PRIu64 "-%" PRIu64, record->line, record->end_line);
    for (size_t i = 0; i < record->field_count; i++)
        write_field(transcript->stream, &record->fields[i]);
    (void)fputc('\n', transcript->stream);
    return true;
}

/* "line-end_line field: message"; a fatal one has no end_line. */
static inline bool write_fault(void *context, const struct csv_fault *fault)
{
    struct transcript *transcript = context;

    (void)fprintf(transcript->stream, "%" PRIu64 "-", fault->line);
    if (fault->fatal)
        (void)fputs("fatal", transcript->stream);
    else
        (void)fprintf(transcript->stream, "%" PRIu64, fault->end_line);
    (void)fprintf(transcript->stream, " %zu: %s\n", fault->field, fault->message);
    return true;
}

static inline void transcript_start(struct transcript *transcript)
{
    transcript->stream = open_memstream(&transcript->text, &transcript->length);
    ck_assert_ptr_nonnull(transcript->stream);
}

static inline void transcript_expect(struct transcript *transcript, const char *expected,
                                     const char *name, size_t block_size)
{
    ck_assert_int_eq(fclose(transcript->stream), 0);
    ck_assert_msg(strcmp(transcript->text, expected) == 0,
                  "%s, block size %zu: expected\n%s\nbut got\n%s", name, block_size, expected,
                  transcript->text);
    free(transcript->text);
}

/* Reads with a handler that writes into the transcript, from the start of the file. */
static inline void expect_transcript(struct file *file, const struct csv_handler *handler,
                                     struct transcript *transcript, const char *expected,
                                     const char *name, size_t block_size)
{
    struct error error = {0};

    transcript_start(transcript);
    csv_reader_set_block_size(reader, block_size);
    ck_assert_msg(input_rewind(file->input, &error), "%s", error.message);
    ck_assert_msg(csv_reader_read(reader, file->input, handler, &error), "%s: %s", name,
                  error.message);
    transcript_expect(transcript, expected, name, block_size);
}

/* Reads the file from its start and compares what came with what was expected. */
static inline void expect_reading(struct file *file, size_t block_size, const char *name,
                                  const char *expected)
{
    struct transcript transcript;
    const struct csv_handler handler = {
        .record = write_record, .fault = write_fault, .context = &transcript};

    expect_transcript(file, &handler, &transcript, expected, name, block_size);
}

#define BARE_QUOTE "quote inside an unquoted field"
#define TEXT_AFTER "text after the closing quote of a field"
#define UNCLOSED   "quoted field is not closed before the end of the file"
#define TOO_LONG   "field is longer than 1 MiB; a closing quote may be missing"
#define TOO_MANY   "more than 256 fields"
#define HAS_NUL    "the line contains a NUL byte"
#define NO_UTF_8   "the line is not UTF-8"

/* A header, and a record of four fields of the greatest length and a short one. */
static inline void long_record(struct file *file)
{
    file_create(file);
    file_append(file, BYTES("a,b,c,d,e\n"));
    for (size_t i = 0; i < 4; i++) {
        file_append_repeated(file, 'x', CSV_FIELD_SIZE_MAX);
        file_append(file, BYTES(","));
    }
}

#endif

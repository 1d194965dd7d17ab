#include "generate_writer.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    BUFFER_SIZE = 1 << 18,
    FIELD_ROOM = 2 * WRITER_TEXT_MAX + 4, /* every byte a quote, two around, comma and newline */
};

struct writer {
    char *path;
    int file;
    bool in_record;
    size_t used;
    char buffer[BUFFER_SIZE];
};

static void flush(struct writer *writer)
{
    size_t done = 0;

    while (done < writer->used) {
        ssize_t written = write(writer->file, writer->buffer + done, writer->used - done);

        if (written < 0 && errno != EINTR)
            err(EXIT_FAILURE, "%s", writer->path);
        if (written > 0)
            done += (size_t)written;
    }
    writer->used = 0;
}

static void append(struct writer *writer, const char *bytes, size_t length)
{
    memcpy(writer->buffer + writer->used, bytes, length);
    writer->used += length;
}

static void append_byte(struct writer *writer, char byte)
{
    writer->buffer[writer->used++] = byte;
}

static void begin_field(struct writer *writer)
{
    if (BUFFER_SIZE - writer->used < FIELD_ROOM)
        flush(writer);
    if (writer->in_record)
        append_byte(writer, ',');
    writer->in_record = true;
}

static void append_digits(struct writer *writer, uint64_t value)
{
    char digits[20];
    size_t start = sizeof digits;

    do {
        digits[--start] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    append(writer, digits + start, sizeof digits - start);
}

static void append_two_digits(struct writer *writer, int value)
{
    append_byte(writer, (char)('0' + value / 10));
    append_byte(writer, (char)('0' + value % 10));
}

struct writer *writer_open(const char *directory, const char *name, const char *header)
{
    struct writer *writer = malloc(sizeof *writer);

    if (writer == NULL || asprintf(&writer->path, "%s/%s", directory, name) < 0)
        err(EXIT_FAILURE, "%s/%s", directory, name);
    writer->file = open(writer->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (writer->file < 0)
        err(EXIT_FAILURE, "%s", writer->path);
    writer->used = 0;
    append(writer, header, strlen(header));
    writer_end(writer);
    return writer;
}

void writer_integer(struct writer *writer, uint64_t value)
{
    begin_field(writer);
    append_digits(writer, value);
}

void writer_decimal(struct writer *writer, uint32_t hundredths)
{
    begin_field(writer);
    append_digits(writer, hundredths / 100);
    append_byte(writer, '.');
    append_byte(writer, (char)('0' + hundredths / 10 % 10));
    if (hundredths % 10 != 0)
        append_byte(writer, (char)('0' + hundredths % 10));
}

void writer_text(struct writer *writer, const char *text)
{
    size_t length = strlen(text);

    begin_field(writer);
    if (length > WRITER_TEXT_MAX)
        errx(EXIT_FAILURE, "%s: a text of %zu bytes", writer->path, length);
    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        append(writer, text, length);
        return;
    }
    append_byte(writer, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            append_byte(writer, '"');
        append_byte(writer, *text);
    }
    append_byte(writer, '"');
}

void writer_timestamp(struct writer *writer, int64_t seconds)
{
    time_t moment = (time_t)seconds;
    struct tm calendar;

    if (gmtime_r(&moment, &calendar) == NULL)
        err(EXIT_FAILURE, "%s", writer->path);
    begin_field(writer);
    append_digits(writer, (uint64_t)calendar.tm_year + 1900);
    append_byte(writer, '-');
    append_two_digits(writer, calendar.tm_mon + 1);
    append_byte(writer, '-');
    append_two_digits(writer, calendar.tm_mday);
    append_byte(writer, ' ');
    append_two_digits(writer, calendar.tm_hour);
    append_byte(writer, ':');
    append_two_digits(writer, calendar.tm_min);
    append_byte(writer, ':');
    append_two_digits(writer, calendar.tm_sec);
    append(writer, "+00:00", 6);
}

void writer_end(struct writer *writer)
{
    append_byte(writer, '\n');
    writer->in_record = false;
}

void writer_close(struct writer *writer)
{
    if (writer == NULL)
        return;
    flush(writer);
    if (close(writer->file) != 0)
        err(EXIT_FAILURE, "%s", writer->path);
    free(writer->path);
    free(writer);
}

#include "input/member_reading.h"

#include "base/interrupt.h"
#include "input/file_kind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The beginning is as much as tells what a file is, whoever looks. */
enum { BLOCK_SIZE = 64 * 1024, BEGINNING_SIZE = FILE_KIND_SIZE };

bool member_reading_prepare(struct member_reading *reading, struct archive_file *archive,
                            const struct archive_member *member, const char *path,
                            struct error *error)
{
    *reading = (struct member_reading){
        .archive = archive_file_share(archive), .member = *member, .is_followed = true};
    reading->member.name = strdup(member->name);
    if (reading->member.name == NULL)
        return error_memory(error);
    if (asprintf(&reading->name, "%s:%s", path, member->name) >= 0)
        return true;
    reading->name = NULL;
    return error_memory(error);
}

/* What it is called when it is no plain file; NULL: it is one. */
static const char *packed_kind(const struct member_reading *reading)
{
    enum compression compression =
        compression_detect(reading->beginning, reading->beginning_length);
    enum archive_kind kind = archive_kind_detect(reading->beginning, reading->beginning_length);

    if (compression != COMPRESSION_NONE)
        return compression_name(compression);
    return kind != ARCHIVE_KIND_NONE ? archive_kind_name(kind) : NULL;
}

static bool read_beginning(struct member_reading *reading, struct error *error)
{
    size_t got = 1, length = 0;

    if (!member_reading_rewind(reading, error))
        return false;
    reading->beginning = malloc(BEGINNING_SIZE);
    if (reading->beginning == NULL)
        return error_memory(error);
    for (; length < BEGINNING_SIZE && got > 0; length += got)
        if (!member_stream_read(reading->stream, reading->beginning + length,
                                BEGINNING_SIZE - length, &got, error))
            return false;
    reading->beginning_length = length;
    return true;
}

bool member_reading_open(struct member_reading *reading, struct error *error)
{
    const char *packed;

    if (reading->member.kind != MEMBER_FILE)
        return error_set(error, ERROR_DATA, "%s is not a file", reading->name);
    if (reading->member.is_encrypted) {
        (void)error_set(error, ERROR_FILE, "cannot read %s: it is encrypted", reading->name);
        return error_hint(error, "Unpack the archive with its password, and load its files.");
    }
    if (!read_beginning(reading, error))
        return false;
    packed = packed_kind(reading);
    if (packed == NULL)
        return true;
    (void)error_set(error, ERROR_DATA, "%s is a %s file inside an archive", reading->name, packed);
    return error_hint(error, "Unpack the archive, and load its files.");
}

/* Whether nothing was read but the first bytes, which are at hand. */
static bool is_at_beginning(const struct member_reading *reading)
{
    return reading->beginning != NULL && reading->position <= reading->beginning_length;
}

bool member_reading_rewind(struct member_reading *reading, struct error *error)
{
    if (!is_at_beginning(reading)) {
        member_reading_end(reading);
        if (!member_stream_open(reading->archive, &reading->member, reading->name, &reading->stream,
                                error))
            return false;
    }
    reading->position = 0;
    return true;
}

bool member_reading_read(struct member_reading *reading, void *buffer, size_t size, size_t *length,
                         struct error *error)
{
    if (reading->position < reading->beginning_length) {
        size_t left = reading->beginning_length - (size_t)reading->position;

        *length = left < size ? left : size;
        memcpy(buffer, reading->beginning + reading->position, *length);
    } else if (!member_stream_read(reading->stream, buffer, size, length, error)) {
        return false;
    }
    reading->position += *length;
    return true;
}

bool member_reading_take_all(struct member_reading *reading, struct fingerprint *fingerprint,
                             struct error *error)
{
    struct member_stream *stream = NULL;
    char block[BLOCK_SIZE];
    uint64_t offset = 0;
    size_t length = 1;
    bool read =
        member_stream_open(reading->archive, &reading->member, reading->name, &stream, error);

    while (read && length > 0) {
        read = interrupt_pending()
                   ? interrupt_error(error)
                   : member_stream_read(stream, block, sizeof block, &length, error);
        if (read)
            fingerprint_take(fingerprint, offset, block, length);
        offset += length;
    }
    member_stream_end(stream, reading->is_followed);
    return read;
}

void member_reading_end(struct member_reading *reading)
{
    member_stream_end(reading->stream, reading->is_followed);
    reading->stream = NULL;
    free(reading->beginning);
    reading->beginning = NULL;
    reading->beginning_length = 0;
}

void member_reading_free(struct member_reading *reading)
{
    member_reading_end(reading);
    archive_file_free(reading->archive);
    free(reading->member.name);
    free(reading->name);
    *reading = (struct member_reading){0};
}

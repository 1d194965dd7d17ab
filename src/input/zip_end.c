#include "input/zip_end.h"

#include <stdlib.h>
#include <string.h>

/* libarchive looks for the record in as many bytes: a longer comment is not to be had. */
enum { TAIL_SIZE = 16 * 1024 };

enum { END_SIZE = 22, LOCATOR_SIZE = 20, END64_SIZE = 56 };

/* The size that a zip64 record has of itself counts from behind that size. */
enum { SIZE_BEHIND = 12 };

static const uint8_t end_magic[] = {'P', 'K', 5, 6};
static const uint8_t locator_magic[] = {'P', 'K', 6, 7};
static const uint8_t end64_magic[] = {'P', 'K', 6, 6};

/* The end of a file, and what its record says. */
struct zip_end {
    const struct stored_file *file;
    uint8_t tail[TAIL_SIZE];
    size_t length;
    uint64_t record_at; /* of the first of the records, in the file */
    uint64_t member_count, directory_size, directory_at;
    bool in_parts;
};

/* Little-endian. */
static uint64_t number_at(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;

    while (size > 0)
        number = number << 8 | bytes[--size];
    return number;
}

static bool read_at(const struct stored_file *file, uint64_t offset, uint8_t *bytes, size_t size,
                    size_t *length, struct error *error)
{
    size_t got = 1;

    for (*length = 0; *length < size && got > 0; *length += got)
        if (!stored_file_read(file, offset + *length, bytes + *length, size - *length, &got, error))
            return false;
    return true;
}

/* The last one, as libarchive does it: a comment, or a member, may hold the same bytes. NULL: there
 * is none. */
static const uint8_t *find_record(const struct zip_end *end)
{
    for (size_t i = end->length; i >= END_SIZE; i--) {
        const uint8_t *place = end->tail + (i - END_SIZE);

        if (memcmp(place, end_magic, sizeof end_magic) == 0)
            return place;
    }
    return NULL;
}

static void take_record(struct zip_end *end, const uint8_t *record)
{
    end->in_parts = number_at(record + 4, 2) != 0 || number_at(record + 6, 2) != 0 ||
                    number_at(record + 8, 2) != number_at(record + 10, 2);
    end->member_count = number_at(record + 10, 2);
    end->directory_size = number_at(record + 12, 4);
    end->directory_at = number_at(record + 16, 4);
}

static bool damaged(const struct zip_end *end, struct error *error)
{
    (void)error_set(error, ERROR_FILE,
                    "cannot read %s: damaged zip data: its directory is not where its end says",
                    stored_file_name(end->file));
    return error_detail(error, "Something stands before, between or behind its parts.");
}

/* What is too large for the record stands in another one before it, and before the locator that
 * says where. */
static bool take_record64(struct zip_end *end, const uint8_t *locator, struct error *error)
{
    uint8_t record[END64_SIZE];
    uint64_t offset = number_at(locator + 8, 8);
    uint64_t locator_at = end->record_at - LOCATOR_SIZE;
    size_t length;

    if (offset > locator_at || locator_at - offset < sizeof record)
        return damaged(end, error);
    if (!read_at(end->file, offset, record, sizeof record, &length, error))
        return false;
    if (length < sizeof record || memcmp(record, end64_magic, sizeof end64_magic) != 0 ||
        number_at(record + 4, 8) != locator_at - offset - SIZE_BEHIND)
        return damaged(end, error);
    end->in_parts = number_at(record + 16, 4) != 0 || number_at(record + 20, 4) != 0 ||
                    number_at(record + 24, 8) != number_at(record + 32, 8);
    end->member_count = number_at(record + 32, 8);
    end->directory_size = number_at(record + 40, 8);
    end->directory_at = number_at(record + 48, 8);
    end->record_at = offset;
    return true;
}

/* The directory ends where the records begin; without a member, nothing comes before it. */
static bool fits(const struct zip_end *end)
{
    return end->directory_at <= end->record_at &&
           end->directory_size == end->record_at - end->directory_at &&
           (end->member_count > 0 || end->record_at == 0);
}

static bool take_records(struct zip_end *end, const uint8_t *record, struct error *error)
{
    size_t before = (size_t)(record - end->tail);
    const uint8_t *locator = before >= LOCATOR_SIZE ? record - LOCATOR_SIZE : NULL;

    if (before + END_SIZE + number_at(record + 20, 2) != end->length)
        return damaged(end, error);
    take_record(end, record);
    end->record_at = stored_file_size(end->file) - end->length + before;
    if (locator != NULL && memcmp(locator, locator_magic, sizeof locator_magic) == 0 &&
        !take_record64(end, locator, error))
        return false;
    if (end->in_parts)
        return error_set(error, ERROR_FILE, "cannot read %s: a zip archive in several parts",
                         stored_file_name(end->file)) ||
               error_hint(error, "Join them first, as with zip -s 0 archive.zip --out whole.zip.");
    return fits(end) || damaged(end, error);
}

static bool read_end(struct zip_end *end, struct error *error)
{
    uint64_t size = stored_file_size(end->file);
    size_t wanted = size < TAIL_SIZE ? (size_t)size : TAIL_SIZE;
    const uint8_t *record;

    if (!read_at(end->file, size - wanted, end->tail, wanted, &end->length, error))
        return false;
    record = find_record(end);
    if (record != NULL)
        return take_records(end, record, error);
    (void)error_set(error, ERROR_FILE, "cannot read %s: truncated zip data",
                    stored_file_name(end->file));
    return error_hint(error, "Its directory, at the end, is missing: copy it once more.");
}

bool zip_end_read(const struct stored_file *file, uint64_t *member_count, struct error *error)
{
    struct zip_end *end = calloc(1, sizeof *end);
    bool read;

    if (end == NULL)
        return error_memory(error);
    end->file = file;
    read = read_end(end, error);
    *member_count = end->member_count;
    free(end);
    return read;
}

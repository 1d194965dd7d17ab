#include "input/input.h"

#include "base/interrupt.h"
#include "input/archive_members.h"
#include "input/compression.h"
#include "input/decompressed.h"
#include "input/member_reading.h"
#include "input/stored_file.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct input {
    struct file_reading reading;
    bool holds_file;     /* it is open for this input */
    bool is_kept_closed; /* between two readings */
    enum compression compression;
    struct archive_file *archive;      /* that it is; NULL: it is none */
    struct decompressed *decompressed; /* NULL: it is not compressed, or no reading is on its way */
    struct fingerprint *fingerprint;   /* NULL: nobody wants it */
    struct member_reading member;      /* that it is; without a name: it is none */
};

static bool is_member(const struct input *input)
{
    return input->member.member.name != NULL;
}

static bool hold_file(struct input *input, struct error *error)
{
    if (input->holds_file)
        return stored_file_check_unchanged(input->reading.file, error);
    input->holds_file = stored_file_hold(input->reading.file, error);
    return input->holds_file;
}

static void release_file(struct input *input)
{
    if (input->holds_file)
        stored_file_release(input->reading.file);
    input->holds_file = false;
}

static void free_layers(struct input *input)
{
    decompressed_free(input->decompressed);
    input->decompressed = NULL;
    member_reading_end(&input->member);
}

void input_end(struct input *input)
{
    free_layers(input);
    if (input->is_kept_closed)
        release_file(input);
}

void input_keep_closed(struct input *input)
{
    input->is_kept_closed = stored_file_can_be_reopened(input->reading.file);
    input_end(input);
}

/* Begins a reading of the open file. */
static bool open_layers(struct input *input, struct error *error)
{
    free_layers(input);
    input->reading.position = 0;
    return input->compression == COMPRESSION_NONE ||
           decompressed_new(&input->reading, input->compression, &input->decompressed, error);
}

bool input_rewind(struct input *input, struct error *error)
{
    return hold_file(input, error) &&
           (is_member(input) ? member_reading_rewind(&input->member, error)
                             : open_layers(input, error));
}

/* Reads from the layer that is above the others. */
static bool read_layers(struct input *input, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    if (input->decompressed != NULL)
        return decompressed_read(input->decompressed, buffer, size, length, error);
    assert(input->compression == COMPRESSION_NONE);
    return file_reading_read(&input->reading, buffer, size, length, error);
}

/* Reads the first bytes, fewer only of what is shorter. */
static bool read_beginning(struct input *input, uint8_t *bytes, size_t size, size_t *length,
                           struct error *error)
{
    size_t got = 1;

    for (*length = 0; *length < size && got > 0; *length += got)
        if (!read_layers(input, bytes + *length, size - *length, &got, error))
            return false;
    return true;
}

static bool reports_damage(const struct error *error)
{
    return error->kind == ERROR_FILE;
}

/* A zip in a compressed file is no archive: nobody can seek in it. What cannot be decompressed is
 * no archive either: the reading that comes will say why. */
static bool detect_compressed(struct input *input, enum archive_kind *kind, struct error *error)
{
    uint8_t bytes[ARCHIVE_MAGIC_SIZE];
    struct error damage = {0};
    size_t length;

    if (!open_layers(input, &damage) ||
        !read_beginning(input, bytes, sizeof bytes, &length, &damage))
        return reports_damage(&damage) || error_copy(error, &damage);
    if (archive_kind_detect(bytes, length) == ARCHIVE_KIND_TAR)
        *kind = ARCHIVE_KIND_TAR;
    return true;
}

static bool detect(struct input *input, struct error *error)
{
    enum archive_kind kind = ARCHIVE_KIND_NONE;
    uint8_t bytes[ARCHIVE_MAGIC_SIZE];
    size_t length;

    if (!read_beginning(input, bytes, sizeof bytes, &length, error))
        return false;
    input->compression = compression_detect(bytes, length);
    if (input->compression == COMPRESSION_NONE)
        kind = archive_kind_detect(bytes, length);
    else if (!detect_compressed(input, &kind, error))
        return false;
    return (kind == ARCHIVE_KIND_NONE || archive_file_new(input->reading.file, input->compression,
                                                          kind, &input->archive, error)) &&
           open_layers(input, error);
}

bool input_open(const char *path, struct input **input, struct error *error)
{
    struct input *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    if (!stored_file_open(path, &opened->reading.file, error)) {
        free(opened);
        return false;
    }
    opened->holds_file = true;
    if (!detect(opened, error)) {
        input_free(opened);
        return false;
    }
    *input = opened;
    return true;
}

bool input_is_archive(const struct input *input)
{
    return input->archive != NULL;
}

const char *input_archive_format(const struct input *archive)
{
    return archive_kind_name(archive_file_kind(archive->archive));
}

bool input_list_members(struct input *archive, struct member_list *list, struct error *error)
{
    bool listed = hold_file(archive, error) && archive_members_list(archive->archive, list, error);

    input_end(archive);
    return listed;
}

bool input_open_member(struct input *archive, const struct archive_member *member,
                       struct input **input, struct error *error)
{
    struct input *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->reading.file = stored_file_share(archive->reading.file);
    opened->compression = archive->compression;
    if (!member_reading_prepare(&opened->member, archive->archive, member,
                                stored_file_name(opened->reading.file), error) ||
        !hold_file(opened, error) || !member_reading_open(&opened->member, error)) {
        input_free(opened);
        return false;
    }
    *input = opened;
    return true;
}

bool input_open_again(const struct input *input, struct input **again, struct error *error)
{
    struct input *opened;

    *again = NULL;
    if (is_member(input) || input->is_kept_closed)
        return true;
    opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return error_memory(error);
    opened->reading.file = stored_file_share(input->reading.file);
    opened->compression = input->compression;
    if (!hold_file(opened, error)) {
        input_free(opened);
        return false;
    }
    *again = opened;
    return true;
}

void input_follow(struct input *input, const struct input *next)
{
    input->member.is_followed = next != NULL && is_member(input) && is_member(next) &&
                                next->member.archive == input->member.archive &&
                                next->member.member.index > input->member.member.index;
}

uint64_t input_size(const struct input *input)
{
    return is_member(input) ? input->member.member.size : stored_file_size(input->reading.file);
}

bool input_is_compressed(const struct input *input)
{
    return input->compression != COMPRESSION_NONE && !is_member(input);
}

const char *input_unpack_advice(const struct input *input)
{
    if (is_member(input))
        return "unpack the archive first";
    return input_is_compressed(input) ? "decompress the file first" : NULL;
}

uint64_t input_position(const struct input *input)
{
    return is_member(input) ? input->member.position : input->reading.position;
}

int input_compare(const struct input *one, const struct input *other)
{
    int order = stored_file_compare(one->reading.file, other->reading.file);
    size_t index = one->member.member.index, other_index = other->member.member.index;

    if (order != 0)
        return order;
    if (is_member(one) != is_member(other))
        return is_member(one) ? 1 : -1;
    return (index > other_index) - (index < other_index);
}

/* Members have their archive's file: who holds it is counted there. */
bool input_shares_reading(const struct input *one, const struct input *other)
{
    return one->reading.file == other->reading.file;
}

static bool read_member(struct input *input, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    uint64_t offset = input->member.position;

    if (!member_reading_read(&input->member, buffer, size, length, error))
        return false;
    if (input->fingerprint != NULL)
        fingerprint_take(input->fingerprint, offset, buffer, *length);
    return true;
}

bool input_read(struct input *input, void *buffer, size_t size, size_t *length, struct error *error)
{
    bool read = is_member(input) ? read_member(input, buffer, size, length, error)
                                 : read_layers(input, buffer, size, length, error);

    return read && (*length > 0 || stored_file_check_unchanged(input->reading.file, error));
}

bool input_start_fingerprint(struct input *input, struct error *error)
{
    if (input->fingerprint == NULL && !fingerprint_new(&input->fingerprint, error))
        return false;
    if (!is_member(input))
        input->reading.fingerprint = input->fingerprint;
    return true;
}

/* Reads with a reading of its own what the fingerprint has not taken. */
static bool read_file_rest(struct input *input, struct error *error)
{
    struct file_reading rest = {.file = input->reading.file,
                                .position = fingerprint_length(input->fingerprint),
                                .fingerprint = input->fingerprint};
    char block[BLOCK_SIZE];
    size_t length = 1;

    while (length > 0 && rest.position < input_size(input)) {
        if (interrupt_pending())
            return interrupt_error(error);
        if (!file_reading_read(&rest, block, sizeof block, &length, error))
            return false;
    }
    return true;
}

static bool read_rest(struct input *input, struct error *error)
{
    if (fingerprint_length(input->fingerprint) < input_size(input) &&
        !(is_member(input) ? member_reading_take_all(&input->member, input->fingerprint, error)
                           : read_file_rest(input, error)))
        return false;
    return stored_file_check_unchanged(input->reading.file, error);
}

bool input_finish_fingerprint(struct input *input, struct error *error)
{
    bool finished;

    if (input->fingerprint == NULL)
        return true;
    finished = hold_file(input, error) && read_rest(input, error);
    if (input->is_kept_closed)
        input_end(input);
    return finished;
}

bool input_fingerprint(const struct input *input, char text[FINGERPRINT_TEXT_SIZE])
{
    if (input->fingerprint == NULL || fingerprint_length(input->fingerprint) != input_size(input))
        return false;
    fingerprint_text(input->fingerprint, text);
    return true;
}

void input_free(struct input *input)
{
    if (input == NULL)
        return;
    free_layers(input);
    if (input_is_archive(input))
        archive_file_forget(input->archive);
    archive_file_free(input->archive);
    member_reading_free(&input->member);
    release_file(input);
    stored_file_free(input->reading.file);
    fingerprint_free(input->fingerprint);
    free(input);
}

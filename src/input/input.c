#include "input/input.h"

#include "base/interrupt.h"
#include "input/archive_members.h"
#include "input/compression.h"
#include "input/decompressed.h"
#include "input/stored_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

/* What makes an input a member of an archive. */
struct input_member {
    struct archive_member member; /* with a name of its own; NULL: the input is a file */
    char *name;                   /* PATH:NAME, for messages */
    struct member_stream *stream;
    uint64_t position;

    /* The first bytes were read to see what they are, and are read again from here. */
    uint8_t beginning[ARCHIVE_MAGIC_SIZE];
    size_t beginning_length, beginning_taken;
};

struct input {
    struct file_reading reading;
    bool holds_file;     /* it is open for this input */
    bool is_kept_closed; /* between two readings */
    enum compression compression;
    enum archive_kind kind;
    struct decompressed *decompressed; /* NULL: it is not compressed, or no reading is on its way */
    struct fingerprint *fingerprint;   /* NULL: nobody wants it */
    struct input_member member;
};

static bool is_member(const struct input *input)
{
    return input->member.member.name != NULL;
}

static struct archive_file archive_of(const struct input *input)
{
    return (struct archive_file){
        .file = input->reading.file, .compression = input->compression, .kind = input->kind};
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
    member_stream_free(input->member.stream);
    input->member.stream = NULL;
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
    const struct archive_file archive = archive_of(input);

    free_layers(input);
    input->reading.position = 0;
    input->member.position = 0;
    input->member.beginning_length = input->member.beginning_taken = 0;
    if (is_member(input))
        return member_stream_open(&archive, &input->member.member, input->member.name,
                                  &input->member.stream, error);
    return input->compression == COMPRESSION_NONE ||
           decompressed_new(&input->reading, input->compression, &input->decompressed, error);
}

bool input_rewind(struct input *input, struct error *error)
{
    return hold_file(input, error) && open_layers(input, error);
}

/* Reads from the layer that is above the others. */
static bool read_layers(struct input *input, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    if (input->member.stream != NULL)
        return member_stream_read(input->member.stream, buffer, size, length, error);
    if (input->decompressed != NULL)
        return decompressed_read(input->decompressed, buffer, size, length, error);
    assert(!is_member(input) && (input->compression == COMPRESSION_NONE));
    return file_reading_read(&input->reading, buffer, size, length, error);
}

/* Reads the first bytes, as many as an archive is recognised by. */
static bool read_beginning(struct input *input, uint8_t bytes[ARCHIVE_MAGIC_SIZE], size_t *length,
                           struct error *error)
{
    size_t got = 1;

    for (*length = 0; *length < ARCHIVE_MAGIC_SIZE && got > 0; *length += got)
        if (!read_layers(input, bytes + *length, ARCHIVE_MAGIC_SIZE - *length, &got, error))
            return false;
    return true;
}

/* A zip in a compressed file is no archive: nobody can seek in it. What cannot be decompressed is
 * no archive either: the reading that comes will say why. */
static bool detect(struct input *input, struct error *error)
{
    uint8_t bytes[ARCHIVE_MAGIC_SIZE];
    struct error ignored = {0};
    size_t length;

    if (!read_beginning(input, bytes, &length, error))
        return false;
    input->compression = compression_detect(bytes, length);
    if (input->compression == COMPRESSION_NONE) {
        input->kind = archive_kind_detect(bytes, length);
    } else if (open_layers(input, &ignored) && read_beginning(input, bytes, &length, &ignored) &&
               archive_kind_detect(bytes, length) == ARCHIVE_KIND_TAR) {
        input->kind = ARCHIVE_KIND_TAR;
    }
    return open_layers(input, error);
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
    return input->kind != ARCHIVE_KIND_NONE && !is_member(input);
}

const char *input_archive_format(const struct input *archive)
{
    return archive_kind_name(archive->kind);
}

bool input_list_members(struct input *archive, struct member_list *list, struct error *error)
{
    const struct archive_file file = archive_of(archive);
    bool listed = hold_file(archive, error) && archive_members_list(&file, list, error);

    input_end(archive);
    return listed;
}

/* What it is called when it is no plain file; NULL: it is one. */
static const char *packed_kind(const struct input_member *member)
{
    enum compression compression = compression_detect(member->beginning, member->beginning_length);
    enum archive_kind kind = archive_kind_detect(member->beginning, member->beginning_length);

    if (compression != COMPRESSION_NONE)
        return compression_name(compression);
    return kind != ARCHIVE_KIND_NONE ? archive_kind_name(kind) : NULL;
}

/* Begins the first reading, whose first bytes say what it is. */
static bool open_member(struct input *input, struct error *error)
{
    struct input_member *member = &input->member;
    const char *packed;

    if (member->member.kind != MEMBER_FILE)
        return error_set(error, ERROR_DATA, "%s is not a file", member->name);
    if (member->member.is_encrypted) {
        (void)error_set(error, ERROR_FILE, "cannot read %s: it is encrypted", member->name);
        return error_hint(error, "Unpack the archive with its password, and load its files.");
    }
    if (!input_rewind(input, error) ||
        !read_beginning(input, member->beginning, &member->beginning_length, error))
        return false;
    packed = packed_kind(member);
    if (packed == NULL)
        return true;
    (void)error_set(error, ERROR_DATA, "%s is a %s file inside an archive", member->name, packed);
    return error_hint(error, "Unpack the archive, and load its files.");
}

static bool name_member(struct input *input, const struct archive_member *member)
{
    input->member.member = *member;
    input->member.member.name = strdup(member->name);
    if (input->member.member.name == NULL)
        return false;
    if (asprintf(&input->member.name, "%s:%s", stored_file_name(input->reading.file),
                 member->name) >= 0)
        return true;
    input->member.name = NULL;
    return false;
}

bool input_open_member(struct input *archive, const struct archive_member *member,
                       struct input **input, struct error *error)
{
    struct input *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->reading.file = stored_file_share(archive->reading.file);
    opened->compression = archive->compression;
    opened->kind = archive->kind;
    if (name_member(opened, member) ? !open_member(opened, error) : !error_memory(error)) {
        input_free(opened);
        return false;
    }
    *input = opened;
    return true;
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

/* First what was read of it already. */
static bool read_member(struct input *input, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    struct input_member *member = &input->member;
    size_t left = member->beginning_length - member->beginning_taken;

    if (left > 0) {
        *length = left < size ? left : size;
        memcpy(buffer, member->beginning + member->beginning_taken, *length);
        member->beginning_taken += *length;
    } else if (!read_layers(input, buffer, size, length, error)) {
        return false;
    }
    if (input->fingerprint != NULL)
        fingerprint_take(input->fingerprint, member->position, buffer, *length);
    member->position += *length;
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

/* The fingerprint passes over what it has taken. */
static bool read_member_again(struct input *input, struct error *error)
{
    const struct archive_file archive = archive_of(input);
    struct member_stream *stream = NULL;
    char block[BLOCK_SIZE];
    uint64_t offset = 0;
    size_t length = 1;
    bool read =
        member_stream_open(&archive, &input->member.member, input->member.name, &stream, error);

    while (read && length > 0) {
        read = interrupt_pending()
                   ? interrupt_error(error)
                   : member_stream_read(stream, block, sizeof block, &length, error);
        if (read)
            fingerprint_take(input->fingerprint, offset, block, length);
        offset += length;
    }
    member_stream_free(stream);
    return read;
}

static bool read_rest(struct input *input, struct error *error)
{
    if (fingerprint_length(input->fingerprint) < input_size(input) &&
        !(is_member(input) ? read_member_again(input, error) : read_file_rest(input, error)))
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
    release_file(input);
    stored_file_free(input->reading.file);
    fingerprint_free(input->fingerprint);
    free(input->member.member.name);
    free(input->member.name);
    free(input);
}

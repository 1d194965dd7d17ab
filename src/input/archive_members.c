#include "input/archive_members.h"

#include "base/interrupt.h"
#include "input/archive_stream.h"
#include "input/decompressed.h"
#include "input/zip_end.h"

#include <stdlib.h>
#include <string.h>

struct archive_file {
    size_t owners;
    struct stored_file *file;
    enum compression compression;
    enum archive_kind kind;
    struct member_stream *kept; /* NULL: none */
};

/* The layers of one reading: the file, what is in it when it is compressed, the archive. */
struct member_stream {
    struct archive_file *owner; /* borrowed; NULL: it is never kept */
    struct file_reading reading;
    struct decompressed *decompressed; /* NULL: it is not compressed */
    struct archive_stream *archive;
    size_t next;    /* the index of the member that comes next */
    bool is_broken; /* an error has left it anywhere */
};

bool archive_file_new(struct stored_file *file, enum compression compression,
                      enum archive_kind kind, struct archive_file **archive, struct error *error)
{
    struct archive_file *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_memory(error);
    *made =
        (struct archive_file){.owners = 1, .file = file, .compression = compression, .kind = kind};
    *archive = made;
    return true;
}

struct archive_file *archive_file_share(struct archive_file *archive)
{
    archive->owners++;
    return archive;
}

enum archive_kind archive_file_kind(const struct archive_file *archive)
{
    return archive->kind;
}

static void free_stream(struct member_stream *stream)
{
    if (stream == NULL)
        return;
    archive_stream_free(stream->archive);
    decompressed_free(stream->decompressed);
    free(stream);
}

void archive_file_forget(struct archive_file *archive)
{
    free_stream(archive->kept);
    archive->kept = NULL;
}

void archive_file_free(struct archive_file *archive)
{
    if (archive == NULL || --archive->owners > 0)
        return;
    archive_file_forget(archive);
    free(archive);
}

static bool skip_to(struct decompressed *decompressed, uint64_t position, struct error *error)
{
    enum { BLOCK_SIZE = 32 * 1024 };
    char block[BLOCK_SIZE];
    size_t length = 1;

    while (position > 0 && length > 0) {
        if (interrupt_pending())
            return interrupt_error(error);
        if (!decompressed_read(decompressed, block,
                               position < sizeof block ? (size_t)position : sizeof block, &length,
                               error))
            return false;
        position -= length;
    }
    return true;
}

/* Opens the layers; a tar begins at a position. */
static bool open_layers(struct member_stream *stream, const struct archive_file *archive,
                        const char *name, uint64_t position, struct error *error)
{
    struct byte_source source;
    enum archive_stream_kind kind =
        archive->kind == ARCHIVE_KIND_ZIP ? ARCHIVE_STREAM_ZIP : ARCHIVE_STREAM_TAR;

    stream->reading.file = archive->file;
    if (archive->compression == COMPRESSION_NONE) {
        stream->reading.position = kind == ARCHIVE_STREAM_TAR ? position : 0;
        source = file_reading_source(&stream->reading);
    } else {
        if (!decompressed_new(&stream->reading, archive->compression, &stream->decompressed,
                              error) ||
            !skip_to(stream->decompressed, position, error))
            return false;
        source = decompressed_source(stream->decompressed);
        source.position = position;
    }
    return archive_stream_open(kind, &source, name, &stream->archive, error);
}

static struct member_stream *new_stream(struct error *error)
{
    struct member_stream *stream = calloc(1, sizeof *stream);

    if (stream == NULL)
        (void)error_memory(error);
    return stream;
}

static bool refuse_many(const struct archive_file *archive, struct error *error)
{
    return error_set(error, ERROR_DATA, "%s has more than %d members",
                     stored_file_name(archive->file), MEMBERS_MAX) ||
           error_hint(error, "Unpack it, and load its files.");
}

static bool list_members(const struct archive_file *archive, struct archive_stream *stream,
                         struct member_list *list, struct error *error)
{
    struct archive_member member;
    bool found;

    for (;;) {
        if (!archive_stream_next(stream, &member, &found, error))
            return false;
        if (!found)
            return true;
        member.index = list->count;
        if (!member_list_add(list, &member)) {
            free(member.name);
            return error_memory(error);
        }
        if (list->count > MEMBERS_MAX)
            return refuse_many(archive, error);
    }
}

static bool list_zip(const struct archive_file *archive, struct archive_stream *stream,
                     struct member_list *list, uint64_t expected, struct error *error)
{
    return list_members(archive, stream, list, error) &&
           (list->count == expected ||
            error_set(error, ERROR_FILE,
                      "cannot read %s: damaged zip data: it has %zu of %llu members",
                      stored_file_name(archive->file), list->count, (unsigned long long)expected));
}

bool archive_members_list(const struct archive_file *archive, struct member_list *list,
                          struct error *error)
{
    struct member_stream *stream;
    uint64_t expected = 0;
    bool is_zip = archive->kind == ARCHIVE_KIND_ZIP;
    bool listed;

    if (is_zip && !zip_end_read(archive->file, &expected, error))
        return false;
    /* libarchive would read the whole directory first. */
    if (expected > MEMBERS_MAX)
        return refuse_many(archive, error);
    /* libarchive takes no such archive for one. */
    if (is_zip && expected == 0)
        return true;
    stream = new_stream(error);
    if (stream == NULL)
        return false;
    listed = open_layers(stream, archive, stored_file_name(archive->file), 0, error) &&
             (is_zip ? list_zip(archive, stream->archive, list, expected, error)
                     : list_members(archive, stream->archive, list, error) &&
                           archive_stream_finish(stream->archive, error));
    free_stream(stream);
    return listed && stored_file_check_unchanged(archive->file, error);
}

static bool same_member(const struct archive_member *one, const struct archive_member *other)
{
    return strcmp(one->name, other->name) == 0 && one->kind == other->kind &&
           one->size == other->size;
}

/* Goes to the member, past those before it. */
static bool find_member(struct member_stream *stream, const struct archive_member *member,
                        const char *name, struct error *error)
{
    struct archive_member other;
    bool found, same;

    do {
        if (!archive_stream_next(stream->archive, &other, &found, error))
            return false;
        same = found && stream->next == member->index && same_member(&other, member);
        if (found)
            free(other.name);
    } while (found && stream->next++ < member->index);
    return same || error_set(error, ERROR_FILE, "cannot read %s: the archive has changed", name);
}

/* The reading that the archive keeps; NULL when it stands behind the member. */
static struct member_stream *take_kept(struct archive_file *archive,
                                       const struct archive_member *member, const char *name)
{
    struct member_stream *stream = archive->kept;

    if (stream == NULL || stream->next > member->index) {
        archive_file_forget(archive);
        return NULL;
    }
    archive->kept = NULL;
    archive_stream_rename(stream->archive, name);
    return stream;
}

/* A tar is read from where the member stands, a zip from its directory. */
static struct member_stream *begin_stream(struct archive_file *archive,
                                          const struct archive_member *member, const char *name,
                                          struct error *error)
{
    struct member_stream *stream = new_stream(error);

    if (stream == NULL)
        return NULL;
    stream->owner = archive;
    stream->next = archive->kind == ARCHIVE_KIND_ZIP ? 0 : member->index;
    if (open_layers(stream, archive, name, member->position, error))
        return stream;
    free_stream(stream);
    return NULL;
}

bool member_stream_open(struct archive_file *archive, const struct archive_member *member,
                        const char *name, struct member_stream **stream, struct error *error)
{
    struct member_stream *opened = take_kept(archive, member, name);

    if (opened == NULL)
        opened = begin_stream(archive, member, name, error);
    if (opened == NULL)
        return false;
    if (!find_member(opened, member, name, error)) {
        free_stream(opened);
        return false;
    }
    *stream = opened;
    return true;
}

bool member_stream_read(struct member_stream *stream, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    bool read = archive_stream_read(stream->archive, buffer, size, length, error);

    stream->is_broken = stream->is_broken || !read;
    return read;
}

void member_stream_end(struct member_stream *stream, bool keep)
{
    if (stream == NULL || !keep || stream->is_broken) {
        free_stream(stream);
        return;
    }
    archive_file_forget(stream->owner);
    stream->owner->kept = stream;
}

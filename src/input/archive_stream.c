#include "input/archive_stream.h"

#include "base/interrupt.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks grow while one follows the other: a zip is searched by seeking. */
enum { BLOCK_SIZE = 64 * 1024, FIRST_BLOCK_SIZE = 4 * 1024 };

enum { TAR_BLOCK_SIZE = 512 };

struct archive_stream {
    enum archive_stream_kind kind;
    struct byte_source source;
    const char *name;
    struct archive *archive;
    struct archive_entry
        *entry;    /* the member's; libarchive's own may be NULL, for want of memory */
    locale_t utf8; /* 0: this system has no such locale */
    uint8_t *block;
    size_t block_size;
    uint64_t start, offset; /* in the source: where it began, what it gives next */
    uint64_t last_byte_end; /* behind the last byte given that is not zero */
    uint64_t end_mark;      /* of a tar at its end: where its mark stands */
    uint64_t given, size;   /* of the member; UINT64_MAX: nobody knows */
    bool ended;             /* nothing is left of the member */
    struct error error;     /* the source's, which libarchive cannot pass on */
};

static const struct {
    const char *name;
    int filter; /* libarchive's ARCHIVE_FILTER_; none */
} kinds[] = {[ARCHIVE_STREAM_ZIP] = {"zip", ARCHIVE_FILTER_NONE},
             [ARCHIVE_STREAM_TAR] = {"tar", ARCHIVE_FILTER_NONE},
             [ARCHIVE_STREAM_BZIP2] = {"bzip2", ARCHIVE_FILTER_BZIP2},
             [ARCHIVE_STREAM_LZ4] = {"lz4", ARCHIVE_FILTER_LZ4}};

static void note_last_byte(struct archive_stream *stream, size_t length)
{
    while (length > 0 && stream->block[length - 1] == 0)
        length--;
    if (length > 0)
        stream->last_byte_end = stream->offset + length;
}

/* Gives libarchive the next block; it has an end, or the stream's error tells more. */
static la_ssize_t read_block(struct archive *archive, void *context, const void **block)
{
    struct archive_stream *stream = context;
    size_t length = 0;

    (void)archive;
    *block = stream->block;
    if (stream->error.kind != ERROR_NONE)
        return ARCHIVE_FATAL;
    if (interrupt_pending()) {
        (void)interrupt_error(&stream->error);
        return ARCHIVE_FATAL;
    }
    if (!stream->source.read(stream->source.context, stream->block, stream->block_size, &length,
                             &stream->error))
        return ARCHIVE_FATAL;
    note_last_byte(stream, length);
    stream->offset += length;
    if (stream->block_size < BLOCK_SIZE)
        stream->block_size *= 2;
    return (la_ssize_t)length;
}

static void seek(struct archive_stream *stream, uint64_t offset)
{
    stream->offset = offset;
    stream->block_size = FIRST_BLOCK_SIZE;
    stream->source.seek(stream->source.context, offset);
}

/* Not beyond the end: what is missing there is libarchive's to notice. */
static la_int64_t skip_bytes(struct archive *archive, void *context, la_int64_t request)
{
    struct archive_stream *stream = context;
    uint64_t left = stream->source.size > stream->offset ? stream->source.size - stream->offset : 0;
    uint64_t skipped = (uint64_t)request < left ? (uint64_t)request : left;

    (void)archive;
    seek(stream, stream->offset + skipped);
    return (la_int64_t)skipped;
}

static la_int64_t seek_to(struct archive *archive, void *context, la_int64_t offset, int whence)
{
    struct archive_stream *stream = context;
    la_int64_t base = 0;

    (void)archive;
    if (whence == SEEK_CUR)
        base = (la_int64_t)stream->offset;
    else if (whence == SEEK_END)
        base = (la_int64_t)stream->source.size;
    if (offset < -base || offset > (la_int64_t)stream->source.size - base)
        return ARCHIVE_FATAL;
    seek(stream, (uint64_t)(base + offset));
    return base + offset;
}

static bool ends_too_early(const char *text)
{
    return strstr(text, "runcated") != NULL;
}

/* libarchive has refused something: says what. Its results do not tell damage from what it lacks (a
 * wrong checksum is a warning in 3.6, ARCHIVE_FAILED in 3.7), its texts do. It does not always say
 * that memory ran out; the C library does, since errno was 0 before the call. */
static bool refuse(const struct archive_stream *stream, struct error *error)
{
    const char *text = archive_error_string(stream->archive);
    const char *kind = kinds[stream->kind].name;

    if (stream->error.kind != ERROR_NONE)
        return error_copy(error, &stream->error);
    if (errno == ENOMEM || archive_errno(stream->archive) == ENOMEM)
        return error_memory(error);
    if (text == NULL)
        text = "not to be understood";
    if (ends_too_early(text))
        return error_set(error, ERROR_FILE, "cannot read %s: truncated %s data", stream->name,
                         kind);
    return error_set(error, ERROR_FILE, "cannot read %s: %s %s data: %.*s", stream->name,
                     strstr(text, "nsupported") != NULL ? "unsupported" : "damaged", kind,
                     (int)strcspn(text, "\n"), text);
}

static bool damaged(const struct archive_stream *stream, const char *what, struct error *error)
{
    return error_set(error, ERROR_FILE, "cannot read %s: damaged %s data: %s", stream->name,
                     kinds[stream->kind].name, what);
}

/* One format, one filter, and none that libarchive chooses. Those that were built without a filter
 * would call a program for it, and say so by a warning. */
static int choose_format(struct archive_stream *stream)
{
    struct archive *archive = stream->archive;
    int filter = kinds[stream->kind].filter;

    if (stream->kind == ARCHIVE_STREAM_ZIP)
        return archive_read_support_format_zip_seekable(archive);
    if (filter != ARCHIVE_FILTER_NONE && archive_read_append_filter(archive, filter) != ARCHIVE_OK)
        return ARCHIVE_FATAL;
    return archive_read_set_format(archive, filter != ARCHIVE_FILTER_NONE ? ARCHIVE_FORMAT_RAW
                                                                          : ARCHIVE_FORMAT_TAR);
}

static int set_callbacks(struct archive_stream *stream)
{
    struct archive *archive = stream->archive;
    int result = archive_read_set_read_callback(archive, read_block);

    if (result == ARCHIVE_OK && stream->source.seek != NULL)
        result = archive_read_set_skip_callback(archive, skip_bytes);
    if (result == ARCHIVE_OK && stream->kind == ARCHIVE_STREAM_ZIP)
        result = archive_read_set_seek_callback(archive, seek_to);
    if (result == ARCHIVE_OK)
        result = archive_read_set_callback_data(archive, stream);
    return result;
}

/* What is compressed is one member without a name. */
static bool start(struct archive_stream *stream, struct error *error)
{
    int result;

    errno = 0;
    result = choose_format(stream);
    if (result == ARCHIVE_OK)
        result = set_callbacks(stream);
    if (result == ARCHIVE_OK)
        result = archive_read_open1(stream->archive);
    if (result == ARCHIVE_OK && kinds[stream->kind].filter != ARCHIVE_FILTER_NONE)
        result = archive_read_next_header2(stream->archive, stream->entry);
    stream->size = UINT64_MAX;
    return result == ARCHIVE_OK || refuse(stream, error);
}

bool archive_stream_open(enum archive_stream_kind kind, const struct byte_source *source,
                         const char *name, struct archive_stream **stream, struct error *error)
{
    struct archive_stream *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->kind = kind;
    opened->source = *source;
    opened->start = opened->offset = source->position;
    opened->name = name;
    opened->block = malloc(BLOCK_SIZE);
    opened->block_size = FIRST_BLOCK_SIZE;
    opened->archive = archive_read_new();
    opened->entry = archive_entry_new();
    /* A zip's names in UTF-8 could not be had in the C locale. */
    opened->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (opened->block == NULL || opened->archive == NULL || opened->entry == NULL) {
        archive_stream_free(opened);
        return error_memory(error);
    }
    if (!start(opened, error)) {
        archive_stream_free(opened);
        return false;
    }
    *stream = opened;
    return true;
}

void archive_stream_rename(struct archive_stream *stream, const char *name)
{
    stream->name = name;
}

static int next_header(struct archive_stream *stream)
{
    locale_t before = (locale_t)0;
    int result;

    if (stream->utf8 != (locale_t)0)
        before = uselocale(stream->utf8);
    errno = 0;
    result = archive_read_next_header2(stream->archive, stream->entry);
    if (before != (locale_t)0)
        (void)uselocale(before);
    return result;
}

static enum member_kind kind_of(struct archive_entry *entry)
{
    if (archive_entry_hardlink(entry) != NULL)
        return MEMBER_OTHER;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
        return MEMBER_FILE;
    case AE_IFDIR:
        /* With bytes of its own it is a damaged file, not to be passed over. */
        return archive_entry_size(entry) == 0 ? MEMBER_DIRECTORY : MEMBER_OTHER;
    default:
        return MEMBER_OTHER;
    }
}

/* These give a member as much memory as it says that it wants, up to 4 GiB. libarchive tells the
 * method in the name of the format alone: "ZIP 6.3 (lzma)". */
static bool is_unbounded(const struct archive_stream *stream)
{
    static const char *const methods[] = {"(lzma)", "(xz)", "(ppmd"};
    const char *format = archive_format_name(stream->archive);

    for (size_t i = 0; format != NULL && i < sizeof methods / sizeof methods[0]; i++)
        if (strstr(format, methods[i]) != NULL)
            return true;
    return false;
}

static bool describe(const struct archive_stream *stream, struct archive_member *member,
                     struct error *error)
{
    struct archive_entry *entry = stream->entry;
    const char *name = archive_entry_pathname(entry);

    if (name == NULL || name[0] == '\0')
        return damaged(stream, "a member's name cannot be read", error);
    *member = (struct archive_member){
        .kind = kind_of(entry),
        .is_encrypted = archive_entry_is_encrypted(entry) != 0,
        .position = stream->start + (uint64_t)archive_read_header_position(stream->archive)};
    if (member->kind == MEMBER_FILE) {
        if (!archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0)
            return damaged(stream, "a member's size cannot be read", error);
        member->size = (uint64_t)archive_entry_size(entry);
    }
    member->name = strdup(name);
    return member->name != NULL || error_memory(error);
}

bool archive_stream_next(struct archive_stream *stream, struct archive_member *member, bool *found,
                         struct error *error)
{
    int result;

    if (interrupt_pending())
        return interrupt_error(error);
    result = next_header(stream);
    /* The end of the source and its failure look alike to libarchive in some places. */
    if ((result != ARCHIVE_OK && result != ARCHIVE_EOF) || stream->error.kind != ERROR_NONE)
        return refuse(stream, error);
    *found = result == ARCHIVE_OK;
    if (!*found) {
        stream->end_mark = stream->start + (uint64_t)archive_read_header_position(stream->archive);
        return true;
    }
    if (is_unbounded(stream))
        return error_set(error, ERROR_FILE, "cannot read %s: unsupported zip data: %s",
                         stream->name, archive_format_name(stream->archive)) ||
               error_hint(error, "Unpack the archive, and load its files.");
    if (!describe(stream, member, error))
        return false;
    stream->given = 0;
    stream->size = member->size;
    stream->ended = false;
    return true;
}

static bool read_rest(struct archive_stream *stream, struct error *error)
{
    const void *block;
    la_ssize_t length;

    do {
        length = read_block(stream->archive, stream, &block);
        if (length < 0)
            return error_copy(error, &stream->error);
    } while (length > 0);
    return true;
}

bool archive_stream_finish(struct archive_stream *stream, struct error *error)
{
    if (!read_rest(stream, error))
        return false;
    if (stream->offset < stream->end_mark + TAR_BLOCK_SIZE)
        return error_set(error, ERROR_FILE, "cannot read %s: truncated tar data", stream->name) ||
               error_hint(error, "The mark of its end is missing: copy it once more.");
    return stream->last_byte_end <= stream->end_mark ||
           damaged(stream, "something stands behind its end", error);
}

/* libarchive passes over what it does not know behind the last stream; that may be a damaged one.
 */
static bool expect_source_end(struct archive_stream *stream, struct error *error)
{
    if (kinds[stream->kind].filter == ARCHIVE_FILTER_NONE)
        return true;
    return read_rest(stream, error) &&
           ((uint64_t)archive_filter_bytes(stream->archive, -1) == stream->offset - stream->start ||
            damaged(stream, "something stands behind its end", error));
}

static bool end_member(struct archive_stream *stream, struct error *error)
{
    stream->ended = true;
    if (stream->size != UINT64_MAX && stream->given != stream->size)
        return damaged(stream, "the member has another size than the archive says", error);
    return expect_source_end(stream, error);
}

bool archive_stream_read(struct archive_stream *stream, void *buffer, size_t size, size_t *length,
                         struct error *error)
{
    la_ssize_t got;

    *length = 0;
    if (stream->ended)
        return true;
    errno = 0;
    got = archive_read_data(stream->archive, buffer, size);
    if (got < 0 || stream->error.kind != ERROR_NONE)
        return refuse(stream, error);
    *length = (size_t)got;
    stream->given += *length;
    return *length > 0 || end_member(stream, error);
}

void archive_stream_free(struct archive_stream *stream)
{
    if (stream == NULL)
        return;
    (void)archive_read_free(stream->archive);
    archive_entry_free(stream->entry);
    if (stream->utf8 != (locale_t)0)
        freelocale(stream->utf8);
    free(stream->block);
    free(stream);
}

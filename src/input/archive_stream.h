/*
 * Bytes as libarchive(3) reads them: the members of a zip or tar archive, one after another, or
 * what is compressed with bzip2 or lz4. Bounded memory, nothing is written to disk.
 *
 * What libarchive lets pass is refused here: warnings (a wrong checksum of a zip's member is one),
 * members that are shorter or longer than the archive says, bytes behind the end of compressed
 * data, methods of zips whose memory has no bounds. It calls no other program. Beneath a tar,
 * input/decompressor undoes the compressions that it knows.
 */
#ifndef INPUT_ARCHIVE_STREAM_H
#define INPUT_ARCHIVE_STREAM_H

#include "base/error.h"
#include "input/byte_source.h"
#include "input/member_list.h"

#include <stdbool.h>
#include <stddef.h>

struct archive_stream;

enum archive_stream_kind {
    ARCHIVE_STREAM_ZIP, /* its source must be able to seek */
    ARCHIVE_STREAM_TAR,
    ARCHIVE_STREAM_BZIP2,
    ARCHIVE_STREAM_LZ4
};

/*
 * Starts where the source stands: a tar, at any member; a zip is known from its end. The source is
 * copied; its context and `name`, which messages call it by, are borrowed.
 *
 * All that read from it fail with ERROR_FILE where the data are damaged, truncated, or of a kind
 * that libarchive does not know; with ERROR_INTERNAL for want of memory; with the source's error;
 * with the interrupt's.
 */
bool archive_stream_open(enum archive_stream_kind kind, const struct byte_source *source,
                         const char *name, struct archive_stream **stream, struct error *error);

/* Messages call it so from now on; the name is borrowed. */
void archive_stream_rename(struct archive_stream *stream, const char *name);

/* Goes on to the next member of a zip or a tar, past what was not read of the one before; *found is
 * false at the end of the archive. The name is allocated, and the caller's. `index` is not set. */
bool archive_stream_next(struct archive_stream *stream, struct archive_member *member, bool *found,
                         struct error *error);

/* At the end of a tar: reads what is left of the source, so that its checksums are verified. Fails
 * where the archive lacks its end, or something stands behind it. */
bool archive_stream_finish(struct archive_stream *stream, struct error *error);

/* Reads up to `size` bytes of the member, or of what is compressed; sets *length, 0 at the end. */
bool archive_stream_read(struct archive_stream *stream, void *buffer, size_t size, size_t *length,
                         struct error *error);

/* NULL is fine. */
void archive_stream_free(struct archive_stream *stream);

#endif

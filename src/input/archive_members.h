/*
 * The members of an archive file: which there are, and the bytes of one of them. Whoever reads
 * holds the file.
 */
#ifndef INPUT_ARCHIVE_MEMBERS_H
#define INPUT_ARCHIVE_MEMBERS_H

#include "base/error.h"
#include "input/archive_kind.h"
#include "input/compression.h"
#include "input/member_list.h"
#include "input/stored_file.h"

#include <stdbool.h>
#include <stddef.h>

/* Caller-owned. */
struct archive_file {
    struct stored_file *file;     /* borrowed */
    enum compression compression; /* of a tar as a whole; not of a zip's members */
    enum archive_kind kind;
};

/*
 * All members in the archive's order, whatever they are. A compressed tar is read to its end, and
 * its checksums are verified.
 *
 * ERROR_FILE when the archive is damaged or truncated; ERROR_DATA when it has more than
 * MEMBERS_MAX; or the interrupt's error. The list is the caller's to free, also after an error.
 */
bool archive_members_list(const struct archive_file *archive, struct member_list *list,
                          struct error *error);

/* The bytes of one member, from its beginning to its end. */
struct member_stream;

/*
 * `member` is one of the list; `name` is what messages call it; both are borrowed. A zip and a tar
 * that is not compressed are read from where the member stands; a compressed tar is decompressed up
 * to it. ERROR_FILE also when the archive has another member there.
 */
bool member_stream_open(const struct archive_file *archive, const struct archive_member *member,
                        const char *name, struct member_stream **stream, struct error *error);

/* Reads up to `size` bytes; sets *length, 0 at the end, where checksum and length are verified. */
bool member_stream_read(struct member_stream *stream, void *buffer, size_t size, size_t *length,
                        struct error *error);

/* NULL is fine. */
void member_stream_free(struct member_stream *stream);

#endif

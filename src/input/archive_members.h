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

/* An archive, shared by all who read its members. */
struct archive_file;

/* The file is borrowed, and must outlive the archive. The compression is that of a tar as a whole,
 * not that of a zip's members. */
bool archive_file_new(struct stored_file *file, enum compression compression,
                      enum archive_kind kind, struct archive_file **archive, struct error *error);

/* Gives the archive one more owner, who frees it as the others do. */
struct archive_file *archive_file_share(struct archive_file *archive);

enum archive_kind archive_file_kind(const struct archive_file *archive);

/* Frees what member_stream_end has kept. */
void archive_file_forget(struct archive_file *archive);

/* Gives up the caller's ownership; the last one frees. NULL is fine. */
void archive_file_free(struct archive_file *archive);

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
 * `member` is one of the list; `name` is what messages call it; both are borrowed. The reading goes
 * on from a kept one that stands before the member. Else a zip's directory is read first, and a
 * compressed tar is decompressed up to the member. ERROR_FILE also when the archive has another
 * member there.
 */
bool member_stream_open(struct archive_file *archive, const struct archive_member *member,
                        const char *name, struct member_stream **stream, struct error *error);

/* Reads up to `size` bytes; sets *length, 0 at the end, where checksum and length are verified. */
bool member_stream_read(struct member_stream *stream, void *buffer, size_t size, size_t *length,
                        struct error *error);

/* A reading is over, wherever it stands. With `keep` the archive keeps it, in the place of an
 * earlier one, so that whoever reads a member behind it need not begin anew. NULL is fine. */
void member_stream_end(struct member_stream *stream, bool keep);

#endif

/*
 * A file to read from, more than once: what stands behind a FILE argument, or a member of an
 * archive.
 *
 *     stored_file             the bytes on disk
 *     decompressed            what they are compressed from, when they are
 *     archive_members         the members, when that is an archive
 */
#ifndef INPUT_INPUT_H
#define INPUT_INPUT_H

#include "base/error.h"
#include "input/fingerprint.h"
#include "input/member_list.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;

/*
 * Opens a file for reading; "-" is standard input, from where it stands. What cannot be read twice
 * (a pipe, a FIFO, a terminal) is first copied to an unnamed temporary file in $TMPDIR (else /tmp),
 * readable by nobody else (mode 0600), gone with the program. A directory is refused.
 *
 * A file that begins as gzip, Zstandard, bzip2, xz or lz4 data do, whatever its name, is
 * decompressed while it is read.
 *
 * The path is borrowed and must outlive the input. ERROR_FILE names the path and the reason;
 * an interrupt while copying ends with interrupt_error.
 */
bool input_open(const char *path, struct input **input, struct error *error);

/* Whether it is a zip or tar archive; a tar may be compressed. It is not for input_read: its
 * members are inputs of their own. An office document is
 * no archive. */
bool input_is_archive(const struct input *input);

/* "zip" or "tar", of an archive. */
const char *input_archive_format(const struct input *archive);

/*
 * All members in the archive's order, whatever they are. A compressed tar is read to its end, and
 * its checksums are verified. The list is the caller's to free, also after an error.
 *
 * ERROR_FILE when the archive is damaged or truncated, or has changed; ERROR_DATA when it has more
 * than MEMBERS_MAX members; or the interrupt's error.
 */
bool input_list_members(struct input *archive, struct member_list *list, struct error *error);

/*
 * Opens one of the listed members, as input_open opens a file; messages call it PATH:NAME. It needs
 * neither the archive's input nor the list any longer; the path must outlive it. It is decompressed
 * at each reading, in bounded memory. Members share one open file.
 *
 * What one member costs depends on the one that was read before: see input_follow. Until the
 * archive's input is freed, its members are expected to be opened in their order.
 *
 * ERROR_DATA for what is no file, and for what is an archive or compressed itself; ERROR_FILE when
 * it is encrypted or damaged, or the archive has changed.
 */
bool input_open_member(struct input *archive, const struct archive_member *member,
                       struct input **input, struct error *error);

/*
 * Makes a second input of the same open file, so that another thread can read it at the same time.
 * *again is NULL where that cannot be: a member of an archive; a file that is kept closed, as it
 * would stay open. To be freed before the first one is kept closed or freed, by the thread that has
 * both. No fingerprint is taken of it.
 */
bool input_open_again(const struct input *input, struct input **again, struct error *error);

/*
 * Says which input is read next, whenever all are read; NULL: nobody knows. Where both are members
 * of one archive, and the next stands behind, its reading goes on where that of the first was left.
 * Else a reading begins with the directory of a zip, and decompresses a tar up to the member.
 */
void input_follow(struct input *input, const struct input *next);

/* Size in bytes of the file as it is on disk: compressed, if it is compressed; of a member as it is
 * unpacked. */
uint64_t input_size(const struct input *input);

/* Whether its size is that of compressed bytes; a member's is not. */
bool input_is_compressed(const struct input *input);

/* What to do before a command can work on its text, a sentence without its end: it is compressed,
 * or a member of an archive. NULL: nothing, the text is what the file has. */
const char *input_unpack_advice(const struct input *input);

/* How many of these bytes were read since the last input_rewind. */
uint64_t input_position(const struct input *input);

/* An order of files, by device and inode, and of members by their place in the archive: 0 when both
 * inputs are the same file, by whatever names. */
int input_compare(const struct input *one, const struct input *other);

/* Whether a reading of one changes what a reading of the other works with: they are members of one
 * archive, or the archive itself. Two threads must not read such inputs at the same time; they may
 * read any others. */
bool input_shares_reading(const struct input *one, const struct input *other);

/*
 * Closes the file, and from now on opens it for each reading, from input_rewind to input_end: for
 * more files than may be open at once. Standard input, and what was copied, stay open. The file
 * must still have its name then: another one renamed over it is a change.
 */
void input_keep_closed(struct input *input);

/* A reading is over, at the end of the file or before it: frees what decompresses. The next one
 * begins with input_rewind. */
void input_end(struct input *input);

/*
 * Goes back to the first byte. ERROR_FILE when the file has changed since it was opened (size,
 * modification time): its rows would no longer be those that were checked. A new file renamed over
 * the name of one that stays open is another file, and no change.
 */
bool input_rewind(struct input *input, struct error *error);

/* Reads up to `size` bytes; sets *length, 0 at the end. At the end it also looks whether the file
 * has changed while it was read. ERROR_FILE on failure, which includes compressed data that is
 * damaged or ends too early. */
bool input_read(struct input *input, void *buffer, size_t size, size_t *length,
                struct error *error);

/* From now on computes the SHA-256 of the file while it is read: of its bytes as they are on disk,
 * of a member's as they are unpacked. ERROR_INTERNAL. */
bool input_start_fingerprint(struct input *input, struct error *error);

/* Reads, for the SHA-256, the part of the file that was not read since input_start_fingerprint;
 * nothing when that was not called. The position of the input does not change. ERROR_FILE, also
 * when the file has changed; or the interrupt's error. */
bool input_finish_fingerprint(struct input *input, struct error *error);

/* The SHA-256; false while it is not known, because the file was not read to its end. */
bool input_fingerprint(const struct input *input, char text[FINGERPRINT_TEXT_SIZE]);

/* Closes and frees; NULL is fine. */
void input_free(struct input *input);

#endif

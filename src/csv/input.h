/*
 * A file to read from, more than once: what stands behind a FILE argument.
 */
#ifndef CSV_INPUT_H
#define CSV_INPUT_H

#include "base/error.h"
#include "csv/fingerprint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input;

/*
 * Opens a file for reading; "-" is standard input, from where it stands. What cannot be read twice
 * (a pipe, a FIFO, a terminal) is first copied to an unnamed temporary file in $TMPDIR (else /tmp),
 * readable by nobody else (mode 0600), gone with the program. A directory is refused.
 *
 * A file that begins as gzip or Zstandard data does, whatever its name, is decompressed while it
 * is read.
 *
 * The path is borrowed and must outlive the input. ERROR_FILE names the path and the reason;
 * an interrupt while copying ends with interrupt_error.
 */
bool input_open(const char *path, struct input **input, struct error *error);

/* Size of the file in bytes, as it is on disk: compressed, if it is compressed. */
uint64_t input_size(const struct input *input);

/* Whether its bytes on disk are compressed. */
bool input_is_compressed(const struct input *input);

/* How many bytes of it were read since the last input_rewind. */
uint64_t input_position(const struct input *input);

/* An order of files, by device and inode: 0 when both inputs are the same file, by whatever names.
 */
int input_compare(const struct input *one, const struct input *other);

/*
 * Closes the file, and from now on opens it for each reading, from input_rewind to input_end: for
 * more files than may be open at once. Standard input, and what was copied, stay open. The file
 * must still have its name then: another one renamed over it is a change.
 */
void input_keep_closed(struct input *input);

/* A reading is over, at the end of the file or before it. */
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

/* From now on computes the SHA-256 of the file while it is read: of its bytes as they are on disk.
 * ERROR_INTERNAL. */
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

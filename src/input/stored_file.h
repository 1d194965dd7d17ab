/*
 * A file as it is on disk: its bytes, and whether they are still those that were there at first.
 * What cannot be read twice (a pipe, a FIFO, a terminal) is copied.
 *
 * Several owners may share it, and read it at the same time: each says where it reads.
 */
#ifndef INPUT_STORED_FILE_H
#define INPUT_STORED_FILE_H

#include "base/error.h"
#include "input/byte_source.h"
#include "input/fingerprint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stored_file;

/*
 * Opens a file; "-" is standard input, from where it stands. The path is borrowed and must outlive
 * the file. The caller holds it, as stored_file_hold says. ERROR_FILE names the path and the
 * reason; an interrupt while copying ends with interrupt_error.
 */
bool stored_file_open(const char *path, struct stored_file **file, struct error *error);

/* Gives the file one more owner, who frees it as the others do. */
struct stored_file *stored_file_share(struct stored_file *file);

/* What messages call it: its path, or "standard input". */
const char *stored_file_name(const struct stored_file *file);

/* In bytes, from where reading starts. */
uint64_t stored_file_size(const struct stored_file *file);

/* An order of files, by device and inode: 0 when both are the same file, by whatever names. */
int stored_file_compare(const struct stored_file *one, const struct stored_file *other);

/* Whether it can be closed and opened again: not standard input, nor what was copied. */
bool stored_file_can_be_reopened(const struct stored_file *file);

/* Opens the file where it is closed, until stored_file_release. ERROR_FILE, also when it has
 * changed since it was opened first (size, modification time, another one renamed over it while it
 * was closed). */
bool stored_file_hold(struct stored_file *file, struct error *error);

/* Closes the file where nobody else holds it and it can be opened again. */
void stored_file_release(struct stored_file *file);

/* Reads up to `size` bytes at an offset; sets *length, 0 behind the end. For those who hold it. */
bool stored_file_read(const struct stored_file *file, uint64_t offset, void *buffer, size_t size,
                      size_t *length, struct error *error);

/* ERROR_FILE when it is no longer as it was when it was opened. For those who hold it. */
bool stored_file_check_unchanged(const struct stored_file *file, struct error *error);

/* Gives up the caller's ownership; the last one closes and frees. NULL is fine. */
void stored_file_free(struct stored_file *file);

/* One reading of a file, from its beginning on. Caller-owned. */
struct file_reading {
    struct stored_file *file;        /* borrowed, and held */
    uint64_t position;               /* how many bytes were read, or passed over */
    struct fingerprint *fingerprint; /* takes what is read; borrowed; NULL: nobody wants it */
};

/* Reads up to `size` bytes where the reading stands; sets *length, 0 at the end. */
bool file_reading_read(struct file_reading *reading, void *buffer, size_t size, size_t *length,
                       struct error *error);

/* The bytes of the reading; it is borrowed. */
struct byte_source file_reading_source(struct file_reading *reading);

#endif

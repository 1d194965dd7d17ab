/*
 * The readings of one member of an archive. Its first bytes, by which it is recognised, are kept
 * until the first reading goes on behind them: to look at them and rewind costs nothing.
 */
#ifndef INPUT_MEMBER_READING_H
#define INPUT_MEMBER_READING_H

#include "base/error.h"
#include "input/archive_members.h"
#include "input/fingerprint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whoever calls holds the archive's file; zeroed is closed, member_reading_free closes it. */
struct member_reading {
    struct archive_file *archive;
    struct archive_member member; /* with a name of its own; NULL before member_reading_prepare */
    char *name;                   /* PATH:NAME, for messages */
    struct member_stream *stream;
    uint64_t position; /* bytes that were read */
    bool is_followed;  /* a member behind it is read next: the archive keeps the stream */
    uint8_t *beginning;
    size_t beginning_length;
};

/* Takes one more ownership of the archive, and a copy of the member. ERROR_INTERNAL: no memory. */
bool member_reading_prepare(struct member_reading *reading, struct archive_file *archive,
                            const struct archive_member *member, const char *path,
                            struct error *error);

/* Begins the first reading. ERROR_DATA for what is no file, and for what is an archive or
 * compressed itself; ERROR_FILE when it is encrypted or damaged. */
bool member_reading_open(struct member_reading *reading, struct error *error);

/* Goes back to the first byte. ERROR_FILE as member_stream_open has it. */
bool member_reading_rewind(struct member_reading *reading, struct error *error);

/* Reads up to `size` bytes; sets *length, 0 at the end. ERROR_FILE. */
bool member_reading_read(struct member_reading *reading, void *buffer, size_t size, size_t *length,
                         struct error *error);

/* Reads the whole member, beside the reading, for a fingerprint; it passes over what it has taken.
 * ERROR_FILE, or the interrupt's error. */
bool member_reading_take_all(struct member_reading *reading, struct fingerprint *fingerprint,
                             struct error *error);

/* A reading is over. */
void member_reading_end(struct member_reading *reading);

void member_reading_free(struct member_reading *reading);

#endif

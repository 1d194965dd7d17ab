/*
 * Which archive it is, recognised by what it begins with.
 */
#ifndef CSV_ARCHIVE_FORMAT_H
#define CSV_ARCHIVE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum archive_format {
    ARCHIVE_IS_NONE,
    ARCHIVE_IS_ZIP, /* PKWARE's APPNOTE.TXT */
    ARCHIVE_IS_TAR  /* POSIX ustar and pax, GNU tar, and what came before them */
};

/* What the first bytes say, after decompression; ARCHIVE_MAGIC_SIZE of them are enough. An office
 * document is a zip archive, too. */
enum { ARCHIVE_MAGIC_SIZE = 512 };
enum archive_format archive_format_detect(const uint8_t *bytes, size_t length);

/* "zip" or "tar", for messages. */
const char *archive_format_name(enum archive_format format);

#endif

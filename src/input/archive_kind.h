/*
 * Which archive it is, recognised by what it begins with.
 */
#ifndef INPUT_ARCHIVE_KIND_H
#define INPUT_ARCHIVE_KIND_H

#include <stddef.h>
#include <stdint.h>

enum archive_kind {
    ARCHIVE_KIND_NONE,
    ARCHIVE_KIND_ZIP, /* PKWARE's APPNOTE.TXT */
    ARCHIVE_KIND_TAR  /* POSIX ustar and pax, GNU tar, and what came before them */
};

/* What the first bytes say, after decompression; ARCHIVE_MAGIC_SIZE of them are enough. An office
 * document, which is a zip file, is no archive here. */
enum { ARCHIVE_MAGIC_SIZE = 512 };
enum archive_kind archive_kind_detect(const uint8_t *bytes, size_t length);

/* "zip" or "tar", for messages. */
const char *archive_kind_name(enum archive_kind kind);

#endif

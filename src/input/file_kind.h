/*
 * What a file is that is no CSV file in UTF-8, by its first bytes: never by its name.
 *
 * The bytes that tell a kind are those that file(1) looks at, or the format's own documents name. A
 * header of one of TimeL-E's datasets begins with a letter, a quote or a byte order mark, and
 * begins no other kind.
 */
#ifndef INPUT_FILE_KIND_H
#define INPUT_FILE_KIND_H

#include "input/file_magic.h"

#include <stddef.h>
#include <stdint.h>

/* So many bytes tell all kinds; fewer do where the file has no more. */
enum { FILE_KIND_SIZE = 4096 };

/*
 * The kind of a file with these first bytes, after decompression; NULL when it may be CSV.
 *
 * Of a text, only the first line that is not empty has to be UTF-8. A text of other bytes is "text
 * in another encoding than UTF-8", and what has NUL or other control bytes is "binary data".
 */
const struct file_kind *file_kind_recognise(const uint8_t *bytes, size_t length);

#endif

/*
 * UTF-8 as PostgreSQL accepts it: RFC 3629 without the NUL character.
 */
#ifndef VALUE_UTF8_H
#define VALUE_UTF8_H

#include <stddef.h>

/*
 * Checks that the bytes are UTF-8 without NUL and counts their characters (code points, the unit
 * of varchar(n)).
 *
 * Returns NULL and sets *characters, or a static message ("invalid UTF-8", "contains a NUL byte").
 */
const char *utf8_check(const char *text, size_t length, size_t *characters);

#endif

/*
 * UTF-8 as PostgreSQL accepts it: RFC 3629 without the NUL character.
 */
#ifndef VALUE_UTF8_H
#define VALUE_UTF8_H

#include "value/value_fault.h"

#include <stddef.h>

/*
 * Checks that the bytes are UTF-8 without NUL and counts their characters (code points, the unit
 * of varchar(n)).
 *
 * Returns NULL and sets *characters, or a VALUE_FAULT_ENCODING: "invalid UTF-8", or "contains a NUL
 * byte".
 */
const struct value_fault *utf8_check(const char *text, size_t length, size_t *characters);

#endif

/*
 * Bytes from a file, made fit to be shown to a person.
 */
#ifndef BASE_DISPLAY_H
#define BASE_DISPLAY_H

#include <stddef.h>

/* Room for any result of display_text with this many characters shown, and the final NUL. */
enum { DISPLAY_CHARACTERS = 60, DISPLAY_SIZE = DISPLAY_CHARACTERS * 4 + 4 };

/*
 * Writes bytes as printable text into `shown` (always NUL-terminated) and returns `shown`.
 *
 * Valid UTF-8 stays as it is. Control characters (C0, DEL, C1), bytes that are not UTF-8, and the
 * Unicode characters that reorder or break a line (U+200E, U+200F, U+2028 to U+202E, U+2066 to
 * U+2069, U+FEFF) are written as \n, \r, \t or \xNN, so that no value can drive a terminal or fake
 * a line of a log. Longer values are cut after DISPLAY_CHARACTERS characters and end with "...".
 */
const char *display_text(const char *bytes, size_t length, char shown[DISPLAY_SIZE]);

#endif

/*
 * Bytes from outside, made fit to be shown to a person.
 *
 * A file's name, a value, what a server says: none of it may drive a terminal, fake a line of a log
 * or hide what it is. Valid UTF-8 stays as it is. These are written as \n, \r, \t or \xNN, a byte
 * each: control characters (C0, DEL, C1), bytes that are not UTF-8, characters that reorder a text
 * or break a line (U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069) and those that
 * nobody sees (Unicode's Default_Ignorable_Code_Point, U+FFF9 to U+FFFB). Joiners and variation
 * selectors (U+200C, U+200D, U+FE00 to U+FE0F) stay behind a character beyond ASCII, whose shape
 * they choose. Where a job of GitHub prints the text, no part of it is a command to its runner: the
 * colon that begins a line with "::", and the bracket of "##[", are escaped as well.
 *
 * Nothing else writes to standard output and standard error (scripts/lint-output).
 */
#ifndef BASE_DISPLAY_H
#define BASE_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Room for any result of display_text with this many characters shown, and the final NUL. */
enum { DISPLAY_CHARACTERS = 60, DISPLAY_SIZE = DISPLAY_CHARACTERS * 4 + 4 };

/* What display_print formats may be so long: the longest path and what is said of it. The rest is
 * cut, and "..." stands at the end. */
enum { DISPLAY_PRINT_SIZE = 8192 };

/* Writes bytes as printable text into `shown` (always NUL-terminated) and returns `shown`. Longer
 * values are cut after DISPLAY_CHARACTERS characters and end with "...". */
const char *display_text(const char *bytes, size_t length, char shown[DISPLAY_SIZE]);

/* The whole text as printable text at the begin of a line, to be freed; NULL when memory ran out.
 */
char *display_copy(const char *text);

/* Prints a part of a line; the same with the line's end behind it; that end alone. A line break
 * among the arguments is escaped like all else, and so is one in the format. Whether they could be
 * written, the stream's error flag tells. */
void display_print(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
void display_line(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));
void display_end(FILE *stream);

enum display_color { DISPLAY_RED, DISPLAY_YELLOW };

/* Prints a word in a colour, as terminals understand it (ECMA-48). */
void display_colored(FILE *stream, enum display_color color, const char *word);

/* Writes a JSON document that is UTF-8. In its strings \uNNNN stands for what must not be shown:
 * for a program the text is the same. False when it could not be written (errno). */
bool display_json(FILE *stream, const char *json);

/* A stream that prints to another one, for libraries that print by themselves: what they print is
 * escaped but for line breaks. The other one is borrowed. NULL when memory ran out. */
FILE *display_stream(FILE *stream);

#endif

/*
 * A sentence on a terminal: folded at its blanks.
 */
#ifndef CLI_TEXT_FOLD_H
#define CLI_TEXT_FOLD_H

#include <stdbool.h>
#include <stdio.h>

/* Where lines end. 0 columns: nowhere. */
struct text_fold {
    int columns; /* a line has no more, unless a word is longer; */
    int most;    /* a word is cut to fit into so many */
    int indent;  /* of all lines but the first */
};

/* Prints the text so, and leaves the last line open, at *column. False when memory ran out (errno).
 */
bool text_fold_begin(FILE *stream, const struct text_fold *fold, const char *text, int *column);

/*
 * Prints the text in lines of `columns` at most, all but the first indented; 0 columns: in one
 * line. Of a word that is longer than a line the end is shown, after "...". What could control a
 * terminal is escaped. False when memory ran out (errno).
 */
bool text_fold_print(FILE *stream, int columns, int indent, const char *text);

/* Prints "PATH: TEXT" so. Where it does not fit into one line, the start of the path is cut first.
 */
bool text_fold_print_about(FILE *stream, int columns, const char *path, const char *text);

#endif

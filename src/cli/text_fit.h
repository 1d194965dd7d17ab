/*
 * Text made fit to be shown in so many columns of a terminal: wide and combining characters count
 * as they are shown.
 */
#ifndef CLI_TEXT_FIT_H
#define CLI_TEXT_FIT_H

#include "base/display.h"

/* Room for any result of text_fit. */
enum { TEXT_FIT_SIZE = DISPLAY_SIZE + 3 };

/* How many columns a UTF-8 text without control characters takes. */
int text_columns(const char *text);

/* The text with what could control a terminal escaped (see display_text). Of a text that takes more
 * than `columns` only the end is shown, after "...", because paths differ at their ends. `shown` is
 * returned. */
const char *text_fit(const char *text, int columns, char shown[TEXT_FIT_SIZE]);

/* The same for a text of any length, to be freed; 0 columns: as many as it takes. NULL when memory
 * ran out. */
char *text_fit_copy(const char *text, int columns);

#endif

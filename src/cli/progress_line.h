/*
 * How far the present phase is, in words.
 */
#ifndef CLI_PROGRESS_LINE_H
#define CLI_PROGRESS_LINE_H

#include "base/phase.h"
#include "cli/text_fit.h"

/* Room for any line. */
enum { PROGRESS_LINE_SIZE = TEXT_FIT_SIZE + 128 };

/*
 * One line of a terminal, `columns` wide at most; `text` is returned. Of a phase that reads a file:
 * percentage of bytes, rows, rows a second, and the time that is left as long as it is not read to
 * its end; of another the time it has taken. Numbers stay in their columns while they grow. What
 * finds no room is left out, the least important first; of a long name the end is shown.
 */
const char *progress_line(const struct phase_list *phases, int columns,
                          char text[PROGRESS_LINE_SIZE]);

/* The same for a phase that ends: its rows, their rate, the time it took. */
const char *progress_line_done(const struct phase_list *phases, int columns,
                               char text[PROGRESS_LINE_SIZE]);

/* For a log, without the phase's name: "54%, 1,234,567 rows, 0:12 left"; "done after 25.31 s". */
const char *progress_words(const struct phase_list *phases, char text[PROGRESS_LINE_SIZE]);
const char *progress_words_done(const struct phase_list *phases, char text[PROGRESS_LINE_SIZE]);

#endif

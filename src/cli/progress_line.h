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
 * percentage of its bytes, rows, rows a second; of another the time it has taken. Then the seconds
 * that are `left` for the whole run (cli/time_left), where they are known; INFINITY: another line
 * has them, and their columns stay empty. Numbers stay in their columns while they grow. What finds
 * no room is left out, the least important first; of a long name the end is shown.
 */
const char *progress_line(const struct phase_list *phases, double left, int columns,
                          char text[PROGRESS_LINE_SIZE]);

/* The same for a phase that ends: its rows, their rate, the time it took. */
const char *progress_line_done(const struct phase_list *phases, int columns,
                               char text[PROGRESS_LINE_SIZE]);

/* For a log, without the phase's name: "54%, 1,234,567 rows, 0:12 left"; "0:14 so far";
 * "done after 25.31 s". */
const char *progress_words(const struct phase_list *phases, double left,
                           char text[PROGRESS_LINE_SIZE]);
const char *progress_words_done(const struct phase_list *phases, char text[PROGRESS_LINE_SIZE]);

#endif

/*
 * How wide the lines of an output may be.
 */
#ifndef CLI_OUTPUT_WIDTH_H
#define CLI_OUTPUT_WIDTH_H

/* Lines are laid out for so many columns at least: what is narrower wraps them. */
enum { OUTPUT_WIDTH_MIN = 40 };

/*
 * As ls and git do it: COLUMNS where it is set to a number, wherever the output goes; else the
 * width of the terminal, 80 where that does not know it. 0 where the descriptor is no terminal: any
 * width.
 */
int output_width(int descriptor);

#endif

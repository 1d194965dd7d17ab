/*
 * Whether what is printed has colours.
 */
#ifndef CLI_COLOR_H
#define CLI_COLOR_H

#include <stdbool.h>

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/*
 * COLOR_AUTO: when the descriptor is a terminal that knows colours (TERM is set and not "dumb") and
 * its user has not asked for none (NO_COLOR is set and not empty, see no-color.org). What is asked
 * for on the command line comes before the environment.
 */
bool color_is_wanted(enum color_when when, int descriptor);

#endif

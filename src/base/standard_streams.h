/*
 * Standard output and standard error of a program that was started without them.
 */
#ifndef BASE_STANDARD_STREAMS_H
#define BASE_STANDARD_STREAMS_H

#include "base/error.h"

#include <stdbool.h>

/*
 * Occupies descriptors 1 and 2 where they are closed: the next socket or file to be opened would
 * become one of them, and a message to a person would be written into it. Writing to a closed
 * standard output still fails; what goes to a closed standard error goes nowhere.
 */
bool standard_streams_occupy(struct error *error);

/*
 * Moves a descriptor away from 0, 1 and 2, which are free when the program was started without
 * them: the file would be taken for standard input, or a message would be written into the copy.
 * For -1, which is no descriptor, it returns -1 and leaves errno alone.
 */
int standard_streams_avoid(int descriptor);

#endif

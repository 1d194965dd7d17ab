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

#endif

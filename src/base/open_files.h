/*
 * How many files the program may have open.
 */
#ifndef BASE_OPEN_FILES_H
#define BASE_OPEN_FILES_H

#include <stddef.h>

/* Raises the soft limit (ulimit -n) to what so many files need, beside the program's own, as far as
 * the hard limit goes. Returns how many files the limit leaves room for, `count` at most. */
size_t open_files_allow(size_t count);

#endif

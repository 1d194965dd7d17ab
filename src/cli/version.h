/*
 * What --version prints.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include <stdio.h>

/*
 * Writes onto `stream` the program's version, with the commit it was built from where git knew it,
 * and a line for each library that tells its own: that of the library in use, or, of libcsv, that
 * of the header it was built with.
 */
void version_print(FILE *stream);

#endif

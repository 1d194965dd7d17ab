/*
 * Files under a temporary name, and what becomes of them when a run is killed: the next run that
 * writes into their directory removes them.
 *
 * A run claims a directory (a shared flock(2) on it) before it makes a file there and until no
 * temporary name is left. Who can have the directory alone for a moment knows that what has such a
 * name is nobody's. Where that cannot be known, on a file system that other hosts write to as well
 * or when somebody else keeps the directory locked, names are made that nobody removes.
 */
#ifndef BASE_TEMPORARY_FILE_H
#define BASE_TEMPORARY_FILE_H

#include <stdbool.h>

/* Removes what runs that are gone have left in a directory, and claims it. Returns the descriptor
 * that holds the claim until it is closed; -1: there is no claim. */
int temporary_file_claim(const char *directory);

/* Whether a file's name is one that such a removal takes for a temporary one. */
bool temporary_file_has_name(const char *name);

/*
 * Creates a file (mode 0600) beside a path whose directory is claimed, or is not. *name is to be
 * freed. Returns its descriptor; -1 with the reason in errno, and then there is nothing to free.
 */
int temporary_file_create(const char *path, bool claimed, char **name);

/* Gives a file of that name one that no run removes. *name is replaced; where it cannot be done it
 * stays. */
void temporary_file_keep(char **name);

#endif

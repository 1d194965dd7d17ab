/*
 * The part of the summary that tells of the database: foreign keys and sequences.
 */
#ifndef CLI_SUMMARY_DATABASE_H
#define CLI_SUMMARY_DATABASE_H

#include "run/record.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints, for each foreign key, how many rows of the run are there that it is about, and whether it
 * stands and is valid; without a database, that what these rows refer to is in the files. 0
 * columns: any width. False when memory ran out (errno). */
bool summary_foreign_keys_print(const struct run *run, int columns, FILE *stream);

/* Prints the next value of each sequence that the run has moved, or would have; of `all` those that
 * it looked at. */
bool summary_sequences_print(const struct run *run, bool all, int columns, FILE *stream);

#endif

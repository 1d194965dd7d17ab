/*
 * The part of the summary that tells of the files: their rows, and what became of those that were
 * not loaded.
 */
#ifndef CLI_SUMMARY_FILES_H
#define CLI_SUMMARY_FILES_H

#include "run/record.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints the table of files, then a line for each kind of rows of a file that were skipped,
 * rejected, updated or there already. 0 columns: any width. False when memory ran out (errno). */
bool summary_files_print(const struct run *run, int columns, FILE *stream);

#endif

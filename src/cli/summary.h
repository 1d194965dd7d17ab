/*
 * What a run did, for people: on standard output, within 80 columns.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "run/record.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints the summary of a run that succeeded. False when it could not be written (errno). */
bool summary_print(const struct run *run, FILE *stream);

#endif

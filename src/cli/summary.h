/*
 * What a run did, for people: on standard output.
 *
 * No line is wider than the terminal, and elsewhere names are whole (cli/text_table). What says
 * nothing is left out: columns without numbers, sequences that did not move; and all tables, where
 * the files had nothing new. Then one line says so.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "run/record.h"

#include <stdbool.h>
#include <stdio.h>

struct summary_style {
    int columns;  /* of a line at most; 0: any number */
    bool verbose; /* also what says nothing */
};

/* Prints the summary of a run that succeeded. False when it could not be written (errno). */
bool summary_print(const struct run *run, const struct summary_style *style, FILE *stream);

#endif

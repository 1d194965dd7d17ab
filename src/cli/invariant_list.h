/*
 * What --verify found, a line for each invariant.
 */
#ifndef CLI_INVARIANT_LIST_H
#define CLI_INVARIANT_LIST_H

#include "base/log.h"
#include "schema/verify.h"

#include <stdbool.h>
#include <stdio.h>

/* Prints "ok" or "FAILED", name, rows checked and rows that are wrong; under a broken one,
 * examples. One that is not checked has "-", and the reason under it. One that a constraint proves
 * names this, where there is room. A foreign key that holds without a valid constraint says so. 0
 * columns: any width. False when it cannot be written, or memory ran out (errno). */
bool invariant_list_print(const struct verify_results *invariants, int columns, FILE *stream);

/* Tells the broken ones alone, each in one warning with its examples. */
void invariant_list_warn(const struct verify_results *invariants, struct log *log);

#endif

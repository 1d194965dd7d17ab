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
 * examples. One that a constraint proves names this in the place of rows. A foreign key that holds
 * without a valid constraint says so. False when it cannot be written. */
bool invariant_list_print(const struct verify_results *invariants, FILE *stream);

/* Tells the broken ones alone, each in one warning with its examples. */
void invariant_list_warn(const struct verify_results *invariants, struct log *log);

#endif

/*
 * Rows that give up a value, in a column whose values are unique, before others take it over.
 */
#ifndef SCHEMA_MERGE_VACATE_H
#define SCHEMA_MERGE_VACATE_H

#include "schema/merge.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Gives some rows a random value in a column whose values are unique. Other rows may then take over
 * the former values before these rows are updated or deleted. `ids` are the rows' keys, as the text
 * of an array of bigint, `count` how many. ERROR_DATABASE when a row kept its value although it is
 * there (schema/shortfall).
 */
bool merge_vacate(const struct merge *merge, size_t column, const char *ids, size_t count,
                  struct error *error);

#endif

/*
 * Duplicate pairs in files that are not grouped by parent: a second reading, of the parents that
 * came back after their group had ended (a file after another of the same table brings some too).
 */
#ifndef LOAD_SCATTERED_H
#define LOAD_SCATTERED_H

#include "load/dataset.h"
#include "load/key.h"

#include <stdbool.h>

/* Judges the pairs of the dataset's scattered parents as key_take does; nothing to do, and nothing
 * read, when there are none. Takes 16 bytes a row of those parents. */
bool scattered_judge(struct dataset *dataset, struct csv_reader *reader, enum duplicates duplicates,
                     struct error *error);

#endif

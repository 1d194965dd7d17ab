/*
 * Columns of the files that have no place in a table.
 */
#ifndef PLAN_IGNORED_COLUMN_H
#define PLAN_IGNORED_COLUMN_H

#include "base/error.h"
#include "base/log.h"
#include "plan/dataset.h"

#include <stdbool.h>

/*
 * Logs each ignored column of a dataset's files once, however many files have it: as a warning
 * where another column may be meant that the file lacks, as a note else, and at LOG_VERBOSE only
 * where files of the dataset are known to have it. All columns without a name are one note.
 * ERROR_INTERNAL: no memory.
 */
bool ignored_columns_log(const struct dataset *dataset, struct log *log, struct error *error);

#endif

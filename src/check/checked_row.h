/*
 * One row on its way through the checks: what each of them looks at.
 */
#ifndef CHECK_CHECKED_ROW_H
#define CHECK_CHECKED_ROW_H

#include "base/error.h"
#include "plan/plan.h"
#include "row/row.h"
#include "row/row_read.h"

#include <stdbool.h>
#include <stdint.h>

/* All is borrowed. */
struct checked_row {
    struct plan *plan;
    struct dataset *dataset;           /* the row is of its table */
    const struct row_reading *reading; /* the source, and the record as the file has it */
    const struct row *row;             /* as it was read */
    uint32_t line;                     /* numbered through the table's files */
    int64_t key_floor;                 /* of the dataset, as plan_key_floor gives it */
    int64_t last_id;                   /* of the dataset, as dataset_last_id gives it */
    bool comparable;                   /* with those of the database (plan/updated_columns) */
    enum duplicates duplicates;
    struct error *error;
};

#endif

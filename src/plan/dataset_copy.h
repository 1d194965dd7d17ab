/*
 * A copy of a dataset for another thread, which reads its files while the first thread checks them.
 */
#ifndef PLAN_DATASET_COPY_H
#define PLAN_DATASET_COPY_H

#include "base/error.h"
#include "plan/dataset.h"

#include <stdbool.h>

/* Caller-owned; zeroed is none, dataset_copy_close frees what it holds. */
struct dataset_copy {
    struct dataset dataset; /* what the database has is borrowed; of the files nothing is known */
    struct source *sources; /* headers are borrowed, inputs are its own */
    size_t open;            /* sources with an input */
};

/* Opens all files of the dataset once more. *opened is false where one cannot be read twice at the
 * same time (input_open_again); then there is no copy. */
bool dataset_copy_open(struct dataset_copy *copy, const struct dataset *dataset, bool *opened,
                       struct error *error);

/* When both readings are over: takes the rows that were sent from the copy's sources to those of
 * the dataset. ERROR_FILE when these are not the rows that were checked. */
bool dataset_copy_settle(const struct dataset_copy *copy, struct dataset *dataset,
                         struct error *error);

void dataset_copy_close(struct dataset_copy *copy);

#endif

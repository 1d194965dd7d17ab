/*
 * One row on its way into a COPY, and what its columns are filled from.
 */
#ifndef WRITE_TUPLE_CONTEXT_H
#define WRITE_TUPLE_CONTEXT_H

#include "base/error.h"
#include "derive/derived.h"
#include "pg/copy_in.h"
#include "plan/dataset.h"
#include "row/row.h"
#include "value/uuid.h"
#include "write/id_map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct copied_columns;

/* What the columns are filled from. Caller-owned. */
struct tuple_context {
    const struct copied_columns *columns;
    struct uuid_generator uuids;
    int64_t load_time; /* microseconds since 2000-01-01 UTC */
    const struct derived *derived;
    const struct event_index *events; /* of the rows sent so far: an event's previous status */
    uint32_t line;                    /* of the row, numbered through the table's files */
    struct pending_file *id_map;      /* NULL: nobody wants to know the external ids */
    bool staged;                      /* the rows go into the table's stage (schema/merge) */
    size_t file;                      /* and come from the dataset's file with this number */
};

/* One row being written. All is borrowed. */
struct tuple {
    struct copy_in *copy;
    const struct dataset *dataset;
    const struct row *row;
    struct tuple_context *context;
    bool inferred; /* a placeholder, from no file */
    struct error *error;
};

#endif

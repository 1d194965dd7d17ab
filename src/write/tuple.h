/*
 * One row as a COPY tuple: what the file gave, and what fills the columns that no file does.
 */
#ifndef WRITE_TUPLE_H
#define WRITE_TUPLE_H

#include "derive/derived.h"
#include "pg/copy_in.h"
#include "plan/dataset.h"
#include "row/row.h"
#include "value/uuid.h"
#include "write/copied_columns.h"
#include "write/id_map.h"

#include <stdbool.h>
#include <stdint.h>

/* What the columns are filled from. Caller-owned. */
struct tuple_context {
    const struct copied_columns *columns;
    struct uuid_generator uuids;
    int64_t load_time; /* microseconds since 2000-01-01 UTC */
    const struct derived *derived;
    const struct event_index *events; /* of the rows sent so far: an event's previous status */
    uint32_t line;                    /* of the row, numbered through the table's files */
    struct pending_file *id_map;      /* NULL: nobody wants to know the external ids */
    bool staged;                      /* the rows go into the table's stage (pg/merge) */
    int32_t file;                     /* and come from the dataset's file with this number */
};

/* Writes a row read from a file, those columns of it that are to be copied. In a stage the number
 * of the file follows, and what a row gets only when it is new (external id, time of the load) is
 * NULL.
 */
bool tuple_send(struct copy_in *copy, const struct dataset *dataset, const struct row *row,
                struct tuple_context *context, struct error *error);

/* Writes the placeholder row for an id that no file has. */
bool tuple_send_inferred(struct copy_in *copy, const struct dataset *dataset, int64_t id,
                         struct tuple_context *context, struct error *error);

#endif

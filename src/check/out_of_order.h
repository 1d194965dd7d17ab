/*
 * Duplicate keys in files that are not in order, found by a second reading. It looks only at the
 * rows of some parents: those whose rows do not all stand one after the other (as when two files of
 * a table have some each), and those whose events are not in the order of time.
 */
#ifndef CHECK_OUT_OF_ORDER_H
#define CHECK_OUT_OF_ORDER_H

#include "csv/reader.h"
#include "derive/previous_status.h"
#include "pg/session.h"
#include "plan/dataset.h"

#include <stdbool.h>

/* Caller-owned; all is borrowed. */
struct out_of_order {
    struct dataset *dataset;
    const struct id_set *parents; /* whose rows are to be judged */
    enum duplicates duplicates;
    struct csv_reader *reader;
    struct id_set *changed; /* gets the parents that lost a row */

    /* Gets the status before each event; NULL for a table of no events. */
    struct previous_status_list *previous;
};

/* Judges the rows of these parents as key_take does; nothing is read when there are none. Takes
 * 16 bytes a row. */
bool out_of_order_judge(const struct out_of_order *request, const struct session *session);

#endif

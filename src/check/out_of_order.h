/*
 * Duplicate keys within a parent in files that are not in order: a second reading, of the parents
 * that came back after their group had ended (a file after another of the same table brings some
 * too), or whose events are not in the order of time.
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
    struct id_set *changed;                /* gets the parents that lost a row */
    struct previous_status_list *previous; /* of events: gets what each follows; else NULL */
};

/* Judges the rows of these parents as key_take does; nothing is read when there are none. Takes
 * 16 bytes a row. */
bool out_of_order_judge(const struct out_of_order *request, const struct session *session);

#endif

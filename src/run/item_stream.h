/*
 * Order items, by far the most rows, sent while they are checked, so that their files are read
 * once. A row goes before the order that it belongs to, which gets its totals from it: the foreign
 * key between them has to be dropped for the load.
 */
#ifndef RUN_ITEM_STREAM_H
#define RUN_ITEM_STREAM_H

#include "base/log.h"
#include "base/phase.h"
#include "check/scan.h"
#include "pg/connection.h"
#include "plan/plan.h"
#include "target/rebuild_choice.h"
#include "write/send.h"

#include <stdbool.h>

/* Caller-owned; all is borrowed. */
struct item_stream {
    struct plan *plan;
    struct rebuild_choice *choice;
    struct sending *sending;
    struct connection *connection;
    struct log *log;
    struct phase_list *phases;
    struct error *error;
};

/* Whether the table is empty and nothing that comes later in a run can make a good row wrong. Asked
 * before the scan; whether the foreign key can be dropped is seen in the middle of it. */
bool item_stream_is_possible(const struct plan *plan, enum rebuild_when when,
                             enum duplicates duplicates);

/* What a scan has to know of the stream. */
struct scan_stream item_stream_for_scan(struct item_stream *stream);

#endif

/*
 * Order items, by far the most rows, sent while they are checked, so that their files are read
 * once. A row goes before the order that it belongs to, which gets its totals from it: the foreign
 * key between them has to be dropped for the load.
 */
#ifndef RUN_ITEM_STREAM_H
#define RUN_ITEM_STREAM_H

#include "check/scan.h"
#include "pg/session.h"
#include "plan/plan.h"
#include "target/rebuild_choice.h"
#include "write/send.h"

#include <stdbool.h>

/* Whether the table is empty and nothing that comes later in a run can make a good row wrong. Asked
 * before the scan; whether the foreign key can be dropped is seen in the middle of it. */
bool item_stream_is_possible(const struct plan *plan, enum rebuild_when when,
                             enum duplicates duplicates);

/*
 * Checks the items, after all other tables, and sends them where their foreign keys can be dropped
 * and no row of the other tables is bad; else they are only checked. A bad row ends the COPY, and
 * the transaction with it.
 */
bool item_stream_scan(struct scan *scan, struct sending *sending, struct plan *plan,
                      struct rebuild_choice *choice, const struct session *session);

#endif

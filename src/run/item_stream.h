/*
 * Order items are by far the most rows. Where possible, this sends them while they are checked, so
 * that their files are read once, not twice. The items are then in the database before their
 * orders, because an order's totals are known only when all its items are read; so the foreign key
 * from items to orders has to be dropped for the load.
 */
#ifndef RUN_ITEM_STREAM_H
#define RUN_ITEM_STREAM_H

#include "check/scan.h"
#include "pg/session.h"
#include "plan/plan.h"
#include "target/rebuild_choice.h"
#include "write/send.h"

#include <stdbool.h>

/* Whether items can be sent while they are checked: the table is empty, and nothing that the run
 * finds later can turn a good item into a bad one. Asked before the scan; whether the foreign key
 * can be dropped shows only in item_stream_scan. */
bool item_stream_is_possible(const struct plan *plan, enum rebuild_when when,
                             enum duplicates duplicates);

/*
 * Checks the items; all other tables must have been checked. It sends them as well if their foreign
 * keys can be dropped and no row of another table is bad. A bad item ends the COPY, and with it the
 * transaction.
 */
bool item_stream_scan(struct scan *scan, struct sending *sending, struct plan *plan,
                      struct rebuild_choice *choice, const struct session *session);

#endif

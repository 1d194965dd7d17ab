/*
 * Triggers that must not fire during a load: those that write a status history of their own.
 */
#ifndef PG_TRIGGER_H
#define PG_TRIGGER_H

#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>

struct disabled_triggers;

/*
 * Disables the triggers of `table`, fired by the kinds of change asked for, whose function writes
 * `written` and does not look at the setting timele.loading by itself, as TimeL-E's own does not.
 * *disabled is NULL when there is none. Takes a lock against writers when there is one. A run that
 * fails leaves the triggers as they were.
 */
bool triggers_disable(struct connection *connection, const struct table *table,
                      const struct table *written, bool on_insert, bool on_update,
                      struct disabled_triggers **disabled, struct error *error);

/* Enables them again, each as it was. NULL: nothing to do. */
bool triggers_restore(const struct disabled_triggers *disabled, struct connection *connection,
                      struct error *error);

void triggers_free(struct disabled_triggers *disabled);

#endif

/*
 * Triggers that must not fire during a load: those that write a status history of their own.
 */
#ifndef PG_TRIGGER_H
#define PG_TRIGGER_H

#include "pg/connection.h"
#include "table/table.h"

#include <stdbool.h>

struct trigger_silence;

/*
 * Disables the triggers of `table`, fired by the kinds of change asked for, whose function writes
 * `written` and does not look at the setting timele.loading by itself, as TimeL-E's own does not.
 * *silence is NULL when there is none. Takes a lock against writers when there is one. A run that
 * fails leaves the triggers as they were.
 */
bool trigger_silence(struct connection *connection, const struct table *table,
                     const struct table *written, bool on_insert, bool on_update,
                     struct trigger_silence **silence, struct error *error);

/* Enables them again, each as it was. NULL: nothing to do. */
bool trigger_restore(const struct trigger_silence *silence, struct connection *connection,
                     struct error *error);

void trigger_silence_free(struct trigger_silence *silence);

#endif

/*
 * Triggers that must not fire during a load: those that write a status history of their own.
 */
#ifndef SCHEMA_TRIGGER_H
#define SCHEMA_TRIGGER_H

#include "pg/session.h"
#include "table/table.h"

#include <stdbool.h>

struct disabled_triggers;

/* The kinds of change that fire a trigger: bits of pg_trigger.tgtype (PostgreSQL's
 * catalog/pg_trigger.h). */
enum { TRIGGER_ON_INSERT = 4, TRIGGER_ON_UPDATE = 16 };

/*
 * Disables those triggers of `table` that any of the given changes fires and whose function writes
 * the table `written`. A function that looks at the setting timele.loading is left enabled: it
 * knows by itself what to do during a load. *disabled is NULL when no trigger was disabled;
 * otherwise nobody else can write the table until the end of the transaction. A rollback enables
 * the triggers again.
 */
bool triggers_disable(const struct table *table, const struct table *written, unsigned changes,
                      struct disabled_triggers **disabled, const struct session *session);

/* Enables them again, each as it was. NULL: nothing to do. */
bool triggers_restore(const struct disabled_triggers *disabled, const struct session *session);

/* Frees; NULL is fine. */
void triggers_free(struct disabled_triggers *disabled);

#endif

/*
 * Floors: where the application's range of ids starts. The sequence's MINVALUE is the one source
 * of truth; an option changes it there, for this run and all later ones.
 */
#ifndef TARGET_FLOOR_H
#define TARGET_FLOOR_H

#include "pg/session.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* The lowest floor. A MINVALUE of 1 is no floor: every sequence has it by default. */
#define FLOOR_MIN INT64_C(2)

/* The highest floor: ids below it fit in 32 bits. */
#define FLOOR_MAX (INT64_C(1) << 32)

/*
 * Sets the floor of each dataset whose table has one: the option's, else the sequence's MINVALUE,
 * else that of the table's description. ERROR_DATABASE when an option moves a floor and the table
 * has rows between the old and the new one: they would change their owner, from the application to
 * the loader or back. So too when the table is distributed: its sequence cannot be altered.
 */
bool floor_read(struct plan *plan, const int64_t options[TABLE_COUNT],
                const struct session *session);

/* Writes the floors that options changed into the sequences. Comes after sequences_advance has set
 * them, or rehearsed that. */
bool floor_write(struct plan *plan, const int64_t options[TABLE_COUNT], bool rehearse,
                 const struct session *session);

#endif

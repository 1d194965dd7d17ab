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

/* The lowest floor: a MINVALUE of 1 is what every sequence has, and says nothing. */
#define FLOOR_MIN INT64_C(2)

/* The highest floor: ids below it are kept in 32 bits. */
#define FLOOR_MAX (INT64_C(1) << 32)

/*
 * Sets the floor of each dataset whose table has one: the option's, else the sequence's MINVALUE,
 * else the description's. An option that would move rows that exist across the floor is refused
 * with ERROR_DATABASE: loader and application would then both own them.
 */
bool floor_read(struct plan *plan, const int64_t options[TABLE_COUNT],
                const struct session *session);

/* Writes floors that options changed into the sequences. After the sequences were advanced, or
 * that was rehearsed. */
bool floor_write(struct plan *plan, const int64_t options[TABLE_COUNT], bool rehearse,
                 const struct session *session);

#endif

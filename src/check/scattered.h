/*
 * Duplicate keys within a parent in files that are not in order: a second reading, of the parents
 * that came back after their group had ended (a file after another of the same table brings some
 * too), or whose events are not in the order of time.
 */
#ifndef CHECK_SCATTERED_H
#define CHECK_SCATTERED_H

#include "base/phase.h"
#include "check/key.h"
#include "derive/previous_status.h"
#include "plan/dataset.h"

#include <stdbool.h>

/*
 * Judges the rows of the scattered parents as key_take does; nothing to do, and nothing read, when
 * there are none. A parent that lost a row is added to `changed`. Of events, what each follows is
 * added to `previous`; NULL for other rows. Takes 16 bytes a row.
 */
bool scattered_judge(struct dataset *dataset, const struct id_set *scattered,
                     struct csv_reader *reader, enum duplicates duplicates, struct id_set *changed,
                     struct previous_status_list *previous, struct phase_list *phases,
                     struct error *error);

#endif

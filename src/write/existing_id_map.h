/*
 * External ids of the files' rows that the database has already: they keep those that they have,
 * and the id map gets them too.
 */
#ifndef WRITE_EXISTING_ID_MAP_H
#define WRITE_EXISTING_ID_MAP_H

#include "base/pending_file.h"
#include "pg/session.h"
#include "plan/dataset.h"

#include <stdbool.h>

/* Adds them to the id map (id_map.h); nothing for a table without external ids. Few are asked for
 * by their ids, for many the table is read. */
bool existing_id_map_add(const struct dataset *dataset, struct pending_file *id_map,
                         const struct session *session);

#endif

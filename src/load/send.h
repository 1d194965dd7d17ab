/*
 * The second reading: every row that was not left out goes to the database by COPY.
 */
#ifndef LOAD_SEND_H
#define LOAD_SEND_H

#include "base/phase.h"
#include "load/id_map.h"
#include "load/plan.h"
#include "pg/connection.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Sends the plan's rows and placeholders, parents before children, after scan_files. `load_time`
 * stands for creation times that no file has. External ids go to the id map as well, unless it is
 * NULL. Each source knows its rows_loaded afterwards.
 */
bool send_rows(struct plan *plan, int64_t load_time, struct pending_file *id_map,
               struct connection *connection, struct phase_list *phases, struct error *error);

#endif

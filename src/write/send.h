/*
 * Rows to the database, by COPY: one table's while its files are checked, those of all others in a
 * second reading, which sends every row that was not left out.
 */
#ifndef WRITE_SEND_H
#define WRITE_SEND_H

#include "pg/session.h"
#include "plan/plan.h"
#include "write/id_map.h"

#include <stdbool.h>
#include <stdint.h>

struct sending;

/* `load_time` stands for creation times that no file has. External ids go to the id map as well,
 * unless it is NULL. All is borrowed; every function here puts its error into the session's. */
bool sending_new(struct plan *plan, int64_t load_time, struct pending_file *id_map,
                 const struct session *session, struct sending **sending);

/* A table's rows, as they come. An incomplete stream is aborted, and the transaction with it. */
bool sending_open_stream(struct sending *sending, struct dataset *dataset);
bool sending_take_row(struct sending *sending, struct source *source, const struct row *row);
bool sending_close_stream(struct sending *sending, bool complete);

/* Sends the plan's rows and placeholders that were not sent yet, parents before children, after
 * all files are checked. Each source knows its rows_loaded afterwards. */
bool sending_send(struct sending *sending);

/* The same for the rows and placeholders of one table. Several threads may each send another table
 * at the same time, each with a sending and a connection of its own. */
bool sending_send_table(struct sending *sending, struct dataset *dataset);

/*
 * Sends all rows of a table while another thread checks them: `dataset` is a copy of the plan's,
 * with sources of its own (plan/dataset_copy). Each source knows its rows_loaded afterwards. What
 * is no row ends it with an error; the thread that checks says what is wrong. What was sent may be
 * committed where nobody sees it before all is checked. For tables without external ids and
 * placeholders.
 */
bool sending_send_unchecked(struct sending *sending, struct dataset *dataset);

/* Frees; NULL is fine. */
void sending_free(struct sending *sending);

#endif

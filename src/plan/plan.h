/*
 * What a run has to do: its files, sorted by table, tables in the order of their foreign keys.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "base/log.h"
#include "derive/derived.h"
#include "plan/dataset.h"
#include "plan/file_list.h"
#include "row/source.h"

#include <stdbool.h>
#include <stddef.h>

struct plan {
    struct file_list files;  /* what the FILE arguments stand for; owns the sources */
    struct source **sources; /* in the order of the files; none unless all could be opened */
    size_t source_count;
    struct dataset datasets[TABLE_COUNT]; /* in load order */
    struct derived derived;
};

/* What is to be loaded, and how. */
struct plan_request {
    struct file_list_request files;
    enum mode mode;
};

/*
 * Opens and recognises the files (plan/file_list), and gives each to the dataset of its table.
 */
bool plan_open(const struct plan_request *request, struct log *log, struct plan *plan,
               struct error *error);

/* Takes a file out of its dataset: the run does not load it, as its rows are in the database
 * already. It stays among the plan's sources. Neither its rows nor the table of the database may
 * have been read yet. */
void plan_leave_out(struct plan *plan, struct source *source);

/* Logs which columns of the files that are to be loaded are ignored (plan/ignored_column). */
bool plan_log_ignored(const struct plan *plan, struct log *log, struct error *error);

/* Has the SHA-256 of each file computed while it is read; and, when it was read, of the part that
 * was not. */
bool plan_start_fingerprints(struct plan *plan, struct error *error);
bool plan_finish_fingerprints(struct plan *plan, struct error *error);

/* Whether the run has files for the table, or for one that references it. */
bool plan_needs(const struct plan *plan, enum table_id id);

/* Where the application's range starts for the first column of a dataset's key: the table's own
 * floor, or that of the table whose ids the column holds; 0: there is none. */
int64_t plan_key_floor(const struct plan *plan, const struct dataset *dataset);

void plan_free(struct plan *plan);

#endif

/*
 * A whole run: from files to a committed transaction, or to nothing.
 */
#ifndef LOAD_RUN_H
#define LOAD_RUN_H

#include "base/error.h"
#include "base/log.h"
#include "load/key.h"
#include "load/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a person asked for. Caller-owned; the texts are borrowed. */
struct run_options {
    const char *dbname; /* libpq's conninfo; NULL: the environment's */
    bool create_schema;
    bool reset;
    bool force;
    enum duplicates duplicates;
    bool infer_chosen;           /* false: what is inferred when nothing else is known */
    enum table_id infer;         /* TABLE_NONE: nothing */
    int64_t floors[TABLE_COUNT]; /* 0: not given */
    const char *const *paths;
    size_t path_count;
};

/* What a run did; for the summary. Caller-owned; freed by run_free. */
struct run {
    struct plan plan;
    char database[256];
    bool schema_created;
    bool schema_reset;
    int64_t load_time; /* when the transaction began: microseconds since 2000-01-01 UTC */
    double seconds;
};

/*
 * Does it all: files, connection, lock, schema, every row, proof, sequences, commit. False with the
 * error set, and then nothing was changed. `run` has to be freed in either case.
 */
bool run_execute(const struct run_options *options, struct log *log, struct run *run,
                 struct error *error);

void run_free(struct run *run);

#endif

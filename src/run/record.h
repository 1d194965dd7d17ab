/*
 * What a run was asked for, and what it did: plain data, shared by the code that does the run and
 * by the code that reports it.
 */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "base/clock.h"
#include "base/error.h"
#include "base/phase.h"
#include "base/warning_list.h"
#include "check/infer.h"
#include "check/key.h"
#include "check/rejects.h"
#include "pg/connection_place.h"
#include "pg/transaction_end.h"
#include "plan/plan.h"
#include "schema/verify.h"
#include "target/rebuild_choice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a person asked for. Caller-owned; the texts are borrowed. */
struct run_options {
    const char *dbname; /* libpq's conninfo; NULL: the environment's */
    bool check;         /* the files alone */
    bool create_schema;
    bool create_api;
    bool reset;
    bool force;
    enum mode mode;
    enum duplicates duplicates;
    struct infer_options infer;
    int64_t floors[TABLE_COUNT]; /* 0: not given */
    enum lookup lookup; /* what the environment asks for, see cli/options; else LOOKUP_BY_SIZE */
    enum rebuild_when rebuild;
    int jobs;            /* connections that build new tables; 1: all is done over one; 0: not
                          * given */
    int wait;            /* seconds for the server to start and another run to end, in all */
    int lock_timeout;    /* seconds; 0: the user's own setting holds */
    bool verify;         /* the invariants of the whole database, before the commit */
    bool verify_full;    /* and the rows of those that a constraint proves */
    bool dry_run;        /* all of it, then ROLLBACK */
    const char *id_map;  /* where to write the id map; NULL: nowhere */
    const char *rejects; /* the directory to set bad rows aside in; NULL: they stop the run */
    struct reject_limit max_rejects;
    bool skip_loaded;         /* leave out the files that were loaded before */
    bool fingerprints;        /* take the files' SHA-256 even where no ledger wants it */
    const char *const *given; /* the options as given, for the report: without passwords */
    size_t given_count;
    const char *const *paths;
    size_t path_count;
};

/* Whether the invariants are all that there is to do. */
bool run_verifies_alone(const struct run_options *options);

/* What a run did; for the summary. Caller-owned, zeroed, but for an observer of the phases where
 * one is wanted; freed by run_free. */
struct run {
    struct plan plan;
    struct rejects *rejects; /* NULL: bad rows are not set aside */
    struct phase_list phases;
    struct warning_list warnings; /* what the log warned of */
    bool checked_only;            /* by run_check */
    bool verified_only;           /* by verification_alone */
    bool dry; /* rolled back in the end, and the next values of sequences not set */
    struct connection_place place;
    char database[256];
    bool schema_created;
    bool api_created;
    bool schema_reset;
    struct verify_results invariants; /* empty unless they were verified */
    char filled_by[24]; /* the transaction that filled new tables with external ids; "": that of the
                         * run, or none */
    int64_t load_time;  /* when the transaction began: microseconds since 2000-01-01 UTC */
    char started[CLOCK_TEXT_SIZE];
    double start; /* as clock_seconds() tells */
    double seconds;
    enum transaction_end transaction; /* TRANSACTION_ROLLED_BACK as long as it goes on */
    int64_t ledger_run;               /* the run's number in the ledger; 0: it has none */
};

/* Notes that the run begins now. The first thing to do with a zeroed run. */
void run_begin(struct run *run);

/* Rows that were set aside. */
uint64_t run_rows_rejected(const struct run *run);

/* How the run ended: the error's kind, or ERROR_REJECTS after a run without an error that had rows
 * to set aside. */
enum error_kind run_outcome(const struct run *run, const struct error *error);

/* Whether the run was `done`. When it was not and there is no error, which is a bug, sets an
 * ERROR_INTERNAL that names the phase in which that happened. */
bool run_require_error(const struct run *run, bool done, struct error *error);

void run_free(struct run *run);

#endif

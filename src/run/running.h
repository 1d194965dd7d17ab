/*
 * One run on its way, for the files of run/ that conduct it.
 */
#ifndef RUN_RUNNING_H
#define RUN_RUNNING_H

#include "base/pending_file.h"
#include "base/wait_budget.h"
#include "pg/session.h"
#include "run/ledger.h"
#include "run/record.h"
#include "run/report_file.h"
#include "run/verification.h"
#include "schema/trigger.h"
#include "target/rebuild_choice.h"
#include "write/removal.h"
#include "write/send.h"

#include <stdbool.h>

struct new_tables;

struct running {
    const struct run_options *options;
    struct run *run;
    struct report_file *report; /* NULL: none is wanted */
    struct plan *plan;
    struct session session;
    struct new_tables *new_tables; /* NULL: all is done over the session's connection */
    bool may_have_left_building;   /* new tables were committed and given up, or it is not known */
    bool has_leftovers;            /* of a killed run, which could not be dropped */
    bool learned;                  /* what the rows are checked against */
    struct wait_budget budget;
    bool unreachable; /* no connection could be made, or to a server that is refused */
    enum ledger_state ledger;
    struct rebuild_choice choice;
    struct sending *sending;
    struct disabled_triggers *disabled;
    struct removal removal;
    struct verification verification;
    struct pending_file *id_map; /* NULL: none is wanted */
};

#endif

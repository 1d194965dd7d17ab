/*
 * Progress on standard error, while a run goes on: on a terminal one line that is drawn anew up to
 * ten times a second; elsewhere, where it is asked for, a line of the log now and then. What goes
 * on beside (base/phase) has a line each; the time that is left stands in the last of them, since
 * it is that of the whole run. Where the terminal has too few lines, the last phases have none.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "base/log.h"
#include "base/phase.h"
#include "cli/time_left.h"

#include <stdbool.h>

enum progress_when {
    PROGRESS_AUTO,   /* when the log is text on a terminal */
    PROGRESS_ALWAYS, /* unless the log is quiet */
    PROGRESS_NEVER
};

/* Caller-owned; zeroed and handed to progress_watch. */
struct progress {
    struct log *log;
    bool visible;    /* phases stand in the terminal's last lines; the cursor is in their first */
    bool told;       /* the log has a line of the present phase */
    double drawn_at; /* as clock_seconds() tells; first when the watch began */
    double told_at;
    double beside_told_at; /* when the log was told of those beside that had run for long enough */
    struct time_left measured;
};

/*
 * Watches the phases, and has the log clear the terminal's line before it prints; nothing when no
 * progress is wanted. Drawing needs a terminal that can ($TERM is set and not "dumb") and a log
 * that is text. `progress` and the log must outlive the phases' last event. No colours are used.
 */
void progress_watch(struct progress *progress, enum progress_when when, struct log *log,
                    struct phase_list *phases);

#endif

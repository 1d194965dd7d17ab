/*
 * The phases of a run: what it does, one thing after the other, how long each took, and how far the
 * present one is. The phases are kept for the report, logged, and shown to an observer while they
 * go on.
 *
 * A list belongs to one thread. What other threads do meanwhile has lists of its own, and the run's
 * list sees copies of them (base/phase_slot).
 *
 * Every function but phase_last takes NULL for the list, and does nothing then.
 */
#ifndef BASE_PHASE_H
#define BASE_PHASE_H

#include "base/list.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

struct phase {
    const char *what; /* static: "check", "copy", "create", "analyze", "commit", ... */
    char *subject;    /* of it: a file, a table, "index orders.orders_pkey" */
    double seconds;   /* that it took, or has taken so far */
};

/* What a phase reads a file for. */
enum phase_reading {
    PHASE_READS,  /* for something that could not be foreseen */
    PHASE_CHECKS, /* to check its rows */
    PHASE_SENDS   /* to send them, checked before or on the way */
};

/* What the whole run has to do, as far as that is known before: for an estimate of the time that is
 * left (cli/time_left). In bytes of text, see phase_foresee_reading. */
struct phase_outlook {
    bool known;         /* it has nothing else to do that takes long */
    double check_bytes; /* to be read and checked */
    double send_bytes;  /* to be read and sent */
    bool rebuilds;      /* then indexes and constraints are made */

    /* Steps that go on beside each other, in any unit of cost: what all of them cost, and how much
     * of that is done. From the moment when steps_cost is above 0 only they count. */
    double steps_cost, steps_done;
    double steps_began; /* as clock_seconds() tells */
};

enum phase_event {
    PHASE_BEGAN,
    PHASE_GOES_ON,
    PHASE_ENDED,
    PHASE_ENDED_BESIDE /* the list that the observer gets is that of phase_add */
};

struct phase_list;

/* Who is told of the phases: a callback, because base/ does not know cli/progress. It is called
 * often while a phase goes on, and has to look at the clock itself before it does anything that
 * takes time. While others go on beside, there may be no present phase in PHASE_GOES_ON. */
struct phase_observer {
    void (*notice)(void *context, enum phase_event event, const struct phase_list *phases);
    void *context;
};

/* Caller-owned; zeroed but for log and observer is empty, phase_list_free empties it again. */
struct phase_list {
    struct list list; /* of struct phase; the last one is the present one, while `running` */
    bool running;
    double began; /* the present phase, as clock_seconds() tells */

    /* The present phase, as far as it reads a file; total_bytes is 0 when it does not. */
    uint64_t bytes, total_bytes, rows;
    enum phase_reading reading;
    double text_bytes;

    /* What goes on beside the present phase, on other connections: snapshots, owned by whoever sets
     * them; each has at most one running phase. */
    const struct phase_list *const *beside;
    size_t beside_count;

    struct phase_outlook outlook;
    struct log *log;                /* borrowed; NULL: none */
    struct phase_observer observer; /* notice NULL: nobody looks */
};

/*
 * Ends the present phase and begins the next one, which is told at LOG_VERBOSE as "WHAT SUBJECT".
 * A phase for which there is no memory is neither kept nor seen.
 */
void phase_begin(struct phase_list *phases, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Says that the present phase reads a file of so many bytes. */
void phase_expect_bytes(struct phase_list *phases, uint64_t total_bytes);

/* Says what it reads the file for, and how many bytes of text that has, roughly where it is
 * compressed: they stand for the time that reading takes. */
void phase_foresee_reading(struct phase_list *phases, enum phase_reading reading,
                           double text_bytes);

/* Says what the whole run has to do, or that it is no longer known. */
void phase_foresee(struct phase_list *phases, const struct phase_outlook *outlook);

/* How many of them are read, and how many rows they held. Cheap enough for once a block, not for
 * once a row. */
void phase_advance(struct phase_list *phases, uint64_t bytes, uint64_t rows);

/* Says that time goes by, to be called every tenth of a second or more often. Nothing when there is
 * no present phase and none can go on beside. */
void phase_tick(struct phase_list *phases);

/* Whether there is an observer, so that whoever waits should wake up for phase_tick. */
bool phase_is_observed(const struct phase_list *phases);

/* Ends the present phase, if there is one. */
void phase_end(struct phase_list *phases);

/*
 * Keeps a phase that went on beside and has ended: the present one of `ended`, with its seconds. It
 * comes behind the others that have ended, and the log has it already. The observer gets `ended`,
 * not the list. A phase for which there is no memory is neither kept nor seen.
 */
void phase_add(struct phase_list *phases, const struct phase_list *ended);

/* The present phase, NULL when there is none. */
const struct phase *phase_present(const struct phase_list *phases);

/* The present phase, or the last one that ended; NULL before the first. */
const struct phase *phase_last(const struct phase_list *phases);

void phase_list_free(struct phase_list *phases);

#endif

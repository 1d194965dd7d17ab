/*
 * An estimate of the time that a whole run still takes.
 *
 * A run checks its files, sends their rows, then makes indexes and constraints. How many bytes are
 * to be checked and sent is known before (base/phase, phase_outlook). A byte takes as long as those
 * did that were read for the same purpose:
 *
 *     left = bytes to check * seconds a byte + bytes to send * seconds a byte + rest of the rebuild
 *
 * While few bytes were sent, it is assumed that sending one takes SEND_TO_CHECK times as long as
 * checking one. The rebuild is assumed to take REBUILD_TO_SEND times as long as all the sending.
 * Both were measured with 30 % of Instacart's size and a status history (bench/generate), on two
 * processors with the server beside; other data and servers have others, so the estimate may well
 * be wrong by a third before the rebuild begins.
 *
 * Where steps go on beside each other, each has a cost (phase_outlook), and the rest of it takes as
 * long as what is done has taken since the first of them began:
 *
 *     left = seconds since they began * (cost - done) / done
 *
 * What is done before and after the steps is not in it.
 *
 * Nothing is said while it cannot be known: where the outlook is not; in the first two seconds of
 * reading or of the steps, and until a fiftieth of it is done; when the rebuild takes longer than
 * was assumed.
 */
#ifndef CLI_TIME_LEFT_H
#define CLI_TIME_LEFT_H

#include "base/phase.h"

/* What was measured. Zeroed before the first phase; time_left_note fills it. */
struct time_left {
    struct time_left_reading {
        double bytes, seconds;
    } checked, sent;
    double rebuild_seconds;
};

/* Notes how long the present phase took, when it ends. */
void time_left_note(struct time_left *measured, const struct phase_list *phases);

/* Seconds from now, in the present phase or beside it, to the end of the run; below 0: it cannot be
 * known. */
double time_left_estimate(const struct time_left *measured, const struct phase_list *phases);

#endif

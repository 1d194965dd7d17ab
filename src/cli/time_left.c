#include "cli/time_left.h"

#include "base/clock.h"

static const double SEND_TO_CHECK = 2.7;
static const double REBUILD_TO_SEND = 1.6;

/* What is assumed of sending counts as much as this part of all bytes that are sent. */
static const double assumed_part = 0.05;

/* Before so much was read nothing is said. */
static const double foreseeing_seconds = 2;
static const double foreseeing_part = 0.02;

static const double unknown = -1;

/* Bytes of text that the present phase has read. */
static double bytes_read(const struct phase_list *phases)
{
    if (phases->total_bytes == 0 || phases->bytes >= phases->total_bytes)
        return phases->text_bytes;
    return phases->text_bytes * (double)phases->bytes / (double)phases->total_bytes;
}

static bool is_all_read(const struct time_left *measured, const struct phase_outlook *outlook)
{
    return measured->checked.bytes >= outlook->check_bytes &&
           measured->sent.bytes >= outlook->send_bytes;
}

void time_left_note(struct time_left *measured, const struct phase_list *phases)
{
    double seconds = phase_present(phases)->seconds;
    struct time_left_reading *reading =
        phases->reading == PHASE_CHECKS ? &measured->checked : &measured->sent;

    if (phases->reading != PHASE_READS) {
        reading->bytes += bytes_read(phases);
        reading->seconds += seconds;
    } else if (phases->outlook.rebuilds && is_all_read(measured, &phases->outlook)) {
        measured->rebuild_seconds += seconds;
    }
}

static double left_of(double all, double done)
{
    return all > done ? all - done : 0;
}

/* Seconds a byte that is checked; 0 when none was. */
static double check_pace(const struct time_left *measured)
{
    if (measured->checked.bytes > 0)
        return measured->checked.seconds / measured->checked.bytes;
    return measured->sent.bytes > 0 ? measured->sent.seconds / measured->sent.bytes / SEND_TO_CHECK
                                    : 0;
}

/* What was measured weighs more the more it is. */
static double send_pace(const struct time_left *measured, double send_bytes)
{
    double assumed = send_bytes * assumed_part;
    double bytes = measured->sent.bytes + assumed;
    double seconds = measured->sent.seconds + assumed * check_pace(measured) * SEND_TO_CHECK;

    return bytes > 0 ? seconds / bytes : 0;
}

static bool is_foreseeable(const struct time_left *measured, const struct phase_outlook *outlook)
{
    double all = outlook->check_bytes + outlook->send_bytes * SEND_TO_CHECK;
    double done = measured->checked.bytes + measured->sent.bytes * SEND_TO_CHECK;

    return outlook->known &&
           measured->checked.seconds + measured->sent.seconds >= foreseeing_seconds &&
           done >= all * foreseeing_part;
}

static double steps_left(const struct phase_outlook *outlook)
{
    double seconds = clock_seconds() - outlook->steps_began;

    if (!outlook->known || seconds < foreseeing_seconds ||
        outlook->steps_done < outlook->steps_cost * foreseeing_part)
        return unknown;
    return seconds * left_of(outlook->steps_cost, outlook->steps_done) / outlook->steps_done;
}

double time_left_estimate(const struct time_left *measured, const struct phase_list *phases)
{
    const struct phase_outlook *outlook = &phases->outlook;
    struct time_left all = *measured;
    double sending, checking, rebuild;

    if (outlook->steps_cost > 0)
        return steps_left(outlook);
    if (phase_present(phases) == NULL)
        return unknown;
    time_left_note(&all, phases);
    if (!is_foreseeable(&all, outlook))
        return unknown;
    checking = left_of(outlook->check_bytes, all.checked.bytes) * check_pace(&all);
    sending = left_of(outlook->send_bytes, all.sent.bytes) * send_pace(&all, outlook->send_bytes);
    if (!outlook->rebuilds)
        return checking + sending;
    rebuild = (all.sent.seconds + sending) * REBUILD_TO_SEND - all.rebuild_seconds;
    return rebuild < 0 ? unknown : checking + sending + rebuild;
}

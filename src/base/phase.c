#include "base/phase.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void notify_of(const struct phase_list *phases, enum phase_event event,
                      const struct phase_list *seen)
{
    if (phases->observer.notice != NULL)
        phases->observer.notice(phases->observer.context, event, seen);
}

static void notify(const struct phase_list *phases, enum phase_event event)
{
    notify_of(phases, event, phases);
}

static struct phase *last_phase(const struct phase_list *phases)
{
    return (struct phase *)phases->list.items + phases->list.count - 1;
}

static void take_time(struct phase_list *phases)
{
    last_phase(phases)->seconds = clock_seconds() - phases->began;
}

void phase_begin(struct phase_list *phases, const char *what, const char *format, ...)
{
    va_list arguments;
    struct phase *phase;
    char *subject;
    int length;

    if (phases == NULL)
        return;
    phase_end(phases);
    va_start(arguments, format);
    length = vasprintf(&subject, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    if (phases->log != NULL)
        log_verbose(phases->log, "%s %s", what, subject);
    phase = list_add(&phases->list, sizeof *phase, 1);
    if (phase == NULL) {
        free(subject);
        return;
    }
    *phase = (struct phase){.what = what, .subject = subject};
    phases->bytes = phases->total_bytes = phases->rows = 0;
    phases->reading = PHASE_READS;
    phases->text_bytes = 0;
    phases->began = clock_seconds();
    phases->running = true;
    notify(phases, PHASE_BEGAN);
}

void phase_expect_bytes(struct phase_list *phases, uint64_t total_bytes)
{
    if (phases != NULL)
        phases->total_bytes = total_bytes;
}

void phase_foresee_reading(struct phase_list *phases, enum phase_reading reading, double text_bytes)
{
    if (phases == NULL)
        return;
    phases->reading = reading;
    phases->text_bytes = text_bytes;
}

void phase_foresee(struct phase_list *phases, const struct phase_outlook *outlook)
{
    if (phases != NULL)
        phases->outlook = *outlook;
}

void phase_advance(struct phase_list *phases, uint64_t bytes, uint64_t rows)
{
    if (phases == NULL)
        return;
    phases->bytes = bytes;
    phases->rows = rows;
    phase_tick(phases);
}

void phase_tick(struct phase_list *phases)
{
    if (!phase_is_observed(phases) || (!phases->running && phases->beside_count == 0))
        return;
    if (phases->running)
        take_time(phases);
    notify(phases, PHASE_GOES_ON);
}

bool phase_is_observed(const struct phase_list *phases)
{
    return phases != NULL && phases->observer.notice != NULL;
}

void phase_end(struct phase_list *phases)
{
    if (phases == NULL || !phases->running)
        return;
    take_time(phases);
    notify(phases, PHASE_ENDED);
    phases->running = false;
}

void phase_add(struct phase_list *phases, const struct phase_list *ended)
{
    const struct phase *phase = phase_present(ended);
    struct phase *last;
    char *subject;

    if (phases == NULL || phase == NULL)
        return;
    subject = strdup(phase->subject);
    last = subject != NULL ? list_add(&phases->list, sizeof *last, 1) : NULL;
    if (last == NULL) {
        free(subject);
        return;
    }
    /* The present phase stays the last one. */
    if (phases->running) {
        last[0] = last[-1];
        last--;
    }
    *last = (struct phase){.what = phase->what, .subject = subject, .seconds = phase->seconds};
    notify_of(phases, PHASE_ENDED_BESIDE, ended);
}

const struct phase *phase_present(const struct phase_list *phases)
{
    return phases != NULL && phases->running ? last_phase(phases) : NULL;
}

const struct phase *phase_last(const struct phase_list *phases)
{
    return phases->list.count > 0 ? last_phase(phases) : NULL;
}

void phase_list_free(struct phase_list *phases)
{
    for (size_t i = 0; i < phases->list.count; i++)
        free(((struct phase *)phases->list.items)[i].subject);
    list_free(&phases->list);
    *phases = (struct phase_list){.log = phases->log, .observer = phases->observer};
}

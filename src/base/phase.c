#include "base/phase.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdlib.h>

static void notify(struct phase_list *phases, enum phase_event event)
{
    if (phases->observer.notice != NULL)
        phases->observer.notice(phases->observer.context, event, phases);
}

static void take_time(struct phase_list *phases)
{
    phases->phases[phases->count - 1].seconds = clock_seconds() - phases->began;
}

/* Room for one more; NULL when memory ran out. */
static struct phase *add_phase(struct phase_list *phases)
{
    if (phases->count == phases->capacity) {
        size_t capacity = phases->capacity > 0 ? 2 * phases->capacity : 32;
        struct phase *grown = realloc(phases->phases, capacity * sizeof *grown);

        if (grown == NULL)
            return NULL;
        phases->phases = grown;
        phases->capacity = capacity;
    }
    return &phases->phases[phases->count];
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
    phase = add_phase(phases);
    if (phase == NULL) {
        free(subject);
        return;
    }
    *phase = (struct phase){.what = what, .subject = subject};
    phases->count++;
    phases->bytes = phases->total_bytes = phases->rows = 0;
    phases->began = clock_seconds();
    phases->running = true;
    notify(phases, PHASE_BEGAN);
}

void phase_expect_bytes(struct phase_list *phases, uint64_t total_bytes)
{
    if (phases != NULL)
        phases->total_bytes = total_bytes;
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
    if (!phase_is_observed(phases) || !phases->running)
        return;
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

const struct phase *phase_present(const struct phase_list *phases)
{
    return phases != NULL && phases->running ? &phases->phases[phases->count - 1] : NULL;
}

void phase_list_free(struct phase_list *phases)
{
    for (size_t i = 0; i < phases->count; i++)
        free(phases->phases[i].subject);
    free(phases->phases);
    *phases = (struct phase_list){.log = phases->log, .observer = phases->observer};
}

#include "cli/progress.h"

#include "base/clock.h"
#include "base/display.h"
#include "cli/progress_line.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double drawing_interval = 0.1;
static const double telling_interval = 5;

/* A phase that took longer stays on the terminal. */
static const double memorable_seconds = 1;

/* A terminal that does not know its size has the usual one. */
enum { COLUMNS_USUAL = 80, ROWS_USUAL = 24 };

/* To the end of the screen, because there may be several lines, and a terminal that got narrower
 * has wrapped them. */
static const char clear_below[] = "\r\033[J";
static const char line_up[] = "\033[A";

static const double unknown = -1; /* how much time is left */

static struct winsize terminal_size(FILE *stream)
{
    struct winsize size = {0};

    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0)
        size = (struct winsize){0};
    if (size.ws_col == 0)
        size.ws_col = COLUMNS_USUAL;
    if (size.ws_row == 0)
        size.ws_row = ROWS_USUAL;
    return size;
}

/* A job in the background would draw into what its user is doing. */
static bool is_in_foreground(FILE *stream)
{
    pid_t group = tcgetpgrp(fileno(stream));

    return group < 0 || group == getpgrp();
}

static void clear(void *context)
{
    struct progress *progress = context;

    if (!progress->visible)
        return;
    (void)fputs(clear_below, progress->log->stream);
    (void)fflush(progress->log->stream);
    progress->visible = false;
}

/* The present phase has place 0, those beside it follow. NULL: none is running there. */
static const struct phase_list *running_at(const struct phase_list *phases, size_t place)
{
    const struct phase_list *running = place == 0 ? phases : phases->beside[place - 1];

    return phase_present(running) != NULL ? running : NULL;
}

static size_t count_running(const struct phase_list *phases)
{
    size_t count = 0;

    for (size_t place = 0; place <= phases->beside_count; place++)
        if (running_at(phases, place) != NULL)
            count++;
    return count;
}

/* So many lines as phases run, but one line of the terminal stays free. */
static size_t count_lines(const struct phase_list *phases, const struct winsize *size)
{
    size_t count = count_running(phases);
    size_t room = size->ws_row > 1 ? size->ws_row - 1U : 1;

    return count < room ? count : room;
}

/* The last line has the time that is left. */
static void draw_lines(struct progress *progress, const struct phase_list *phases, size_t count,
                       int columns)
{
    const double left = time_left_estimate(&progress->measured, phases);
    FILE *stream = progress->log->stream;
    char line[PROGRESS_LINE_SIZE];
    size_t drawn = 0;

    for (size_t place = 0; drawn < count; place++) {
        const struct phase_list *running = running_at(phases, place);

        if (running == NULL)
            continue;
        if (drawn++ > 0)
            display_end(stream);
        display_print(
            stream, "%s",
            progress_line(running, left < 0 || drawn == count ? left : INFINITY, columns, line));
    }
}

/* The cursor goes back to the begin of the first line: when a line is wrapped, or "^C" is echoed,
 * what is drawn next still begins there. The last column stays free: some terminals wrap at once.
 */
static void draw(struct progress *progress, const struct phase_list *phases)
{
    FILE *stream = progress->log->stream;
    const struct winsize size = terminal_size(stream);
    const size_t count = count_lines(phases, &size);

    progress->drawn_at = clock_seconds();
    if (count == 0)
        clear(progress);
    if (count == 0 || !is_in_foreground(stream))
        return;
    (void)fputs(clear_below, stream);
    draw_lines(progress, phases, count, size.ws_col - 1);
    (void)fputs("\r", stream);
    for (size_t line = 1; line < count; line++)
        (void)fputs(line_up, stream);
    (void)fflush(stream);
    progress->visible = true;
}

/* Verbose lines tell about every phase anyway. */
static void draw_end(struct progress *progress, const struct phase_list *phases)
{
    FILE *stream = progress->log->stream;
    char line[PROGRESS_LINE_SIZE];

    clear(progress);
    if (phase_present(phases)->seconds < memorable_seconds || progress->log->level == LOG_VERBOSE ||
        !is_in_foreground(stream))
        return;
    display_line(stream, "%s", progress_line_done(phases, terminal_size(stream).ws_col - 1, line));
    (void)fflush(stream);
}

static void notice_to_draw(void *context, enum phase_event event, const struct phase_list *phases)
{
    struct progress *progress = context;
    bool ends = event == PHASE_ENDED || event == PHASE_ENDED_BESIDE;

    /* Another thread that logs would clear the lines while they are drawn. */
    log_lock(progress->log);
    if (ends)
        draw_end(progress, phases);
    else if (event == PHASE_GOES_ON && clock_seconds() - progress->drawn_at >= drawing_interval)
        draw(progress, phases);
    log_unlock(progress->log);
    if (event == PHASE_ENDED)
        time_left_note(&progress->measured, phases);
}

static void tell(struct progress *progress, const struct phase_list *phases, const char *words)
{
    const struct phase *phase = phase_present(phases);

    log_note(progress->log, "%s %s: %s", phase->what, phase->subject, words);
}

/* Whether a phase is told of at a moment when lines are printed: it has run for long enough. */
static bool is_told_at(const struct phase_list *phases, double moment)
{
    return moment - phases->began >= telling_interval;
}

/* The next place from `place` on whose phase is told of; one beyond the last: there is none. */
static size_t find_told(const struct phase_list *phases, size_t place, double now)
{
    while (place <= phases->beside_count &&
           (running_at(phases, place) == NULL || !is_told_at(running_at(phases, place), now)))
        place++;
    return place;
}

/* All at once; the last line has the time that is left. */
static void tell_running(struct progress *progress, const struct phase_list *phases, double now)
{
    const double left = time_left_estimate(&progress->measured, phases);
    size_t place = find_told(phases, 0, now), next;
    char words[PROGRESS_LINE_SIZE];

    for (; place <= phases->beside_count; place = next) {
        const struct phase_list *running = running_at(phases, place);

        next = find_told(phases, place + 1, now);
        tell(progress, running,
             progress_words(running, next > phases->beside_count ? left : unknown, words));
        progress->told_at = now;
        if (place == 0)
            progress->told = true;
        else
            progress->beside_told_at = now;
    }
}

static void notice_to_tell(void *context, enum phase_event event, const struct phase_list *phases)
{
    struct progress *progress = context;
    char words[PROGRESS_LINE_SIZE];
    double now = clock_seconds();

    switch (event) {
    case PHASE_BEGAN:
        progress->told = false;
        progress->told_at = now;
        break;
    case PHASE_GOES_ON:
        if (now - progress->told_at >= telling_interval)
            tell_running(progress, phases, now);
        break;
    case PHASE_ENDED:
        if (progress->told)
            tell(progress, phases, progress_words_done(phases, words));
        time_left_note(&progress->measured, phases);
        break;
    case PHASE_ENDED_BESIDE:
        if (is_told_at(phases, progress->beside_told_at))
            tell(progress, phases, progress_words_done(phases, words));
        break;
    }
}

static bool can_draw(const struct log *log)
{
    const char *terminal = getenv("TERM");

    return log->format == LOG_TEXT && isatty(fileno(log->stream)) && terminal != NULL &&
           terminal[0] != '\0' && strcmp(terminal, "dumb") != 0;
}

static bool is_wanted(enum progress_when when, const struct log *log)
{
    if (when == PROGRESS_NEVER || log->level == LOG_QUIET)
        return false;
    return when == PROGRESS_ALWAYS || (log->format == LOG_TEXT && isatty(fileno(log->stream)));
}

void progress_watch(struct progress *progress, enum progress_when when, struct log *log,
                    struct phase_list *phases)
{
    *progress = (struct progress){.log = log, .drawn_at = clock_seconds()};
    if (!is_wanted(when, log))
        return;
    phases->observer = (struct phase_observer){.notice = notice_to_tell, .context = progress};
    if (!can_draw(log))
        return;
    phases->observer.notice = notice_to_draw;
    log->make_room = clear;
    log->context = progress;
}

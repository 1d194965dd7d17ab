#include "cli/progress.h"

#include "base/clock.h"
#include "base/display.h"
#include "cli/progress_line.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double drawing_interval = 0.1;
static const double telling_interval = 5;

/* A phase that took longer stays on the terminal. */
static const double memorable_seconds = 1;

/* A terminal that does not know its size has the usual one. */
enum { COLUMNS_USUAL = 80 };

/* To the end of the screen, because a terminal that got narrower has wrapped the line. */
static const char clear_below[] = "\r\033[J";

static int terminal_columns(FILE *stream)
{
    struct winsize size = {0};

    return ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                            : COLUMNS_USUAL;
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

/* The cursor goes back to the line's begin: when the line is wrapped, or "^C" is echoed, what is
 * drawn next still begins there. The last column stays free: some terminals wrap at once. */
static void draw(struct progress *progress, const struct phase_list *phases)
{
    FILE *stream = progress->log->stream;
    char line[PROGRESS_LINE_SIZE];

    progress->drawn_at = clock_seconds();
    if (!is_in_foreground(stream))
        return;
    (void)fputs(clear_below, stream);
    display_print(stream, "%s",
                  progress_line(phases, time_left_estimate(&progress->measured, phases),
                                terminal_columns(stream) - 1, line));
    (void)fputs("\r", stream);
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
    display_line(stream, "%s", progress_line_done(phases, terminal_columns(stream) - 1, line));
    (void)fflush(stream);
}

static void notice_to_draw(void *context, enum phase_event event, const struct phase_list *phases)
{
    struct progress *progress = context;

    if (event == PHASE_ENDED) {
        draw_end(progress, phases);
        time_left_note(&progress->measured, phases);
    } else if (event == PHASE_GOES_ON && clock_seconds() - progress->drawn_at >= drawing_interval) {
        draw(progress, phases);
    }
}

static void tell(struct progress *progress, const struct phase_list *phases, const char *words)
{
    const struct phase *phase = phase_present(phases);

    log_note(progress->log, "%s %s: %s", phase->what, phase->subject, words);
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
        if (now - progress->told_at < telling_interval)
            break;
        tell(progress, phases,
             progress_words(phases, time_left_estimate(&progress->measured, phases), words));
        progress->told = true;
        progress->told_at = now;
        break;
    case PHASE_ENDED:
        if (progress->told)
            tell(progress, phases, progress_words_done(phases, words));
        time_left_note(&progress->measured, phases);
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

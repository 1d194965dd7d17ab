#include "cli/progress_line.h"

#include "cli/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PART_SIZE = 48, PARTS_MAX = 4, PLACES = 4 };

/* On a wider terminal a name and its numbers would be too far apart. */
enum { LINE_COLUMNS = 100 };

/* The name keeps so many columns; other parts are left out first. */
enum { NAME_COLUMNS = 16 };

/* A subject that would be cut to less is left out. */
enum { SUBJECT_COLUMNS = 6 };

/* What stands behind the name, in the order of importance. */
struct parts {
    int count;
    int places[PARTS_MAX]; /* from left to right */
    char texts[PARTS_MAX][PART_SIZE];
};

static void add_part(struct parts *parts, int place, int columns, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Aligned at the right of so many columns. */
static void add_part(struct parts *parts, int place, int columns, const char *format, ...)
{
    char text[PART_SIZE];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)snprintf(parts->texts[parts->count], PART_SIZE, "%*s", columns, text);
    parts->places[parts->count++] = place;
}

/* "0:07", "12:07" or "1:12:07". */
static const char *clock_format(double seconds, char text[NUMBER_SIZE])
{
    long whole = (long)seconds;

    if (whole < 3600)
        (void)snprintf(text, NUMBER_SIZE, "%ld:%02ld", whole / 60, whole % 60);
    else
        (void)snprintf(text, NUMBER_SIZE, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60,
                       whole % 60);
    return text;
}

static bool reads_file(const struct phase_list *phases)
{
    return phases->total_bytes > 0;
}

/* A file may be read to its end while the server is still busy with its rows. */
static bool is_read(const struct phase_list *phases)
{
    return phases->bytes >= phases->total_bytes;
}

static int percent(const struct phase_list *phases)
{
    return is_read(phases) ? 100 : (int)((double)phases->bytes * 100 / (double)phases->total_bytes);
}

/* "0:12 left"; "" when it is not known, or stands elsewhere. */
static const char *left_format(double left, char text[NUMBER_SIZE])
{
    char time[NUMBER_SIZE];

    text[0] = '\0';
    if (left >= 0 && left < INFINITY)
        (void)snprintf(text, NUMBER_SIZE, "%.20s left", clock_format(left + 0.5, time));
    return text;
}

/* "812,345/s"; "" when there was no time or no row. */
static const char *rate(const struct phase_list *phases, char text[NUMBER_SIZE])
{
    char number[NUMBER_SIZE];

    text[0] = '\0';
    if (phases->rows > 0 &&
        number_format_rate(phases->rows, phase_present(phases)->seconds, number)[0] != '\0')
        (void)snprintf(text, NUMBER_SIZE, "%.26s/s", number);
    return text;
}

static const char *name_fit(const struct phase *phase, int columns, char name[TEXT_FIT_SIZE])
{
    int before = (int)strlen(phase->what) + 1;
    char subject[TEXT_FIT_SIZE];

    if (columns < before + SUBJECT_COLUMNS)
        return text_fit(phase->what, columns, name);
    (void)snprintf(name, TEXT_FIT_SIZE, "%s %s", phase->what,
                   text_fit(phase->subject, columns - before, subject));
    return name;
}

/* How many of the parts can stand beside the name. *room becomes what is left for the name. */
static int parts_that_fit(const struct parts *parts, int *room)
{
    int name = *room / 2 < NAME_COLUMNS ? *room / 2 : NAME_COLUMNS;
    int count = 0;

    while (count < parts->count && *room - 2 - (int)strlen(parts->texts[count]) >= name)
        *room -= 2 + (int)strlen(parts->texts[count++]);
    return count;
}

static const char *lay_out(const struct phase *phase, const struct parts *parts, int columns,
                           char text[PROGRESS_LINE_SIZE])
{
    int room = columns < LINE_COLUMNS ? columns : LINE_COLUMNS;
    int count = parts_that_fit(parts, &room);
    char name[TEXT_FIT_SIZE];
    size_t used;

    (void)name_fit(phase, room, name);
    (void)snprintf(text, PROGRESS_LINE_SIZE, "%s%*s", name,
                   count > 0 ? room - text_columns(name) : 0, "");
    for (int place = 0; place < PLACES; place++)
        for (int part = 0; part < count; part++)
            if (parts->places[part] == place) {
                used = strlen(text);
                (void)snprintf(text + used, PROGRESS_LINE_SIZE - used, "  %s", parts->texts[part]);
            }
    return text;
}

const char *progress_line(const struct phase_list *phases, double left, int columns,
                          char text[PROGRESS_LINE_SIZE])
{
    const struct phase *phase = phase_present(phases);
    struct parts parts = {0};
    char number[NUMBER_SIZE], time_left[NUMBER_SIZE];

    (void)left_format(left, time_left);
    if (!reads_file(phases)) {
        add_part(&parts, 0, 4, "%s", clock_format(phase->seconds, number));
        if (left >= 0)
            add_part(&parts, 3, 10, "%s", time_left);
        return lay_out(phase, &parts, columns, text);
    }
    add_part(&parts, 0, 4, "%d%%", percent(phases));
    if (is_read(phases) && time_left[0] == '\0')
        add_part(&parts, 3, 10, "%s", clock_format(phase->seconds, number));
    else
        add_part(&parts, 3, 10, "%s", time_left);
    add_part(&parts, 1, 15, "%s rows", number_format((int64_t)phases->rows, number));
    add_part(&parts, 2, 11, "%s", rate(phases, number));
    return lay_out(phase, &parts, columns, text);
}

const char *progress_line_done(const struct phase_list *phases, int columns,
                               char text[PROGRESS_LINE_SIZE])
{
    const struct phase *phase = phase_present(phases);
    struct parts parts = {0};
    char number[NUMBER_SIZE];

    add_part(&parts, 2, 10, "%s", number_format_seconds(phase->seconds, number));
    if (reads_file(phases)) {
        add_part(&parts, 0, 15, "%s rows", number_format((int64_t)phases->rows, number));
        add_part(&parts, 1, 11, "%s", rate(phases, number));
    }
    return lay_out(phase, &parts, columns, text);
}

const char *progress_words(const struct phase_list *phases, double left,
                           char text[PROGRESS_LINE_SIZE])
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE], time_left[NUMBER_SIZE];
    const char *separator = left >= 0 ? ", " : "";

    (void)left_format(left, time_left);
    if (!reads_file(phases) || is_read(phases))
        (void)snprintf(text, PROGRESS_LINE_SIZE, "%s so far%s%s",
                       clock_format(phase_present(phases)->seconds, time), separator, time_left);
    else
        (void)snprintf(text, PROGRESS_LINE_SIZE, "%d%%, %s rows%s%s", percent(phases),
                       number_format((int64_t)phases->rows, rows), separator, time_left);
    return text;
}

const char *progress_words_done(const struct phase_list *phases, char text[PROGRESS_LINE_SIZE])
{
    char rows[NUMBER_SIZE], time[NUMBER_SIZE];

    (void)number_format_seconds(phase_present(phases)->seconds, time);
    if (reads_file(phases))
        (void)snprintf(text, PROGRESS_LINE_SIZE, "%s rows in %s",
                       number_format((int64_t)phases->rows, rows), time);
    else
        (void)snprintf(text, PROGRESS_LINE_SIZE, "done after %s", time);
    return text;
}

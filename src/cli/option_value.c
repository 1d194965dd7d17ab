#include "cli/option_value.h"

#include "build/build.h"
#include "cli/option_table.h"
#include "cli/word_list.h"
#include "table/table.h"
#include "target/floor.h"
#include "value/decimal.h"
#include "value/integer.h"

#include <inttypes.h>
#include <string.h>

/* The server counts its time limits in milliseconds, in 32 bits. */
enum { SECONDS_MAX = INT32_MAX / 1000 };

/* Each list in the order of what it stands for. */
static const char *const modes[] = {[MODE_INSERT] = "insert",
                                    [MODE_SKIP] = "skip",
                                    [MODE_UPSERT] = "upsert",
                                    [MODE_REPLACE] = "replace",
                                    NULL};
static const char *const duplicates[] = {
    [DUPLICATES_ERROR] = "error", [DUPLICATES_FIRST] = "first", [DUPLICATES_LAST] = "last", NULL};
static const char *const rebuild_times[] = {
    [REBUILD_AUTO] = "auto", [REBUILD_ALWAYS] = "always", [REBUILD_NEVER] = "never", NULL};
static const char *const progress_times[] = {
    [PROGRESS_AUTO] = "auto", [PROGRESS_ALWAYS] = "always", [PROGRESS_NEVER] = "never", NULL};
static const char *const color_times[] = {
    [COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never", NULL};
static const char *const log_formats[] = {
    [LOG_TEXT] = "text", [LOG_JSON] = "json", [LOG_GITHUB] = "github", NULL};
static const char *const inferred[] = {"products", "users", "none", NULL};
static const char *const extents[] = {"full", NULL};
static const char *const floor_tables[] = {"users", "orders", NULL};

const char *const *option_value_words(int key)
{
    switch (key) {
    case OPTION_MODE:
        return modes;
    case OPTION_DUPLICATES:
        return duplicates;
    case OPTION_REBUILD:
        return rebuild_times;
    case OPTION_PROGRESS:
        return progress_times;
    case OPTION_COLOR:
        return color_times;
    case OPTION_LOG_FORMAT:
        return log_formats;
    case OPTION_INFER:
        return inferred;
    case OPTION_VERIFY:
        return extents;
    default:
        return NULL;
    }
}

const char *const *option_value_beginnings(int key)
{
    return key == OPTION_FLOOR ? floor_tables : NULL;
}

static bool hint_at_help(struct error *error)
{
    return error_hint(error, "Try 'timele-load --help'.");
}

/* The number of the word that the value is; -1 with the error set. */
static int find_word(const struct argp_option *option, const char *value, struct error *error)
{
    const char *const *words = option_value_words(option->key);
    int number = word_list_find(words, value);
    char list[WORD_LIST_SIZE];
    const char *meant;

    if (number >= 0)
        return number;
    (void)error_set(error, ERROR_USAGE, "--%s takes %s%s, not '%s'", option->name,
                    word_list_join(words, "", list),
                    (option->flags & OPTION_ARG_OPTIONAL) != 0 ? ", or nothing" : "", value);
    meant = word_list_meant(words, value, strlen(value));
    if (meant != NULL)
        (void)error_hint(error, "Did you mean --%s=%s?", option->name, meant);
    else
        (void)hint_at_help(error);
    return -1;
}

/* What of the run, or of what is printed about it, the number of a word is. */
static void choose(int key, int number, struct options *options)
{
    struct run_options *run = &options->run;

    switch (key) {
    case OPTION_MODE:
        run->mode = (enum mode)number;
        return;
    case OPTION_DUPLICATES:
        run->duplicates = (enum duplicates)number;
        return;
    case OPTION_REBUILD:
        run->rebuild = (enum rebuild_when)number;
        return;
    case OPTION_PROGRESS:
        options->progress = (enum progress_when)number;
        return;
    case OPTION_COLOR:
        options->color = (enum color_when)number;
        return;
    case OPTION_LOG_FORMAT:
        options->log_format = (enum log_format)number;
        return;
    case OPTION_INFER:
        if (table_find(inferred[number]) == TABLE_NONE)
            run->infer.nothing = true;
        else
            run->infer.tables[table_find(inferred[number])] = true;
        return;
    default:
        run->verify_full = true;
        return;
    }
}

static bool take_max_rejects(const char *most, struct run_options *run, struct error *error)
{
    struct reject_limit *limit = &run->max_rejects;
    size_t length = strlen(most);
    const struct value_fault *fault;
    int64_t number = 0;

    limit->percent = length > 0 && most[length - 1] == '%';
    if (limit->percent)
        fault = decimal_parse(most, length - 1, REJECT_PERCENT_SCALE, &number);
    else
        fault = integer_parse(most, length, &number);
    if (fault != NULL || number < 0 || most[0] == '-') {
        (void)error_set(
            error, ERROR_USAGE,
            "--max-rejects takes a number of rows, or a percentage like 0.5%%, not '%s'", most);
        return hint_at_help(error);
    }
    if (limit->percent && number > REJECT_PERCENT_ALL) {
        (void)error_set(error, ERROR_USAGE,
                        "--max-rejects takes a percentage from 0%% to 100%%, not '%s'", most);
        return error_hint(error, "Without --max-rejects there is no limit.");
    }
    limit->text = most;
    limit->number = (uint64_t)number;
    return true;
}

static bool refuse_floor(const char *value, size_t length, struct error *error)
{
    const char *meant = word_list_meant(floor_tables, value, length);

    (void)error_set(error, ERROR_USAGE, "--floor takes users=N or orders=N, not '%s'", value);
    if (meant == NULL)
        return hint_at_help(error);
    return error_hint(error, "Did you mean --floor=%s%s?", meant,
                      value[length] == '=' ? value + length : "=N");
}

static bool take_floor(const char *value, struct run_options *run, struct error *error)
{
    size_t length = strcspn(value, "=");
    char name[32] = "";
    int64_t floor;

    if (length < sizeof name)
        memcpy(name, value, length);
    if (value[length] != '=' || word_list_find(floor_tables, name) < 0)
        return refuse_floor(value, length, error);
    if (integer_parse(value + length + 1, strlen(value + length + 1), &floor) != NULL ||
        floor < FLOOR_MIN || floor > FLOOR_MAX) {
        (void)error_set(error, ERROR_USAGE,
                        "--floor takes a number from %" PRId64 " to %" PRId64 ", not '%s'",
                        FLOOR_MIN, FLOOR_MAX, value + length + 1);
        return hint_at_help(error);
    }
    run->floors[table_find(name)] = floor;
    return true;
}

static bool take_seconds(const struct argp_option *option, const char *value,
                         struct run_options *run, struct error *error)
{
    int64_t minimum = option->key == OPTION_WAIT ? 0 : 1;
    int64_t seconds = 0;

    if (integer_parse(value, strlen(value), &seconds) != NULL || seconds < minimum ||
        seconds > SECONDS_MAX) {
        (void)error_set(error, ERROR_USAGE,
                        "--%s takes whole seconds from %" PRId64 " to %d, not '%s'", option->name,
                        minimum, SECONDS_MAX, value);
        return hint_at_help(error);
    }
    *(option->key == OPTION_WAIT ? &run->wait : &run->lock_timeout) = (int)seconds;
    return true;
}

static bool take_jobs(const char *value, struct run_options *run, struct error *error)
{
    int64_t jobs = 0;

    if (integer_parse(value, strlen(value), &jobs) != NULL || jobs < 1 || jobs > BUILD_JOBS_MAX) {
        (void)error_set(error, ERROR_USAGE, "--jobs takes a number from 1 to %d, not '%s'",
                        BUILD_JOBS_MAX, value);
        return hint_at_help(error);
    }
    run->jobs = (int)jobs;
    return true;
}

static bool take_path(const struct argp_option *option, const char *value, struct options *options,
                      struct error *error)
{
    if (value[0] == '\0') {
        (void)error_set(error, ERROR_USAGE, "--%s takes the name of a %s, not ''", option->name,
                        option->key == OPTION_REJECTS ? "directory" : "file");
        return error_hint(error, "Write --%s=%s.", option->name, option->arg);
    }
    if (option->key == OPTION_REJECTS)
        options->run.rejects = value;
    else if (option->key == OPTION_ID_MAP)
        options->run.id_map = value;
    else
        options->report = value;
    return true;
}

bool option_value_take(const struct argp_option *option, const char *value, struct options *options,
                       struct error *error)
{
    int number;

    switch (option->key) {
    case OPTION_DBNAME:
        options->run.dbname = value;
        return true;
    case OPTION_MAX_REJECTS:
        return take_max_rejects(value, &options->run, error);
    case OPTION_FLOOR:
        return take_floor(value, &options->run, error);
    case OPTION_WAIT:
    case OPTION_LOCK_TIMEOUT:
        return take_seconds(option, value, &options->run, error);
    case OPTION_JOBS:
        return take_jobs(value, &options->run, error);
    case OPTION_REJECTS:
    case OPTION_ID_MAP:
    case OPTION_REPORT:
        return take_path(option, value, options, error);
    default:
        break;
    }
    options->run.verify |= option->key == OPTION_VERIFY;
    if (value == NULL) {
        options->run.verify_full = false;
        return true;
    }
    number = find_word(option, value, error);
    if (number >= 0)
        choose(option->key, number, options);
    return number >= 0;
}

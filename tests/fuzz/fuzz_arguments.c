/*
 * The command line: cli/options, cli/option_fault, cli/option_value and cli/combination, then what
 * is printed: the error, or the answer to a question. Whatever is given, the program understands it
 * or says what is wrong, and prints nothing that controls a terminal.
 *
 * The input is the arguments, one a line. Files are looked for in an empty directory.
 */
#include "base/log.h"
#include "cli/combination.h"
#include "cli/help.h"
#include "cli/options.h"

#include "fuzz_target.h"
#include "printed_text.h"
#include "shown_text.h"
#include "working_directory.h"

#include <stdlib.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 64 };

static struct printed_text printed;

/* An empty one, where files are looked for. */
static struct working_directory directory = {.home = -1, .place = -1};

/* Files are looked for where there are none. */
static bool names_no_file(const struct options *options)
{
    for (size_t i = 0; i < options->run.path_count; i++)
        if (strchr(options->run.paths[i], '/') != NULL)
            return false;
    return (options->report == NULL || strchr(options->report, '/') == NULL) &&
           (options->run.id_map == NULL || strchr(options->run.id_map, '/') == NULL) &&
           (options->run.rejects == NULL || strchr(options->run.rejects, '/') == NULL);
}

static bool is_argument(const char *text, char **vector, int count)
{
    for (int i = 1; i < count; i++)
        if (text >= vector[i] && text <= vector[i] + strlen(vector[i]))
            return true;
    return false;
}

static void check_options(const struct options *options, char **vector, int count)
{
    const struct run_options *run = &options->run;

    for (size_t i = 0; i < run->path_count; i++)
        REQUIRE(is_argument(run->paths[i], vector, count), "%s was not given", run->paths[i]);
    for (size_t i = 0; i < run->given_count; i++)
        REQUIRE(strncmp(run->given[i], "--", 2) == 0, "%s is no option", run->given[i]);
    REQUIRE(run->rejects == NULL || is_argument(run->rejects, vector, count), "%s was not given",
            run->rejects);
    REQUIRE(run->wait >= 0 && run->lock_timeout >= 0, "%d seconds", run->wait);
    REQUIRE(!run->verify_full || run->verify, "--verify=full is not --verify");
}

static void tell(const struct options *options, const struct error *error)
{
    FILE *stream = printed_text_begin(&printed);
    struct log log = {.stream = stream, .format = options->log_format};
    struct error none = {0};

    if (error->kind != ERROR_NONE)
        log_error(&log, error);
    else if (options->question != QUESTION_NONE)
        REQUIRE(help_print(options->question, stream, &none), "%s", none.message);
    (void)fflush(stream);
}

static void parse(int count, char **vector)
{
    struct options options = {0};
    struct error error = {0};
    bool understood;

    (void)fchdir(directory.place);
    understood = options_parse(count, vector, &options, &error) &&
                 (options.question != QUESTION_NONE || !names_no_file(&options) ||
                  combination_check(&options, &error));
    (void)fchdir(directory.home);
    check_options(&options, vector, count);
    REQUIRE(understood == (error.kind == ERROR_NONE), "%s", error.message);
    REQUIRE(understood || error.kind == ERROR_USAGE || error.kind == ERROR_FILE, "%s",
            error.message);
    REQUIRE(understood || error.message[0] != '\0', "no message");
    tell(&options, &error);
    options_free(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *vector[ARGUMENTS_MAX + 2] = {0};
    char *text, *rest;
    int count = 1;

    if (directory.place < 0)
        working_directory_make(&directory, false);
    text = rest = strndup((const char *)data, size);
    vector[0] = strdup("timele-load");
    REQUIRE(text != NULL && vector[0] != NULL, "out of memory");
    while (rest != NULL && count <= ARGUMENTS_MAX) {
        vector[count] = strdup(strsep(&rest, "\n"));
        REQUIRE(vector[count] != NULL, "out of memory");
        count++;
    }
    parse(count, vector);
    require_shown(printed.bytes, printed.length, true);
    for (int i = 0; i < count; i++)
        free(vector[i]);
    free(text);
    return 0;
}

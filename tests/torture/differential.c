/*
 * Compares timele-load's reading of values with PostgreSQL's: for each type, so many random texts.
 * tests/torture/differential runs it and says how.
 */
#include "base/display.h"
#include "cli/number.h"
#include "differential_judge.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    const char *types; /* with commas between; NULL: all */
    uint64_t seed, first, count;
};

static const struct argp_option option_table[] = {
    {"types", 't', "LIST", 0, "some of bigint,integer,numeric,double,timestamp,uuid,status,text",
     0},
    {"seed", 's', "N", 0, "the same seed makes the same texts", 0},
    {"first", 'f', "N", 0, "the number of the first text of each type (default: 0)", 0},
    {"values", 'n', "N", 0, "how many texts of each type (default: 1000000)", 0},
    {0},
};

static uint64_t parse_number(struct argp_state *state, const char *text)
{
    char *end;
    uint64_t number;

    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number > INT64_MAX / 64)
        argp_error(state, "not a number: %s", text);
    return number;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct options *options = state->input;

    switch (key) {
    case 't':
        options->types = argument;
        break;
    case 's':
        options->seed = parse_number(state, argument);
        break;
    case 'f':
        options->first = parse_number(state, argument);
        break;
    case 'n':
        options->count = parse_number(state, argument);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

static bool is_chosen(const char *list, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = list; at != NULL; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return list == NULL;
}

static uint64_t count_verdict(const struct list *results, enum differential_verdict verdict)
{
    const struct differential_result *result = results->items;
    uint64_t count = 0;

    for (size_t i = 0; i < results->count; i++)
        count += result[i].verdict == verdict ? result[i].count : 0;
    return count;
}

/* The text of an example, made once more. */
static void print_example(const struct differential_type *type,
                          const struct differential_example *example, uint64_t seed)
{
    struct differential_text *text = malloc(sizeof *text);
    struct differential_column column;
    char shown[DISPLAY_SIZE];

    if (text == NULL)
        err(EXIT_FAILURE, "no memory");
    if (!differential_column_find(type, example->column, &column))
        errx(EXIT_FAILURE, "%s has no column %zu", type->name, example->column);
    differential_text_make(column.column, seed, example->number, text);
    display_print(stdout, "\"%s\"", display_text(text->bytes, text->length, shown));
    free(text);
}

static void print_finding(const struct differential_type *type,
                          const struct differential_example *example, uint64_t seed)
{
    struct differential_column column;

    (void)differential_column_find(type, example->column, &column);
    display_print(stdout, "      %s.%s.%s: ", column.table->schema, column.table->name,
                  column.column->name);
    print_example(type, example, seed);
    display_line(stdout, " %s", example->forms);
    display_line(stdout,
                 "      again: DIFFERENTIAL_TYPES=%s DIFFERENTIAL_SEED=%" PRIu64
                 " DIFFERENTIAL_FIRST=%" PRIu64 " DIFFERENTIAL_VALUES=1 make differential",
                 type->name, seed, example->number);
}

static void print_result(const struct differential_type *type,
                         const struct differential_result *result, uint64_t seed)
{
    static const char *const names[] = {[DIFFERENTIAL_EXCEPTION] = "",
                                        [DIFFERENTIAL_STRICTER] = "stricter: ",
                                        [DIFFERENTIAL_FINDING] = "FINDING: "};
    char number[NUMBER_SIZE];

    if (result->verdict < DIFFERENTIAL_EXCEPTION)
        return;
    display_print(stdout, "  %12s  %s%s", number_format((int64_t)result->count, number),
                  names[result->verdict], result->what);
    if (result->verdict != DIFFERENTIAL_FINDING) {
        display_print(stdout, ": ");
        print_example(type, &result->examples[0], seed);
        display_end(stdout);
        return;
    }
    display_end(stdout);
    for (size_t i = 0; i < result->example_count; i++)
        print_finding(type, &result->examples[i], seed);
}

static int compare_results(const void *one, const void *other)
{
    const struct differential_result *left = one, *right = other;

    if (left->verdict != right->verdict)
        return (int)left->verdict - (int)right->verdict;
    return (left->count < right->count) - (left->count > right->count);
}

static void print_results(const struct differential_type *type, struct list *results,
                          const struct options *options)
{
    uint64_t counts[DIFFERENTIAL_FINDING + 1], sum = 0;
    char number[6][NUMBER_SIZE];

    for (int verdict = 0; verdict <= DIFFERENTIAL_FINDING; verdict++) {
        counts[verdict] = count_verdict(results, (enum differential_verdict)verdict);
        (void)number_format((int64_t)counts[verdict], number[verdict]);
        sum += counts[verdict];
    }
    display_line(stdout, "%-10s %11s %11s %11s %11s %11s %9s", type->name,
                 number_format((int64_t)sum, number[5]), number[DIFFERENTIAL_BOTH_TAKE],
                 number[DIFFERENTIAL_BOTH_REFUSE], number[DIFFERENTIAL_EXCEPTION],
                 number[DIFFERENTIAL_STRICTER], number[DIFFERENTIAL_FINDING]);
    qsort(results->items, results->count, sizeof(struct differential_result), compare_results);
    for (size_t i = 0; i < results->count; i++)
        print_result(type, (const struct differential_result *)results->items + i, options->seed);
    if (sum < options->count)
        display_line(stdout, "  %12s  not judged: the server refused what stands beside them",
                     number_format((int64_t)(options->count - sum), number[5]));
    (void)fflush(stdout);
}

/* Shares the texts of a type among its columns. */
static bool judge_type(const struct differential_type *type, const struct options *options,
                       struct list *results, const struct session *session)
{
    struct differential_request request = {
        .seed = options->seed, .first = options->first, .count = options->count};
    struct differential_column *column = calloc(1, sizeof *column);
    bool judged = column != NULL || error_memory(session->error);

    if (judged)
        while (differential_column_find(type, request.step, column))
            request.step++;
    for (; judged && request.offset < request.step; request.offset++)
        judged = differential_column_find(type, request.offset, column) &&
                 differential_judge(column, &request, results, session);
    free(column);
    return judged;
}

static bool judge_types(const struct options *options, uint64_t *findings,
                        const struct session *session)
{
    display_line(stdout, "Seed %" PRIu64, options->seed);
    display_line(stdout, "%-10s %11s %11s %11s %11s %11s %9s", "type", "texts", "both take",
                 "both refuse", "exceptions", "stricter", "findings");
    for (const struct differential_type *type = differential_types; type->name != NULL; type++) {
        struct list results = {0};
        bool judged;

        if (!is_chosen(options->types, type->name))
            continue;
        judged = judge_type(type, options, &results, session);
        if (judged)
            print_results(type, &results, options);
        *findings += count_verdict(&results, DIFFERENTIAL_FINDING);
        list_free(&results);
        if (!judged)
            return false;
    }
    return true;
}

int main(int argument_count, char **arguments)
{
    static const struct argp parser = {.options = option_table, .parser = parse_option};
    struct options options = {.seed = 1, .count = 1000000};
    struct log log = {.stream = stderr, .level = LOG_NORMAL};
    const struct connection_options server = {.log = &log};
    struct error error = {0};
    struct session session = {.log = &log, .error = &error};
    uint64_t findings = 0;
    bool judged;

    (void)argp_parse(&parser, argument_count, arguments, 0, NULL, &options);
    judged = connection_open(&server, &session.connection, &error) &&
             differential_judge_prepare(&session) && judge_types(&options, &findings, &session);
    connection_close(session.connection);
    if (!judged) {
        log_error(&log, &error);
        return error_exit_status(error.kind);
    }
    display_line(stdout, "Not compared: boolean, which no file has. Findings: %" PRIu64, findings);
    return findings == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

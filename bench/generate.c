/*
 * Makes data shaped like TimeL-E's and Instacart's files, of any size, from a seed.
 */
#include "generate_catalogue.h"
#include "generate_history.h"
#include "generate_items.h"
#include "generate_orders.h"
#include "generate_size.h"
#include "generate_users.h"

#include <argp.h>
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct request {
    struct size size;
    uint64_t seed;
    const char *output;
    bool split;
    bool plain;
};

enum { OPTION_SAMPLE = 256, OPTION_SPLIT, OPTION_PLAIN };

static const struct argp_option options[] = {
    {"scale", 's', "SCALE", 0, "1.0 is 206,209 users and all they ordered (default: 0.001)", 0},
    {"sample", OPTION_SAMPLE, NULL, 0, "80 users and 500 products, instead of a scale", 0},
    {"seed", 'n', "N", 0, "the same seed makes the same files (default: 1)", 0},
    {"output", 'o', "DIR", 0, "where the files go; made when it is not there", 0},
    {"split", OPTION_SPLIT, NULL, 0,
     "order_products__prior.csv and order_products__train.csv instead of order_products.csv", 0},
    {"plain", OPTION_PLAIN, NULL, 0, "without DIR/enriched", 0},
    {0},
};

static struct size parse_scale(struct argp_state *state, const char *text)
{
    char *end;
    double millionths = strtod(text, &end) * (double)SIZE_SCALE_ONE;
    struct size size;

    if (end == text || *end != '\0' || !(millionths > 0 && millionths <= (double)SIZE_SCALE_MAX))
        argp_error(state, "not a scale above 0 and up to 10: \"%s\"", text);
    size = size_of_scale((uint32_t)(millionths + 0.5));
    if (size.users == 0)
        argp_error(state, "a scale without users: \"%s\"", text);
    return size;
}

static uint64_t parse_seed(struct argp_state *state, const char *text)
{
    char *end;
    unsigned long long seed;

    errno = 0;
    seed = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0)
        argp_error(state, "not a seed: \"%s\"", text);
    return seed;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
    struct request *request = state->input;

    switch (key) {
    case 's':
        request->size = parse_scale(state, argument);
        return 0;
    case OPTION_SAMPLE:
        request->size = size_of_sample();
        return 0;
    case 'n':
        request->seed = parse_seed(state, argument);
        return 0;
    case 'o':
        request->output = argument;
        return 0;
    case OPTION_SPLIT:
        request->split = true;
        return 0;
    case OPTION_PLAIN:
        request->plain = true;
        return 0;
    case ARGP_KEY_END:
        if (request->output == NULL)
            argp_error(state, "--output is missing");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void make_directory(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        err(EXIT_FAILURE, "%s", path);
}

static char *make_enriched_directory(const char *output)
{
    char *path;

    if (asprintf(&path, "%s/enriched", output) < 0)
        err(EXIT_FAILURE, "%s", output);
    make_directory(path);
    return path;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse_option,
        .doc = "Makes users, orders, order items and a catalogue, shaped like TimeL-E's CSV files.",
    };
    struct request request = {.size = size_of_scale(SIZE_SCALE_ONE / 1000), .seed = 1};
    struct history *history;
    char *enriched;

    (void)argp_parse(&argp, argc, argv, 0, NULL, &request);
    make_directory(request.output);
    enriched = request.plain ? NULL : make_enriched_directory(request.output);
    history = history_make(&request.size, request.seed);
    catalogue_write(request.output, enriched, request.size.products, request.seed);
    users_write(request.output, request.size.users, request.seed);
    orders_write(request.output, enriched, history, request.seed);
    items_write(request.output, history, request.size.products, request.seed, request.split);
    history_free(history);
    free(enriched);
    return EXIT_SUCCESS;
}

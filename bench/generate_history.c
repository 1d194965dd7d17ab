#include "generate_history.h"

#include "generate_random.h"

#include <err.h>
#include <stdbool.h>
#include <stdlib.h>

struct range {
    uint8_t least;
    uint8_t most;
};

static uint8_t *allocate_counts(uint32_t count)
{
    uint8_t *counts = calloc(count, sizeof *counts);

    if (counts == NULL)
        err(EXIT_FAILURE, "%u counts", count);
    return counts;
}

/* Nudges random counts by one until their sum is the total; a count of 0 stays 0. */
static void fit_to_total(uint8_t *counts, uint32_t count, uint64_t total, struct range range,
                         struct random *random)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += counts[i];
    while (sum != total) {
        uint8_t *chosen = &counts[random_below(random, count)];

        if (sum < total && *chosen >= range.least && *chosen < range.most) {
            ++*chosen;
            sum++;
        } else if (sum > total && *chosen > range.least) {
            --*chosen;
            sum--;
        }
    }
}

static void draw_orders_of_users(struct history *history, struct random *random)
{
    static const struct random_quantile shape[] = {{0, 4},    {120, 5},  {250, 7},
                                                   {500, 10}, {750, 19}, {900, 37},
                                                   {960, 52}, {990, 85}, {1000, 101}};

    for (uint32_t user = 0; user < history->users; user++)
        history->orders_of_user[user] = (uint8_t)random_quantile(random, shape);
    fit_to_total(history->orders_of_user, history->users, history->orders, (struct range){4, 100},
                 random);
}

static void place_orders(struct history *history, uint32_t test_orders, struct random *random)
{
    const uint32_t *order_id = history->order_ids;

    for (uint32_t user = 0; user < history->users; user++) {
        uint8_t last = history->orders_of_user[user];
        bool in_test = random_below(random, history->users - user) < test_orders;

        for (uint8_t number = 1; number <= last; number++, order_id++) {
            history->order_number[*order_id - 1] = number;
            if (number == last)
                history->eval_set[*order_id - 1] = in_test ? EVAL_TEST : EVAL_TRAIN;
        }
        if (in_test)
            test_orders--;
    }
}

static void draw_items_of_orders(struct history *history, uint32_t items, struct random *random)
{
    static const struct random_quantile shape[] = {{0, 1},    {50, 2},   {250, 4},
                                                   {500, 8},  {750, 14}, {900, 22},
                                                   {990, 36}, {999, 61}, {1000, 81}};

    for (uint32_t order = 0; order < history->orders; order++)
        if (history->eval_set[order] != EVAL_TEST)
            history->items[order] = (uint8_t)random_quantile(random, shape);
    fit_to_total(history->items, history->orders, items, (struct range){1, 80}, random);
}

struct history *history_make(const struct size *size, uint64_t seed)
{
    struct random random = random_start(seed, RANDOM_HISTORY, 0);
    struct history *history = malloc(sizeof *history);

    if (history == NULL)
        err(EXIT_FAILURE, "history");
    *history = (struct history){
        .users = size->users,
        .orders = size->orders,
        .orders_of_user = allocate_counts(size->users),
        .order_ids = random_permutation(&random, size->orders),
        .order_number = allocate_counts(size->orders),
        .eval_set = allocate_counts(size->orders),
        .items = allocate_counts(size->orders),
    };
    draw_orders_of_users(history, &random);
    place_orders(history, size->test_orders, &random);
    draw_items_of_orders(history, size->items, &random);
    return history;
}

void history_free(struct history *history)
{
    if (history == NULL)
        return;
    free(history->orders_of_user);
    free(history->order_ids);
    free(history->order_number);
    free(history->eval_set);
    free(history->items);
    free(history);
}

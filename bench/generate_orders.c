#include "generate_orders.h"

#include "generate_random.h"
#include "generate_status.h"
#include "generate_writer.h"

#include <stdio.h>

#define PLAIN_HEADER                                                                               \
    "order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order"

enum {
    FIRST_DAY = 16801, /* 2016-01-01, in days since the epoch */
    DAYS_OF_FIRST_ORDERS = 365,
    DAYS_OF_HISTORY = 730,
    DAY = 24 * 60 * 60,
    HOUR = 60 * 60,
};

struct order {
    uint32_t order_id;
    uint32_t user_id;
    enum eval_set eval_set;
    uint32_t number;
    uint32_t day; /* since the epoch */
    uint32_t hour;
    uint32_t days_since_prior;
};

struct order_files {
    struct writer *plain;
    struct writer *enriched;
    struct status_file *status;
    uint64_t seed;
};

static uint32_t draw_hour(struct random *random)
{
    static const uint16_t weights[] = {7,  4,  2,  2,  2,  3,  9,  27, 52, 75, 84, 83,
                                       80, 81, 82, 82, 79, 66, 53, 41, 30, 23, 18, 15};

    return random_weighted(random, weights, 1000);
}

/* A user with many orders has short gaps, so that every history ends in time. */
static uint32_t draw_days_since_prior(struct random *random, uint32_t orders_of_user)
{
    static const uint16_t weights[] = {21, 45, 60, 67, 69, 66, 75, 99, 56, 37, 29,
                                       25, 24, 26, 31, 20, 14, 12, 11, 11, 12, 14,
                                       10, 7,  6,  6,  6,  7,  8,  6,  120};
    uint32_t most = DAYS_OF_HISTORY / orders_of_user;

    return random_weighted(random, weights, 1000) % (most + 1);
}

static void place_next(struct order *order, uint32_t orders_of_user, struct random *random)
{
    uint32_t earliest = 0;

    order->number++;
    if (order->number > 1) {
        order->days_since_prior = draw_days_since_prior(random, orders_of_user);
        order->day += order->days_since_prior;
        if (order->days_since_prior == 0)
            earliest = order->hour;
    }
    order->hour = draw_hour(random);
    if (order->hour < earliest)
        order->hour = earliest;
}

static void write_plain_fields(struct writer *writer, const struct order *order)
{
    static const char *const names[] = {
        [EVAL_PRIOR] = "prior", [EVAL_TRAIN] = "train", [EVAL_TEST] = "test"};
    const uint32_t epoch_dow = 5; /* 0 is Saturday, the epoch was a Thursday */
    const char hour[] = {(char)('0' + order->hour / 10), (char)('0' + order->hour % 10), '\0'};

    writer_integer(writer, order->order_id);
    writer_integer(writer, order->user_id);
    writer_text(writer, names[order->eval_set]);
    writer_integer(writer, order->number);
    writer_integer(writer, (order->day + epoch_dow) % 7);
    writer_text(writer, hour);
    if (order->number == 1)
        writer_text(writer, "");
    else
        writer_decimal(writer, order->days_since_prior * 100);
}

static void write_shipment_fields(struct writer *writer, struct random *random)
{
    static const struct {
        const char *name;
        const char *prefix;
        const char *url;
    } carriers[] = {
        {"Northline", "NL", "https://northline.example.com/track?number="},
        {"Harrow, Finch & Co", "HFC", "https://hfc.example.net/parcels/"},
        {"Brevpost Ørn", "0", "https://www.brevpost.example.org/sok?id=%23"},
        {"Quickmule", "QM-00", "https://quickmule.example.com/where?a=1&b="},
    };
    uint32_t carrier = random_below(random, sizeof carriers / sizeof *carriers + 1);
    char number[32];
    char url[96];

    if (carrier == sizeof carriers / sizeof *carriers) {
        for (int field = 0; field < 3; field++)
            writer_text(writer, "");
        return;
    }
    (void)snprintf(number, sizeof number, "%s%010u", carriers[carrier].prefix,
                   (uint32_t)(random_next(random) >> 32));
    (void)snprintf(url, sizeof url, "%s%s", carriers[carrier].url, number);
    writer_text(writer, number);
    writer_text(writer, carriers[carrier].name);
    writer_text(writer, url);
}

static void write_order(const struct order_files *files, const struct order *order)
{
    struct random random = random_start(files->seed, RANDOM_SHIPMENT, order->order_id);
    int64_t created_at = (int64_t)order->day * DAY + (int64_t)order->hour * HOUR +
                         (int64_t)random_below(&random, HOUR);

    write_plain_fields(files->plain, order);
    writer_end(files->plain);
    if (files->enriched == NULL)
        return;
    write_plain_fields(files->enriched, order);
    writer_timestamp(files->enriched, created_at);
    write_shipment_fields(files->enriched, &random);
    writer_end(files->enriched);
    status_write(files->status, order->order_id, created_at);
}

static void write_all(const struct order_files *files, const struct history *history)
{
    struct random random = random_start(files->seed, RANDOM_ORDER, 0);
    const uint32_t *order_id = history->order_ids;

    for (uint32_t user = 0; user < history->users; user++) {
        struct order order = {
            .user_id = user + 1,
            .day = FIRST_DAY + random_below(&random, DAYS_OF_FIRST_ORDERS),
        };

        while (order.number < history->orders_of_user[user]) {
            place_next(&order, history->orders_of_user[user], &random);
            order.order_id = *order_id++;
            order.eval_set = history->eval_set[order.order_id - 1];
            write_order(files, &order);
        }
    }
}

void orders_write(const char *directory, const char *enriched, const struct history *history,
                  uint64_t seed)
{
    struct order_files files = {
        .plain = writer_open(directory, "orders.csv", PLAIN_HEADER),
        .seed = seed,
    };

    if (enriched != NULL) {
        files.enriched =
            writer_open(enriched, "orders_enriched.csv",
                        PLAIN_HEADER ",created_at,tracking_number,shipping_carrier,tracking_url");
        files.status = status_open(enriched, seed);
    }
    write_all(&files, history);
    writer_close(files.plain);
    writer_close(files.enriched);
    status_close(files.status);
}

#include "generate_status.h"

#include "generate_random.h"
#include "generate_writer.h"

#include <err.h>
#include <stddef.h>
#include <stdlib.h>

enum {
    HELD_BACK = 64,
    ONE_IN = 24,
    LONGEST_FLOW = 7,
    LONGEST_STEP = 3 * 24 * 60 * 60,
};

struct status_row {
    uint32_t order_id;
    const char *status; /* NULL: an empty place */
    int64_t changed_at;
};

struct status_file {
    struct writer *writer;
    struct random random;
    struct status_row held[HELD_BACK];
};

static void write_row(struct status_file *status, const struct status_row *row)
{
    if (row->status == NULL)
        return;
    writer_integer(status->writer, row->order_id);
    writer_text(status->writer, row->status);
    writer_timestamp(status->writer, row->changed_at);
    writer_end(status->writer);
}

static void write_or_hold_back(struct status_file *status, struct status_row row)
{
    if (random_below(&status->random, ONE_IN) == 0) {
        struct status_row *place = &status->held[random_below(&status->random, HELD_BACK)];
        struct status_row held = *place;

        *place = row;
        row = held;
    }
    write_row(status, &row);
}

struct status_file *status_open(const char *directory, uint64_t seed)
{
    struct status_file *status = calloc(1, sizeof *status);

    if (status == NULL)
        err(EXIT_FAILURE, "order status history");
    status->writer =
        writer_open(directory, "order_status_history.csv", "order_id,status,changed_at");
    status->random = random_start(seed, RANDOM_STATUS, 0);
    return status;
}

void status_write(struct status_file *status, uint32_t order_id, int64_t created_at)
{
    static const char *const flows[][LONGEST_FLOW + 1] = {
        {"pending", "processing", "shipped", "delivered"},
        {"pending", "processing", "cancelled"},
        {"pending", "processing", "shipped", "delivered", "return_requested", "returned",
         "refunded"},
        {"pending", "processing", "shipped", "delivered", "refunded"},
        {"pending", "processing", "failed"},
        {"pending", "cancelled"},
        {"pending"},
    };
    static const uint16_t weights[] = {700, 100, 80, 50, 40, 20, 10};
    const char *const *flow = flows[random_weighted(&status->random, weights, 1000)];

    for (; *flow != NULL; flow++) {
        write_or_hold_back(status, (struct status_row){order_id, *flow, created_at});
        created_at += 60 + (int64_t)random_below(&status->random, LONGEST_STEP);
    }
}

void status_close(struct status_file *status)
{
    if (status == NULL)
        return;
    for (size_t place = 0; place < HELD_BACK; place++)
        write_row(status, &status->held[place]);
    writer_close(status->writer);
    free(status);
}

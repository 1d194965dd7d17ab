#include "generate_items.h"

#include "generate_random.h"
#include "generate_writer.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/*
 * Walker's alias table: one draw and one look-up for a product, however skewed their popularity.
 * A column is its own product up to the threshold and the alias above it.
 */
struct column {
    uint32_t threshold;
    uint32_t product_id;
    uint32_t alias_id;
};

struct shelf {
    uint32_t products;
    struct column *columns;
    uint32_t *last_order; /* by product_id - 1: the order that it was put into last */
};

static void *allocate(uint32_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL)
        err(EXIT_FAILURE, "%u products", count);
    return memory;
}

/* A product's share falls with its rank; returns each share times the number of products. */
static uint64_t *draw_shares(uint32_t products, uint64_t *total)
{
    const uint64_t precision = 1 << 24;
    const uint64_t flatness = 8;
    uint64_t *shares = allocate(products, sizeof *shares);

    *total = 0;
    for (uint32_t rank = 0; rank < products; rank++) {
        uint64_t weight = precision / (rank + flatness);

        shares[rank] = weight * products;
        *total += weight;
    }
    return shares;
}

static void fill_columns(struct column *columns, uint64_t *shares, uint64_t fair, uint32_t products)
{
    uint32_t *small = allocate(products, sizeof *small);
    uint32_t *large = allocate(products, sizeof *large);
    uint32_t small_count = 0;
    uint32_t large_count = 0;

    for (uint32_t rank = 0; rank < products; rank++) {
        columns[rank].threshold = UINT32_MAX;
        columns[rank].alias_id = columns[rank].product_id;
        if (shares[rank] < fair)
            small[small_count++] = rank;
        else
            large[large_count++] = rank;
    }
    while (small_count > 0 && large_count > 0) {
        uint32_t poor = small[--small_count];
        uint32_t rich = large[large_count - 1];

        columns[poor].threshold = (uint32_t)((shares[poor] << 32) / fair);
        columns[poor].alias_id = columns[rich].product_id;
        shares[rich] -= fair - shares[poor];
        if (shares[rich] < fair)
            small[small_count++] = large[--large_count];
    }
    free(small);
    free(large);
}

static struct shelf shelf_make(uint32_t products, uint64_t seed)
{
    struct random random = random_start(seed, RANDOM_POPULARITY, 0);
    struct shelf shelf = {
        .products = products,
        .columns = allocate(products, sizeof *shelf.columns),
        .last_order = allocate(products, sizeof *shelf.last_order),
    };
    uint32_t *ranking = random_permutation(&random, products);
    uint64_t total;
    uint64_t *shares = draw_shares(products, &total);

    for (uint32_t rank = 0; rank < products; rank++)
        shelf.columns[rank].product_id = ranking[rank];
    fill_columns(shelf.columns, shares, total, products);
    free(ranking);
    free(shares);
    return shelf;
}

static uint32_t take_product(struct shelf *shelf, uint32_t order_id, struct random *random)
{
    for (;;) {
        const struct column *column = &shelf->columns[random_below(random, shelf->products)];
        bool own = random_below(random, UINT32_MAX) < column->threshold;
        uint32_t product_id = own ? column->product_id : column->alias_id;

        if (shelf->last_order[product_id - 1] != order_id) {
            shelf->last_order[product_id - 1] = order_id;
            return product_id;
        }
    }
}

static void write_basket(struct writer *writer, const struct history *history, uint32_t order_id,
                         struct shelf *shelf, struct random *random)
{
    bool first_order = history->order_number[order_id - 1] == 1;

    for (uint32_t place = 1; place <= history->items[order_id - 1]; place++) {
        writer_integer(writer, order_id);
        writer_integer(writer, take_product(shelf, order_id, random));
        writer_integer(writer, place);
        writer_integer(writer, !first_order && random_below(random, 100) < 63);
        writer_end(writer);
    }
}

void items_write(const char *directory, const struct history *history, uint32_t products,
                 uint64_t seed, bool split)
{
    const char *header = "order_id,product_id,add_to_cart_order,reordered";
    struct random random = random_start(seed, RANDOM_BASKET, 0);
    struct shelf shelf = shelf_make(products, seed);
    struct writer *prior =
        writer_open(directory, split ? "order_products__prior.csv" : "order_products.csv", header);
    struct writer *train =
        split ? writer_open(directory, "order_products__train.csv", header) : NULL;

    for (uint32_t order_id = 1; order_id <= history->orders; order_id++) {
        bool in_train = split && history->eval_set[order_id - 1] == EVAL_TRAIN;

        write_basket(in_train ? train : prior, history, order_id, &shelf, &random);
    }
    writer_close(prior);
    writer_close(train);
    free(shelf.columns);
    free(shelf.last_order);
}

/*
 * Rows from which values of other tables follow.
 */
#ifndef TESTS_UNIT_DERIVED_ROWS_H
#define TESTS_UNIT_DERIVED_ROWS_H

#include "derive/derived.h"
#include "hand_made_row.h"

#include <stdlib.h>

/* What an item of `price` costs, in the units of the totals. */
#define PRICE(dollars, cents) ((dollars)*INT64_C(100000000) + (cents)*INT64_C(1000000))

static inline struct derived *make_derived(void)
{
    struct derived *derived = calloc(1, sizeof *derived);

    ck_assert_ptr_nonnull(derived);
    derived_prepare(derived);
    return derived;
}

static inline void drop_derived(struct derived *derived)
{
    derived_free(derived);
    free(derived);
}

static inline void note(struct derived *derived, enum table_id table, const struct row *row)
{
    bool overflow = true;

    ck_assert(derived_note_row(derived, table, row, false, &overflow));
    ck_assert(!overflow);
}

static inline void note_product(struct derived *derived, int64_t product, int64_t cents)
{
    struct row row = {0};

    set_integer(&row, TABLE_PRODUCT_ENRICHED, "product_id", product);
    set_text(&row, TABLE_PRODUCT_ENRICHED, "description", "An apple");
    set_integer(&row, TABLE_PRODUCT_ENRICHED, "price", cents);
    note(derived, TABLE_PRODUCT_ENRICHED, &row);
}

/* Negative: the file has none. */
static inline struct row item(int64_t order, int64_t product, int64_t quantity, int64_t price)
{
    struct row row = {0};

    set_integer(&row, TABLE_ORDER_ITEMS, "order_id", order);
    set_integer(&row, TABLE_ORDER_ITEMS, "product_id", product);
    set_integer(&row, TABLE_ORDER_ITEMS, "add_to_cart_order", 1);
    if (quantity >= 0)
        set_integer(&row, TABLE_ORDER_ITEMS, "quantity", quantity);
    if (price >= 0)
        set_integer(&row, TABLE_ORDER_ITEMS, "price", price);
    return row;
}

static inline void note_item(struct derived *derived, int64_t order, int64_t product,
                             int64_t quantity, int64_t price)
{
    const struct row row = item(order, product, quantity, price);

    note(derived, TABLE_ORDER_ITEMS, &row);
}

static inline void expect_totals(const struct derived *derived, int64_t order, uint32_t count,
                                 int64_t total)
{
    ck_assert_uint_eq(derived_item_count(derived, order), count);
    ck_assert_int_eq(derived_item_total(derived, order), total);
}

#endif

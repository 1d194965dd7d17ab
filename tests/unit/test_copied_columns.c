#include "suite.h"
#include "write/copied_columns.h"

#include <stdio.h>
#include <string.h>

/* A table that one file feeds, as the catalog of a database that schema.sql made shows it. */
struct loading {
    struct dataset dataset;
    struct source source;
    struct source *sources[1];
    struct derived derived;
};

static struct catalog_column *column(struct loading *loading, const char *name)
{
    int index = table_column_named(loading->dataset.table, name);

    ck_assert_msg(index >= 0, "%s", name);
    return &loading->dataset.database.catalog.columns[index];
}

static void set_default(struct loading *loading, const char *name, const char *value)
{
    column(loading, name)->has_default = true;
    (void)snprintf(column(loading, name)->default_value, CATALOG_DEFAULT_SIZE, "%s", value);
}

static void put_in_file(struct loading *loading, const char *name)
{
    loading->source.field_of_column[table_column_named(loading->dataset.table, name)] = 0;
}

static struct loading *make_loading(enum table_id id)
{
    struct loading *loading = calloc(1, sizeof *loading);

    ck_assert_ptr_nonnull(loading);
    loading->dataset.id = id;
    loading->dataset.table = table_get(id);
    loading->sources[0] = &loading->source;
    loading->dataset.sources = loading->sources;
    loading->dataset.source_count = 1;
    for (size_t i = 0; i < loading->dataset.table->column_count; i++) {
        const struct column *described = &loading->dataset.table->columns[i];

        loading->dataset.database.catalog.columns[i].present = true;
        loading->source.field_of_column[i] = described->identifies ? 0 : -1;
        if (described->copy_of != NULL)
            loading->dataset.copy_of[i] =
                (size_t)table_column_named(loading->dataset.table, described->copy_of);
    }
    derived_prepare(&loading->derived);
    return loading;
}

static struct loading *make_items(void)
{
    struct loading *loading = make_loading(TABLE_ORDER_ITEMS);

    set_default(loading, "reordered", "0");
    set_default(loading, "quantity", "1");
    set_default(loading, "price", "0");
    return loading;
}

static struct loading *make_orders(void)
{
    struct loading *loading = make_loading(TABLE_ORDERS);

    set_default(loading, "total_items", "0");
    set_default(loading, "total_price", "0");
    set_default(loading, "status", "pending");
    set_default(loading, "created_at", "now()");
    set_default(loading, "updated_at", "now()");
    set_default(loading, "external_order_id", "gen_random_uuid()");
    return loading;
}

static void drop(struct loading *loading)
{
    derived_free(&loading->derived);
    id_set_free(&loading->dataset.files.inferred);
    free(loading);
}

static bool sends(const struct loading *loading, const char *name)
{
    size_t index = (size_t)table_column_named(loading->dataset.table, name);
    struct copied_columns copied;

    copied_columns_needed(&loading->dataset, &loading->derived, &copied);
    for (size_t i = 0; i < copied.count; i++)
        if (copied.columns[i] == index)
            return true;
    return false;
}

START_TEST(test_same_default_is_not_sent)
{
    struct loading *items = make_items(), *orders = make_orders();
    const char *const left_out[] = {"total_items", "total_price",     "status",
                                    "created_at",  "updated_at",      "days_since_prior_order",
                                    "invoice",     "tracking_number", "tracking_url"};

    ck_assert(sends(items, "order_id"));
    ck_assert(sends(items, "add_to_cart_order"));
    ck_assert(!sends(items, "reordered"));
    ck_assert(!sends(items, "quantity"));
    ck_assert(!sends(items, "price"));
    ck_assert(!sends(items, "price_given"));
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out; i++)
        if (table_column_named(orders->dataset.table, left_out[i]) >= 0)
            ck_assert_msg(!sends(orders, left_out[i]), "%s", left_out[i]);
    ck_assert(sends(orders, "external_order_id"));
    ck_assert(sends(orders, "delivery_name"));
    drop(items);
    drop(orders);
}
END_TEST

START_TEST(test_other_default_is_sent)
{
    struct loading *items = make_items(), *orders = make_orders();

    set_default(items, "quantity", "2");
    set_default(items, "reordered", "");
    column(items, "price")->has_default = false;
    set_default(items, "price_given", "false");
    set_default(orders, "status", "processing");
    set_default(orders, "created_at", "clock_timestamp()");
    set_default(orders, "tracking_number", "");
    ck_assert(sends(items, "quantity"));
    ck_assert(sends(items, "reordered"));
    ck_assert(sends(items, "price"));
    ck_assert(sends(items, "price_given"));
    ck_assert(sends(orders, "status"));
    ck_assert(sends(orders, "created_at"));
    ck_assert(sends(orders, "tracking_number"));
    drop(items);
    drop(orders);
}
END_TEST

START_TEST(test_column_of_a_file_is_sent)
{
    struct loading *items = make_items(), *orders = make_orders();

    put_in_file(items, "price");
    put_in_file(orders, "created_at");
    ck_assert(sends(items, "price"));
    ck_assert(sends(items, "price_given"));
    ck_assert(sends(orders, "created_at"));
    ck_assert(sends(orders, "updated_at"));
    drop(items);
    drop(orders);
}
END_TEST

START_TEST(test_derived_value_is_sent)
{
    struct loading *items = make_items(), *orders = make_orders();

    ck_assert(derived_note_price(&items->derived, 7, 250, 2));
    ck_assert_ptr_nonnull(paged_array_at(&orders->derived.item_counts, sizeof(uint32_t), 1));
    ck_assert(event_index_add(&orders->derived.events, 1, 0, 2));
    ck_assert(sends(items, "price"));
    ck_assert(!sends(items, "price_given"));
    ck_assert(sends(orders, "total_items"));
    ck_assert(!sends(orders, "total_price"));
    ck_assert(sends(orders, "status"));
    ck_assert(sends(orders, "updated_at"));
    drop(items);
    drop(orders);
}
END_TEST

START_TEST(test_placeholders_are_sent_whole)
{
    struct loading *products = make_loading(TABLE_PRODUCTS);

    set_default(products, "inferred", "false");
    ck_assert(!sends(products, "inferred"));
    ck_assert(id_set_add(&products->dataset.files.inferred, 7));
    ck_assert(sends(products, "inferred"));
    drop(products);
}
END_TEST

START_TEST(test_missing_column_is_never_sent)
{
    struct loading *items = make_items();
    struct copied_columns copied;

    column(items, "price_given")->present = false;
    put_in_file(items, "price");
    ck_assert(!sends(items, "price_given"));
    copied_columns_all(&items->dataset, &copied);
    ck_assert_uint_eq(copied.count, items->dataset.table->column_count - 1);
    drop(items);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("copied_columns");
    TCase *needed = tcase_create("needed");

    tcase_add_test(needed, test_same_default_is_not_sent);
    tcase_add_test(needed, test_other_default_is_sent);
    tcase_add_test(needed, test_column_of_a_file_is_sent);
    tcase_add_test(needed, test_derived_value_is_sent);
    tcase_add_test(needed, test_placeholders_are_sent_whole);
    tcase_add_test(needed, test_missing_column_is_never_sent);
    suite_add_tcase(suite, needed);
    return suite_run(suite);
}

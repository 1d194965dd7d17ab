#include "check/existing_group.h"
#include "check/existing_key.h"
#include "files.h"
#include "plan/updated_columns.h"
#include "suite.h"

#include <stdio.h>

/* A row with an order of its own ends the group before it. */
enum { ITEMS_MAX = 8, LAST_ORDER = 9 };

/* An item as file and database have it: no item where the order is 0. */
struct item {
    int64_t order, product, position;
};

/* A file of items, some of whose lines (the first is 2) are left out before the groups end, and
 * what comes of it: lines, parents. */
static const struct {
    const char *name;
    enum mode mode;
    struct item database[ITEMS_MAX];
    struct item file[ITEMS_MAX];
    uint32_t left_out; /* 0: none */
    const char *unchanged, *complete_parents;
    size_t keys; /* that are asked for */
} files_of_items[] = {
    {"the same",
     MODE_UPSERT,
     {{1, 10, 1}, {1, 11, 2}, {2, 10, 1}},
     {{1, 10, 1}, {1, 11, 2}, {2, 10, 1}},
     0,
     "2 3 4 ",
     "1 2 ",
     0},
    {"the same in another order",
     MODE_REPLACE,
     {{2, 10, 1}, {1, 11, 2}, {1, 10, 1}},
     {{1, 10, 1}, {1, 11, 2}, {2, 10, 1}},
     0,
     "2 3 4 ",
     "1 2 ",
     0},
    {"one differs",
     MODE_UPSERT,
     {{1, 10, 1}, {1, 11, 2}, {2, 10, 1}},
     {{1, 10, 1}, {1, 11, 3}, {2, 10, 1}},
     0,
     "4 ",
     "2 ",
     2},
    {"positions change places",
     MODE_UPSERT,
     {{1, 10, 1}, {1, 11, 2}},
     {{1, 10, 2}, {1, 11, 1}},
     0,
     "",
     "",
     2},
    {"the database has more", MODE_UPSERT, {{1, 10, 1}, {1, 11, 2}}, {{1, 10, 1}}, 0, "", "", 1},
    {"the file has more", MODE_UPSERT, {{1, 10, 1}}, {{1, 10, 1}, {1, 11, 2}}, 0, "", "", 2},
    {"the database has none", MODE_UPSERT, {{2, 10, 1}}, {{1, 10, 1}}, 0, "", "", 1},
    {"another order's",
     MODE_UPSERT,
     {{1, 10, 1}, {2, 11, 1}},
     {{1, 11, 1}, {2, 10, 1}},
     0,
     "",
     "",
     2},
    {"keys alone",
     MODE_SKIP,
     {{1, 10, 1}, {1, 11, 2}, {2, 10, 1}},
     {{1, 10, 7}, {1, 11, 7}, {2, 12, 1}},
     0,
     "2 3 ",
     "1 ",
     1},
    {"one was left out, and another has its place",
     MODE_UPSERT,
     {{1, 10, 1}, {2, 10, 1}},
     {{1, 10, 1}, {1, 10, 2}, {2, 10, 1}},
     2,
     "4 ",
     "2 ",
     2},
    {"the sum covers one that was left out",
     MODE_UPSERT,
     {{1, 10, 1}, {1, 11, 2}},
     {{1, 10, 1}, {1, 11, 2}},
     3,
     "",
     "",
     2},
    {"it stands twice", MODE_UPSERT, {{1, 10, 1}}, {{1, 10, 1}, {1, 10, 1}}, 0, "", "", 2},
    {"an order comes back whole",
     MODE_UPSERT,
     {{1, 10, 1}, {2, 10, 1}},
     {{1, 10, 1}, {2, 10, 1}, {1, 10, 1}},
     0,
     "2 3 4 ",
     "1 2 ",
     0},
    {"an order comes back in parts",
     MODE_UPSERT,
     {{1, 10, 1}, {1, 11, 2}, {2, 10, 1}},
     {{1, 10, 1}, {2, 10, 1}, {1, 11, 2}},
     0,
     "3 ",
     "2 ",
     2},
};

/* A plan with one file of items. */
struct grouping {
    struct files files;
    struct dataset *dataset;
    struct id_set changed;
    struct existing_group group;
};

static void add_item(struct grouping *grouping, const struct item *item, uint32_t line)
{
    const struct row row = {.values = {{.present = true, .integer = item->order},
                                       {.present = true, .integer = item->product},
                                       {.present = true, .integer = item->position}}};

    ck_assert(existing_group_add(
        &grouping->group, &row, line,
        updated_columns_are_compared(grouping->dataset, grouping->dataset->sources[0])));
}

static void have_item(struct dataset *dataset, const struct item *item)
{
    const uint8_t product[] = {0, 0, 0, (uint8_t)item->product};
    const uint8_t position[] = {0, 0, 0, (uint8_t)item->position};
    const struct copy_out_field fields[] = {{.bytes = product, .length = sizeof product},
                                            {.bytes = position, .length = sizeof position}};
    uint64_t *digest = paged_array_at(&dataset->database.digests, sizeof *digest, item->order);

    ck_assert_ptr_nonnull(digest);
    *digest += row_digest_of_fields(&dataset->database.compared, fields);
}

static void begin(struct grouping *grouping, int number)
{
    static const char *const texts[] = {"order_id,product_id,add_to_cart_order\n", NULL};

    *grouping = (struct grouping){.dataset = NULL};
    files_open(&grouping->files, texts, NULL);
    grouping->dataset = &grouping->files.plan.datasets[TABLE_ORDER_ITEMS];
    grouping->dataset->mode = files_of_items[number].mode;
    grouping->dataset->sources[0]->line_base = 0;
    grouping->group = (struct existing_group){.dataset = grouping->dataset,
                                              .changed = &grouping->changed,
                                              .session = &grouping->files.session};
    updated_columns_compare(grouping->dataset, &grouping->dataset->database.compared);
    for (size_t i = 0; i < ITEMS_MAX && files_of_items[number].database[i].order != 0; i++)
        have_item(grouping->dataset, &files_of_items[number].database[i]);
}

/* Adds the file's rows; the last order's row is the last key to ask for. */
static void add_all(struct grouping *grouping, int number)
{
    const struct item last = {LAST_ORDER, 10, 1};
    uint32_t line = 2;

    for (size_t i = 0; i < ITEMS_MAX && files_of_items[number].file[i].order != 0; i++)
        add_item(grouping, &files_of_items[number].file[i], line++);
    if (files_of_items[number].left_out != 0)
        ck_assert(dataset_skip_line(grouping->dataset, files_of_items[number].left_out));
    add_item(grouping, &last, line);
}

static void end(struct grouping *grouping)
{
    existing_group_free(&grouping->group);
    id_set_free(&grouping->changed);
    files_close(&grouping->files);
}

static void expect_ids(const struct id_set *set, const char *ids, const char *name)
{
    char found[64] = "";
    size_t used = 0;

    for (int id = 1; id <= LAST_ORDER; id++)
        if (id_set_contains(set, id))
            used += (size_t)snprintf(found + used, sizeof found - used, "%d ", id);
    ck_assert_msg(strcmp(found, ids) == 0, "%s: %s, not %s", name, found, ids);
}

START_TEST(compares_the_rows_of_a_parent_as_a_whole)
{
    const char *name = files_of_items[_i].name;
    struct grouping grouping;

    begin(&grouping, _i);
    add_all(&grouping, _i);
    expect_ids(&grouping.dataset->files.unchanged, files_of_items[_i].unchanged, name);
    expect_ids(&grouping.dataset->files.complete_parents, files_of_items[_i].complete_parents,
               name);
    ck_assert_msg(grouping.group.keys.count == files_of_items[_i].keys + 1, "%s: %zu keys", name,
                  grouping.group.keys.count);
    ck_assert_uint_eq(grouping.dataset->sources[0]->rows_unchanged,
                      id_set_count(&grouping.dataset->files.unchanged));
    ck_assert_uint_eq(grouping.dataset->sources[0]->rows_kept, 0);
    end(&grouping);
}
END_TEST

/* Until then they count as rows of the files, so that a second one with the key is a duplicate. */
START_TEST(counts_what_is_kept_when_all_is_judged)
{
    struct grouping grouping;
    const struct item item = {1, 10, 5};

    begin(&grouping, 0);
    grouping.dataset->mode = _i == 0 ? MODE_SKIP : MODE_UPSERT;
    updated_columns_compare(grouping.dataset, &grouping.dataset->database.compared);
    paged_array_free(&grouping.dataset->database.digests);
    have_item(grouping.dataset, &item);
    add_item(&grouping, &item, 2);
    ck_assert(existing_group_finish(&grouping.group));
    ck_assert_uint_eq(grouping.dataset->sources[0]->rows_unchanged, _i == 0 ? 0 : 1);
    ck_assert_uint_eq(grouping.dataset->sources[0]->rows_kept, _i == 0 ? 1 : 0);
    expect_ids(&grouping.dataset->files.left_out, _i == 0 ? "2 " : "", "left out");
    expect_ids(&grouping.dataset->files.unchanged, _i == 0 ? "" : "2 ", "unchanged");
    ck_assert(id_set_is_empty(&grouping.changed));
    end(&grouping);
}
END_TEST

/* A row of a file with other columns, or of which nobody knows what it would set. */
START_TEST(a_row_that_cannot_be_compared_makes_its_group_differ)
{
    struct grouping grouping;

    begin(&grouping, 0);
    for (size_t i = 0; i < 3; i++) {
        const struct item *item = &files_of_items[0].file[i];
        const struct row row = {.values = {{.present = true, .integer = item->order},
                                           {.present = true, .integer = item->product},
                                           {.present = true, .integer = item->position}}};

        ck_assert(existing_group_add(&grouping.group, &row, (uint32_t)i + 2, i != 0));
    }
    add_item(&grouping, &(struct item){LAST_ORDER, 10, 1}, 5);
    expect_ids(&grouping.dataset->files.unchanged, "4 ", "unchanged");
    expect_ids(&grouping.dataset->files.complete_parents, "2 ", "same parents");
    end(&grouping);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("existing_group");
    TCase *tests = tcase_create("existing_group");

    tcase_add_loop_test(tests, compares_the_rows_of_a_parent_as_a_whole, 0,
                        TABLE_ROWS(files_of_items));
    tcase_add_loop_test(tests, counts_what_is_kept_when_all_is_judged, 0, 2);
    tcase_add_test(tests, a_row_that_cannot_be_compared_makes_its_group_differ);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

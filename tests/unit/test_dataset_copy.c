#include "plan/dataset_copy.h"

#include "files.h"
#include "suite.h"

#define ITEMS       "order_id,product_id,add_to_cart_order,reordered\n1,1,1,0\n1,2,2,0\n"
#define OTHER_ITEMS "order_id,product_id,add_to_cart_order,reordered\n2,1,1,0\n"

/* The items' dataset, and a copy of it. */
struct copied {
    struct files files;
    struct dataset *items;
    struct dataset_copy copy;
    bool opened;
};

static void open_files(struct copied *copied)
{
    files_open(&copied->files, (const char *const[]){ITEMS, OTHER_ITEMS, NULL}, NULL);
    copied->items = &copied->files.plan.datasets[table_streamed()];
    ck_assert_uint_eq(copied->items->source_count, 2);
}

static void copy(struct copied *copied)
{
    ck_assert_msg(
        dataset_copy_open(&copied->copy, copied->items, &copied->opened, &copied->files.error),
        "%s", copied->files.error.message);
}

static void end(struct copied *copied)
{
    dataset_copy_close(&copied->copy);
    files_close(&copied->files);
}

/* As the two readings leave it. */
static void count_rows(struct copied *copied, const uint64_t checked[2], const uint64_t sent[2])
{
    for (size_t i = 0; i < 2; i++) {
        copied->items->sources[i]->rows_read = checked[i];
        copied->items->sources[i]->seconds = 1;
        copied->copy.sources[i].rows_loaded = sent[i];
        copied->copy.sources[i].seconds = 2;
    }
    copied->copy.dataset.done.sent = true;
}

START_TEST(has_sources_and_inputs_of_its_own)
{
    struct copied copied;

    open_files(&copied);
    copied.items->files.sets_aside = true;
    copied.items->sources[0]->rows_loaded = 7;
    copy(&copied);
    ck_assert(copied.opened);
    ck_assert(!copied.copy.dataset.files.sets_aside);
    ck_assert_ptr_eq(copied.copy.dataset.table, copied.items->table);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_ptr_eq(copied.copy.dataset.sources[i], &copied.copy.sources[i]);
        ck_assert_ptr_ne(copied.copy.sources[i].input, copied.items->sources[i]->input);
        ck_assert_int_eq(
            input_compare(copied.copy.sources[i].input, copied.items->sources[i]->input), 0);
        ck_assert_uint_eq(copied.copy.sources[i].rows_loaded, 0);
    }
    end(&copied);
}
END_TEST

START_TEST(gives_back_what_was_sent)
{
    struct copied copied;

    open_files(&copied);
    copy(&copied);
    count_rows(&copied, (const uint64_t[]){2, 1}, (const uint64_t[]){2, 1});
    ck_assert(dataset_copy_settle(&copied.copy, copied.items, &copied.files.error));
    ck_assert_uint_eq(copied.items->sources[0]->rows_loaded, 2);
    ck_assert_uint_eq(copied.items->sources[1]->rows_loaded, 1);
    ck_assert_double_eq(copied.items->sources[1]->seconds, 3);
    ck_assert(copied.items->done.sent);
    end(&copied);
}
END_TEST

static const uint64_t other_counts[][2] = {{1, 1}, {3, 1}, {2, 0}};

START_TEST(refuses_other_rows_than_were_checked)
{
    struct copied copied;

    open_files(&copied);
    copy(&copied);
    count_rows(&copied, (const uint64_t[]){2, 1}, other_counts[_i]);
    ck_assert(!dataset_copy_settle(&copied.copy, copied.items, &copied.files.error));
    ck_assert_int_eq(copied.files.error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(
        strstr(copied.files.error.message, ": the file changed while it was being loaded"));
    ck_assert(!copied.items->done.sent);
    end(&copied);
}
END_TEST

START_TEST(is_none_where_files_are_kept_closed)
{
    struct copied copied;

    open_files(&copied);
    input_keep_closed(copied.items->sources[1]->input);
    copy(&copied);
    ck_assert(!copied.opened);
    ck_assert_ptr_null(copied.copy.sources);
    end(&copied);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset copy");
    TCase *tests = tcase_create("items");

    tcase_add_test(tests, has_sources_and_inputs_of_its_own);
    tcase_add_test(tests, gives_back_what_was_sent);
    tcase_add_loop_test(tests, refuses_other_rows_than_were_checked, 0, TABLE_ROWS(other_counts));
    tcase_add_test(tests, is_none_where_files_are_kept_closed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

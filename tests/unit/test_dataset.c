#include "plan/dataset.h"

#include "files.h"
#include "suite.h"

#define AISLES "aisle_id,aisle\n"

/* Two files of three lines each: lines 1 to 3, and 4 to 6. */
static struct dataset *open_aisles(struct files *files)
{
    struct dataset *dataset;

    files_open(files,
               (const char *const[]){AISLES "1,soup\n2,beer\n", AISLES "3,wine\n4,cake\n", NULL},
               NULL);
    dataset = &files->plan.datasets[TABLE_AISLES];
    for (size_t i = 0; i < dataset->source_count; i++) {
        dataset->sources[i]->line_base = (uint32_t)(3 * i);
        dataset->sources[i]->line_count = 3;
    }
    return dataset;
}

START_TEST(an_unchanged_line_is_counted_once_for_its_file)
{
    struct files files;
    struct dataset *dataset = open_aisles(&files);

    ck_assert(dataset_note_unchanged(dataset, 5));
    ck_assert(dataset_note_unchanged(dataset, 5));
    ck_assert(dataset_note_unchanged(dataset, 6));
    ck_assert(id_set_contains(&dataset->files.unchanged, 5));
    ck_assert_uint_eq(dataset->sources[0]->rows_unchanged, 0);
    ck_assert_uint_eq(dataset->sources[1]->rows_unchanged, 2);
    files_close(&files);
}
END_TEST

static bool (*const ways_out[])(struct dataset *dataset, uint32_t line) = {
    dataset_skip_line, dataset_reject_line, dataset_keep_existing};

START_TEST(an_unchanged_line_that_is_left_out_is_counted_as_that_alone)
{
    struct files files;
    struct dataset *dataset = open_aisles(&files);
    const struct source *source = dataset->sources[0];

    ck_assert(dataset_note_unchanged(dataset, 2));
    ck_assert(dataset_note_unchanged(dataset, 3));
    ck_assert(ways_out[_i](dataset, 2));
    ck_assert(!id_set_contains(&dataset->files.unchanged, 2));
    ck_assert(id_set_contains(&dataset->files.unchanged, 3));
    ck_assert(id_set_contains(&dataset->files.left_out, 2));
    ck_assert_uint_eq(source->rows_unchanged, 1);
    ck_assert_uint_eq(source->rows_skipped + source->rows_bad + source->rows_kept, 1);
    /* A line that was not among the unchanged ones takes no other out. */
    ck_assert(ways_out[_i](dataset, 5));
    ck_assert_uint_eq(source->rows_unchanged, 1);
    ck_assert_uint_eq(dataset->sources[1]->rows_unchanged, 0);
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("lines");

    tcase_add_test(tests, an_unchanged_line_is_counted_once_for_its_file);
    tcase_add_loop_test(tests, an_unchanged_line_that_is_left_out_is_counted_as_that_alone, 0,
                        TABLE_ROWS(ways_out));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

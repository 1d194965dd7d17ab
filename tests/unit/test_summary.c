#include "cli/summary.h"

#include "suite.h"

#include <stdlib.h>

/* What became of the rows of one file, in a run of 2 s. */
static const struct {
    struct source source;
    struct run run;
    bool no_file;
    const char *text;
} totals[] = {
    {{.rows_read = 7, .rows_updated = 1, .rows_unchanged = 6},
     {.database = "shop"},
     false,
     "a.csv: 1 updated, 6 unchanged\n\n1 row updated in 2.00 s\ncommitted to shop\n"},
    {{.rows_read = 2500, .rows_updated = 2500},
     {.database = "shop"},
     false,
     "a.csv: 2,500 updated\n\n2,500 rows updated in 2.00 s (1,250 rows/s)\ncommitted to shop\n"},
    {{.rows_read = 7, .rows_unchanged = 7},
     {.database = "shop"},
     false,
     "nothing new: 7 rows unchanged (2.00 s)\n"},
    {{.rows_read = 7, .rows_kept = 6, .rows_skipped = 1},
     {.database = "shop", .dry = true},
     false,
     "nothing new: 6 rows kept as the database has them, 1 skipped as duplicates (2.00 s)\n"
     "dry run: nothing committed to shop\n"},
    {{.loaded_before = 3, .loaded_at = "2026-11-26T12:00:00Z"},
     {.database = "shop", .api_created = true},
     false,
     "API: created or brought up to date\n"
     "nothing new: 1 file loaded before (2.00 s)\n"
     "committed to shop\n"},
    {{.rows_read = 0},
     {.database = "shop"},
     false,
     "nothing new: the files have no rows (2.00 s)\n"},
    /* A directory that has none. */
    {{.rows_read = 0}, {.database = "shop"}, true, "nothing new: there are no files (2.00 s)\n"},
    {{.rows_read = 0},
     {.database = "shop", .schema_reset = true, .schema_created = true},
     true,
     "schema: dropped\nschema: created what was missing\ncommitted to shop\n"},
    /* A sequence stood behind the ids, and was set. */
    {{.rows_read = 7, .rows_unchanged = 7},
     {.database = "shop",
      .plan.datasets[0].database.sequence = {.schema = "a", .name = "b", .before = 5, .next = 8}},
     false,
     "nothing new: 7 rows unchanged (2.00 s)\n\nsequence  next value\na.b                8\n\n"
     "committed to shop\n"},
    {{.rows_read = 1},
     {.checked_only = true},
     false,
     "\n1 row checked in 2.00 s\nnothing wrong, nothing loaded\n"},
};

START_TEST(says_what_came_of_the_files)
{
    struct source source = totals[_i].source, *sources[] = {&source};
    struct run run = totals[_i].run;
    const struct summary_style style = {.columns = 0};
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(stream);
    source.path = "a.csv";
    run.seconds = 2;
    run.plan.sources = sources;
    run.plan.source_count = totals[_i].no_file ? 0 : 1;
    ck_assert(summary_print(&run, &style, stream));
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(text, totals[_i].text);
    free(text);
}
END_TEST

START_TEST(says_when_it_cannot_be_written)
{
    const struct summary_style style = {.columns = 0};
    struct run run = {.schema_created = true};
    FILE *full = fopen("/dev/full", "w");

    ck_assert_ptr_nonnull(full);
    ck_assert(!summary_print(&run, &style, full));
    (void)fclose(full);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("summary");
    TCase *tests = tcase_create("summary");

    tcase_add_loop_test(tests, says_what_came_of_the_files, 0, TABLE_ROWS(totals));
    tcase_add_test(tests, says_when_it_cannot_be_written);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

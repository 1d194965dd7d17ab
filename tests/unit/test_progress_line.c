#include "cli/progress_line.h"
#include "suite.h"

#include <math.h>

/* A phase list with one phase in the middle, as the line sees it. */
static struct phase_list show(struct phase *phase, uint64_t bytes, uint64_t total, uint64_t rows)
{
    return (struct phase_list){.list = {.items = phase, .count = 1},
                               .running = true,
                               .bytes = bytes,
                               .total_bytes = total,
                               .rows = rows};
}

static char order_file[] = "orders.csv";
static char long_file[] = "/srv/timele/2026-11-22/orders.csv";
static char wide_file[] = "\u6ce8\u6587\u6ce8\u6587\u6ce8\u6587.csv";
static char item_index[] = "index orders.order_items_pkey";

static const struct {
    int columns;
    struct phase phase;
    uint64_t bytes, total, rows;
    double left;
    const char *line;
} lines[] = {
    {79,
     {"check", order_file, 4},
     25,
     100,
     1234567,
     12,
     "check orders.csv                  25%   1,234,567 rows    308,641/s   0:12 left"},
    {40,
     {"check", order_file, 4},
     25,
     100,
     1234567,
     12,
     "check orders.csv         25%   0:12 left"},
    {30, {"check", order_file, 4}, 25, 100, 1234567, 12, "check orders.csv           25%"},
    {20, {"check", order_file, 4}, 25, 100, 1234567, 12, "check ...s.csv   25%"},
    {8, {"check", order_file, 4}, 25, 100, 1234567, 12, "check"},
    {3, {"check", order_file, 4}, 25, 100, 1234567, 12, "..."},
    {79,
     {"check", long_file, 400},
     25,
     100,
     1234567,
     1200,
     "check .../2026-11-22/orders.csv   25%   1,234,567 rows      3,086/s  20:00 left"},
    {40,
     {"copy", wide_file, 4000},
     25,
     100,
     7,
     12000,
     "copy ...\u6ce8\u6587\u6ce8\u6587.csv   25%  3:20:00 left"},
    /* It is not known. */
    {79,
     {"check", order_file, 0.001},
     25,
     100,
     7,
     -1,
     "check orders.csv                  25%           7 rows                         "},
    /* The server is still busy. */
    {79,
     {"copy", order_file, 75},
     100,
     100,
     1234567,
     -1,
     "copy orders.csv                  100%   1,234,567 rows     16,460/s        1:15"},
    {79,
     {"copy", order_file, 75},
     100,
     100,
     1234567,
     0,
     "copy orders.csv                  100%   1,234,567 rows     16,460/s   0:00 left"},
    {79,
     {"create", item_index, 14.7},
     0,
     0,
     0,
     -1,
     "create index orders.order_items_pkey                                       0:14"},
    {79,
     {"create", item_index, 14.7},
     0,
     0,
     0,
     83,
     "create index orders.order_items_pkey                           0:14   1:23 left"},
    /* The time left stands in another line. */
    {79,
     {"create", item_index, 14.7},
     0,
     0,
     0,
     INFINITY,
     "create index orders.order_items_pkey                           0:14            "},
    {79,
     {"copy", order_file, 4},
     25,
     100,
     1234567,
     INFINITY,
     "copy orders.csv                   25%   1,234,567 rows    308,641/s            "},
    {79,
     {"copy", order_file, 75},
     100,
     100,
     1234567,
     INFINITY,
     "copy orders.csv                  100%   1,234,567 rows     16,460/s        1:15"},
    {39, {"create", item_index, 14.7}, 0, 0, 0, 83, "create ..._items_pkey  0:14   1:23 left"},
    {24, {"create", item_index, 14.7}, 0, 0, 0, 83, "create ...ems_pkey  0:14"},
};

START_TEST(fits_its_columns)
{
    struct phase phase = lines[_i].phase;
    struct phase_list phases = show(&phase, lines[_i].bytes, lines[_i].total, lines[_i].rows);
    char text[PROGRESS_LINE_SIZE];

    ck_assert_str_eq(progress_line(&phases, lines[_i].left, lines[_i].columns, text),
                     lines[_i].line);
}
END_TEST

START_TEST(never_is_wider_than_asked)
{
    struct phase phase = lines[_i].phase;
    struct phase_list phases = show(&phase, lines[_i].bytes, lines[_i].total, lines[_i].rows);
    char text[PROGRESS_LINE_SIZE];

    for (int columns = 0; columns < 300; columns++) {
        ck_assert_int_le(text_columns(progress_line(&phases, lines[_i].left, columns, text)),
                         columns);
        ck_assert_int_le(text_columns(progress_line_done(&phases, columns, text)), columns);
    }
}
END_TEST

static const struct {
    struct phase phase;
    uint64_t bytes, total, rows;
    double left;
    const char *line, *words, *words_done;
} words[] = {
    {{"check", order_file, 4},
     25,
     100,
     1234567,
     12,
     "check orders.csv                        1,234,567 rows    308,641/s      4.00 s",
     "25%, 1,234,567 rows, 0:12 left",
     "1,234,567 rows in 4.00 s"},
    {{"check", order_file, 75},
     100,
     100,
     1234567,
     -1,
     "check orders.csv                        1,234,567 rows     16,460/s  1 min 15 s",
     "1:15 so far",
     "1,234,567 rows in 1 min 15 s"},
    {{"create", item_index, 14.7},
     0,
     0,
     0,
     -1,
     "create index orders.order_items_pkey                                    14.70 s",
     "0:14 so far",
     "done after 14.70 s"},
    {{"create", item_index, 14.7},
     0,
     0,
     0,
     83,
     "create index orders.order_items_pkey                                    14.70 s",
     "0:14 so far, 1:23 left",
     "done after 14.70 s"},
    {{"check", order_file, 4},
     25,
     100,
     7,
     -1,
     "check orders.csv                                7 rows          1/s      4.00 s",
     "25%, 7 rows",
     "7 rows in 4.00 s"},
};

START_TEST(tells_the_end_and_the_log)
{
    struct phase phase = words[_i].phase;
    struct phase_list phases = show(&phase, words[_i].bytes, words[_i].total, words[_i].rows);
    char text[PROGRESS_LINE_SIZE];

    ck_assert_str_eq(progress_line_done(&phases, 79, text), words[_i].line);
    ck_assert_str_eq(progress_words(&phases, words[_i].left, text), words[_i].words);
    ck_assert_str_eq(progress_words_done(&phases, text), words[_i].words_done);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("progress_line");
    TCase *tests = tcase_create("progress_line");

    tcase_add_loop_test(tests, fits_its_columns, 0, TABLE_ROWS(lines));
    tcase_add_loop_test(tests, never_is_wider_than_asked, 0, TABLE_ROWS(lines));
    tcase_add_loop_test(tests, tells_the_end_and_the_log, 0, TABLE_ROWS(words));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

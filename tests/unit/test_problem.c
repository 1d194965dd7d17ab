#include "row/problem.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define VALUE(literal)                                                                             \
    (struct problem_value)                                                                         \
    {                                                                                              \
        .text = (literal), .length = sizeof(literal) - 1                                           \
    }

/* Adds a problem of the row "42" in range; `what` is the text of a literal. */
static void add(struct problem_list *list, uint64_t line, const char *column,
                struct problem_value value, const char *what)
{
    const struct problem_place place = {
        .code = PROBLEM_RANGE, .line = line, .column = column, .key = "42", .value = value};

    problem_add(list, &place, "%s", what);
}

#define NO_VALUE                                                                                   \
    (struct problem_value)                                                                         \
    {                                                                                              \
        .text = NULL                                                                               \
    }

static void expect_printed(struct problem_list *list, const char *expected)
{
    char *text = NULL;
    size_t size;
    struct log log = {.stream = open_memstream(&text, &size), .level = LOG_QUIET};

    ck_assert_ptr_nonnull(log.stream);
    problem_list_print(list, "users.csv", &log);
    ck_assert_int_eq(fclose(log.stream), 0);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(names_file_line_column_reason_and_value)
{
    struct problem_list list = {0};

    problem_add(&list,
                &(struct problem_place){.code = PROBLEM_RANGE,
                                        .line = 7,
                                        .column = "order_dow",
                                        .key = "42",
                                        .value = VALUE("9")},
                "not in %d to %d", 0, 6);
    ck_assert_uint_eq(list.count, 1);
    expect_printed(&list, "users.csv:7: order_dow: not in 0 to 6 (\"9\")\n");
    problem_list_free(&list);
}
END_TEST

static const struct {
    struct problem_value value;
    const char *printed;
} values[] = {
    {{.text = NULL}, "users.csv:7: city: wrong\n"},
    {{.text = "", .length = 0}, "users.csv:7: city: wrong (\"\")\n"},
    {{.text = "caf\303\251", .length = 5}, "users.csv:7: city: wrong (\"caf\303\251\")\n"},
    {{.text = "abc", .length = 2}, "users.csv:7: city: wrong (\"ab\")\n"},
    {{.text = "\033[31m\n", .length = 6}, "users.csv:7: city: wrong (\"\\x1b[31m\\n\")\n"},
    {{.text = "a\0b", .length = 3}, "users.csv:7: city: wrong (\"a\\x00b\")\n"},
    {{.text = "0123456789012345678901234567890123456789012345678901234567890", .length = 61},
     "users.csv:7: city: wrong (\"012345678901234567890123456789012345678901234567890123456789..."
     "\")\n"},
};

START_TEST(shows_values_without_harm)
{
    struct problem_list list = {0};

    add(&list, 7, "city", values[_i].value, "wrong");
    expect_printed(&list, values[_i].printed);
    problem_list_free(&list);
}
END_TEST

/* The record's bytes are gone when the problem is printed. */
START_TEST(keeps_copies)
{
    struct problem_list list = {0};
    char column[] = "city";
    char value[] = "Paris";

    add(&list, 7, column, (struct problem_value){.text = value, .length = 5}, "wrong");
    memset(column, 'x', strlen(column));
    memset(value, 'x', strlen(value));
    expect_printed(&list, "users.csv:7: city: wrong (\"Paris\")\n");
    problem_list_free(&list);
}
END_TEST

START_TEST(prints_nothing_of_an_empty_list)
{
    struct problem_list list = {0};

    expect_printed(&list, "");
    problem_list_free(&list);
}
END_TEST

/* Some things come to light only when the rest of the file is known. */
START_TEST(prints_by_line)
{
    struct problem_list list = {0};

    add(&list, 9, "a", NO_VALUE, "third");
    add(&list, 18446744073709551615U, "a", NO_VALUE, "last");
    add(&list, 2, "a", NO_VALUE, "first");
    add(&list, 5, "a", NO_VALUE, "second");
    expect_printed(&list, "users.csv:2: a: first\n"
                          "users.csv:5: a: second\n"
                          "users.csv:9: a: third\n"
                          "users.csv:18446744073709551615: a: last\n");
    problem_list_free(&list);
}
END_TEST

static void add_many(struct problem_list *list, uint64_t count)
{
    for (uint64_t line = 1; line <= count; line++)
        add(list, line, "city", VALUE("Paris"), "wrong");
}

static void print_first(char *text, size_t size, int count)
{
    for (int line = 1, used = 0; line <= count; line++)
        used += snprintf(text + used, size - (size_t)used,
                         "users.csv:%d: city: wrong (\"Paris\")\n", line);
}

START_TEST(shows_the_first_twenty)
{
    struct problem_list list = {0};
    char expected[2048] = "";

    add_many(&list, 20);
    print_first(expected, sizeof expected, 20);
    expect_printed(&list, expected);
    problem_list_free(&list);
}
END_TEST

START_TEST(counts_them_all)
{
    struct problem_list list = {0};
    char expected[2048] = "";

    add_many(&list, 1000020);
    ck_assert_uint_eq(list.count, 1000020);
    print_first(expected, sizeof expected, 20);
    (void)strcat(expected, "users.csv: 1000000 more not shown\n");
    expect_printed(&list, expected);
    problem_list_free(&list);
}
END_TEST

static void add_reference(struct problem_list *list, uint64_t line, const char *column, int64_t id,
                          enum problem_code code)
{
    char text[24];
    const struct problem_place place = {
        .code = code,
        .line = line,
        .column = column,
        .key = "42",
        .is_alike = true,
        .id = id,
        .value = {.text = text, .length = (size_t)snprintf(text, sizeof text, "%d", (int)id)}};

    problem_add(list, &place, "unknown");
}

START_TEST(shows_a_reference_once_with_its_rows)
{
    struct problem_list list = {0};

    add_reference(&list, 2, "user_id", 17, PROBLEM_FOREIGN_KEY);
    add_reference(&list, 3, "user_id", 18, PROBLEM_FOREIGN_KEY);
    add_reference(&list, 4, "user_id", 17, PROBLEM_FOREIGN_KEY);
    add_reference(&list, 4, "order_id", 17, PROBLEM_FOREIGN_KEY);
    add_reference(&list, 5, "user_id", 17, PROBLEM_PARENT_REJECTED);
    add_reference(&list, 6, "user_id", 17, PROBLEM_FOREIGN_KEY);
    add(&list, 7, "user_id", VALUE("17"), "wrong");
    add(&list, 8, "user_id", VALUE("17"), "wrong");
    ck_assert_uint_eq(list.count, 8);
    ck_assert_uint_eq(list.kept, 6);
    expect_printed(&list, "users.csv:2: user_id: unknown (\"17\" in 3 rows)\n"
                          "users.csv:3: user_id: unknown (\"18\")\n"
                          "users.csv:4: order_id: unknown (\"17\")\n"
                          "users.csv:5: user_id: unknown (\"17\")\n"
                          "users.csv:7: user_id: wrong (\"17\")\n"
                          "users.csv:8: user_id: wrong (\"17\")\n");
    problem_list_free(&list);
}
END_TEST

/* Of 30 ids with 100 rows each, 20 are shown: the rows of the others are not. */
START_TEST(counts_the_rows_of_the_references_that_it_shows)
{
    struct problem_list list = {0};
    char expected[2048] = "";
    size_t used = 0;

    for (uint64_t line = 0; line < 3000; line++)
        add_reference(&list, line + 2, "user_id", (int64_t)(line % 30), PROBLEM_FOREIGN_KEY);
    ck_assert_uint_eq(list.count, 3000);
    for (int id = 0; id < 20; id++)
        used +=
            (size_t)snprintf(expected + used, sizeof expected - used,
                             "users.csv:%d: user_id: unknown (\"%d\" in 100 rows)\n", id + 2, id);
    (void)snprintf(expected + used, sizeof expected - used, "users.csv: 1000 more not shown\n");
    expect_printed(&list, expected);
    problem_list_free(&list);
}
END_TEST

static void take_problem(void *listener, const struct problem *problem)
{
    uint64_t *lines = listener;

    ck_assert_str_eq(problem->column, "city");
    ck_assert_str_eq(problem->key, "42");
    ck_assert_str_eq(problem->reason, "wrong");
    ck_assert_str_eq(problem->value, "Paris");
    ck_assert_str_eq(problem_code_name(problem->code), "range");
    *lines += problem->line;
}

/* Those that are not shown are told as well. */
START_TEST(tells_each_of_them)
{
    uint64_t lines = 0;
    struct problem_list list = {.tell = take_problem, .listener = &lines};

    add_many(&list, 100);
    ck_assert_uint_eq(lines, 5050);
    problem_list_free(&list);
}
END_TEST

START_TEST(cuts_long_texts)
{
    struct problem_list list = {0};
    char column[200];
    char reason[400];
    char expected[1024];

    memset(column, 'c', sizeof column);
    column[sizeof column - 1] = '\0';
    memset(reason, 'r', sizeof reason);
    reason[sizeof reason - 1] = '\0';
    add(&list, 7, column, VALUE("1"), reason);
    (void)snprintf(expected, sizeof expected, "users.csv:7: %.*s: %.*s (\"1\")\n",
                   PROBLEM_COLUMN_SIZE - 1, column, PROBLEM_REASON_SIZE - 1, reason);
    expect_printed(&list, expected);
    problem_list_free(&list);
}
END_TEST

START_TEST(is_empty_again_when_freed)
{
    struct problem_list list = {0};

    problem_list_free(&list);
    add(&list, 7, "city", NO_VALUE, "wrong");
    problem_list_free(&list);
    ck_assert_uint_eq(list.count, 0);
    expect_printed(&list, "");
    add(&list, 8, "city", NO_VALUE, "wrong");
    expect_printed(&list, "users.csv:8: city: wrong\n");
    problem_list_free(&list);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problem");
    TCase *tests = tcase_create("problems");

    tcase_add_test(tests, names_file_line_column_reason_and_value);
    tcase_add_loop_test(tests, shows_values_without_harm, 0, TABLE_ROWS(values));
    tcase_add_test(tests, keeps_copies);
    tcase_add_test(tests, prints_nothing_of_an_empty_list);
    tcase_add_test(tests, prints_by_line);
    tcase_add_test(tests, shows_the_first_twenty);
    tcase_add_test(tests, counts_them_all);
    tcase_add_test(tests, shows_a_reference_once_with_its_rows);
    tcase_add_test(tests, counts_the_rows_of_the_references_that_it_shows);
    tcase_add_test(tests, tells_each_of_them);
    tcase_add_test(tests, cuts_long_texts);
    tcase_add_test(tests, is_empty_again_when_freed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

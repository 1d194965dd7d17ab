#include "base/interrupt.h"
#include "pg/copy_out.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define QUERY   "SELECT id, inferred FROM products.products"
#define SQL     "COPY (" QUERY ") TO STDOUT (FORMAT binary)"
#define HEADER  "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER "\377\377"
#define LOST    .loses = true, .message = "no connection\n"
#define REFUSAL ERROR_DATABASE, "permission denied for table products", "A detail.", "A hint."
#define ROW_7   "\0\2\0\0\0\4\0\0\0\7\0\0\0\1\1"
#define ROW_8   "\0\2\0\0\0\4\0\0\0\10\0\0\0\1\0"

/* One CopyData message. */
#define MESSAGE(literal)                                                                           \
    {                                                                                              \
        GET_COPY_DATA, .bytes = (literal), .length = (int)sizeof(literal) - 1                      \
    }
#define START                                                                                      \
    {SENDS(SQL)},                                                                                  \
    {                                                                                              \
        GET_RESULT, .result = &copying                                                             \
    }
/* No more data, then how the statement ended. */
#define END_OF_DATA                                                                                \
    {                                                                                              \
        GET_COPY_DATA, .returns = -1                                                               \
    }
#define DONE                                                                                       \
    END_OF_DATA, {GIVES(done)},                                                                    \
    {                                                                                              \
        .function = GET_RESULT                                                                     \
    }

static const struct scripted_result copying = {.status = PGRES_COPY_OUT};
static const struct scripted_result done = {.status = PGRES_COMMAND_OK, .rows_changed = "2"};
static const struct scripted_result refused = {.status = PGRES_FATAL_ERROR,
                                               .severity = "ERROR",
                                               .state = "42501",
                                               .message = "permission denied for table products",
                                               .detail = "A detail.",
                                               .hint = "A hint."};
static const struct scripted_result cancelled = {.status = PGRES_FATAL_ERROR,
                                                 .severity = "ERROR",
                                                 .message =
                                                     "canceling statement due to user request"};

/* The rows seen, as text, and after how many to stop. */
struct rows {
    char text[256];
    size_t count;
    size_t stop_after; /* 0: never */
};

static bool note_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct rows *rows = context;
    size_t used = strlen(rows->text);

    (void)snprintf(rows->text + used, sizeof rows->text - used, "%lld %s;",
                   (long long)copy_out_integer(&fields[0]),
                   copy_out_boolean(&fields[1]) ? "true" : "false");
    if (++rows->count == rows->stop_after)
        return error_set(error, ERROR_INTERNAL, "out of memory");
    return true;
}

static bool give_rows(struct connection *connection, uint16_t field_count, copy_out_row *row,
                      void *context, struct error *error)
{
    const struct copy_out copy = {
        .query = QUERY, .field_count = field_count, .row = row, .context = context};

    return copy_out_rows(connection, &copy, error);
}

static const struct {
    const char *name;
    struct scripted_call calls[SCRIPT_LENGTH];
    const char *rows;
} streams[] = {
    {"no rows", {START, MESSAGE(HEADER), MESSAGE(TRAILER), DONE}, ""},
    {"a row with the header",
     {START, MESSAGE(HEADER ROW_7), MESSAGE(ROW_8), MESSAGE(TRAILER), DONE},
     "7 true;8 false;"},
    {"two rows in a message",
     {START, MESSAGE(HEADER), MESSAGE(ROW_7 ROW_8), MESSAGE(TRAILER), DONE},
     "7 true;8 false;"},
    {"all in one message", {START, MESSAGE(HEADER ROW_7 ROW_8 TRAILER), DONE}, "7 true;8 false;"},
    /* Flags and a header extension that nobody has invented yet. */
    {"a header extension",
     {START, MESSAGE("PGCOPY\n\377\r\n\0\0\0\0\1\0\0\0\3abc" ROW_7), MESSAGE(TRAILER), DONE},
     "7 true;"},
    {"messages that are awaited",
     {START,
      {.function = GET_COPY_DATA},
      {READS},
      {.function = GET_COPY_DATA},
      {READS},
      MESSAGE(HEADER ROW_7),
      {.function = GET_COPY_DATA},
      {READS},
      DONE},
     "7 true;"},
};

START_TEST(gives_each_row)
{
    struct connection *connection = script_open(streams[_i].calls);
    struct rows rows = {.text = ""};
    struct error error = {0};

    ck_assert_msg(give_rows(connection, 2, note_row, &rows, &error), "%s", error.message);
    ck_assert_msg(strcmp(rows.text, streams[_i].rows) == 0, "%s: %s", streams[_i].name, rows.text);
    script_close(connection);
}
END_TEST

static bool expect_nulls(void *context, const struct copy_out_field *fields, struct error *error)
{
    size_t *count = context;

    ck_assert_ptr_null(fields[0].bytes);
    ck_assert_ptr_nonnull(fields[1].bytes);
    ck_assert_uint_eq(fields[1].length, 0);
    ck_assert_uint_eq(fields[2].length, 3);
    ck_assert_mem_eq(fields[2].bytes, "a\0b", 3);
    ck_assert_ptr_null(fields[3].bytes);
    ck_assert_int_eq(error->kind, ERROR_NONE);
    (*count)++;
    return true;
}

START_TEST(tells_null_from_empty)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        START,
        MESSAGE(HEADER),
        MESSAGE("\0\4\377\377\377\377\0\0\0\0\0\0\0\3a\0b\377\377\377\377"),
        MESSAGE(TRAILER),
        DONE,
    };
    struct connection *connection = script_open(calls);
    struct error error = {0};
    size_t count = 0;

    ck_assert_msg(give_rows(connection, 4, expect_nulls, &count, &error), "%s", error.message);
    ck_assert_uint_eq(count, 1);
    script_close(connection);
}
END_TEST

static const struct {
    const char *bytes;
    size_t length;
    int64_t value;
} integers[] = {
    {"\0\7", 2, 7},
    {"\200\0", 2, INT16_MIN},
    {"\377\376", 2, -2},
    {"\1\2\3\4", 4, 0x01020304},
    {"\200\0\0\0", 4, INT32_MIN},
    {"\377\377\377\376", 4, -2},
    {"\1\2\3\4\5\6\7\10", 8, 0x0102030405060708},
    {"\200\0\0\0\0\0\0\0", 8, INT64_MIN},
    {"\377\377\377\377\377\377\377\376", 8, -2},
};

START_TEST(reads_integers_of_each_size)
{
    struct copy_out_field field = {.bytes = (const uint8_t *)integers[_i].bytes,
                                   .length = integers[_i].length};

    ck_assert_int_eq(copy_out_integer(&field), integers[_i].value);
}
END_TEST

START_TEST(reads_booleans)
{
    struct copy_out_field yes = {.bytes = (const uint8_t *)"\1", .length = 1};
    struct copy_out_field no = {.bytes = (const uint8_t *)"\0", .length = 1};
    struct copy_out_field null = {.bytes = NULL};

    ck_assert(copy_out_boolean(&yes));
    ck_assert(!copy_out_boolean(&no));
    ck_assert(!copy_out_boolean(&null));
}
END_TEST

/* All of these leave the connection usable: what is left of the data is read, and the result. */
static const struct scripted_case mistakes[] = {
    {"no header",
     {START, MESSAGE(ROW_7), MESSAGE(ROW_8), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data has no header")},
    {"a short header",
     {START, MESSAGE("PGCOPY\n\377\r\n\0\0\0"), MESSAGE(TRAILER), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data has no header")},
    {"a short header extension",
     {START, MESSAGE("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\5abc"), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data has no header")},
    {"a short row",
     {START, MESSAGE(HEADER), MESSAGE("\0"), MESSAGE(ROW_7), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data ends in a row")},
    {"too many columns",
     {START, MESSAGE(HEADER "\0\3\0\0\0\4\0\0\0\7"), MESSAGE(ROW_7), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data has 3 columns")},
    {"a short length",
     {START, MESSAGE(HEADER "\0\2\0\0\0\4\0\0\0\7\0\0"), MESSAGE(ROW_7), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data ends in a field")},
    {"a short field",
     {START, MESSAGE(HEADER "\0\2\0\0\0\4\0\0\0\7\0\0\0\2\1"), MESSAGE(ROW_7), DONE},
     FAILS(ERROR_DATABASE, "the server's COPY data ends in a field")},
};

START_TEST(refuses_what_is_no_copy_data)
{
    struct connection *connection = script_open_case(&mistakes[_i]);
    struct rows rows = {.text = ""};
    struct error error = {0};

    ck_assert(!give_rows(connection, 2, note_row, &rows, &error));
    script_expect_error(&mistakes[_i], &error);
    ck_assert_str_eq(rows.text, "");
    script_close(connection);
}
END_TEST

START_TEST(stops_when_the_caller_wants_no_more)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        START,          MESSAGE(HEADER ROW_7 ROW_8),
        MESSAGE(ROW_8), {.function = GET_COPY_DATA},
        {READS},        MESSAGE(TRAILER),
        DONE,
    };
    struct connection *connection = script_open(calls);
    struct rows rows = {.text = "", .stop_after = 1};
    struct error error = {0};

    ck_assert(!give_rows(connection, 2, note_row, &rows, &error));
    ck_assert_str_eq(error.message, "out of memory");
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    ck_assert_str_eq(rows.text, "7 true;");
    script_close(connection);
}
END_TEST

static const struct scripted_case failures[] = {
    {"a refusal", {{SENDS(SQL)}, {GIVES(refused)}, {GIVES_NO_MORE}}, REFUSAL},
    {"refused after a row",
     {START, MESSAGE(HEADER ROW_7), END_OF_DATA, {GIVES(refused)}, {GIVES_NO_MORE}},
     REFUSAL},
    {"data cannot be read",
     {START,
      MESSAGE(HEADER ROW_7),
      {GET_COPY_DATA, .returns = -2, .message = "no connection\n"},
      {GIVES(refused)},
      {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "no connection")},
    /* The COPY goes on, for libpq. */
    {"no memory for data",
     {START,
      MESSAGE(HEADER ROW_7),
      {GET_COPY_DATA, .returns = -2, .message = "out of memory\n"},
      {GIVES(copying)}},
     FAILS(ERROR_INTERNAL, "out of memory")},
    {"lost as data is awaited",
     {START,
      MESSAGE(HEADER ROW_7),
      {GET_COPY_DATA, .returns = 0},
      {CONSUME_INPUT, .returns = 0, LOST},
      {GIVES(refused)},
      {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost as data is read",
     {START,
      MESSAGE(HEADER ROW_7),
      {GET_COPY_DATA, .returns = 0, LOST},
      {GIVES(refused)},
      {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost after the data",
     {START, MESSAGE(HEADER ROW_7), END_OF_DATA, {CONSUME_INPUT, .returns = 0, LOST}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"refused after the result",
     {START, MESSAGE(HEADER ROW_7), END_OF_DATA, {GIVES(done)}, {GIVES(refused)}, {GIVES_NO_MORE}},
     REFUSAL},
};

START_TEST(notices_a_failure)
{
    struct connection *connection = script_open_case(&failures[_i]);
    struct rows rows = {.text = ""};
    struct error error = {0};

    ck_assert(!give_rows(connection, 2, note_row, &rows, &error));
    script_expect_error(&failures[_i], &error);
    script_close(connection);
}
END_TEST

START_TEST(drains_more_results_than_expected)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        START, MESSAGE(HEADER ROW_7), END_OF_DATA, {GIVES(done)}, {GIVES(done)}, {GIVES_NO_MORE},
    };
    struct connection *connection = script_open(calls);
    struct rows rows = {.text = ""};
    struct error error = {0};

    ck_assert_msg(give_rows(connection, 2, note_row, &rows, &error), "%s", error.message);
    script_close(connection);
}
END_TEST

START_TEST(cancels_when_a_signal_comes_while_it_waits)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        START,
        MESSAGE(HEADER ROW_7),
        {GET_COPY_DATA, .returns = 0, .raises_later = SIGTERM},
        {CANCELS},
        {READS},
        END_OF_DATA,
        {GIVES(cancelled)},
        {GIVES_NO_MORE},
    };
    struct connection *connection = script_open(calls);
    struct rows rows = {.text = ""};
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    ck_assert(!give_rows(connection, 2, note_row, &rows, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    script_close(connection);
}
END_TEST

static TCase *data_case(void)
{
    TCase *tests = tcase_create("data");

    tcase_add_loop_test(tests, gives_each_row, 0, TABLE_ROWS(streams));
    tcase_add_test(tests, tells_null_from_empty);
    tcase_add_loop_test(tests, reads_integers_of_each_size, 0, TABLE_ROWS(integers));
    tcase_add_test(tests, reads_booleans);
    tcase_add_loop_test(tests, refuses_what_is_no_copy_data, 0, TABLE_ROWS(mistakes));
    return tests;
}

static TCase *fault_case(void)
{
    TCase *tests = tcase_create("faults");

    tcase_add_test(tests, stops_when_the_caller_wants_no_more);
    tcase_add_loop_test(tests, notices_a_failure, 0, TABLE_ROWS(failures));
    tcase_add_test(tests, drains_more_results_than_expected);
    tcase_add_test(tests, cancels_when_a_signal_comes_while_it_waits);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("copy_out");

    suite_add_tcase(suite, data_case());
    suite_add_tcase(suite, fault_case());
    return suite_run(suite);
}

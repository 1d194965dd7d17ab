#include "base/interrupt.h"
#include "copy_in_script.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <signal.h>

/* Larger than any buffer that a row would be kept in before it is sent. */
enum { LARGE = 300 * 1000 };

static const struct scripted_result refused = {.status = PGRES_FATAL_ERROR,
                                               .severity = "ERROR",
                                               .state = "23505",
                                               .message = "duplicate key value",
                                               .detail = "Key (id)=(7) already exists.",
                                               .hint = "Take another."};
static const struct scripted_result ended = {
    .status = PGRES_FATAL_ERROR,
    .severity = "FATAL",
    .message = "terminating connection due to administrator command"};

#define GIVES_UP_FOR(cause) PUT_COPY_END, .text = (cause), .returns = 1
#define TELLS               .message = "no connection\n"
#define REFUSAL                                                                                    \
    ERROR_DATABASE, "duplicate key value", "Key (id)=(7) already exists.", "Take another."
#define LOST  .loses = true, TELLS
#define ENDED "terminating connection due to administrator command"

/* A row of one field that does not fit into any buffer, so that it is sent at once. */
static bool write_large_row(struct copy_in *copy, struct error *error)
{
    static const uint8_t zeros[LARGE];

    copy_in_row(copy, 1);
    copy_in_bytes(copy, zeros, sizeof zeros);
    return copy_in_row_end(copy, error);
}

static void write_small_row(struct copy_in *copy)
{
    copy_in_row(copy, 1);
    copy_in_integer(copy, 7);
    end_row(copy);
}

/* A row that is sent at the end of the COPY, which comes next. */
static bool end_after_a_row(struct copy_in *copy, struct error *error)
{
    write_small_row(copy);
    return copy_in_end(copy, error);
}

static const struct scripted_case failed_start = {
    "a refusal", {{SENDS(SQL)}, {GIVES(refused)}, {GIVES_NO_MORE}}, REFUSAL};

START_TEST(says_why_it_cannot_start)
{
    struct connection *connection = script_open_case(&failed_start);
    struct copy_in *copy = NULL;
    struct error error = {0};

    ck_assert(!copy_in_open(connection, SQL, &copy, &error));
    script_expect_error(&failed_start, &error);
    ck_assert_ptr_null(copy);
    script_close(connection);
}
END_TEST

/* Otherwise libpq would keep in memory what the server has not taken. */
START_TEST(waits_until_all_is_sent)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        STARTS,           {TAKES_DATA},     {FLUSHES}, {TAKES_DATA},        {FLUSHES_A_PART},
        {READS},          {FLUSHES_A_PART}, {READS},   {FLUSHES},           {TAKES_DATA},
        {FLUSHES_A_PART}, {READS},          {FLUSHES}, {TAKES_THE_END},     {FLUSHES_A_PART},
        {READS},          {FLUSHES},        {READS},   {GIVES(stored_one)}, {READS},
        {GIVES_NO_MORE}};
    struct connection *connection = script_open(calls);
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    ck_assert_msg(write_large_row(copy, &error), "%s", error.message);
    end_copy(copy);
    script_close(connection);
}
END_TEST

/* A lost connection: libpq is asked what the server said last, then told the reason, in vain. */
#define LAST_WORDS                                                                                 \
    {TAKES_THE_END}, {GIVES(ended)},                                                               \
    {                                                                                              \
        PUT_COPY_END, .text = ENDED, .returns = -1                                                 \
    }
#define NO_WORDS                                                                                   \
    {                                                                                              \
        PUT_COPY_END, .text = "no connection", .returns = -1                                       \
    }

/* Every point at which sending can fail. */
static const struct scripted_case failed_sends[] = {
    {"lost as data is put, and the server said why",
     {STARTS, {PUT_COPY_DATA, .returns = -1, LOST}, LAST_WORDS},
     FAILS(ERROR_DATABASE, ENDED)},
    {"lost as data is put, and the server said nothing",
     {STARTS, {PUT_COPY_DATA, .returns = -1, LOST}, {PUT_COPY_END, .returns = -1}, NO_WORDS},
     FAILS(ERROR_DATABASE, "no connection")},
    {"data cannot be put, and the connection stays",
     {STARTS,
      {TAKES_DATA},
      {PUT_COPY_DATA, .returns = -1, TELLS},
      {GIVES_UP_FOR("no connection")},
      {GIVES(refused)},
      {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost as data is flushed",
     {STARTS, {TAKES_DATA}, {FLUSH, .returns = -1, LOST}, LAST_WORDS},
     FAILS(ERROR_DATABASE, ENDED)},
    {"lost with a part to flush",
     {STARTS, {TAKES_DATA}, {FLUSH, .returns = 1, LOST}, NO_WORDS},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost as input is consumed",
     {STARTS, {TAKES_DATA}, {FLUSHES_A_PART}, {CONSUME_INPUT, .returns = 0, LOST}, LAST_WORDS},
     FAILS(ERROR_DATABASE, ENDED)},
};

/* The first failure stays, and nothing more is sent after it. */
START_TEST(gives_a_failed_send_at_the_end_of_the_row)
{
    const struct scripted_case *row = &failed_sends[_i];
    struct connection *connection = script_open_case(row);
    struct copy_in *copy = open_copy(connection);
    struct error first = {0}, second = {0};

    ck_assert_msg(!write_large_row(copy, &first), "%s", row->name);
    script_expect_error(row, &first);
    ck_assert_msg(!write_large_row(copy, &second), "%s", row->name);
    script_expect_error(row, &second);
    copy_in_abort(copy, first.message);
    script_close(connection);
}
END_TEST

/* The server is not left in the middle of a COPY. */
START_TEST(gives_a_failed_send_at_the_end_of_the_copy)
{
    const struct scripted_case *row = &failed_sends[_i];
    struct connection *connection = script_open_case(row);
    struct copy_in *copy = open_copy(connection);
    struct error ignored = {0}, error = {0};

    (void)write_large_row(copy, &ignored);
    ck_assert_msg(!copy_in_end(copy, &error), "%s", row->name);
    script_expect_error(row, &error);
    script_close(connection);
}
END_TEST

static const struct scripted_result stored_other = {.status = PGRES_COMMAND_OK,
                                                    .rows_changed = "41"};

#define SENDS_ALL                                                                                  \
    STARTS, {TAKES_DATA},                                                                          \
    {                                                                                              \
        TAKES_THE_END                                                                              \
    }

/* A COPY of one row, which is sent at its end. */
static const struct scripted_case failed_ends[] = {
    {"the rows cannot be put",
     {STARTS,
      {PUT_COPY_DATA, .returns = -1, TELLS},
      {GIVES_UP_FOR("no connection")},
      {GIVES(refused)},
      {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost as the end is put",
     {STARTS, {TAKES_DATA}, {PUT_COPY_END, .returns = -1, LOST}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost as the end is flushed",
     {SENDS_ALL, {FLUSH, .returns = -1, LOST}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"lost as the result is awaited",
     {SENDS_ALL, {CONSUME_INPUT, .returns = 0, LOST}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"the server ends",
     {SENDS_ALL, {GIVES(ended), .loses = true}, {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, ENDED)},
    {"refused", {SENDS_ALL, {GIVES(refused)}, {GIVES_NO_MORE}}, REFUSAL},
    {"refused after the count",
     {SENDS_ALL, {GIVES(stored_one)}, {GIVES(refused)}, {GIVES_NO_MORE}},
     REFUSAL},
    {"lost after the count",
     {SENDS_ALL, {GIVES(stored_one)}, {CONSUME_INPUT, .returns = 0, LOST}},
     FAILS(ERROR_DATABASE, "no connection")},
    {"more stored than sent",
     {SENDS_ALL, {GIVES(stored_other)}, {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "1 rows were sent and the server stored 41")},
    {"less stored than sent",
     {SENDS_ALL, {GIVES(stored_none)}, {GIVES_NO_MORE}},
     FAILS(ERROR_DATABASE, "1 rows were sent and the server stored 0")},
};

START_TEST(notices_a_failed_end)
{
    const struct scripted_case *row = &failed_ends[_i];
    struct connection *connection = script_open_case(row);
    struct error error = {0};

    ck_assert_msg(!end_after_a_row(open_copy(connection), &error), "%s", row->name);
    script_expect_error(row, &error);
    script_close(connection);
}
END_TEST

START_TEST(drains_more_results_than_expected)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {SENDS_ALL,
                                                              {GIVES(stored_one)},
                                                              {GIVES(stored_other)},
                                                              {GIVES(stored_other)},
                                                              {GIVES_NO_MORE}};
    struct connection *connection = script_open(calls);
    struct copy_in *copy = open_copy(connection);

    write_small_row(copy);
    end_copy(copy);
    script_close(connection);
}
END_TEST

/* A trailer would make the server keep the rows. */
START_TEST(aborts_with_a_reason)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        STARTS,           {GIVES_UP_FOR("users.csv has changed")},
        {FLUSHES_A_PART}, {READS},
        {FLUSHES},        {READS},
        {GIVES(refused)}, {GIVES_NO_MORE}};
    struct connection *connection = script_open(calls);
    struct copy_in *copy = open_copy(connection);
    size_t copied;

    write_small_row(copy);
    copy_in_abort(copy, "users.csv has changed");
    (void)script_copied(&copied);
    ck_assert_uint_eq(copied, 0);
    script_close(connection);
}
END_TEST

START_TEST(aborts_nothing)
{
    copy_in_abort(NULL, "no reason");
    script_end();
}
END_TEST

#define TERMINATED "terminated; nothing was changed"

/* The server that takes nothing, waiting for a lock, say, is asked to cancel. */
static const struct {
    struct scripted_case script;
    int raised; /* before anything is written */
    bool (*write)(struct copy_in *copy, struct error *error);
} interruptions[] = {
    {{"a signal that came before",
      {STARTS, {GIVES_UP_FOR(TERMINATED)}, {CANCELS}, {READS}, {GIVES(refused)}, {GIVES_NO_MORE}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     SIGTERM,
     write_large_row},
    {{"a signal while it sends",
      {STARTS,
       {TAKES_DATA},
       {FLUSHES_A_PART, .raises_later = SIGTERM},
       {CANCELS},
       {READS},
       {FLUSHES},
       {GIVES_UP_FOR(TERMINATED)},
       {GIVES(refused)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     0,
     write_large_row},
    {{"a signal at the end",
      {STARTS,
       {TAKES_DATA},
       {TAKES_THE_END, .raises_later = SIGINT},
       {CANCELS},
       {READS},
       {GIVES(refused)},
       {GIVES_NO_MORE}},
      FAILS(ERROR_INTERRUPTED, "interrupted; nothing was changed")},
     0,
     end_after_a_row},
};

START_TEST(ends_when_a_signal_comes)
{
    const struct scripted_case *row = &interruptions[_i].script;
    struct connection *connection = script_open_case(row);
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    if (interruptions[_i].raised != 0)
        ck_assert_int_eq(raise(interruptions[_i].raised), 0);
    ck_assert_msg(!interruptions[_i].write(copy, &error), "%s", row->name);
    script_expect_error(row, &error);
    if (interruptions[_i].write == write_large_row)
        copy_in_abort(copy, error.message);
    script_close(connection);
}
END_TEST

static TCase *fault_case(void)
{
    TCase *tests = tcase_create("faults");

    tcase_add_test(tests, says_why_it_cannot_start);
    tcase_add_test(tests, waits_until_all_is_sent);
    tcase_add_loop_test(tests, gives_a_failed_send_at_the_end_of_the_row, 0,
                        TABLE_ROWS(failed_sends));
    tcase_add_loop_test(tests, gives_a_failed_send_at_the_end_of_the_copy, 0,
                        TABLE_ROWS(failed_sends));
    tcase_add_loop_test(tests, notices_a_failed_end, 0, TABLE_ROWS(failed_ends));
    tcase_add_test(tests, drains_more_results_than_expected);
    tcase_add_test(tests, aborts_with_a_reason);
    tcase_add_test(tests, aborts_nothing);
    tcase_add_loop_test(tests, ends_when_a_signal_comes, 0, TABLE_ROWS(interruptions));
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("copy_in faults");

    suite_add_tcase(suite, fault_case());
    return suite_run(suite);
}

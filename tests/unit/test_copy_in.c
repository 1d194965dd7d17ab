#include "base/interrupt.h"
#include "pg/copy_in.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define SQL            "COPY orders.orders FROM STDIN (FORMAT binary)"
#define HEADER         "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER        "\377\377"

/* Larger than any buffer that a row would be kept in before it is sent. */
enum { LARGE = 300 * 1000 };

static const struct scripted_result copy_started = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_none = {.status = PGRES_COMMAND_OK, .rows_changed = "0"};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};
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

#define STARTS                                                                                     \
    {SENDS(SQL)},                                                                                  \
    {                                                                                              \
        GIVES(copy_started)                                                                        \
    }
#define TAKES_DATA          PUT_COPY_DATA, .returns = 1
#define TAKES_THE_END       PUT_COPY_END, .returns = 1
#define GIVES_UP_FOR(cause) PUT_COPY_END, .text = (cause), .returns = 1
#define TELLS               .message = "no connection\n"
#define REFUSAL                                                                                    \
    ERROR_DATABASE, "duplicate key value", "Key (id)=(7) already exists.", "Take another."
#define LOST  .loses = true, TELLS
#define ENDED "terminating connection due to administrator command"

static const struct scripted_call storing_one[SCRIPT_LENGTH] = {
    STARTS, {TAKES_DATA, .repeats = true}, {TAKES_THE_END}, {GIVES(stored_one)}, {GIVES_NO_MORE}};

/* The stream as it should be; grows as it is written. */
struct stream {
    uint8_t *bytes;
    size_t length, size;
};

static void add(struct stream *stream, const void *bytes, size_t length)
{
    if (stream->size - stream->length < length) {
        stream->size = (stream->length + length) * 2;
        stream->bytes = realloc(stream->bytes, stream->size);
        ck_assert_ptr_nonnull(stream->bytes);
    }
    memcpy(stream->bytes + stream->length, bytes, length);
    stream->length += length;
}

static struct copy_in *open_copy(struct connection *connection)
{
    struct copy_in *copy = NULL;
    struct error error = {0};

    ck_assert_msg(copy_in_open(connection, SQL, &copy, &error), "%s", error.message);
    return copy;
}

static void end_copy(struct copy_in *copy)
{
    struct error error = {0};

    ck_assert_msg(copy_in_end(copy, &error), "%s", error.message);
}

/* A COPY and what it is expected to send. */
struct copying {
    struct connection *connection;
    struct copy_in *copy;
    struct stream expected;
};

static struct copying begin(const struct scripted_call calls[static SCRIPT_LENGTH])
{
    struct copying copying = {.connection = script_open(calls)};

    copying.copy = open_copy(copying.connection);
    add(&copying.expected, BYTES(HEADER));
    return copying;
}

/* Ends the COPY and compares what was sent; `name` is that of the case. */
static void end(struct copying *copying, const char *name)
{
    const uint8_t *copied;
    size_t length;

    end_copy(copying->copy);
    add(&copying->expected, BYTES(TRAILER));
    copied = script_copied(&length);
    ck_assert_msg(length == copying->expected.length, "%s: %zu bytes were sent instead of %zu",
                  name, length, copying->expected.length);
    ck_assert_msg(memcmp(copied, copying->expected.bytes, length) == 0, "%s: other bytes were sent",
                  name);
    free(copying->expected.bytes);
    script_close(copying->connection);
}

static void end_row(struct copy_in *copy)
{
    struct error error = {0};

    ck_assert_msg(copy_in_row_end(copy, &error), "%s", error.message);
}

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

START_TEST(an_empty_copy_is_header_and_trailer)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        STARTS, {TAKES_DATA}, {TAKES_THE_END}, {READS}, {GIVES(stored_none)}, {GIVES_NO_MORE}};
    struct copying copying = begin(calls);

    end(&copying, "an empty COPY");
}
END_TEST

enum field_type { NO_VALUE, BOOLEAN, INTEGER, BIGINT, DOUBLE, TEXT };

/* PostgreSQL manual, COPY, "Binary Format"; doubles are IEEE 754. */
static const struct {
    const char *name;
    enum field_type type;
    int64_t integer;
    double real;
    const char *bytes; /* the field: its length and what follows it, which is the text of a TEXT */
    size_t length;
} fields[] = {
    {"null", NO_VALUE, 0, 0, BYTES("\377\377\377\377")},
    {"true", BOOLEAN, true, 0, BYTES("\0\0\0\1\1")},
    {"false", BOOLEAN, false, 0, BYTES("\0\0\0\1\0")},
    {"integer", INTEGER, 0x01020304, 0, BYTES("\0\0\0\4\1\2\3\4")},
    {"least integer", INTEGER, INT32_MIN, 0, BYTES("\0\0\0\4\200\0\0\0")},
    {"bigint", BIGINT, 0x0102030405060708, 0, BYTES("\0\0\0\10\1\2\3\4\5\6\7\10")},
    {"negative bigint", BIGINT, -2, 0, BYTES("\0\0\0\10\377\377\377\377\377\377\377\376")},
    {"double", DOUBLE, 0, 24.58, BYTES("\0\0\0\10\x40\x38\x94\x7a\xe1\x47\xae\x14")},
    {"negative double", DOUBLE, 0, -1.5, BYTES("\0\0\0\10\xbf\xf8\0\0\0\0\0\0")},
    {"text", TEXT, 0, 0, BYTES("\0\0\0\5caf\303\251")},
    {"no text", TEXT, 0, 0, BYTES("\0\0\0\0")},
    {"any bytes", TEXT, 0, 0, BYTES("\0\0\0\4\0\377\n\\")},
};

enum { FIELDS = TABLE_ROWS(fields) };

static void write_field(struct copy_in *copy, size_t i)
{
    switch (fields[i].type) {
    case NO_VALUE:
        copy_in_null(copy);
        break;
    case BOOLEAN:
        copy_in_boolean(copy, fields[i].integer != 0);
        break;
    case INTEGER:
        copy_in_integer(copy, (int32_t)fields[i].integer);
        break;
    case BIGINT:
        copy_in_bigint(copy, fields[i].integer);
        break;
    case DOUBLE:
        copy_in_double(copy, fields[i].real);
        break;
    case TEXT:
        copy_in_bytes(copy, fields[i].bytes + 4, fields[i].length - 4);
        break;
    }
}

START_TEST(a_field_is_its_length_and_its_bytes)
{
    struct copying copying = begin(storing_one);

    copy_in_row(copying.copy, 1);
    write_field(copying.copy, (size_t)_i);
    end_row(copying.copy);
    add(&copying.expected, BYTES("\0\1"));
    add(&copying.expected, fields[_i].bytes, fields[_i].length);
    end(&copying, fields[_i].name);
}
END_TEST

START_TEST(a_row_begins_with_its_number_of_fields)
{
    struct copying copying = begin(storing_one);

    add(&copying.expected, BYTES("\1\2"));
    copy_in_row(copying.copy, 258);
    for (int i = 0; i < 258; i++) {
        copy_in_null(copying.copy);
        add(&copying.expected, BYTES("\377\377\377\377"));
    }
    end_row(copying.copy);
    end(&copying, "258 fields");
}
END_TEST

static size_t row_length(void)
{
    size_t length = 2;

    for (size_t i = 0; i < FIELDS; i++)
        length += fields[i].length;
    return length;
}

enum { ROWS = 1400, SHIFTS = 104 };

static void write_rows(struct copy_in *copy, struct stream *expected)
{
    struct error error = {0};

    for (int row = 0; row < ROWS; row++) {
        add(expected, BYTES("\0\14"));
        copy_in_row(copy, FIELDS);
        for (size_t i = 0; i < FIELDS; i++) {
            add(expected, fields[i].bytes, fields[i].length);
            write_field(copy, i);
        }
        (void)copy_in_row_end(copy, &error);
    }
    ck_assert_msg(error.kind == ERROR_NONE, "%s", error.message);
}

static void cross_the_end(size_t shift)
{
    static const struct scripted_result stored = {.status = PGRES_COMMAND_OK,
                                                  .rows_changed = "1401"};
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        STARTS, {TAKES_DATA, .repeats = true}, {TAKES_THE_END}, {GIVES(stored)}, {GIVES_NO_MORE}};
    static const char zeros[SHIFTS];
    const uint8_t length[] = {0, 0, 0, (uint8_t)shift};
    struct copying copying = begin(calls);
    char name[32];
    size_t copied;

    add(&copying.expected, BYTES("\0\1"));
    add(&copying.expected, length, sizeof length);
    add(&copying.expected, zeros, shift);
    copy_in_row(copying.copy, 1);
    copy_in_bytes(copying.copy, zeros, shift);
    end_row(copying.copy);
    write_rows(copying.copy, &copying.expected);
    (void)script_copied(&copied);
    ck_assert_msg(copied > 0, "the rows have not crossed the end of the buffer");
    (void)snprintf(name, sizeof name, "shifted by %zu", shift);
    end(&copying, name);
}

/* One more byte before the rows moves the buffer's end to another place in the row. */
START_TEST(a_row_may_cross_the_end_of_the_buffer)
{
    ck_assert_uint_le(row_length(), SHIFTS);
    for (size_t shift = 0; shift < SHIFTS; shift++)
        cross_the_end(shift);
}
END_TEST

static const uint32_t large_lengths[] = {64 * 1024,       128 * 1024 - 27, 128 * 1024 - 26,
                                         128 * 1024 - 25, 128 * 1024 - 1,  128 * 1024,
                                         128 * 1024 + 1,  256 * 1024,      1024 * 1024};

/* Whatever stands in the buffer goes first. */
START_TEST(a_field_may_be_larger_than_the_buffer)
{
    const uint32_t length = large_lengths[_i];
    const uint8_t length_bytes[] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16),
                                    (uint8_t)(length >> 8), (uint8_t)length};
    struct copying copying = begin(storing_one);
    uint8_t *large = malloc(length);
    char name[32];

    ck_assert_ptr_nonnull(large);
    for (uint32_t i = 0; i < length; i++)
        large[i] = (uint8_t)(i % 251);
    copy_in_row(copying.copy, 3);
    copy_in_integer(copying.copy, 0x01020304);
    copy_in_bytes(copying.copy, large, length);
    copy_in_bytes(copying.copy, BYTES("after"));
    end_row(copying.copy);
    add(&copying.expected, BYTES("\0\3\0\0\0\4\1\2\3\4"));
    add(&copying.expected, length_bytes, sizeof length_bytes);
    add(&copying.expected, large, length);
    add(&copying.expected, BYTES("\0\0\0\5after"));
    free(large);
    (void)snprintf(name, sizeof name, "%u bytes", (unsigned)length);
    end(&copying, name);
}
END_TEST

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

static TCase *stream_case(void)
{
    TCase *tests = tcase_create("stream");

    tcase_add_test(tests, an_empty_copy_is_header_and_trailer);
    tcase_add_loop_test(tests, a_field_is_its_length_and_its_bytes, 0, FIELDS);
    tcase_add_test(tests, a_row_begins_with_its_number_of_fields);
    tcase_add_test(tests, a_row_may_cross_the_end_of_the_buffer);
    tcase_add_loop_test(tests, a_field_may_be_larger_than_the_buffer, 0, TABLE_ROWS(large_lengths));
    return tests;
}

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
    Suite *suite = suite_create("copy_in");

    suite_add_tcase(suite, stream_case());
    suite_add_tcase(suite, fault_case());
    return suite_run(suite);
}

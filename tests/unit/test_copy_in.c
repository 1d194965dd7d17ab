#include "base/interrupt.h"
#include "pg/copy_in.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <signal.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define SQL            "COPY orders.orders FROM STDIN (FORMAT binary)"
#define HEADER         "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER        "\377\377"

/* Larger than any buffer that a row would be kept in before it is sent. */
enum { LARGE = 300 * 1000 };

static const struct scripted_result copying = {.status = PGRES_COPY_IN};
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

#define START                                                                                      \
    {SEND_QUERY, .text = SQL, .returns = 1},                                                       \
    {                                                                                              \
        GET_RESULT, .result = &copying                                                             \
    }

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

static void expect_copied(const struct stream *expected)
{
    size_t length;
    const uint8_t *copied = script_copied(&length);

    ck_assert_uint_eq(length, expected->length);
    ck_assert_mem_eq(copied, expected->bytes, length);
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
    struct error error = {0};

    copy_in_row(copy, 1);
    copy_in_integer(copy, 7);
    ck_assert_msg(copy_in_row_end(copy, &error), "%s", error.message);
}

static void expect_error(const struct error *error, enum error_kind kind, const char *message)
{
    ck_assert_str_eq(error->message, message);
    ck_assert_int_eq(error->kind, kind);
}

START_TEST(an_empty_copy_is_header_and_trailer)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {PUT_COPY_END, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {GET_RESULT, .result = &stored_none},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct stream expected = {0};

    end_copy(open_copy(connection));
    add(&expected, BYTES(HEADER TRAILER));
    expect_copied(&expected);
    free(expected.bytes);
    script_close(connection);
}
END_TEST

static void write_null(struct copy_in *copy)
{
    copy_in_null(copy);
}

static void write_true(struct copy_in *copy)
{
    copy_in_boolean(copy, true);
}

static void write_false(struct copy_in *copy)
{
    copy_in_boolean(copy, false);
}

static void write_integer(struct copy_in *copy)
{
    copy_in_integer(copy, 0x01020304);
}

static void write_least_integer(struct copy_in *copy)
{
    copy_in_integer(copy, INT32_MIN);
}

static void write_bigint(struct copy_in *copy)
{
    copy_in_bigint(copy, 0x0102030405060708);
}

static void write_negative_bigint(struct copy_in *copy)
{
    copy_in_bigint(copy, -2);
}

static void write_double(struct copy_in *copy)
{
    copy_in_double(copy, 24.58);
}

static void write_negative_double(struct copy_in *copy)
{
    copy_in_double(copy, -1.5);
}

static void write_text(struct copy_in *copy)
{
    copy_in_bytes(copy, BYTES("caf\303\251"));
}

static void write_no_text(struct copy_in *copy)
{
    copy_in_bytes(copy, "", 0);
}

static void write_any_bytes(struct copy_in *copy)
{
    copy_in_bytes(copy, BYTES("\0\377\n\\"));
}

/* PostgreSQL manual, COPY, "Binary Format"; doubles are IEEE 754. */
static const struct {
    void (*write)(struct copy_in *copy);
    const char *bytes;
    size_t length;
} fields[] = {
    {write_null, BYTES("\377\377\377\377")},
    {write_true, BYTES("\0\0\0\1\1")},
    {write_false, BYTES("\0\0\0\1\0")},
    {write_integer, BYTES("\0\0\0\4\1\2\3\4")},
    {write_least_integer, BYTES("\0\0\0\4\200\0\0\0")},
    {write_bigint, BYTES("\0\0\0\10\1\2\3\4\5\6\7\10")},
    {write_negative_bigint, BYTES("\0\0\0\10\377\377\377\377\377\377\377\376")},
    {write_double, BYTES("\0\0\0\10\x40\x38\x94\x7a\xe1\x47\xae\x14")},
    {write_negative_double, BYTES("\0\0\0\10\xbf\xf8\0\0\0\0\0\0")},
    {write_text, BYTES("\0\0\0\5caf\303\251")},
    {write_no_text, BYTES("\0\0\0\0")},
    {write_any_bytes, BYTES("\0\0\0\4\0\377\n\\")},
};

enum { FIELDS = TABLE_ROWS(fields) };

START_TEST(a_field_is_its_length_and_its_bytes)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {PUT_COPY_END, .returns = 1},
        {GET_RESULT, .result = &stored_one},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct stream expected = {0};
    struct error error = {0};

    copy_in_row(copy, 1);
    fields[_i].write(copy);
    ck_assert(copy_in_row_end(copy, &error));
    end_copy(copy);
    add(&expected, BYTES(HEADER "\0\1"));
    add(&expected, fields[_i].bytes, fields[_i].length);
    add(&expected, BYTES(TRAILER));
    expect_copied(&expected);
    free(expected.bytes);
    script_close(connection);
}
END_TEST

START_TEST(a_row_begins_with_its_number_of_fields)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {PUT_COPY_END, .returns = 1},
        {GET_RESULT, .result = &stored_one},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct stream expected = {0};
    struct error error = {0};

    add(&expected, BYTES(HEADER "\1\2"));
    copy_in_row(copy, 258);
    for (int i = 0; i < 258; i++) {
        copy_in_null(copy);
        add(&expected, BYTES("\377\377\377\377"));
    }
    ck_assert(copy_in_row_end(copy, &error));
    end_copy(copy);
    add(&expected, BYTES(TRAILER));
    expect_copied(&expected);
    free(expected.bytes);
    script_close(connection);
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
            fields[i].write(copy);
        }
        (void)copy_in_row_end(copy, &error);
    }
    ck_assert_msg(error.kind == ERROR_NONE, "%s", error.message);
}

static void cross_the_end(size_t shift)
{
    static const struct scripted_result stored = {.status = PGRES_COMMAND_OK,
                                                  .rows_changed = "1401"};
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1, .repeats = true},
        {PUT_COPY_END, .returns = 1},
        {GET_RESULT, .result = &stored},
        {.function = GET_RESULT},
    };
    static const char zeros[SHIFTS];
    const uint8_t length[] = {0, 0, 0, (uint8_t)shift};
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct stream expected = {0};
    struct error error = {0};
    size_t copied;

    add(&expected, BYTES(HEADER "\0\1"));
    add(&expected, length, sizeof length);
    add(&expected, zeros, shift);
    copy_in_row(copy, 1);
    copy_in_bytes(copy, zeros, shift);
    ck_assert(copy_in_row_end(copy, &error));
    write_rows(copy, &expected);
    (void)script_copied(&copied);
    ck_assert_msg(copied > 0, "the rows have not crossed the end of the buffer");
    end_copy(copy);
    add(&expected, BYTES(TRAILER));
    expect_copied(&expected);
    free(expected.bytes);
    script_close(connection);
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
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1, .repeats = true},
        {PUT_COPY_END, .returns = 1},
        {GET_RESULT, .result = &stored_one},
        {.function = GET_RESULT},
    };
    const uint32_t length = large_lengths[_i];
    const uint8_t length_bytes[] = {(uint8_t)(length >> 24), (uint8_t)(length >> 16),
                                    (uint8_t)(length >> 8), (uint8_t)length};
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct stream expected = {0};
    struct error error = {0};
    uint8_t *large = malloc(length);

    ck_assert_ptr_nonnull(large);
    for (uint32_t i = 0; i < length; i++)
        large[i] = (uint8_t)(i % 251);
    copy_in_row(copy, 3);
    copy_in_integer(copy, 0x01020304);
    copy_in_bytes(copy, large, length);
    copy_in_bytes(copy, BYTES("after"));
    ck_assert(copy_in_row_end(copy, &error));
    end_copy(copy);
    add(&expected, BYTES(HEADER "\0\3\0\0\0\4\1\2\3\4"));
    add(&expected, length_bytes, sizeof length_bytes);
    add(&expected, large, length);
    add(&expected, BYTES("\0\0\0\5after" TRAILER));
    expect_copied(&expected);
    free(large);
    free(expected.bytes);
    script_close(connection);
}
END_TEST

START_TEST(says_why_it_cannot_start)
{
    static const struct scripted_call calls[] = {
        {SEND_QUERY, .text = SQL, .returns = 1},
        {GET_RESULT, .result = &refused},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = NULL;
    struct error error = {0};

    ck_assert(!copy_in_open(connection, SQL, &copy, &error));
    expect_error(&error, ERROR_DATABASE, "duplicate key value");
    ck_assert_ptr_null(copy);
    script_close(connection);
}
END_TEST

/* Otherwise libpq would keep in memory what the server has not taken. */
START_TEST(waits_until_all_is_sent)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {.function = FLUSH},
        {PUT_COPY_DATA, .returns = 1},
        {FLUSH, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {FLUSH, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {.function = FLUSH},
        {PUT_COPY_DATA, .returns = 1},
        {FLUSH, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {.function = FLUSH},
        {PUT_COPY_END, .returns = 1},
        {FLUSH, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {.function = FLUSH},
        {CONSUME_INPUT, .returns = 1},
        {GET_RESULT, .result = &stored_one},
        {CONSUME_INPUT, .returns = 1},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    ck_assert_msg(write_large_row(copy, &error), "%s", error.message);
    end_copy(copy);
    script_close(connection);
}
END_TEST

#define LOST .loses = true, .message = "no connection\n"
/* A lost connection: libpq is asked what the server said last, then told the reason, in vain. */
#define LAST_WORDS                                                                                 \
    {PUT_COPY_END, .returns = 1}, {GET_RESULT, .result = &ended},                                  \
    {                                                                                              \
        PUT_COPY_END, .text = "terminating connection due to administrator command", .returns = -1 \
    }

/* Every point at which sending can fail. */
static const struct {
    struct scripted_call calls[8];
    size_t count;
    const char *message;
} failed_sends[] = {
    {{START, {PUT_COPY_DATA, .returns = -1, LOST}, LAST_WORDS},
     6,
     "terminating connection due to administrator command"},
    {{START,
      {PUT_COPY_DATA, .returns = -1, LOST},
      {PUT_COPY_END, .returns = -1},
      {PUT_COPY_END, .text = "no connection", .returns = -1}},
     5,
     "no connection"},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_DATA, .returns = -1, .message = "no connection\n"},
      {PUT_COPY_END, .text = "no connection", .returns = 1},
      {GET_RESULT, .result = &refused},
      {.function = GET_RESULT}},
     7,
     "no connection"},
    {{START, {PUT_COPY_DATA, .returns = 1}, {FLUSH, .returns = -1, LOST}, LAST_WORDS},
     7,
     "terminating connection due to administrator command"},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {FLUSH, .returns = 1, LOST},
      {PUT_COPY_END, .text = "no connection", .returns = -1}},
     5,
     "no connection"},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {FLUSH, .returns = 1},
      {CONSUME_INPUT, .returns = 0, LOST},
      LAST_WORDS},
     8,
     "terminating connection due to administrator command"},
};

/* The first failure stays, and nothing more is sent after it. */
START_TEST(gives_a_failed_send_at_the_end_of_the_row)
{
    struct connection *connection = script_open(failed_sends[_i].calls, failed_sends[_i].count);
    struct copy_in *copy = open_copy(connection);
    struct error first = {0}, second = {0};

    ck_assert(!write_large_row(copy, &first));
    expect_error(&first, ERROR_DATABASE, failed_sends[_i].message);
    ck_assert(!write_large_row(copy, &second));
    expect_error(&second, ERROR_DATABASE, failed_sends[_i].message);
    copy_in_abort(copy, first.message);
    script_close(connection);
}
END_TEST

/* The server is not left in the middle of a COPY. */
START_TEST(gives_a_failed_send_at_the_end_of_the_copy)
{
    struct connection *connection = script_open(failed_sends[_i].calls, failed_sends[_i].count);
    struct copy_in *copy = open_copy(connection);
    struct error ignored = {0}, error = {0};

    (void)write_large_row(copy, &ignored);
    ck_assert(!copy_in_end(copy, &error));
    expect_error(&error, ERROR_DATABASE, failed_sends[_i].message);
    script_close(connection);
}
END_TEST

START_TEST(notices_a_failed_send_of_the_last_rows)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = -1, .message = "no connection\n"},
        {PUT_COPY_END, .text = "no connection", .returns = 1},
        {GET_RESULT, .result = &refused},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    write_small_row(copy);
    ck_assert(!copy_in_end(copy, &error));
    expect_error(&error, ERROR_DATABASE, "no connection");
    script_close(connection);
}
END_TEST

static const struct scripted_result stored_other = {.status = PGRES_COMMAND_OK,
                                                    .rows_changed = "41"};

/* After all rows were sent. */
static const struct {
    struct scripted_call calls[7];
    size_t count;
    const char *message;
    const char *detail;
    const char *hint;
} failed_ends[] = {
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = -1, .loses = true, .message = "no connection\n"}},
     4,
     "no connection",
     "",
     ""},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {FLUSH, .returns = -1, .loses = true, .message = "no connection\n"}},
     5,
     "no connection",
     "",
     ""},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {CONSUME_INPUT, .returns = 0, .loses = true, .message = "no connection\n"}},
     5,
     "no connection",
     "",
     ""},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GET_RESULT, .result = &ended, .loses = true},
      {.function = GET_RESULT}},
     6,
     "terminating connection due to administrator command",
     "",
     ""},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GET_RESULT, .result = &refused},
      {.function = GET_RESULT}},
     6,
     "duplicate key value",
     "Key (id)=(7) already exists.",
     "Take another."},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GET_RESULT, .result = &stored_one},
      {GET_RESULT, .result = &refused},
      {.function = GET_RESULT}},
     7,
     "duplicate key value",
     "Key (id)=(7) already exists.",
     "Take another."},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GET_RESULT, .result = &stored_one},
      {CONSUME_INPUT, .returns = 0, .loses = true, .message = "no connection\n"}},
     6,
     "no connection",
     "",
     ""},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GET_RESULT, .result = &stored_other},
      {.function = GET_RESULT}},
     6,
     "1 rows were sent and the server stored 41",
     "",
     ""},
    {{START,
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GET_RESULT, .result = &stored_none},
      {.function = GET_RESULT}},
     6,
     "1 rows were sent and the server stored 0",
     "",
     ""},
};

START_TEST(notices_a_failed_end)
{
    struct connection *connection = script_open(failed_ends[_i].calls, failed_ends[_i].count);
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    write_small_row(copy);
    ck_assert(!copy_in_end(copy, &error));
    expect_error(&error, ERROR_DATABASE, failed_ends[_i].message);
    ck_assert_str_eq(error.detail, failed_ends[_i].detail);
    ck_assert_str_eq(error.hint, failed_ends[_i].hint);
    script_close(connection);
}
END_TEST

START_TEST(drains_more_results_than_expected)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {PUT_COPY_END, .returns = 1},
        {GET_RESULT, .result = &stored_one},
        {GET_RESULT, .result = &stored_other},
        {GET_RESULT, .result = &stored_other},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);

    write_small_row(copy);
    end_copy(copy);
    script_close(connection);
}
END_TEST

/* A trailer would make the server keep the rows. */
START_TEST(aborts_with_a_reason)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_END, .text = "users.csv has changed", .returns = 1},
        {FLUSH, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {.function = FLUSH},
        {CONSUME_INPUT, .returns = 1},
        {GET_RESULT, .result = &refused},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
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

static void install_interrupts(void)
{
    struct error error = {0};

    ck_assert(interrupt_install(&error));
}

START_TEST(ends_when_a_signal_came)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_END, .text = "terminated; nothing was changed", .returns = 1},
        {CANCEL, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {GET_RESULT, .result = &refused},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    install_interrupts();
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(!write_large_row(copy, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    copy_in_abort(copy, error.message);
    script_close(connection);
}
END_TEST

/* The server takes nothing, waiting for a lock, say: it is asked to cancel. */
START_TEST(cancels_when_a_signal_comes_while_it_sends)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {FLUSH, .returns = 1, .raises_later = SIGTERM},
        {CANCEL, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {.function = FLUSH},
        {PUT_COPY_END, .text = "terminated; nothing was changed", .returns = 1},
        {GET_RESULT, .result = &refused},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    install_interrupts();
    ck_assert(!write_large_row(copy, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    copy_in_abort(copy, error.message);
    script_close(connection);
}
END_TEST

START_TEST(cancels_when_a_signal_comes_at_the_end)
{
    static const struct scripted_call calls[] = {
        START,
        {PUT_COPY_DATA, .returns = 1},
        {PUT_COPY_END, .returns = 1, .raises_later = SIGINT},
        {CANCEL, .returns = 1},
        {CONSUME_INPUT, .returns = 1},
        {GET_RESULT, .result = &refused},
        {.function = GET_RESULT},
    };
    struct connection *connection = script_open(CALLS(calls));
    struct copy_in *copy = open_copy(connection);
    struct error error = {0};

    install_interrupts();
    write_small_row(copy);
    ck_assert(!copy_in_end(copy, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERRUPTED);
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
    tcase_add_test(tests, notices_a_failed_send_of_the_last_rows);
    tcase_add_loop_test(tests, notices_a_failed_end, 0, TABLE_ROWS(failed_ends));
    tcase_add_test(tests, drains_more_results_than_expected);
    tcase_add_test(tests, aborts_with_a_reason);
    tcase_add_test(tests, aborts_nothing);
    return tests;
}

static TCase *interrupt_case(void)
{
    TCase *tests = tcase_create("interrupts");

    tcase_add_test(tests, ends_when_a_signal_came);
    tcase_add_test(tests, cancels_when_a_signal_comes_while_it_sends);
    tcase_add_test(tests, cancels_when_a_signal_comes_at_the_end);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("copy_in");

    suite_add_tcase(suite, stream_case());
    suite_add_tcase(suite, fault_case());
    suite_add_tcase(suite, interrupt_case());
    return suite_run(suite);
}

#include "copy_in_script.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define HEADER         "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER        "\377\377"

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

int main(void)
{
    Suite *suite = suite_create("copy_in");

    suite_add_tcase(suite, stream_case());
    return suite_run(suite);
}

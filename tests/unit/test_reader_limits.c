#include "csv_transcript.h"
#include "suite.h"

enum { HUGE_FIELD = 100 * 1024 * 1024 };

static const size_t block_sizes[] = {4099, 65536, SIZE_MAX};

enum { BLOCK_SIZES = sizeof block_sizes / sizeof block_sizes[0] };

START_TEST(takes_as_many_fields_as_there_may_be)
{
    struct file file;
    char expected[CSV_FIELDS_MAX * 2 + 32] = "1-2";

    file_create(&file);
    file_append_repeated(&file, ',', CSV_FIELDS_MAX - 1);
    file_append(&file, BYTES("\na\n"));
    file_open(&file);
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++)
        (void)strcat(expected, " -");
    (void)strcat(expected, "\n2-3 <a>\n");
    expect_reading(&file, block_sizes[_i], "256 fields", expected);
    file_close(&file);
}
END_TEST

START_TEST(goes_on_after_too_many_fields)
{
    struct file file;

    file_create(&file);
    file_append_repeated(&file, ',', CSV_FIELDS_MAX);
    file_append(&file, BYTES("\na\n\"\n\""));
    file_append_repeated(&file, ',', 3 * CSV_FIELDS_MAX);
    file_append(&file, BYTES("\"\r\n\"\r\nb\n"));
    file_append_repeated(&file, ',', CSV_FIELDS_MAX);
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "too many fields",
                   "1-2 256: " TOO_MANY "\n"
                   "2-3 <a>\n"
                   "3-6 256: " TOO_MANY "\n"
                   "6-7 <b>\n"
                   "7-8 256: " TOO_MANY "\n");
    file_close(&file);
}
END_TEST

/* A field of so many bytes, with what stands before and after it, in the second record. */
static void expect_field(size_t block_size, const char *before, size_t length, const char *after,
                         const char *name, const char *expected)
{
    struct file file;

    file_create(&file);
    file_append(&file, BYTES("a,b\n"));
    file_append(&file, before, strlen(before));
    file_append_repeated(&file, 'x', length);
    file_append(&file, after, strlen(after));
    file_open(&file);
    expect_reading(&file, block_size, name, expected);
    file_close(&file);
}

#define LONGEST   CSV_FIELD_SIZE_MAX
#define LONGER    (CSV_FIELD_SIZE_MAX + 1)
#define ENDS_HERE "1-2 <a> <b>\n2-fatal 1: " TOO_LONG "\n"

/* Fields of the greatest length there may be, and of a greater one. */
static const struct {
    const char *name;
    const char *before;
    size_t length;
    const char *after;
    const char *expected;
} long_fields[] = {
    {"the longest, a line end", "1,", LONGEST, "\nc\n",
     "1-2 <a> <b>\n2-3 <1> <x*1048576>\n3-4 <c>\n"},
    {"the longest, a field", "1,", LONGEST, ",2", "1-2 <a> <b>\n2-3 <1> <x*1048576> <2>\n"},
    {"the longest, the end", "1,", LONGEST, "", "1-2 <a> <b>\n2-3 <1> <x*1048576>\n"},
    {"the longest, quoted", "\"", LONGEST, "\"", "1-2 <a> <b>\n2-3 <x*1048576>\n"},
    {"the longest, quoted, a field", "\"", LONGEST, "\",2\nc\n",
     "1-2 <a> <b>\n2-3 <x*1048576> <2>\n3-4 <c>\n"},
    {"longer, a line end", "1,", LONGER, "\nc\n", ENDS_HERE},
    {"longer, a field", "1,", LONGER, ",2", ENDS_HERE},
    {"longer, the end", "1,", LONGER, "", ENDS_HERE},
    {"longer, quoted", "1,\"", LONGER, "\"", ENDS_HERE},
    {"longer, quoted, a line end", "1,\"", LONGER, "\"\nc\n", ENDS_HERE},
    {"longer with a doubled quote", "1,\"", LONGEST, "\"\"\",2\nc\n", ENDS_HERE},
    {"longer, not closed", "1,\"", LONGER + 1, "\n", ENDS_HERE},
    {"much longer", "1,", LONGER + 100000, "\n", ENDS_HERE},
};

/* Each field at each block size. */
START_TEST(takes_the_longest_field_and_ends_at_a_longer_one)
{
    const int row = _i / BLOCK_SIZES;

    expect_field(block_sizes[_i % BLOCK_SIZES], long_fields[row].before, long_fields[row].length,
                 long_fields[row].after, long_fields[row].name, long_fields[row].expected);
}
END_TEST

START_TEST(ends_at_a_huge_field)
{
    struct file file;

    file_create(&file);
    file_append(&file, BYTES("a,b\n1,\""));
    ck_assert_int_eq(ftruncate(file.descriptor, HUGE_FIELD), 0);
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "huge", "1-2 <a> <b>\n2-fatal 1: " HAS_NUL "\n");
    file_close(&file);
}
END_TEST

START_TEST(takes_the_longest_record)
{
    struct file file;

    long_record(&file);
    file_append(&file, BYTES("\nz\n"));
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "4 MiB",
                   "1-2 <a> <b> <c> <d> <e>\n"
                   "2-3 <x*1048576> <x*1048576> <x*1048576> <x*1048576> -\n"
                   "3-4 <z>\n");
    file_close(&file);
}
END_TEST

START_TEST(ends_at_a_longer_record)
{
    struct file file;

    long_record(&file);
    file_append(&file, BYTES("y\nz\n"));
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "4 MiB and 1 byte",
                   "1-2 <a> <b> <c> <d> <e>\n"
                   "2-fatal 4: record is longer than 4 MiB\n");
    file_close(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader_limits");
    TCase *tests = tcase_create("limits");

    tcase_add_checked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, takes_as_many_fields_as_there_may_be, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, goes_on_after_too_many_fields, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, takes_the_longest_field_and_ends_at_a_longer_one, 0,
                        TABLE_ROWS(long_fields) * BLOCK_SIZES);
    tcase_add_loop_test(tests, ends_at_a_huge_field, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, takes_the_longest_record, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, ends_at_a_longer_record, 0, BLOCK_SIZES);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

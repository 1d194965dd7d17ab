#include "csv/line_split.h"
#include "csv/raw_record.h"
#include "csv/reader.h"
#include "memory_file.h"
#include "suite.h"

#include <string.h>

enum { FIELD_COUNT = 3, TEXT_SIZE = 64 };

static const struct {
    const char *record;
    unsigned blank;
    const char *blanked; /* NULL: cannot be told apart */
} records[] = {
    {"1,secret,x\n", 2, "1,,x\n"},
    {"1,secret,x\r\n", 2, "1,,x\r\n"},
    {"1,secret,x\r", 2, "1,,x\r"},
    {"1,secret,x", 2, "1,,x"},
    {"secret,2,x\n", 1, ",2,x\n"},
    {"1,2,secret\n", 4, "1,2,\n"},
    {"1,2,secret", 4, "1,2,"},
    {"secret,secret,x\n", 3, ",,x\n"},
    {"1,,x\n", 2, "1,,x\n"},
    {"1,\"se,cr\"\"et\r\n\",\"x\"\"\n\"\r\n", 2, "1,,\"x\"\"\n\"\r\n"},
    {"\"1\",\"\",\" x\"", 2, "\"1\",,\" x\""},
    {"1, sec ret ,x\n", 2, "1,,x\n"},
    {"1,secret,x\n", 0, "1,secret,x\n"},
    {"", 7, NULL},
    {"\n", 7, NULL},
    {"1,secret\n", 2, NULL},
    {"1,sec,ret,x\n", 2, NULL},
    {"1,sec\"ret,x\n", 2, NULL},
    {"1,\"sec\"ret,x\n", 2, NULL},
    {"1,\"secret,x\n", 2, NULL},
    {"1,secret,\"x\n", 2, NULL},
    {"1,secret,x\ny", 2, NULL},
    {"1,secret,x\n\n", 2, NULL},
    {"1,secret,x\r\r", 2, NULL},
    {"1,secret,x\r\n\n", 2, NULL},
};

/* Takes a text, so many bytes at a time; `blanked` gets it without the fields of `blank`. */
static struct raw_record take(const char *text, size_t size, unsigned blank, char *blanked)
{
    struct raw_record record = {0};
    size_t length = strlen(text), taken = 0;

    for (size_t used = 0; taken < length; taken += used) {
        size_t given = length - taken < size ? length - taken : size;

        used = raw_record_next(&record, text + taken, given);
        ck_assert_uint_ge(used, 1);
        ck_assert_uint_le(used, given);
        if (record.in_field && (blank >> record.field & 1) != 0)
            continue;
        memcpy(blanked, text + taken, used);
        blanked += used;
    }
    *blanked = '\0';
    return record;
}

START_TEST(takes_a_record_apart_or_says_that_it_cannot)
{
    for (size_t size = 1; size < TEXT_SIZE; size++) {
        char blanked[TEXT_SIZE];
        struct raw_record record = take(records[_i].record, size, records[_i].blank, blanked);

        ck_assert_int_eq(raw_record_is_whole(&record, FIELD_COUNT), records[_i].blanked != NULL);
        if (records[_i].blanked != NULL)
            ck_assert_str_eq(blanked, records[_i].blanked);
    }
}
END_TEST

/* What csv_reader makes of a text. */
struct reading {
    size_t callbacks;
    uint64_t line, end_line;
    size_t field_count; /* 0: it is no CSV */
};

static bool note_record(void *context, const struct csv_record *record)
{
    struct reading *reading = context;

    reading->callbacks++;
    reading->line = record->line;
    reading->end_line = record->end_line;
    reading->field_count = record->field_count;
    return true;
}

static bool note_fault(void *context, const struct csv_fault *fault)
{
    struct reading *reading = context;

    reading->callbacks++;
    reading->line = fault->line;
    reading->end_line = fault->end_line;
    reading->field_count = 0;
    return true;
}

static struct reading read_text(struct csv_reader *reader, const char *text)
{
    struct reading reading = {0};
    const struct csv_handler handler = {
        .record = note_record, .fault = note_fault, .context = &reading};
    struct memory_file file;
    struct error error = {0};
    struct input *input;

    memory_file_open(&file, text, strlen(text));
    ck_assert(input_open(file.path, &input, &error));
    ck_assert(csv_reader_read(reader, input, &handler, &error));
    input_free(input);
    memory_file_close(&file);
    return reading;
}

static uint64_t count_lines(const char *text)
{
    struct line_split split;

    line_split_start(&split);
    while (*text != '\0')
        text += line_split_next(&split, text, strlen(text));
    return split.line;
}

/* Every text of up to five of these characters that is one record and nothing else. */
START_TEST(agrees_with_the_reader)
{
    static const char alphabet[] = "a,\"\n\r";
    const unsigned base = sizeof alphabet - 1, length_max = 5;
    struct error error = {0};
    struct csv_reader *reader;
    unsigned texts = 1, whole = 0, broken = 0;

    ck_assert(csv_reader_new(&reader, &error));
    for (unsigned i = 0; i < length_max; i++)
        texts *= base;
    for (unsigned number = 1; number < texts; number++) {
        char text[TEXT_SIZE] = "", blanked[TEXT_SIZE];
        struct reading reading;
        struct raw_record record;
        size_t length = 0;

        for (unsigned rest = number; rest > 0; rest = (rest - 1) / base)
            text[length++] = alphabet[(rest - 1) % base];
        reading = read_text(reader, text);
        if (reading.callbacks != 1 || reading.line != 1 ||
            (reading.field_count > 0 && reading.end_line != count_lines(text) + 1))
            continue;
        record = take(text, TEXT_SIZE, 0, blanked);
        if (reading.field_count > 0)
            ck_assert_msg(raw_record_is_whole(&record, reading.field_count), "%s", text);
        else
            ck_assert_msg(record.state == RAW_BROKEN || record.state == RAW_QUOTED, "%s", text);
        whole += reading.field_count > 0;
        broken += reading.field_count == 0;
    }
    csv_reader_free(reader);
    ck_assert_uint_gt(whole, 300);
    ck_assert_uint_gt(broken, 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw_record");
    TCase *tests = tcase_create("taking apart");

    tcase_add_loop_test(tests, takes_a_record_apart_or_says_that_it_cannot, 0, TABLE_ROWS(records));
    tcase_add_test(tests, agrees_with_the_reader);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#include "base/interrupt.h"
#include "csv_transcript.h"
#include "suite.h"

#include <signal.h>
#include <stdint.h>

/* What a handler of the tests below does at a record or a fault, besides writing it down. */
struct intervention {
    struct transcript transcript;
    size_t events_left; /* until it stops the reading */
    uint64_t masks[2][CSV_FIELDS_MAX / 64];
    size_t masks_used;
};

static bool go_on(struct intervention *intervention)
{
    intervention->events_left--;
    return intervention->events_left > 0;
}

static bool stop_at_record(void *context, const struct csv_record *record)
{
    struct intervention *intervention = context;

    (void)write_record(&intervention->transcript, record);
    return go_on(intervention);
}

static bool stop_at_fault(void *context, const struct csv_fault *fault)
{
    struct intervention *intervention = context;

    (void)write_fault(&intervention->transcript, fault);
    return go_on(intervention);
}

START_TEST(stops_when_told)
{
    static const char *const expected[] = {"1-2 <a>\n", "1-2 <a>\n2-3 0: " BARE_QUOTE "\n",
                                           "1-2 <a>\n2-3 0: " BARE_QUOTE "\n3-4 <c>\n",
                                           "1-2 <a>\n2-3 0: " BARE_QUOTE
                                           "\n3-4 <c>\n4-5 0: " TEXT_AFTER "\n"};
    static const char bytes[] = "a\nb\"\nc\n\"d\"d\n\"e\"e\nf\"\n\"g";
    struct intervention intervention = {0};
    const struct csv_handler handler = {
        .record = stop_at_record, .fault = stop_at_fault, .context = &intervention};
    struct file file;

    file_with(&file, BYTES(bytes));
    for (size_t block_size = 1; block_size <= sizeof bytes; block_size++) {
        intervention.events_left = (size_t)_i + 1;
        expect_transcript(&file, &handler, &intervention.transcript, expected[_i], "stop",
                          block_size);
    }
    file_close(&file);
}
END_TEST

static bool change_mask(void *context, const struct csv_record *record)
{
    struct intervention *intervention = context;

    if (intervention->masks_used < 2) {
        csv_reader_keep(reader, intervention->masks[intervention->masks_used]);
        intervention->masks_used++;
    }
    return write_record(&intervention->transcript, record);
}

START_TEST(keeps_only_what_is_asked_for)
{
    static const char bytes[] =
        "a,b,c\n1,\"2\n\",3,4\n\"\r\n\",\"\",\"\"\"\"\n5,6\n\"7\n\"x\n,\"8\",\n";
    static const char expected[] = "1-2 <a> <b> <c>\n"
                                   "2-4 <1> -2 <3> -1\n"
                                   "4-6 -2 <> <\">\n"
                                   "6-7 -1 <6>\n"
                                   "7-9 0: " TEXT_AFTER "\n"
                                   "9-10 - <8> -\n";
    struct intervention intervention = {.masks = {{0x5}, {0xE}}};
    const struct csv_handler handler = {
        .record = change_mask, .fault = write_fault, .context = &intervention};
    struct file file;

    file_with(&file, BYTES(bytes));
    for (size_t block_size = 1; block_size <= sizeof bytes; block_size++) {
        intervention.masks_used = 0;
        expect_transcript(&file, &handler, &intervention.transcript, expected, "masks", block_size);
    }
    file_close(&file);
}
END_TEST

START_TEST(keeps_the_last_field_there_may_be)
{
    struct intervention intervention = {
        .masks = {[0] = {[3] = UINT64_C(1) << 63}, [1] = {[3] = UINT64_C(1) << 63}}};
    const struct csv_handler handler = {
        .record = change_mask, .fault = write_fault, .context = &intervention};
    struct file file;
    char expected[CSV_FIELDS_MAX * 3 + 32] = "1-2 <h>\n2-3";

    file_create(&file);
    file_append(&file, BYTES("h\n"));
    for (size_t i = 0; i + 1 < CSV_FIELDS_MAX; i++) {
        file_append(&file, BYTES("x,"));
        (void)strcat(expected, " -1");
    }
    (void)strcat(expected, " <y>\n");
    file_append(&file, BYTES("y\n"));
    file_open(&file);
    expect_transcript(&file, &handler, &intervention.transcript, expected, "last field", SIZE_MAX);
    file_close(&file);
}
END_TEST

/* Fields that are not kept take no room in the record, but have a limit of their own. */
START_TEST(limits_fields_that_are_not_kept)
{
    struct intervention intervention = {.masks = {{0x1}, {0x0}}};
    const struct csv_handler handler = {
        .record = change_mask, .fault = write_fault, .context = &intervention};
    struct file file;

    long_record(&file);
    file_append(&file, BYTES("y\n"));
    file_append_repeated(&file, 'x', CSV_FIELD_SIZE_MAX + 1);
    file_append(&file, BYTES("\nz\n"));
    file_open(&file);
    expect_transcript(&file, &handler, &intervention.transcript,
                      "1-2 <a> <b> <c> <d> <e>\n"
                      "2-3 <x*1048576> -1048576 -1048576 -1048576 -1\n"
                      "3-fatal 0: " TOO_LONG "\n",
                      "not kept", SIZE_MAX);
    file_close(&file);
}
END_TEST

static bool append_once(void *context, const struct csv_record *record)
{
    const struct file *file = context;

    if (record->line == 1)
        file_append(file, BYTES("b\n"));
    return true;
}

START_TEST(fails_when_the_file_changes)
{
    struct file file;
    const struct csv_handler handler = {
        .record = append_once, .fault = write_fault, .context = &file};
    struct error error = {0};

    file_with(&file, BYTES("a\n"));
    ck_assert(!csv_reader_read(reader, file.input, &handler, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    file_close(&file);
}
END_TEST

static bool interrupt_run(void *context, const struct csv_record *record)
{
    size_t *records = context;

    ck_assert_uint_eq(record->field_count, 1);
    *records += 1;
    ck_assert_int_eq(raise(SIGINT), 0);
    return true;
}

START_TEST(ends_when_interrupted)
{
    struct file file;
    size_t records = 0;
    const struct csv_handler handler = {
        .record = interrupt_run, .fault = write_fault, .context = &records};
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    file_with(&file, BYTES("a\nb\nc\nd\ne\n"));
    csv_reader_set_block_size(reader, 1);
    ck_assert(!csv_reader_read(reader, file.input, &handler, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERRUPTED);
    ck_assert_uint_eq(records, 1);
    file_close(&file);
}
END_TEST

START_TEST(frees_what_was_not_used)
{
    struct error error = {0};
    struct csv_reader *unused;

    csv_reader_free(NULL);
    ck_assert(csv_reader_new(&unused, &error));
    csv_reader_free(unused);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader_handler");
    TCase *tests = tcase_create("handler");

    tcase_add_checked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, stops_when_told, 0, 4);
    tcase_add_test(tests, keeps_only_what_is_asked_for);
    tcase_add_test(tests, keeps_the_last_field_there_may_be);
    tcase_add_test(tests, limits_fields_that_are_not_kept);
    tcase_add_test(tests, fails_when_the_file_changes);
    tcase_add_test(tests, ends_when_interrupted);
    tcase_add_test(tests, frees_what_was_not_used);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

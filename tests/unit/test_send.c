#include "check/scan.h"
#include "files.h"
#include "scripted_libpq.h"
#include "suite.h"
#include "write/send.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define AISLES         "aisle_id,aisle\n"
#define BYTES(literal) literal, sizeof(literal) - 1
/* A binary COPY (PostgreSQL manual, COPY, "Binary Format"), and one aisle in it: its number and its
 * name of four letters; a placeholder is marked. */
#define HEADER              "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER             "\377\377"
#define AISLE(number, name) "\0\2\0\0\0\4\0\0\0" number "\0\0\0\4" name

#define COPY_AISLES                                                                                \
    "COPY \"products\".\"aisles\" (\"aisle_id\", \"aisle\") FROM STDIN (FORMAT binary)"
#define COPY_WITH_PLACEHOLDERS                                                                     \
    "COPY \"products\".\"aisles\" (\"aisle_id\", \"aisle\", \"inferred\") FROM STDIN (FORMAT "     \
    "binary, FREEZE)"

static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};
static const struct scripted_result stored_two = {.status = PGRES_COMMAND_OK, .rows_changed = "2"};
static const struct scripted_result stored_three = {.status = PGRES_COMMAND_OK,
                                                    .rows_changed = "3"};
static const struct scripted_result aborted = {
    .status = PGRES_FATAL_ERROR, .state = "57014", .message = "COPY from stdin failed"};
static const struct scripted_result refused = {.status = PGRES_FATAL_ERROR,
                                               .state = "53100",
                                               .message = "could not extend file",
                                               .detail = "No space left on device.",
                                               .hint = "Check free disk space."};

/* Files that were checked and are to be sent. */
struct shop {
    struct files files;
    struct connection *connection;
    struct sending *sending;
    struct dataset *aisles;
};

/* A fresh schema, whose default marks no placeholder. */
static void open_shop(struct shop *shop, const char *const *texts, enum duplicates duplicates,
                      const struct scripted_call calls[static SCRIPT_LENGTH])
{
    struct catalog_column *mark;
    struct scan *scan;

    *shop = (struct shop){.connection = script_open(calls)};
    files_open(&shop->files, texts, shop->connection);
    shop->aisles = &shop->files.plan.datasets[TABLE_AISLES];
    mark = &shop->aisles->database.catalog.columns[table_inferred_column(shop->aisles->table)];
    mark->has_default = true;
    (void)snprintf(mark->default_value, sizeof mark->default_value, "false");
    ck_assert(sending_new(&shop->files.plan, 0, NULL, &shop->files.session, &shop->sending));
    ck_assert(scan_new(&shop->files.plan, duplicates, &shop->files.session, &scan));
    ck_assert(scan_table(scan, TABLE_AISLES, NULL));
    ck_assert_msg(scan_finish(scan), "%s", shop->files.error.message);
    scan_free(scan);
}

static void close_shop(struct shop *shop)
{
    sending_free(shop->sending);
    script_close(shop->connection);
    files_close(&shop->files);
}

static void expect_copied(const char *bytes, size_t length)
{
    size_t copied_length;
    const uint8_t *copied = script_copied(&copied_length);

    ck_assert_uint_eq(copied_length, length);
    ck_assert_mem_eq(copied, bytes, length);
}

static const struct source *source(const struct shop *shop, size_t index)
{
    return shop->files.plan.sources[index];
}

static const struct scripted_call sending_three[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH},
    {SENDS(COPY_AISLES)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_three)},
    {GIVES_NO_MORE},
    {RESTRICTS_PATH},
};

/* Line 3 of the first file has the key of line 2, and line 4 of the second that of its line 2. */
START_TEST(sends_every_row_that_was_not_left_out)
{
    struct shop shop;

    open_shop(
        &shop,
        (const char *const[]){AISLES "1,soup\n1,beer\n", AISLES "2,wine\n3,cake\n2,tofu\n", NULL},
        DUPLICATES_FIRST, sending_three);
    ck_assert_msg(sending_send(shop.sending), "%s", shop.files.error.message);
    expect_copied(
        BYTES(HEADER AISLE("\1", "soup") AISLE("\2", "wine") AISLE("\3", "cake") TRAILER));
    ck_assert_uint_eq(source(&shop, 0)->rows_loaded, 1);
    ck_assert_uint_eq(source(&shop, 1)->rows_loaded, 2);
    ck_assert_uint_eq(dataset_rows_loaded(shop.aisles), 3);
    ck_assert(shop.aisles->done.sent);
    /* Once is enough: the script has no second COPY. */
    ck_assert(sending_send(shop.sending));
    close_shop(&shop);
}
END_TEST

static const struct scripted_call sending_placeholders[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH},
    {SENDS(COPY_WITH_PLACEHOLDERS)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_two)},
    {GIVES_NO_MORE},
    {RESTRICTS_PATH},
};

START_TEST(sends_placeholders_after_the_rows)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "7,soup\n", NULL}, DUPLICATES_ERROR,
              sending_placeholders);
    ck_assert(id_set_add(&shop.aisles->files.inferred, 5));
    shop.aisles->database.frozen = true;
    ck_assert_msg(sending_send(shop.sending), "%s", shop.files.error.message);
    expect_copied(BYTES(HEADER "\0\3\0\0\0\4\0\0\0\7\0\0\0\4soup\0\0\0\1\0"
                               "\0\3\0\0\0\4\0\0\0\5\0\0\0\7missing\0\0\0\1\1" TRAILER));
    ck_assert_uint_eq(shop.aisles->done.inferred_loaded, 1);
    ck_assert_uint_eq(dataset_rows_loaded(shop.aisles), 2);
    close_shop(&shop);
}
END_TEST

static const struct scripted_call nothing[SCRIPT_LENGTH];

START_TEST(asks_the_server_for_nothing_when_there_is_no_row)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES, NULL}, DUPLICATES_ERROR, nothing);
    ck_assert(sending_send(shop.sending));
    ck_assert(shop.aisles->done.sent);
    close_shop(&shop);
}
END_TEST

/* Writes other bytes into a file, of the same number and without a later time. */
static void change_unnoticed(const struct memory_file *file, const char *text)
{
    struct stat status;

    ck_assert_int_eq(fstat(file->descriptor, &status), 0);
    ck_assert_int_eq(status.st_size, (off_t)strlen(text));
    ck_assert_int_eq(pwrite(file->descriptor, text, strlen(text), 0), (ssize_t)strlen(text));
    ck_assert_int_eq(
        futimens(file->descriptor, (const struct timespec[]){status.st_atim, status.st_mtim}), 0);
}

/* A file as it was checked and as it is sent, and the line on which that shows. */
static const struct {
    const char *name;
    const char *checked, *sent;
    unsigned line;
} changes[] = {
    {"a row is bad", AISLES "1,soup\n2,beer\n", AISLES "1,soup\nx,beer\n", 3},
    {"a record is no CSV", AISLES "1,soup\n2,beer\n", AISLES "1,soup\n2,\"\"b\"\n", 3},
    {"a row less", AISLES "1,soup\n2,beer\n", AISLES "1,soup\n\n\n\n\n\n\n\n", 4},
    {"a row more", AISLES "1,soup\n2,beerbee\n", AISLES "1,soup\n2,b\n3,b\n\n\n", 4},
};

START_TEST(refuses_a_file_that_changed_since_it_was_checked)
{
    char message[160];
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {USES_SESSION_PATH}, {SENDS(COPY_AISLES)},
        {GIVES(copying)},    {PUT_COPY_END, .text = message, .returns = 1},
        {GIVES(aborted)},    {GIVES_NO_MORE},
    };
    struct shop shop;

    open_shop(&shop, (const char *const[]){changes[_i].checked, NULL}, DUPLICATES_ERROR, calls);
    (void)snprintf(message, sizeof message, "%s:%u: the file changed while it was being loaded",
                   source(&shop, 0)->path, changes[_i].line);
    change_unnoticed(&shop.files.files[0], changes[_i].sent);
    ck_assert_msg(!sending_send(shop.sending), "%s", changes[_i].name);
    ck_assert_int_eq(shop.files.error.kind, ERROR_FILE);
    ck_assert_str_eq(shop.files.error.message, message);
    ck_assert(!shop.aisles->done.sent);
    close_shop(&shop);
}
END_TEST

static const struct scripted_call sending_one[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH},
    {SENDS(COPY_AISLES)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_one)},
    {GIVES_NO_MORE},
    {RESTRICTS_PATH},
};

/* What stands now on a line that was left out was not checked, good as it looks. */
START_TEST(sends_no_row_of_a_line_that_was_left_out)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n1,beer\n", NULL}, DUPLICATES_FIRST,
              sending_one);
    change_unnoticed(&shop.files.files[0], AISLES "1,soup\n2,beer\n");
    ck_assert_msg(sending_send(shop.sending), "%s", shop.files.error.message);
    expect_copied(BYTES(HEADER AISLE("\1", "soup") TRAILER));
    close_shop(&shop);
}
END_TEST

/* The second line of the second file is unchanged, and so is all of the first, which is not read
 * again: what stands there now would be refused. */
START_TEST(sends_no_unchanged_row_and_reads_no_file_again_that_has_no_other)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n", AISLES "2,beer\n3,wine\n", NULL},
              DUPLICATES_ERROR, sending_one);
    ck_assert(dataset_note_unchanged(shop.aisles, 2));
    ck_assert(dataset_note_unchanged(shop.aisles, source(&shop, 1)->line_base + 2));
    change_unnoticed(&shop.files.files[0], AISLES "x,soup\n");
    ck_assert_msg(sending_send(shop.sending), "%s", shop.files.error.message);
    expect_copied(BYTES(HEADER AISLE("\3", "wine") TRAILER));
    ck_assert_uint_eq(source(&shop, 0)->rows_unchanged, 1);
    ck_assert_uint_eq(source(&shop, 0)->rows_loaded, 0);
    ck_assert_uint_eq(source(&shop, 1)->rows_unchanged, 1);
    ck_assert_uint_eq(source(&shop, 1)->rows_loaded, 1);
    close_shop(&shop);
}
END_TEST

START_TEST(asks_the_server_for_nothing_when_no_row_changed)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n2,beer\n", NULL}, DUPLICATES_ERROR,
              nothing);
    ck_assert(dataset_note_unchanged(shop.aisles, 2));
    ck_assert(dataset_note_unchanged(shop.aisles, 3));
    ck_assert_msg(sending_send(shop.sending), "%s", shop.files.error.message);
    ck_assert(shop.aisles->done.sent);
    ck_assert_uint_eq(source(&shop, 0)->rows_unchanged, 2);
    close_shop(&shop);
}
END_TEST

static const struct scripted_call refusing_the_copy[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH},
    {SENDS(COPY_AISLES)},
    {GIVES(refused)},
    {GIVES_NO_MORE},
};

static const struct scripted_call refusing_at_the_end[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH},
    {SENDS(COPY_AISLES)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(refused)},
    {GIVES_NO_MORE},
};

static const struct scripted_call *const refusals[] = {refusing_the_copy, refusing_at_the_end};

START_TEST(a_servers_refusal_keeps_its_detail_and_hint)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n", NULL}, DUPLICATES_ERROR,
              refusals[_i]);
    ck_assert(!sending_send(shop.sending));
    ck_assert_int_eq(shop.files.error.kind, ERROR_DATABASE);
    ck_assert_ptr_nonnull(strstr(shop.files.error.message, "could not extend file"));
    ck_assert_str_eq(shop.files.error.detail, "No space left on device.");
    ck_assert_str_eq(shop.files.error.hint, "Check free disk space.");
    ck_assert(!shop.aisles->done.sent);
    close_shop(&shop);
}
END_TEST

/* A stream: rows that come while they are checked. */
static bool stream_aisle(const struct shop *shop, int64_t number, const char *name)
{
    const struct row row = {.values = {{.present = true, .integer = number},
                                       {.present = true, .text = name, .length = strlen(name)}}};

    return sending_take_row(shop->sending, shop->files.plan.sources[0], &row);
}

static const struct scripted_call streaming_two[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH},
    {SENDS(COPY_AISLES)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_two)},
    {GIVES_NO_MORE},
    {RESTRICTS_PATH},
};

START_TEST(streams_rows_as_they_come)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n2,beer\n", NULL}, DUPLICATES_ERROR,
              streaming_two);
    ck_assert(sending_open_stream(shop.sending, shop.aisles));
    ck_assert(stream_aisle(&shop, 1, "soup"));
    ck_assert(stream_aisle(&shop, 2, "beer"));
    ck_assert(sending_close_stream(shop.sending, true));
    expect_copied(BYTES(HEADER AISLE("\1", "soup") AISLE("\2", "beer") TRAILER));
    ck_assert_uint_eq(source(&shop, 0)->rows_loaded, 2);
    ck_assert(shop.aisles->done.sent);
    ck_assert(sending_send(shop.sending));
    close_shop(&shop);
}
END_TEST

static const struct scripted_call giving_up[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH}, {SENDS(COPY_AISLES)},
    {GIVES(copying)},    {PUT_COPY_END, .text = "x.csv:3: no", .returns = 1},
    {GIVES(aborted)},    {GIVES_NO_MORE},
};

/* What was wrong is the run's error; that the server gave up too is none. */
START_TEST(gives_up_an_incomplete_stream)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n", NULL}, DUPLICATES_ERROR, giving_up);
    ck_assert(sending_open_stream(shop.sending, shop.aisles));
    ck_assert(stream_aisle(&shop, 1, "soup"));
    (void)error_set(&shop.files.error, ERROR_DATA, "x.csv:3: no");
    (void)error_hint(&shop.files.error, "Mend it.");
    ck_assert(sending_close_stream(shop.sending, false));
    ck_assert(!shop.aisles->done.sent);
    ck_assert_int_eq(shop.files.error.kind, ERROR_DATA);
    ck_assert_str_eq(shop.files.error.message, "x.csv:3: no");
    ck_assert_str_eq(shop.files.error.hint, "Mend it.");
    close_shop(&shop);
}
END_TEST

static const struct scripted_call ending[SCRIPT_LENGTH] = {
    {USES_SESSION_PATH}, {SENDS(COPY_AISLES)},
    {GIVES(copying)},    {PUT_COPY_END, .text = "the run ends", .returns = 1},
    {GIVES(aborted)},    {GIVES_NO_MORE},
};

START_TEST(gives_up_what_is_open_when_the_run_ends)
{
    struct shop shop;

    open_shop(&shop, (const char *const[]){AISLES "1,soup\n", NULL}, DUPLICATES_ERROR, ending);
    ck_assert(sending_open_stream(shop.sending, shop.aisles));
    close_shop(&shop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("send");
    TCase *tests = tcase_create("second reading"), *streams = tcase_create("streams");

    tcase_add_test(tests, sends_every_row_that_was_not_left_out);
    tcase_add_test(tests, sends_placeholders_after_the_rows);
    tcase_add_test(tests, asks_the_server_for_nothing_when_there_is_no_row);
    tcase_add_loop_test(tests, refuses_a_file_that_changed_since_it_was_checked, 0,
                        TABLE_ROWS(changes));
    tcase_add_test(tests, sends_no_row_of_a_line_that_was_left_out);
    tcase_add_test(tests, sends_no_unchanged_row_and_reads_no_file_again_that_has_no_other);
    tcase_add_test(tests, asks_the_server_for_nothing_when_no_row_changed);
    tcase_add_loop_test(tests, a_servers_refusal_keeps_its_detail_and_hint, 0,
                        TABLE_ROWS(refusals));
    tcase_add_test(streams, streams_rows_as_they_come);
    tcase_add_test(streams, gives_up_an_incomplete_stream);
    tcase_add_test(streams, gives_up_what_is_open_when_the_run_ends);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, streams);
    return suite_run(suite);
}

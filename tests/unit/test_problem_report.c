#include "check/problem_report.h"

#include "files.h"
#include "suite.h"

#define USERS   "user_id,email_address\n1,a@example.org\n"
#define ORDERS  "order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,1,1\n"
#define HISTORY "order_id,status,changed_at\n1,lost,2020-01-01\n"
#define ENCODING                                                                                   \
    "where a whole file has another encoding, convert it, for example by \"iconv -f "              \
    "WINDOWS-1252 -t UTF-8 <FILE >NEW\""
#define HEADER_WORD "iles that are put one behind the other keep their headers"

/* A bad row of the file at a place of the plan. */
static void add_problem(struct files *files, size_t file, enum problem_code code,
                        const char *column, const char *reason)
{
    struct source *source = files->plan.sources[file];
    const struct problem_place place = {.code = code, .line = 2, .column = column, .key = ""};

    source->rows_bad++;
    problem_add(&source->problems, &place, "%s", reason);
}

static void set_aside(struct files *files)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        files->plan.datasets[id].files.sets_aside = true;
}

static bool report(struct files *files)
{
    return problem_report(&files->plan, &files->log, &files->error);
}

START_TEST(says_nothing_where_nothing_is_wrong)
{
    const char *const texts[] = {USERS, ORDERS, NULL};
    struct files files = {0};

    files_open(&files, texts, NULL);
    ck_assert(report(&files));
    ck_assert_int_eq(files.error.kind, ERROR_NONE);
    ck_assert_str_eq(files_logged(&files), "");
    files_close(&files);
}
END_TEST

START_TEST(counts_bad_rows_and_files)
{
    const char *const texts[] = {USERS, ORDERS, HISTORY, NULL};
    struct files files = {0};
    char line[128];

    files_open(&files, texts, NULL);
    add_problem(&files, 0, PROBLEM_TYPE, "user_id", "not an integer");
    add_problem(&files, 0, PROBLEM_TYPE, "user_id", "not an integer");
    add_problem(&files, 1, PROBLEM_RANGE, "order_dow", "not in 0 to 6");
    ck_assert(!report(&files));
    ck_assert_int_eq(files.error.kind, ERROR_DATA);
    ck_assert_str_eq(files.error.message, "3 bad rows in 2 files; nothing was loaded");
    ck_assert_str_eq(files.error.hint, "");
    (void)snprintf(line, sizeof line, "%s:2: order_dow: not in 0 to 6\n", files.paths[1]);
    ck_assert_ptr_nonnull(strstr(files_logged(&files), line));
    files_close(&files);
}
END_TEST

/* What one kind of problem in a file gives for a hint. */
static const struct {
    const char *text;
    enum problem_code code;
    const char *column, *reason, *hint;
} hints[] = {
    {USERS, PROBLEM_TYPE, "user_id", "not an integer", ""},
    {HISTORY, PROBLEM_TYPE, "status", "not an order status",
     "A status is pending, processing, shipped, delivered, cancelled, failed, return_requested, "
     "returned or refunded."},
    {HISTORY, PROBLEM_RANGE, "status", "no status", ""},
    {USERS, PROBLEM_EXISTS, "user_id", "is in the database already",
     "Rows that were loaded before are left alone by --mode=skip, and brought up to date by "
     "--mode=upsert."},
    {USERS, PROBLEM_EXISTS, "email_address", "is in the database already, with user 2", ""},
    {USERS, PROBLEM_FORMAT, "user_id", problem_separators_alone,
     "Spreadsheets write separators below a table: take such lines away by \"grep -aEv "
     "'^(\"\")?(,(\"\")?)+\\s*$' "
     "FILE "
     ">NEW\"."},
    {USERS, PROBLEM_FORMAT, "user_id", problem_header_again,
     "F" HEADER_WORD
     ": take all but the first away by \"awk 'NR==1{h=$0} NR==1||$0!=h' FILE >NEW\"."},
    {USERS, PROBLEM_ENCODING, "user_id", "the line contains a NUL byte",
     "NUL bytes are there where a disk was full or a copy was cut off: get the file again."},
    {USERS, PROBLEM_ENCODING, "email_address", "invalid UTF-8",
     "Where a whole file has another "
     "encoding, convert it, for example by \"iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW\"."},
    {USERS, PROBLEM_ENCODING, "email_address",
     "cannot be stored in this database's encoding LATIN1", ""},
    {"user_id,email_address,\n1,a\n", PROBLEM_FORMAT, "field 3",
     "missing: the row has 2 fields, the header 3",
     "The header ends with a comma, and rows do not: take it away by \"sed '1s/,\\s*$//' FILE "
     ">NEW\"."},
    {"user_id,email_address,note\n1,a\n", PROBLEM_FORMAT, "note",
     "missing: the row has 2 fields, the header 3", ""},
};

START_TEST(hints_at_what_to_do)
{
    const char *const texts[] = {hints[_i].text, NULL};
    struct files files = {0};

    files_open(&files, texts, NULL);
    files.plan.datasets[files.plan.sources[0]->table_id].database.catalog.empty = false;
    for (int i = 0; i < 2; i++)
        add_problem(&files, 0, hints[_i].code, hints[_i].column, hints[_i].reason);
    ck_assert(!report(&files));
    ck_assert_str_eq(files.error.hint, hints[_i].hint);
    files_close(&files);
}
END_TEST

/* Each advice once, and all of them in one hint. */
START_TEST(joins_hints)
{
    const char *const texts[] = {USERS, HISTORY, NULL};
    struct files files = {0};

    files_open(&files, texts, NULL);
    add_problem(&files, 0, PROBLEM_ENCODING, "email_address", "invalid UTF-8");
    add_problem(&files, 1, PROBLEM_ENCODING, "status", "the line is not UTF-8");
    add_problem(&files, 0, PROBLEM_FORMAT, "user_id", problem_header_again);
    ck_assert(!report(&files));
    ck_assert_str_eq(files.error.hint,
                     "F" HEADER_WORD
                     ": take all but the first away by \"awk 'NR==1{h=$0} NR==1||$0!=h' FILE "
                     ">NEW\". Where a whole file has another encoding, convert it, for example by "
                     "\"iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW\".");
    files_close(&files);
}
END_TEST

/* Where bad rows are no error, or another error came first, nobody sees its hint. */
START_TEST(warns_where_there_is_no_such_error)
{
    const char *const texts[] = {USERS, NULL};
    struct files files = {0};

    files_open(&files, texts, NULL);
    set_aside(&files);
    add_problem(&files, 0, PROBLEM_ENCODING, "email_address", "invalid UTF-8");
    ck_assert(report(&files));
    ck_assert_int_eq(files.error.kind, ERROR_NONE);
    ck_assert_ptr_nonnull(strstr(files_logged(&files), "timele-load: warning: " ENCODING "\n"));
    files_close(&files);

    files_open(&files, texts, NULL);
    add_problem(&files, 0, PROBLEM_ENCODING, "email_address", "invalid UTF-8");
    (void)error_set(&files.error, ERROR_DATABASE, "the server has gone");
    ck_assert(!report(&files));
    ck_assert_str_eq(files.error.message, "the server has gone");
    ck_assert_str_eq(files.error.hint, "");
    ck_assert_ptr_nonnull(strstr(files_logged(&files), "timele-load: warning: " ENCODING "\n"));
    files_close(&files);
}
END_TEST

/* Rows that were loaded before are usual where they are set aside. */
START_TEST(asks_for_no_mode_where_rows_are_set_aside)
{
    const char *const texts[] = {USERS, NULL};
    struct files files = {0};

    files_open(&files, texts, NULL);
    set_aside(&files);
    add_problem(&files, 0, PROBLEM_EXISTS, "user_id", "is in the database already");
    ck_assert(report(&files));
    ck_assert_ptr_null(strstr(files_logged(&files), "--mode"));
    files_close(&files);
}
END_TEST

/* The file that was forgotten: its columns, and placeholders where there are any. */
START_TEST(names_the_file_that_was_forgotten)
{
    const char *const texts[] = {ORDERS, NULL};
    struct files files = {0};
    struct dataset *orders;
    const char *hint = "No file has users, and the database has none: add a file with the columns "
                       "user_id and email_address, or make placeholders with --infer=users.";

    files_open(&files, texts, NULL);
    orders = &files.plan.datasets[files.plan.sources[0]->table_id];
    for (size_t i = 0; i < orders->reference_count; i++)
        orders->files.references_violated[orders->references[i]] = 1;
    add_problem(&files, 0, PROBLEM_FOREIGN_KEY, "user_id", "no such user");
    ck_assert(!report(&files));
    ck_assert_str_eq(files.error.hint, hint);
    files_close(&files);

    /* The database has some. */
    files_open(&files, texts, NULL);
    orders = &files.plan.datasets[files.plan.sources[0]->table_id];
    for (size_t i = 0; i < orders->reference_count; i++) {
        size_t column = orders->references[i];

        orders->files.references_violated[column] = 1;
        files.plan.datasets[orders->table->columns[column].references].database.catalog.empty =
            false;
    }
    add_problem(&files, 0, PROBLEM_FOREIGN_KEY, "user_id", "no such user");
    ck_assert(!report(&files));
    ck_assert_str_eq(files.error.hint, "");
    files_close(&files);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("problem_report");
    TCase *tests = tcase_create("reports");

    tcase_add_test(tests, says_nothing_where_nothing_is_wrong);
    tcase_add_test(tests, counts_bad_rows_and_files);
    tcase_add_loop_test(tests, hints_at_what_to_do, 0, TABLE_ROWS(hints));
    tcase_add_test(tests, joins_hints);
    tcase_add_test(tests, warns_where_there_is_no_such_error);
    tcase_add_test(tests, asks_for_no_mode_where_rows_are_set_aside);
    tcase_add_test(tests, names_the_file_that_was_forgotten);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

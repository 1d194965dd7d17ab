#include "memory_file.h"
#include "opened_source.h"
#include "row/source.h"
#include "suite.h"

#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1

static struct source *open_source(struct memory_file *file, const char *bytes, size_t length)
{
    struct source *source = NULL;
    struct error error = {0};

    memory_file_open(file, bytes, length);
    ck_assert_msg(open_path(file->path, &source, &error), "%s", error.message);
    ck_assert_str_eq(source->path, file->path);
    return source;
}

static void close_source(struct source *source, struct memory_file *file)
{
    source_free(source);
    memory_file_close(file);
}

/* The message without the path that it begins with. */
static void expect_refusal(const char *bytes, size_t length, const char *message, const char *hint)
{
    struct memory_file file;
    struct source *source = NULL;
    struct error error = {0};

    memory_file_open(&file, bytes, length);
    ck_assert(!open_path(file.path, &source, &error));
    ck_assert_ptr_null(source);
    ck_assert_mem_eq(error.message, file.path, strlen(file.path));
    ck_assert_str_eq(error.message + strlen(file.path), message);
    ck_assert_int_eq(error.kind, ERROR_DATA);
    ck_assert_str_eq(error.hint, hint);
    memory_file_close(&file);
}

static const struct {
    const char *bytes;
    enum table_id table;
} headers[] = {
    {"user_id,email_address\n", TABLE_USERS},
    {"user_id,first_name,last_name,email_address,hashed_password,phone_number,street_address,city,"
     "postal_code,country,last_login,last_notifications_viewed_at,external_user_id\n",
     TABLE_USERS},
    {"order_id,user_id,order_number,order_dow,order_hour_of_day\n", TABLE_ORDERS},
    {"order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order\n",
     TABLE_ORDERS},
    {"days_since_prior_order,order_hour_of_day,order_dow,order_number,user_id,order_id\n",
     TABLE_ORDERS},
    {"order_id,product_id,add_to_cart_order\n", TABLE_ORDER_ITEMS},
    {"reordered,add_to_cart_order,product_id,order_id\n", TABLE_ORDER_ITEMS},
    {"product_id,product_name,aisle_id,department_id\n", TABLE_PRODUCTS},
    {"aisle_id,aisle\n", TABLE_AISLES},
    /* All columns of two other datasets as well: the one that asks for most of them. */
    {"product_id,product_name,aisle_id,aisle,department_id,department\n", TABLE_PRODUCTS},
    {"department,department_id\n", TABLE_DEPARTMENTS},
    {"department_id,department,description,image_url\n", TABLE_DEPARTMENTS},
    /* However the file is written. */
    {"aisle_id,aisle", TABLE_AISLES},
    {"aisle_id,aisle\r\n1,bread\r\n", TABLE_AISLES},
    {"\"aisle_id\",\"aisle\"\n", TABLE_AISLES},
    {"\xef\xbb\xbf"
     "aisle_id,aisle\n",
     TABLE_AISLES},
    {"\xef\xbb\xbf\"aisle_id\",aisle\r\n", TABLE_AISLES},
    {"\n\naisle_id,aisle\n", TABLE_AISLES},
};

START_TEST(recognises_a_dataset_by_its_header)
{
    struct memory_file file;
    struct source *source = open_source(&file, headers[_i].bytes, strlen(headers[_i].bytes));

    ck_assert_int_eq(source->table_id, headers[_i].table);
    ck_assert_ptr_eq(source->table, table_get(headers[_i].table));
    close_source(source, &file);
}
END_TEST

static void expect_field(const struct source *source, const char *column, int field)
{
    int index = table_column_of_header(source->table, column, strlen(column));

    ck_assert_int_ge(index, 0);
    ck_assert_msg(source->field_of_column[index] == field, "%s is field %d instead of %d", column,
                  source->field_of_column[index], field);
    if (field >= 0)
        ck_assert_int_eq(source->column_of_field[field], index);
}

START_TEST(binds_columns_in_any_order)
{
    struct memory_file file;
    struct source *source =
        open_source(&file, BYTES("order_dow,eval_set,user_id,,order_hour_of_day,order_number,"
                                 "order_id\n"));

    ck_assert_uint_eq(source->field_count, 7);
    expect_field(source, "order_id", 6);
    expect_field(source, "user_id", 2);
    expect_field(source, "order_number", 5);
    expect_field(source, "order_dow", 0);
    expect_field(source, "order_hour_of_day", 4);
    expect_field(source, "days_since_prior_order", -1);
    expect_field(source, "external_order_id", -1);
    ck_assert_int_eq(source->column_of_field[1], -1);
    ck_assert_int_eq(source->column_of_field[3], -1);
    ck_assert_str_eq(source->header_names[1], "eval_set");
    ck_assert_str_eq(source->header_names[3], "");
    close_source(source, &file);
}
END_TEST

/* The bytes of a field that is not kept never leave the parser. */
START_TEST(keeps_no_field_that_has_no_place)
{
    struct memory_file file;
    struct source *source =
        open_source(&file, BYTES("user_id,password,email_address,eval_set,hashed_password\n"));

    ck_assert_uint_eq(source->keep_mask[0], 1 << 0 | 1 << 2 | 1 << 4);
    for (int word = 1; word < CSV_FIELDS_MAX / 64; word++)
        ck_assert_uint_eq(source->keep_mask[word], 0);
    close_source(source, &file);
}
END_TEST

START_TEST(keeps_fields_beyond_the_64th)
{
    struct memory_file file;
    struct source *source;
    char header[512] = "aisle_id";

    for (int i = 1; i < 200; i++)
        (void)strcat(header, ",");
    (void)strcat(header, ",aisle\n");
    source = open_source(&file, header, strlen(header));
    expect_field(source, "aisle", 200);
    ck_assert_uint_eq(source->keep_mask[0], 1);
    ck_assert_uint_eq(source->keep_mask[1], 0);
    ck_assert_uint_eq(source->keep_mask[2], 0);
    ck_assert_uint_eq(source->keep_mask[3], UINT64_C(1) << (200 - 192));
    close_source(source, &file);
}
END_TEST

START_TEST(starts_with_nothing_read)
{
    struct memory_file file;
    struct source *source = open_source(&file, BYTES("aisle_id,aisle\n1,bread\n"));

    ck_assert_uint_eq(source->line_base, UINT32_MAX);
    ck_assert_uint_eq(source->line_count, 0);
    ck_assert_uint_eq(source->rows_read, 0);
    ck_assert_uint_eq(source->problems.count, 0);
    close_source(source, &file);
}
END_TEST

#define FIRST_LINE_HINT                                                                            \
    "The first line must name the columns: see \"FILES\" in the manual. To put such a line "       \
    "before "                                                                                      \
    "the rows: sed '1i NAMES' FILE >NEW"
#define SEPARATED_HINT(by)                                                                         \
    "Make commas of them: python3 -c \"import csv; csv.writer(open(1,'w',newline='',encoding='"    \
    "latin-1')).writerows(csv.reader(open(0,newline='',encoding='latin-1'),delimiter='" by         \
    "'))\" <FILE >NEW"
#define BROKEN_HINT                                                                                \
    "The first line must name the columns, separated by commas: see \"FILES\" in the manual."
#define TWICE_HINT "Give the one that is not wanted another name: it is ignored then."
#define MISSING(fields)                                                                            \
    ":1: no column name in the first line (" fields "): is the header line missing?"
#define UNLIKELY(fields)                                                                           \
    ":1: the first line does not look like a header (" fields "): is the header line missing?"
#define SEPARATED(fields, by)                                                                      \
    ":1: no column name in the first line (" fields "): is the separator " by "?"

static const struct {
    const char *bytes;
    size_t length;
    const char *message;
    const char *hint;
} refusals[] = {
    {BYTES("name_of_mine,colour\n"), MISSING("2 fields"), FIRST_LINE_HINT},
    {BYTES("1,john@example.com\n"), MISSING("2 fields"), FIRST_LINE_HINT},
    {BYTES("7\n"), MISSING("1 field"), FIRST_LINE_HINT},
    {BYTES("1,Ann,Lee,hunter2,$2b$12$abcdefghijklmnopqrstuv,ann@x.org,,,,,,,\n2,B\n"),
     MISSING("13 fields"), FIRST_LINE_HINT},
    /* A row that has a column's name among its values: even its place is not told. */
    {BYTES("1,Ann,Lee,country,hash,ann@x.org\n"), UNLIKELY("6 fields"), FIRST_LINE_HINT},
    {BYTES("1,status,2020-01-01\n"), UNLIKELY("3 fields"), FIRST_LINE_HINT},
    {BYTES("21,Department\n"), UNLIKELY("2 fields"), FIRST_LINE_HINT},
    {BYTES("user_id,d41d8cd98f00b204e9800998ecf8427e\n"), UNLIKELY("2 fields"), FIRST_LINE_HINT},
    /* Words alone: nothing is shown but what is a column's name, or nearly one. */
    {BYTES("Ann,hunter,status\n"), ":1: the header is no dataset's: status and 2 unknown columns",
     "The nearest dataset is \"order status history\", which needs order_id, changed_at too."},
    {BYTES("user_id,first_name\n"), ":1: the header is no dataset's: user_id, first_name",
     "The nearest dataset is \"users\", which needs email_address too."},
    {BYTES("user_id,hunter,e-mail\n"),
     ":1: the header is nearly that of \"users\": write email_address for \"e-mail\"",
     "Replace the line: sed '1s/.*/user_id,hunter,email_address/' FILE >NEW"},
    {BYTES("user_name,hunter,e-mail\n"),
     ":1: the header is no dataset's: e-mail and 2 unknown columns",
     "The nearest dataset is \"users\", which needs user_id, email_address (not \"e-mail\") too."},
    {BYTES("order_id,user_id\n"), ":1: the header is no dataset's: order_id, user_id",
     "The nearest dataset is \"orders\", which needs order_number too."},
    {BYTES("product_id,add_to_cart_order\n"),
     ":1: the header is no dataset's: product_id, add_to_cart_order",
     "The nearest dataset is \"order items\", which needs order_id too."},
    {BYTES("product_id,product_name\n"), ":1: the header is no dataset's: product_id, product_name",
     "The nearest dataset is \"products\", which needs aisle_id, department_id too."},
    {BYTES("department\n"), ":1: the header is no dataset's: department",
     "The nearest dataset is \"departments\", which needs department_id too."},
    {BYTES("AISLE_ID, aisle\n"),
     ":1: the header is nearly that of \"aisles\": write aisle_id for \"AISLE_ID\", aisle for "
     "\" aisle\"",
     "Replace the line: sed '1s/.*/aisle_id,aisle/' FILE >NEW"},
    /* Another separator: one field holds all, and nothing of it is shown. */
    {BYTES("1|Ann|hunter2\n"), SEPARATED("1 field", "a vertical bar"), SEPARATED_HINT("|")},
    {BYTES("1;Ann;hunter2;1,5;x\n"), SEPARATED("2 fields", "a semicolon"), SEPARATED_HINT(";")},
    {BYTES("aisle_id;aisle\n"), ":1: the fields are separated by semicolons, and not by commas",
     "It is the header of \"aisles\". " SEPARATED_HINT(";")},
    {BYTES("\n\nhunter2\n"),
     ":3: no column name in the first line (1 field): is the header line missing?",
     FIRST_LINE_HINT},
    {BYTES("na\033me,\"a\nb\",\n"), MISSING("3 fields"), FIRST_LINE_HINT},
    {BYTES("user_id,email_address,user_id\n"),
     ": the header names column user_id twice, in fields 1 and 3", TWICE_HINT},
    {BYTES("user_id,email_address,city,country,city\n"),
     ": the header names column city twice, in fields 3 and 5", TWICE_HINT},
    {BYTES("order_id,user_id,order_number\n"),
     ": the header has no column order_dow, which orders.orders needs", ""},
    {BYTES("order_id,user_id,order_number,OrderDow\n"),
     ": the header has no column order_dow, which orders.orders needs",
     "It has OrderDow: did you mean order_dow?"},
    {BYTES("order_id,user_id,order_number,order_dow\n"),
     ": the header has no column order_hour_of_day, which orders.orders needs", ""},
    {BYTES(""), ": empty file: not even a header line", ""},
    {BYTES("\n\r\n\n"), ": empty file: not even a header line", ""},
    {BYTES("\xef\xbb\xbf"), ": empty file: not even a header line", ""},
    {BYTES("user_id,\0\n"), ": cannot be read as CSV: it is binary data",
     "Get the data as CSV, in UTF-8, from where it comes from."},
    {BYTES("user_id,stra\xdf"
           "e\n"),
     ": cannot be read as CSV: it is text in another encoding than UTF-8",
     "Convert it from the encoding that it has, for example: iconv -f WINDOWS-1252 -t UTF-8 <FILE "
     ">NEW"},
    /* The second line of a header. */
    {BYTES("user_id,\"first\nname\0\"\n"), ":1: the header is no text: contains a NUL byte", ""},
    {BYTES("aisle_id,ai\"sle\n"), ":1: not a CSV header: quote inside an unquoted field",
     BROKEN_HINT},
    {BYTES("aisle_id,\"aisle\n"),
     ":1: not a CSV header: quoted field is not closed before the end of the file", BROKEN_HINT},
};

START_TEST(says_what_is_wrong_with_a_header)
{
    expect_refusal(refusals[_i].bytes, refusals[_i].length, refusals[_i].message,
                   refusals[_i].hint);
}
END_TEST

/* A column twice is no matter while it has no place. */
START_TEST(may_name_ignored_columns_twice)
{
    struct memory_file file;
    struct source *source = open_source(&file, BYTES("aisle_id,note,aisle,note\n"));

    ck_assert_int_eq(source->table_id, TABLE_AISLES);
    close_source(source, &file);
}
END_TEST

/* Names of any length: nothing is left out without saying so. */
START_TEST(cuts_a_long_list_of_columns)
{
    char header[8192] = "";
    struct memory_file file;
    struct source *source = NULL;
    struct error error = {0};
    size_t used = 0, shown;

    for (int i = 0; i < 200; i++)
        used += (size_t)snprintf(header + used, sizeof header - used, "%s%s", i == 0 ? "" : ",",
                                 _i % 2 == 0 ? "aisle_id" : "order_hour_of_day");
    for (int i = 0; i < _i; i++)
        used += (size_t)snprintf(header + used, sizeof header - used, ",x");
    memory_file_open(&file, header, used);
    ck_assert(!open_path(file.path, &source, &error));
    shown = strlen(error.message);
    ck_assert_ptr_nonnull(strstr(error.message, "the header is no dataset's: "));
    ck_assert_msg(strcmp(error.message + shown - 3, "...") == 0, "%s", error.message);
    ck_assert_uint_lt(shown, ERROR_TEXT_SIZE - 1);
    memory_file_close(&file);
}
END_TEST

START_TEST(passes_on_what_is_wrong_with_the_file)
{
    struct source *source = NULL;
    struct error error = {0};

    ck_assert(!open_path("/nowhere/users.csv", &source, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_str_eq(error.message, "cannot open /nowhere/users.csv: No such file or directory");
    ck_assert_ptr_null(source);
}
END_TEST

static const struct {
    const char *header;
    const char *names[4];
} named[] = {
    {"aisle_id,\"a\nb\",aisle\n", {"aisle_id", "field 2", "aisle", "field 4"}},
    {"aisle_id,My note-2,aisle,\n", {"aisle_id", "My note-2", "aisle", "field 4"}},
    {"aisle_id,aisle,caf\xc3\xa9,note\n", {"aisle_id", "aisle", "field 3", "note"}},
    /* A line end is missing behind the header: the values of a row are no names. */
    {"aisle_id,aisle,hunter,ann@x.org\n", {"aisle_id", "aisle", "field 3", "field 4"}},
    {"aisle_id,aisle,hunter,12\n", {"aisle_id", "aisle", "field 3", "field 4"}},
};

START_TEST(names_fields)
{
    struct memory_file file;
    const char *header = named[_i].header;
    struct source *source = open_source(&file, header, strlen(header));
    char text[PROBLEM_COLUMN_SIZE];

    for (size_t field = 0; field < 4; field++)
        ck_assert_str_eq(source_field_name(source, field, text), named[_i].names[field]);
    ck_assert_str_eq(source_field_name(source, 255, text), "field 256");
    close_source(source, &file);
}
END_TEST

START_TEST(frees_nothing)
{
    int lowest = dup(STDERR_FILENO);

    ck_assert_int_eq(close(lowest), 0);
    source_free(NULL);
    expect_refusal(BYTES("7\n"), MISSING("1 field"), FIRST_LINE_HINT);
    ck_assert_int_eq(dup(STDERR_FILENO), lowest);
}
END_TEST

static TCase *header_case(void)
{
    TCase *tests = tcase_create("headers");

    tcase_add_loop_test(tests, recognises_a_dataset_by_its_header, 0, TABLE_ROWS(headers));
    tcase_add_test(tests, binds_columns_in_any_order);
    tcase_add_test(tests, keeps_no_field_that_has_no_place);
    tcase_add_test(tests, keeps_fields_beyond_the_64th);
    tcase_add_test(tests, starts_with_nothing_read);
    tcase_add_test(tests, may_name_ignored_columns_twice);
    tcase_add_loop_test(tests, names_fields, 0, TABLE_ROWS(named));
    return tests;
}

static TCase *refusal_case(void)
{
    TCase *tests = tcase_create("refusals");

    tcase_add_loop_test(tests, says_what_is_wrong_with_a_header, 0, TABLE_ROWS(refusals));
    tcase_add_loop_test(tests, cuts_a_long_list_of_columns, 3, 30);
    tcase_add_test(tests, passes_on_what_is_wrong_with_the_file);
    tcase_add_test(tests, frees_nothing);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("source");

    suite_add_tcase(suite, header_case());
    suite_add_tcase(suite, refusal_case());
    return suite_run(suite);
}

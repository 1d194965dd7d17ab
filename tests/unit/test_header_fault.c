#include "row/header_fault.h"

#include "csv_transcript.h"
#include "input/file_kind.h"
#include "suite.h"

/* A header that is being refused. */
struct refusal {
    const char *bytes;
    struct error error;
    bool is_ours;
};

static bool refuse(struct refusal *refusal, const struct csv_record *record,
                   const struct csv_fault *fault)
{
    const struct refused_header header = {.path = "FILE",
                                          .first_bytes = refusal->bytes,
                                          .length = strlen(refusal->bytes),
                                          .record = record,
                                          .fault = fault};

    refusal->is_ours = header_refuse(&header, &refusal->error);
    return false;
}

static bool take_record(void *context, const struct csv_record *record)
{
    return refuse(context, record, NULL);
}

static bool take_fault(void *context, const struct csv_fault *fault)
{
    return refuse(context, NULL, fault);
}

#define PYTHON_IN(from, to, reader)                                                                \
    "python3 -c \"import csv; csv.writer(open(1,'w',newline='',encoding='" to "')).writerows("     \
    "csv.reader(open(0,newline='',encoding='" from "'" reader "))\""
#define PYTHON(reader) PYTHON_IN("latin-1", "latin-1", reader)
#define COMMAS(reader) "Make commas of them: " PYTHON(reader) " <FILE >NEW"
#define MARKED_COMMAS(reader)                                                                      \
    "Make commas of them: " PYTHON_IN("utf-8-sig", "utf-8", reader) " <FILE >NEW"
#define WHOLE_LINES(from, to)                                                                      \
    "Take them away: python3 -c \"import csv; open(1,'w',encoding='" to                            \
    "').writelines(row[0]+'\\n' for row in csv.reader(open(0,newline='',encoding='" from           \
    "')) if row)\" <FILE >NEW"
#define MAC_LINES                                                                                  \
    "Its lines end with carriage returns alone. Write line feeds first: tr '\\r' '\\n' <FILE >NEW"
#define IT_IS(dataset) "It is the header of \"" dataset "\". "
#define FIRST_LINE     "The first line must name the columns: see \"FILES\" in the manual."
#define NO_HEADER      FIRST_LINE " To put such a line before the rows: sed '1i NAMES' FILE >NEW"
#define BROKEN                                                                                     \
    "The first line must name the columns, separated by commas: see \"FILES\" in the manual."
#define BY(separators) "FILE:1: the fields are separated by " separators ", and not by commas"
#define GUESS(fields, separator)                                                                   \
    "FILE:1: no column name in the first line (" fields "): is the separator " separator "?"
#define ABOVE(line)     "FILE:" line ": the header stands below other lines"
#define NEARLY(dataset) "FILE:1: the header is nearly that of \"" dataset "\": write "
#define REPLACE(names)  "Replace the line: sed '1s/.*/" names "/' FILE >NEW"

static const struct {
    const char *bytes;
    const char *message;
    const char *hint;
    bool is_ours;
} refusals[] = {
    /* Separators. */
    {"user_id;email_address\n1;a\n", BY("semicolons"), IT_IS("users") COMMAS("),delimiter=';'"),
     true},
    {MARK "aisle_id;aisle\r\n", BY("semicolons"), IT_IS("aisles") MARKED_COMMAS("),delimiter=';'"),
     true},
    {"\"aisle_id\"\t\"aisle\"\n", BY("tabs"), IT_IS("aisles") COMMAS("),delimiter='\\t'"), true},
    {"\"aisle_id\";\"aisle\"\n", BY("semicolons"), IT_IS("aisles") COMMAS("),delimiter=';'"), true},
    {"'aisle_id'|'aisle'\n", BY("vertical bars"),
     IT_IS("aisles") COMMAS("),delimiter='|',quotechar='\\''"), true},
    {" aisle_id | aisle \n----------+-------\n", BY("vertical bars"),
     IT_IS("aisles") COMMAS("),delimiter='|'"), true},
    {"aisle_id  aisle\n", BY("blanks"),
     IT_IS("aisles") COMMAS("),delimiter=' ',skipinitialspace=True"), true},
    {"USER_ID;name\n", BY("semicolons"), COMMAS("),delimiter=';'"), true},
    {"a;b;user_id\n", BY("semicolons"), COMMAS("),delimiter=';'"), true},
    /* Of a line that may be a row, nothing is said but what may separate its fields. */
    {"1;Ann;hunter2\n", GUESS("1 field", "a semicolon"), COMMAS("),delimiter=';'"), false},
    {"1;country;hunter2;1,5\n", GUESS("2 fields", "a semicolon"), COMMAS("),delimiter=';'"), false},
    {"1\tuser_id\thunter2\n", GUESS("1 field", "a tab"), COMMAS("),delimiter='\\t'"), false},
    {MARK "1|a\n", GUESS("1 field", "a vertical bar"), MARKED_COMMAS("),delimiter='|'"), false},
    {"one two\n", "FILE:1: no column name in the first line (1 field): is the header line missing?",
     NO_HEADER, false},
    /* Excel's line. */
    {"sep=;\naisle_id;aisle\n", "FILE:1: the first line is Excel's \"sep=\", and no header",
     "Delete it, and make commas of the semicolons: sed 1d FILE | " PYTHON(
         "),delimiter=';'") " >NEW",
     true},
    {MARK "SEP=\t\r\naisle_id\taisle\r\n",
     "FILE:1: the first line is Excel's \"sep=\", and no header",
     "Delete it, and make commas of the tabs: sed 1d FILE | " PYTHON("),delimiter='\\t'") " >NEW",
     true},
    {"sep=,\naisle_id,aisle\n", "FILE:1: the first line is Excel's \"sep=\", and no header",
     "Delete it: sed 1d FILE >NEW", true},
    {"\nsep=;\naisle_id;aisle\n", "FILE:2: the first line is Excel's \"sep=\", and no header",
     "Delete it, and make commas of the semicolons: sed 1,2d FILE | " PYTHON(
         "),delimiter=';'") " >NEW",
     true},
    /* Lines above the header. */
    {"Aisles of 2020\naisle_id,aisle\n", ABOVE("2"),
     IT_IS("aisles") "Delete what stands above it: sed 1d FILE >NEW", true},
    {"\n\"Aisles\"; of 2020\n\n\naisle_id;aisle\n", ABOVE("5"),
     IT_IS("aisles") "Delete what stands above it: sed 1,4d FILE >NEW", true},
    {",,,\r\naisle_id,aisle\r\n", ABOVE("2"),
     IT_IS("aisles") "Delete what stands above it: sed 1d FILE >NEW", true},
    {"1,2,bread\naisle_id,aisle\n", ABOVE("2"), IT_IS("aisles") "Make it the first line.", true},
    {"1,bread\naisle_id,aisle\n", ABOVE("2"), IT_IS("aisles") "Make it the first line.", true},
    /* Marks and quotes. */
    {MARK MARK "aisle_id,aisle\n", "FILE:1: a byte order mark stands inside the header",
     IT_IS("aisles") "Take it away: sed '1s/\\xEF\\xBB\\xBF//g' FILE >NEW", true},
    {"aisle_id," MARK "\"aisle\"\n", "FILE:1: a byte order mark stands inside the header",
     IT_IS("aisles") "Take it away: sed '1s/\\xEF\\xBB\\xBF//g' FILE >NEW", true},
    {"'aisle_id','aisle'\n",
     "FILE:1: the names stand between single quotes, and not between double quotes",
     IT_IS("aisles") "Write other quotes: " PYTHON("),quotechar='\\''") " <FILE >NEW", true},
    {"`aisle_id`,`aisle`\n",
     "FILE:1: the names stand between backticks, and not between double quotes",
     IT_IS("aisles") "Write other quotes: " PYTHON("),quotechar='\\`'") " <FILE >NEW", true},
    {"\"aisle_id,aisle\"\n\"1,bread\"\n", "FILE:1: the whole line stands between quotes",
     IT_IS("aisles") WHOLE_LINES("latin-1", "latin-1"), true},
    {MARK "\"aisle_id,aisle\"\n\"1,bread\"\n", "FILE:1: the whole line stands between quotes",
     IT_IS("aisles") WHOLE_LINES("utf-8-sig", "utf-8"), true},
    /* Line ends that sed does not know. */
    {"AISLE_ID,Aisle\r1,bread\r", NEARLY("aisles") "aisle_id for \"AISLE_ID\", aisle for \"Aisle\"",
     MAC_LINES, false},
    {"sep=,\raisle_id,aisle\r", "FILE:1: the first line is Excel's \"sep=\", and no header",
     MAC_LINES, true},
    {"aisle_id;aisle\r1;bread\r", BY("semicolons"), IT_IS("aisles") COMMAS("),delimiter=';'"),
     true},
    /* Names that are nearly right. */
    {"aisle id,aisle name\n1,bread\n",
     "FILE:1: the header is no dataset's: aisle id and 1 unknown column",
     "The nearest dataset is \"aisles\", which needs aisle_id (not \"aisle id\"), aisle too.",
     false},
    {"AISLE_ID,Aisle\n", NEARLY("aisles") "aisle_id for \"AISLE_ID\", aisle for \"Aisle\"",
     REPLACE("aisle_id,aisle"), false},
    {"aisle_id , aisle,my note,\n",
     NEARLY("aisles") "aisle_id for \"aisle_id \", aisle for \" aisle\"",
     REPLACE("aisle_id,aisle,my note,"), false},
    {"aisle_id, aisle, note\n", NEARLY("aisles") "aisle for \" aisle\"",
     "Take the blanks away: " PYTHON("),skipinitialspace=True") " <FILE >NEW", false},
    {"[aisle_id],[aisle]\n", NEARLY("aisles") "aisle_id for \"[aisle_id]\", aisle for \"[aisle]\"",
     REPLACE("aisle_id,aisle"), false},
    {"\xe2\x80\x9c"
     "aisle_id\xe2\x80\x9d,aisle\xc2\xa0\n",
     NEARLY("aisles") "aisle_id for \"\xe2\x80\x9c"
                      "aisle_id\xe2\x80\x9d\", aisle for "
                      "\"aisle\xc2\xa0\"",
     REPLACE("aisle_id,aisle"), false},
    {"user_id,emial_address,First Name\n", NEARLY("users") "email_address for \"emial_address\"",
     REPLACE("user_id,email_address,first_name"), false},
    {"\n\nuser_id,emial_address\n",
     "FILE:3: the header is nearly that of \"users\": write email_address for \"emial_address\"",
     "Replace the line: sed '3s/.*/user_id,email_address/' FILE >NEW", false},
    {"user_id,emial_address,pr\xc3\xa9nom\n", NEARLY("users") "email_address for \"emial_address\"",
     "The names of the columns are compared letter by letter.", false},
    {"user_id,emial_address,\"first\nname\"\n",
     "FILE:1: the first line does not look like a header (3 fields): is the header line missing?",
     NO_HEADER, false},
    /* A name of another dataset is not meant for a column of this one. */
    {"product_id,product_name,aisle,department_id\n",
     "FILE:1: the header is no dataset's: product_id, product_name, aisle, department_id",
     "The nearest dataset is \"products\", which needs aisle_id (not \"aisle\") too.", false},
    {"order_id,user\n", "FILE:1: the header is no dataset's: order_id, user",
     "The nearest dataset is \"orders\", which needs user_id (not \"user\"), order_number too.",
     false},
    /* No CSV. */
    {"\"1\";\"Ann\";\"hunter2\"\n",
     "FILE:1: not a CSV header: text after the closing quote of a field: is the separator a "
     "semicolon?",
     COMMAS("),delimiter=';'"), false},
    {"aisle_id,ai\"sle\n", "FILE:1: not a CSV header: quote inside an unquoted field", BROKEN,
     false},
    {"1,hunter2,\"SECRET\n",
     "FILE:1: not a CSV header: quoted field is not closed before the end of the file", BROKEN,
     false},
    {",,,\n", "FILE:1: no column name in the first line (4 fields): is the header line missing?",
     NO_HEADER, false},
};

START_TEST(says_what_is_wrong_and_what_mends_it)
{
    const struct csv_handler handler = {.record = take_record, .fault = take_fault};
    struct refusal refusal = {.bytes = refusals[_i].bytes};
    struct csv_handler taking = handler;
    struct error error = {0};
    struct file file;

    taking.context = &refusal;
    file_with(&file, refusal.bytes, strlen(refusal.bytes));
    ck_assert_msg(csv_reader_read(reader, file.input, &taking, &error), "%s", error.message);
    file_close(&file);
    ck_assert_str_eq(refusal.error.message, refusals[_i].message);
    ck_assert_str_eq(refusal.error.hint, refusals[_i].hint);
    ck_assert_int_eq(refusal.error.kind, ERROR_DATA);
    ck_assert_int_eq(refusal.is_ours, refusals[_i].is_ours);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("header_fault");
    TCase *tests = tcase_create("refusals");

    tcase_add_unchecked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, says_what_is_wrong_and_what_mends_it, 0, TABLE_ROWS(refusals));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

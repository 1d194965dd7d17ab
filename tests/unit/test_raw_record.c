#include "csv/raw_record.h"
#include "suite.h"

#include <string.h>

enum { FIELD_COUNT = 3 };

static const struct {
    const char *record;
    uint64_t blank;
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
};

START_TEST(blanks_fields_or_says_that_it_cannot)
{
    const uint64_t blank[CSV_FIELDS_MAX / 64] = {records[_i].blank};
    size_t length = strlen(records[_i].record);
    char *bytes = malloc(length + 1);

    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, records[_i].record, length);
    if (records[_i].blanked == NULL) {
        ck_assert(!raw_record_blank(bytes, &length, FIELD_COUNT, blank));
    } else {
        ck_assert(raw_record_blank(bytes, &length, FIELD_COUNT, blank));
        bytes[length] = '\0';
        ck_assert_str_eq(bytes, records[_i].blanked);
    }
    free(bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("raw_record");
    TCase *tests = tcase_create("blanking");

    tcase_add_loop_test(tests, blanks_fields_or_says_that_it_cannot, 0, TABLE_ROWS(records));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

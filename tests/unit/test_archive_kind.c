#include "input/archive_kind.h"

#include "suite.h"

#include <stdio.h>
#include <string.h>

/* A header of a tar archive that was made before there was a magic. */
static void make_header(uint8_t header[ARCHIVE_MAGIC_SIZE])
{
    unsigned sum = 0;

    memset(header, 0, ARCHIVE_MAGIC_SIZE);
    memcpy(header, "orders.csv", 10);
    memcpy(header + 124, "00000000014", 11);
    memset(header + 148, ' ', 8);
    for (int i = 0; i < ARCHIVE_MAGIC_SIZE; i++)
        sum += header[i];
    (void)snprintf((char *)header + 148, 8, "%06o", sum);
}

static enum archive_kind kind_of(const void *bytes, size_t length)
{
    return archive_kind_detect(bytes, length);
}

START_TEST(recognises_a_zip)
{
    ck_assert_int_eq(kind_of("PK\3\4", 4), ARCHIVE_KIND_ZIP);
    ck_assert_int_eq(kind_of("PK\5\6", 4), ARCHIVE_KIND_ZIP);
    ck_assert_int_eq(kind_of("PK\3", 3), ARCHIVE_KIND_NONE);
    ck_assert_int_eq(kind_of("PK\1\2", 4), ARCHIVE_KIND_NONE);
    ck_assert_int_eq(kind_of("PK,id", 5), ARCHIVE_KIND_NONE);
    ck_assert_int_eq(kind_of("", 0), ARCHIVE_KIND_NONE);
}
END_TEST

/* The name of the first member tells. */
START_TEST(takes_an_office_document_for_no_archive)
{
    static const char *const names[] = {"[Content_Types].xml", "orders.csv"};
    char header[100] = "PK\3\4";

    header[26] = (char)strlen(names[_i]);
    memcpy(header + 30, names[_i], strlen(names[_i]));
    ck_assert_int_eq(kind_of(header, sizeof header),
                     _i == 0 ? ARCHIVE_KIND_NONE : ARCHIVE_KIND_ZIP);
}
END_TEST

START_TEST(recognises_a_tar_by_its_checksum)
{
    uint8_t header[ARCHIVE_MAGIC_SIZE];

    make_header(header);
    ck_assert_int_eq(kind_of(header, sizeof header), ARCHIVE_KIND_TAR);
    ck_assert_int_eq(kind_of(header, sizeof header - 1), ARCHIVE_KIND_NONE);
    memmove(header + 149, header + 148, 6);
    header[148] = ' ';
    ck_assert_int_eq(kind_of(header, sizeof header), ARCHIVE_KIND_TAR);
    header[0]++;
    ck_assert_int_eq(kind_of(header, sizeof header), ARCHIVE_KIND_NONE);
    memcpy(header + 257, "ustar", 5);
    ck_assert_int_eq(kind_of(header, sizeof header), ARCHIVE_KIND_TAR);
}
END_TEST

START_TEST(takes_a_text_for_no_tar)
{
    uint8_t text[ARCHIVE_MAGIC_SIZE];

    memset(text, '1', sizeof text);
    ck_assert_int_eq(kind_of(text, sizeof text), ARCHIVE_KIND_NONE);
    memset(text, ' ', sizeof text);
    ck_assert_int_eq(kind_of(text, sizeof text), ARCHIVE_KIND_NONE);
    memset(text, 0, sizeof text);
    ck_assert_int_eq(kind_of(text, sizeof text), ARCHIVE_KIND_NONE);
}
END_TEST

START_TEST(has_names_for_messages)
{
    ck_assert_str_eq(archive_kind_name(ARCHIVE_KIND_ZIP), "zip");
    ck_assert_str_eq(archive_kind_name(ARCHIVE_KIND_TAR), "tar");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("archive_kind");
    TCase *tests = tcase_create("beginnings");

    tcase_add_test(tests, recognises_a_zip);
    tcase_add_loop_test(tests, takes_an_office_document_for_no_archive, 0, 2);
    tcase_add_test(tests, recognises_a_tar_by_its_checksum);
    tcase_add_test(tests, takes_a_text_for_no_tar);
    tcase_add_test(tests, has_names_for_messages);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#include "base/journal.h"
#include "suite.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* $JOURNAL_STREAM as systemd sets it for this file, but for what surrounds device and inode. */
static void set_stream(FILE *file, const char *before, const char *between, const char *after)
{
    struct stat status;
    char stream[96];

    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fstat(fileno(file), &status), 0);
    (void)snprintf(stream, sizeof stream, "%s%llu%s%llu%s", before,
                   (unsigned long long)status.st_dev, between, (unsigned long long)status.st_ino,
                   after);
    ck_assert_int_eq(setenv("JOURNAL_STREAM", stream, 1), 0);
}

static const struct {
    const char *before, *between, *after;
    bool is_journal;
} streams[] = {
    {"", ":", "", true},   {"", ":", "0", false},  {"1", ":", "", false}, {"", ":", " ", false},
    {"", " ", "", false},  {"", "", "", false},    {"", "::", "", false}, {"x", ":", "", false},
    {"", ":x", "", false}, {"8:", ":", "", false},
};

START_TEST(knows_the_journal)
{
    FILE *file = tmpfile();

    set_stream(file, streams[_i].before, streams[_i].between, streams[_i].after);
    ck_assert_int_eq(journal_is(fileno(file)), streams[_i].is_journal);
    ck_assert(!journal_is(fileno(file) + 1000));
    (void)fclose(file);
}
END_TEST

START_TEST(does_without_the_variable)
{
    (void)unsetenv("JOURNAL_STREAM");
    ck_assert(!journal_is(STDERR_FILENO));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("journal");
    TCase *tests = tcase_create("journal");

    tcase_add_loop_test(tests, knows_the_journal, 0, TABLE_ROWS(streams));
    tcase_add_test(tests, does_without_the_variable);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#include "check/takeover.h"
#include "key_shop.h"
#include "plan/updated_columns.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_SIZE = 64 };

/* Ids: of a row of the database, of an earlier row of the files. */
enum { OTHER_EXISTING = 2, OTHER_IN_FILES = 3 };

#define OTHERS_UUID "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b302"

/* What is there already that has the row's key, and who has the value that must be unique. */
enum key_state { NO_ROW, EXISTING, INFERRED, EARLIER, EXISTING_AND_EARLIER, KEY_STATES };
enum value_state { FREE, OTHERS, EARLIERS, OWN, VALUE_STATES };

static const char *const key_names[] = {"no row", "an existing row", "an existing inferred row",
                                        "an earlier row of the files",
                                        "an existing row and an earlier one of the files"};
static const char *const value_names[] = {"a free value", "another existing row's value",
                                          "an earlier row's value", "its own value"};

/*
 * What becomes of the row (man/timele-load.1, --mode, --duplicates, MODES; README, "Rows that are
 * there already"). Each is a word and, after it, how many earlier rows of the files give way (-1),
 * and whether the other row of the database has to give up its value (takes).
 *
 *     new        it is inserted
 *     update     it is written over the row of the database, or over the placeholder
 *     kept       the row of the database stays as it is
 *     skipped    another row of the files is kept
 *     exists     it is bad: the database has it
 *     duplicate  it is bad: the files have it
 *     bad        it is bad for either reason
 *     ""         cannot be
 */
static const struct {
    const char *name;
    enum mode mode;
    enum duplicates duplicates;
    const char *expected[KEY_STATES][VALUE_STATES]; /* free, other's, earlier's, own */
} truth[] = {
    {"--mode=insert --duplicates=error",
     MODE_INSERT,
     DUPLICATES_ERROR,
     {[NO_ROW] = {"new", "exists", "duplicate", ""},
      [EXISTING] = {"exists", "exists", "bad", "exists"},
      [INFERRED] = {"update", "exists", "duplicate", ""},
      [EARLIER] = {"duplicate", "bad", "duplicate", "duplicate"},
      [EXISTING_AND_EARLIER] = {"bad", "bad", "bad", "bad"}}},
    {"--mode=insert --duplicates=first",
     MODE_INSERT,
     DUPLICATES_FIRST,
     {[NO_ROW] = {"new", "exists", "skipped", ""},
      [EXISTING] = {"exists", "exists", "exists", "exists"},
      [INFERRED] = {"update", "exists", "skipped", ""},
      [EARLIER] = {"skipped", "skipped", "skipped", "skipped"},
      [EXISTING_AND_EARLIER] = {"skipped", "skipped", "skipped", "skipped"}}},
    {"--mode=insert --duplicates=last",
     MODE_INSERT,
     DUPLICATES_LAST,
     {[NO_ROW] = {"new", "exists", "new -1", ""},
      [EXISTING] = {"exists", "exists", "exists", "exists"},
      [INFERRED] = {"update", "exists", "update -1", ""},
      [EARLIER] = {"new -1", "exists", "new -2", "new -1"},
      [EXISTING_AND_EARLIER] = {"exists", "exists", "exists", "exists"}}},
    {"--mode=skip --duplicates=error",
     MODE_SKIP,
     DUPLICATES_ERROR,
     {[NO_ROW] = {"new", "exists", "duplicate", ""},
      [EXISTING] = {"kept", "kept", "kept", "kept"},
      [INFERRED] = {"update", "exists", "duplicate", ""},
      [EARLIER] = {"duplicate", "bad", "duplicate", "duplicate"},
      [EXISTING_AND_EARLIER] = {"duplicate", "duplicate", "duplicate", "duplicate"}}},
    {"--mode=skip --duplicates=first",
     MODE_SKIP,
     DUPLICATES_FIRST,
     {[NO_ROW] = {"new", "exists", "skipped", ""},
      [EXISTING] = {"kept", "kept", "kept", "kept"},
      [INFERRED] = {"update", "exists", "skipped", ""},
      [EARLIER] = {"skipped", "skipped", "skipped", "skipped"},
      [EXISTING_AND_EARLIER] = {"skipped", "skipped", "skipped", "skipped"}}},
    {"--mode=skip --duplicates=last",
     MODE_SKIP,
     DUPLICATES_LAST,
     {[NO_ROW] = {"new", "exists", "new -1", ""},
      [EXISTING] = {"kept", "kept", "kept", "kept"},
      [INFERRED] = {"update", "exists", "update -1", ""},
      [EARLIER] = {"new -1", "exists", "new -2", "new -1"},
      [EXISTING_AND_EARLIER] = {"kept", "kept", "kept", "kept"}}},
#define UPDATES_ERROR                                                                              \
    {                                                                                              \
        [NO_ROW] = {"new", "new takes", "duplicate", ""},                                          \
        [EXISTING] = {"update", "update takes", "duplicate", "update"},                            \
        [INFERRED] = {"update", "update takes", "duplicate", ""},                                  \
        [EARLIER] = {"duplicate", "duplicate", "duplicate", "duplicate"},                          \
        [EXISTING_AND_EARLIER] = {                                                                 \
            "duplicate",                                                                           \
            "duplicate",                                                                           \
            "duplicate",                                                                           \
            "duplicate"                                                                            \
        }                                                                                          \
    }
#define UPDATES_FIRST                                                                              \
    {                                                                                              \
        [NO_ROW] = {"new", "new takes", "skipped", ""},                                            \
        [EXISTING] = {"update", "update takes", "skipped", "update"},                              \
        [INFERRED] = {"update", "update takes", "skipped", ""},                                    \
        [EARLIER] = {"skipped", "skipped", "skipped", "skipped"}, [EXISTING_AND_EARLIER] = {       \
            "skipped",                                                                             \
            "skipped",                                                                             \
            "skipped",                                                                             \
            "skipped"                                                                              \
        }                                                                                          \
    }
#define UPDATES_LAST                                                                               \
    {                                                                                              \
        [NO_ROW] = {"new", "new takes", "new -1", ""},                                             \
        [EXISTING] = {"update", "update takes", "update -1", "update"},                            \
        [INFERRED] = {"update", "update takes", "update -1", ""},                                  \
        [EARLIER] = {"new -1", "new -1 takes", "new -2", "new -1"}, [EXISTING_AND_EARLIER] = {     \
            "update -1",                                                                           \
            "update -1 takes",                                                                     \
            "update -2",                                                                           \
            "update -1"                                                                            \
        }                                                                                          \
    }
    {"--mode=upsert --duplicates=error", MODE_UPSERT, DUPLICATES_ERROR, UPDATES_ERROR},
    {"--mode=upsert --duplicates=first", MODE_UPSERT, DUPLICATES_FIRST, UPDATES_FIRST},
    {"--mode=upsert --duplicates=last", MODE_UPSERT, DUPLICATES_LAST, UPDATES_LAST},
    {"--mode=replace --duplicates=error", MODE_REPLACE, DUPLICATES_ERROR, UPDATES_ERROR},
    {"--mode=replace --duplicates=first", MODE_REPLACE, DUPLICATES_FIRST, UPDATES_FIRST},
    {"--mode=replace --duplicates=last", MODE_REPLACE, DUPLICATES_LAST, UPDATES_LAST},
};

/* Makes what is there before the row comes; the value is that of its e-mail address. */
static void set_stage(struct shop *shop, enum key_state key, enum value_state value)
{
    bool exists = key == EXISTING || key == EXISTING_AND_EARLIER;

    have_user(shop, OTHER_EXISTING, "others@x.org", OTHERS_UUID);
    if (exists)
        have_user(shop, ROW, "own@x.org", OWN_UUID);
    if (key == INFERRED)
        have_user(shop, ROW, NULL, OWN_UUID);
    if (value == EARLIERS)
        ck_assert_int_eq(take_user(shop, OTHER_IN_FILES, "earliers@x.org", NULL), KEY_FREE);
    if (key == EARLIER || key == EXISTING_AND_EARLIER)
        (void)take_user(shop, ROW, value == OWN ? "own@x.org" : "former@x.org", NULL);
}

/* What became of the row, in the words of the table. */
static void describe(const struct shop *shop, enum key_verdict verdict, uint64_t given_way,
                     char text[VALUE_SIZE])
{
    const struct dataset *dataset = shop->dataset;
    const struct problem_list *problems = &shop->source->problems;
    const char *word = "skipped";
    char ways[16] = "";

    if (verdict == KEY_FREE && id_set_contains(&dataset->files.unchanged, shop->line))
        word = "unchanged";
    else if (verdict == KEY_FREE)
        word = id_set_contains(&dataset->files.updates, shop->line) ? "update" : "new";
    else if (verdict == KEY_REFUSED)
        word = problems->first[problems->count - 1].code == PROBLEM_EXISTS ? "exists" : "duplicate";
    else if (shop->source->rows_kept > 0 &&
             line_index_get(&dataset->files.lines, ROW) == shop->line)
        word = "kept";
    if (given_way > 0)
        (void)snprintf(ways, sizeof ways, " -%d", (int)given_way);
    (void)snprintf(text, VALUE_SIZE, "%s%s%s", word, ways,
                   dataset->files.takeovers.count > 0 ? " takes" : "");
}

/* The rows of the files that had a line before this one, and have none any more. */
static uint64_t count_left_out(const struct shop *shop)
{
    uint64_t count = 0;

    for (uint32_t line = 2; line < shop->line; line++)
        count += id_set_contains(&shop->dataset->files.left_out, line);
    return count;
}

static bool is_as_expected(const char *expected, const char *found)
{
    if (strcmp(expected, "bad") == 0)
        return strcmp(found, "exists") == 0 || strcmp(found, "duplicate") == 0;
    return strcmp(expected, found) == 0;
}

/* A bad row, and one that is skipped, has taken nothing from anybody. */
static void expect_books_to_balance(const struct shop *shop, enum key_verdict verdict)
{
    const struct source *source = shop->source;
    bool left_out = id_set_contains(&shop->dataset->files.left_out, shop->line);

    ck_assert_int_eq(left_out, verdict != KEY_FREE);
    ck_assert_uint_eq(source->rows_bad + source->rows_skipped + source->rows_kept,
                      id_set_count(&shop->dataset->files.left_out));
    ck_assert_uint_eq(source->rows_unchanged, id_set_count(&shop->dataset->files.unchanged));
    if (verdict == KEY_FREE)
        ck_assert_uint_eq(line_index_get(&shop->dataset->files.lines, ROW), shop->line);
    ck_assert_int_eq(shop->error.kind, ERROR_NONE);
}

static void try(int number, enum key_state key, enum value_state value)
{
    static const char *const addresses[] = {"free@x.org", "others@x.org", "earliers@x.org",
                                            "own@x.org"};
    const char *expected = truth[number].expected[key][value];
    char found[VALUE_SIZE];
    struct shop shop;
    enum key_verdict verdict;
    uint64_t before;

    if (expected[0] == '\0')
        return;
    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = truth[number].mode;
    shop.duplicates = truth[number].duplicates;
    set_stage(&shop, key, value);
    before = id_set_count(&shop.dataset->files.left_out);
    verdict = take_user(&shop, ROW, addresses[value], NULL);
    describe(&shop, verdict, count_left_out(&shop) - before, found);
    ck_assert_msg(is_as_expected(expected, found), "%s, %s, %s: %s, not %s", truth[number].name,
                  key_names[key], value_names[value], found, expected);
    expect_books_to_balance(&shop, verdict);
    close_shop(&shop);
}

START_TEST(does_what_the_manual_says)
{
    for (int key = 0; key < KEY_STATES; key++)
        for (int value = 0; value < VALUE_STATES; value++)
            try(_i, (enum key_state)key, (enum value_state)value);
}
END_TEST

/*
 * External ids, in the order insert, skip, upsert, replace. "The external id of a row that stays
 * never changes. A file may bring the same one or none; another one is an error."
 */
static const struct {
    const char *name;
    enum key_state key;
    const char *external_id;
    const char *expected[4];
} external_ids[] = {
    {"a new row with none", NO_ROW, NULL, {"new", "new", "new", "new"}},
    {"a new row with a new one", NO_ROW, UNKNOWN_UUID, {"new", "new", "new", "new"}},
    {"a new row with another's", NO_ROW, OTHERS_UUID, {"exists", "exists", "exists", "exists"}},
    {"an existing row with none", EXISTING, NULL, {"exists", "kept", "update", "update"}},
    {"an existing row with its own", EXISTING, OWN_UUID, {"exists", "kept", "update", "update"}},
    {"an existing row with a new one",
     EXISTING,
     UNKNOWN_UUID,
     {"exists", "kept", "exists", "exists"}},
    {"an existing row with another's",
     EXISTING,
     OTHERS_UUID,
     {"exists", "kept", "exists", "exists"}},
    {"a placeholder with none", INFERRED, NULL, {"update", "update", "update", "update"}},
    {"a placeholder with its own", INFERRED, OWN_UUID, {"update", "update", "update", "update"}},
    /* With --mode=insert the placeholder keeps its own, and the file's is passed over. */
    {"a placeholder with a new one",
     INFERRED,
     UNKNOWN_UUID,
     {"update", "exists", "exists", "exists"}},
    {"a placeholder with another's",
     INFERRED,
     OTHERS_UUID,
     {"exists", "exists", "exists", "exists"}},
    /* With --duplicates=last: what is refused takes no earlier row's place. */
    {"a repeated row with another's",
     EARLIER,
     OTHERS_UUID,
     {"exists", "exists", "exists", "exists"}},
    {"a repeated row with a new one",
     EARLIER,
     UNKNOWN_UUID,
     {"new -1", "new -1", "new -1", "new -1"}},
};

START_TEST(an_external_id_never_changes)
{
    static const enum mode modes[] = {MODE_INSERT, MODE_SKIP, MODE_UPSERT, MODE_REPLACE};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        char found[VALUE_SIZE];
        struct shop shop;
        enum key_verdict verdict;

        open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
        shop.dataset->mode = modes[i];
        shop.duplicates = DUPLICATES_LAST;
        set_stage(&shop, external_ids[_i].key, FREE);
        verdict = take_user(&shop, ROW, "free@x.org", external_ids[_i].external_id);
        describe(&shop, verdict, count_left_out(&shop), found);
        ck_assert_msg(strcmp(found, external_ids[_i].expected[i]) == 0, "%s, --mode=%s: %s, not %s",
                      external_ids[_i].name, mode_name(modes[i]), found,
                      external_ids[_i].expected[i]);
        expect_books_to_balance(&shop, verdict);
        close_shop(&shop);
    }
}
END_TEST

/* The digest of a row of the database, which has this address and no other column of the files. */
static void have_digest(struct shop *shop, int64_t id, const char *email)
{
    const struct copy_out_field address = {.bytes = (const uint8_t *)email,
                                           .length = strlen(email)};
    struct dataset *dataset = shop->dataset;
    uint64_t *digest = paged_array_at(&dataset->database.digests, sizeof *digest, id);

    updated_columns_compare(dataset, &dataset->database.compared);
    ck_assert_uint_eq(dataset->database.compared.count, 1);
    ck_assert_ptr_nonnull(digest);
    *digest = row_digest_of_fields(&dataset->database.compared, &address);
}

enum { COMPARED_ROWS_MAX = 2 };

/* Rows 7 of the files, of which the database has "own@x.org", or row 3 before it ("earlier:"); what
 * becomes of the last one, and how many are unchanged then. */
static const struct {
    enum mode mode;
    enum duplicates duplicates;
    const char *addresses[COMPARED_ROWS_MAX];
    const char *expected;
    uint64_t unchanged;
} compared[] = {
    {MODE_UPSERT, DUPLICATES_ERROR, {"own@x.org"}, "unchanged", 1},
    {MODE_REPLACE, DUPLICATES_ERROR, {"own@x.org"}, "unchanged", 1},
    {MODE_INSERT, DUPLICATES_ERROR, {"own@x.org"}, "exists", 0},
    {MODE_UPSERT, DUPLICATES_ERROR, {"free@x.org"}, "update", 0},
    {MODE_UPSERT, DUPLICATES_ERROR, {"own@x.org", "own@x.org"}, "duplicate", 1},
    {MODE_UPSERT, DUPLICATES_FIRST, {"own@x.org", "free@x.org"}, "skipped", 1},
    {MODE_UPSERT, DUPLICATES_FIRST, {"free@x.org", "own@x.org"}, "skipped", 0},
    {MODE_UPSERT, DUPLICATES_LAST, {"own@x.org", "free@x.org"}, "update -1", 0},
    {MODE_UPSERT, DUPLICATES_LAST, {"free@x.org", "own@x.org"}, "unchanged -1", 1},
    {MODE_UPSERT, DUPLICATES_LAST, {"own@x.org", "own@x.org"}, "unchanged -1", 1},
    {MODE_REPLACE, DUPLICATES_LAST, {"own@x.org", "others@x.org"}, "update -1 takes", 0},
    /* Its own address, which an earlier row wants. */
    {MODE_UPSERT, DUPLICATES_ERROR, {"earlier:own@x.org", "own@x.org"}, "duplicate takes", 0},
    {MODE_UPSERT, DUPLICATES_FIRST, {"earlier:own@x.org", "own@x.org"}, "skipped takes", 0},
    {MODE_UPSERT, DUPLICATES_LAST, {"earlier:own@x.org", "own@x.org"}, "unchanged -1 takes", 1},
};

START_TEST(a_row_that_is_the_same_is_unchanged_for_as_long_as_it_counts)
{
    static const char earlier[] = "earlier:";
    enum key_verdict verdict = KEY_FREE;
    char found[VALUE_SIZE];
    struct shop shop;
    uint64_t before = 0;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = compared[_i].mode;
    shop.duplicates = compared[_i].duplicates;
    set_stage(&shop, EXISTING, FREE);
    have_digest(&shop, ROW, "own@x.org");
    for (size_t i = 0; i < COMPARED_ROWS_MAX && compared[_i].addresses[i] != NULL; i++) {
        const char *address = compared[_i].addresses[i];

        before = id_set_count(&shop.dataset->files.left_out);
        if (strncmp(address, earlier, strlen(earlier)) == 0)
            verdict = take_user(&shop, OTHER_IN_FILES, address + strlen(earlier), NULL);
        else
            verdict = take_user(&shop, ROW, address, NULL);
    }
    describe(&shop, verdict, count_left_out(&shop) - before, found);
    ck_assert_str_eq(found, compared[_i].expected);
    ck_assert_uint_eq(shop.source->rows_unchanged, compared[_i].unchanged);
    if (verdict == KEY_FREE)
        expect_books_to_balance(&shop, verdict);
    /* Who is not sent gives nothing up. */
    ck_assert(takeover_settle(shop.dataset));
    if (id_set_contains(&shop.dataset->files.unchanged, shop.line))
        ck_assert_uint_eq(shop.dataset->files.takeovers.count, 0);
    close_shop(&shop);
}
END_TEST

/* A placeholder has no digest; without files of the same columns there is nothing to compare. */
START_TEST(a_row_without_a_digest_is_updated)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = MODE_UPSERT;
    set_stage(&shop, _i == 0 ? INFERRED : EXISTING, FREE);
    have_digest(&shop, OTHER_EXISTING, "others@x.org");
    if (_i == 1) {
        have_digest(&shop, ROW, "own@x.org");
        shop.dataset->database.compared.table = NULL;
    }
    ck_assert_int_eq(take_user(&shop, ROW, "own@x.org", NULL), KEY_FREE);
    ck_assert(id_set_contains(&shop.dataset->files.updates, shop.line));
    ck_assert_uint_eq(shop.source->rows_unchanged, 0);
    close_shop(&shop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key modes");
    TCase *users = tcase_create("users");

    tcase_add_loop_test(users, does_what_the_manual_says, 0, TABLE_ROWS(truth));
    tcase_add_loop_test(users, an_external_id_never_changes, 0, TABLE_ROWS(external_ids));
    tcase_add_loop_test(users, a_row_that_is_the_same_is_unchanged_for_as_long_as_it_counts, 0,
                        TABLE_ROWS(compared));
    tcase_add_loop_test(users, a_row_without_a_digest_is_updated, 0, 2);
    suite_add_tcase(suite, users);
    return suite_run(suite);
}

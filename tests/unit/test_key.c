#include "check/key.h"
#include "memory_file.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOOR = 100, FIELDS_MAX = 4, VALUE_SIZE = 64 };

/* Ids: of the row under test, of a row of the database, of an earlier row of the files. */
enum { ROW = 7, OTHER_EXISTING = 2, OTHER_IN_FILES = 3 };

#define OWN_UUID     "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b301"
#define OTHERS_UUID  "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b302"
#define UNKNOWN_UUID "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b303"

/* A table, one file of it, and its rows in the database. */
struct shop {
    struct memory_file file;
    struct plan *plan;
    struct dataset *dataset;
    struct source *source;
    struct source *sources[1];
    enum duplicates duplicates;
    uint32_t line; /* of the row read last; the header is line 1 */
    struct error error;
};

static void open_shop(struct shop *shop, enum table_id id, const char *header)
{
    *shop = (struct shop){.line = 1, .plan = calloc(1, sizeof(struct plan))};
    ck_assert_ptr_nonnull(shop->plan);
    memory_file_open(&shop->file, header, strlen(header));
    ck_assert_msg(source_open(shop->file.path, &shop->source, &shop->error), "%s",
                  shop->error.message);
    ck_assert_int_eq(shop->source->table_id, id);
    shop->source->line_base = 0;
    shop->sources[0] = shop->source;
    shop->dataset = &shop->plan->datasets[id];
    shop->dataset->id = id;
    shop->dataset->table = table_get(id);
    shop->dataset->sources = shop->sources;
    shop->dataset->source_count = 1;
    shop->dataset->floor = FLOOR;
    for (size_t i = 0; i < shop->dataset->table->column_count; i++)
        shop->dataset->database.catalog.columns[i].present = true;
}

static void close_shop(struct shop *shop)
{
    dataset_free(shop->dataset);
    derived_free(&shop->plan->derived);
    source_free(shop->source);
    free(shop->plan);
    memory_file_close(&shop->file);
}

/* Reads the next line's row and judges it. A bad one is counted as the scan does. */
static enum key_verdict take(struct shop *shop, const char *const values[FIELDS_MAX])
{
    struct csv_field fields[FIELDS_MAX];
    const struct csv_record record = {.line = ++shop->line,
                                      .end_line = shop->line + 1,
                                      .field_count = shop->source->field_count,
                                      .fields = fields};
    const struct row_reading reading = {
        .source = shop->source, .catalog = &shop->dataset->database.catalog, .record = &record};
    struct row row = {0};
    const struct checked_row checked = {.plan = shop->plan,
                                        .dataset = shop->dataset,
                                        .reading = &reading,
                                        .row = &row,
                                        .line = shop->line,
                                        .key_floor = FLOOR,
                                        .duplicates = shop->duplicates,
                                        .error = &shop->error};
    enum key_verdict verdict;

    for (size_t i = 0; i < FIELDS_MAX; i++)
        fields[i] = (struct csv_field){.text = values[i],
                                       .length = values[i] != NULL ? strlen(values[i]) : 0};
    row_clear(&row, reading.source);
    ck_assert(row_read(&reading, &row));
    verdict = key_take(&checked);
    ck_assert_int_ne(verdict, KEY_FAILED);
    if (verdict == KEY_REFUSED)
        ck_assert(dataset_reject_line(shop->dataset, shop->line) &&
                  key_note_bad(shop->dataset, &row, shop->line));
    return verdict;
}

static enum key_verdict take_user(struct shop *shop, int64_t id, const char *email,
                                  const char *external_id)
{
    char number[24];

    (void)snprintf(number, sizeof number, "%lld", (long long)id);
    return take(shop, (const char *const[FIELDS_MAX]){number, email, external_id});
}

static void have_value(struct shop *shop, const char *column, int64_t id, const void *bytes,
                       size_t length)
{
    size_t index = (size_t)table_column_named(shop->dataset->table, column);
    bool added;
    struct text_entry *entry =
        text_index_add(&shop->dataset->files.unique[index],
                       (struct text_value){.bytes = bytes, .length = length}, 0, id, &added);

    ck_assert(entry != NULL && added);
}

/* A user of the database; a placeholder has no address. */
static void have_user(struct shop *shop, int64_t id, const char *email, const char *external_id)
{
    uint8_t uuid[UUID_SIZE];

    ck_assert_ptr_null(uuid_v4_parse(external_id, strlen(external_id), uuid));
    ck_assert(id_set_add(&shop->dataset->database.existing, id));
    have_value(shop, "external_user_id", id, uuid, sizeof uuid);
    if (email != NULL)
        have_value(shop, "email_address", id, email, strlen(email));
    else
        ck_assert(id_set_add(&shop->dataset->database.existing_inferred, id));
}

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

    if (verdict == KEY_FREE)
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

/* The floor goes before everything else. */
START_TEST(the_applications_ids_are_refused_in_every_mode)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = (enum mode)_i;
    have_user(&shop, FLOOR, "app@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, FLOOR - 1, "a@x.org", NULL), KEY_FREE);
    ck_assert_int_eq(take_user(&shop, FLOOR, "app@x.org", NULL), KEY_REFUSED);
    ck_assert_int_eq(take_user(&shop, FLOOR + 1, "b@x.org", NULL), KEY_REFUSED);
    ck_assert_uint_eq(shop.source->problems.count, 2);
    ck_assert_int_eq(shop.source->problems.first[0].code, PROBLEM_FLOOR);
    ck_assert_str_eq(shop.source->problems.first[0].value, "100");
    ck_assert(id_set_is_empty(&shop.dataset->files.updates));
    close_shop(&shop);
}
END_TEST

/* It stays as it is in the database: the value in the file is nobody's. */
START_TEST(a_row_that_is_kept_leaves_its_new_value_to_others)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = MODE_SKIP;
    have_user(&shop, 1, "a@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, 1, "b@x.org", NULL), KEY_SKIPPED);
    ck_assert_int_eq(take_user(&shop, 2, "b@x.org", NULL), KEY_FREE);
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", NULL), KEY_REFUSED);
    close_shop(&shop);
}
END_TEST

/* Its address was another's, so that its external id is nobody's. */
START_TEST(a_bad_row_holds_no_value)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    have_user(&shop, 1, "a@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", UNKNOWN_UUID), KEY_REFUSED);
    ck_assert_int_eq(take_user(&shop, ROW, "b@x.org", UNKNOWN_UUID), KEY_FREE);
    close_shop(&shop);
}
END_TEST

/* The database's row gives the value up once, to whoever is the last to have it. */
START_TEST(a_value_that_was_taken_over_passes_on_in_the_files)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->mode = MODE_UPSERT;
    shop.duplicates = DUPLICATES_LAST;
    have_user(&shop, 1, "a@x.org", OWN_UUID);
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", NULL), KEY_FREE);
    ck_assert_int_eq(take_user(&shop, ROW, "a@x.org", NULL), KEY_FREE);
    ck_assert_uint_eq(shop.dataset->files.takeovers.count, 1);
    ck_assert(id_set_contains(&shop.dataset->files.left_out, 2));
    close_shop(&shop);
}
END_TEST

/* No row of the files may refer to one that gave way, id and all. */
START_TEST(a_row_that_gives_way_gives_up_its_id)
{
    struct shop shop;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.duplicates = DUPLICATES_LAST;
    ck_assert_int_eq(take_user(&shop, 3, "a@x.org", NULL), KEY_FREE);
    ck_assert(dataset_has(shop.dataset, 3));
    ck_assert_int_eq(take_user(&shop, ROW, "a@x.org", NULL), KEY_FREE);
    ck_assert(!dataset_has(shop.dataset, 3));
    ck_assert(dataset_has(shop.dataset, ROW));
    close_shop(&shop);
}
END_TEST

START_TEST(says_where_the_first_one_stands)
{
    struct shop shop;
    const struct problem *problem;

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    (void)take_user(&shop, 7, "a@x.org", NULL);
    (void)take_user(&shop, 7, "b@x.org", NULL);
    (void)take_user(&shop, 7, "c@x.org", NULL);
    (void)take_user(&shop, 8, "a@x.org", NULL);
    problem = shop.source->problems.first;
    ck_assert_uint_eq(shop.source->problems.count, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(problem[i].code, PROBLEM_DUPLICATE);
        ck_assert_str_eq(problem[i].reason, "stands twice, first on line 2");
        ck_assert_uint_eq(problem[i].line, (uint64_t)i + 3);
    }
    ck_assert_str_eq(problem[1].column, "user_id");
    ck_assert_str_eq(problem[2].column, "email_address");
    ck_assert_str_eq(problem[2].key, "8");
    close_shop(&shop);
}
END_TEST

START_TEST(names_the_other_file)
{
    struct source *first = calloc(1, sizeof *first), *second = calloc(1, sizeof *second);
    struct source *sources[] = {first, second};
    const struct dataset dataset = {.sources = sources, .source_count = 2};
    char text[KEY_PLACE_SIZE];

    ck_assert(first != NULL && second != NULL);
    first->path = "a.csv";
    second->path = "b.csv";
    second->line_base = 10;
    ck_assert_str_eq(key_place(&dataset, first, 10, text), "line 10");
    ck_assert_str_eq(key_place(&dataset, second, 10, text), "line 10 of a.csv");
    ck_assert_str_eq(key_place(&dataset, second, 12, text), "line 2");
    ck_assert_str_eq(key_place(&dataset, first, 12, text), "line 2 of b.csv");
    free(first);
    free(second);
}
END_TEST

static enum key_verdict take_item(struct shop *shop, const char *order, const char *product)
{
    return take(shop, (const char *const[FIELDS_MAX]){order, product, "1"});
}

/* Items are told apart by order and product; what the database has is asked for later. */
static const struct {
    enum duplicates duplicates;
    enum key_verdict repeated;
    uint64_t bad, skipped;
    bool second_stays;
} items[] = {
    {DUPLICATES_ERROR, KEY_REFUSED, 2, 0, false},
    {DUPLICATES_FIRST, KEY_SKIPPED, 0, 2, false},
    {DUPLICATES_LAST, KEY_FREE, 0, 2, true},
};

START_TEST(an_order_has_a_product_once)
{
    struct shop shop;

    open_shop(&shop, TABLE_ORDER_ITEMS, "order_id,product_id,add_to_cart_order\n");
    shop.duplicates = items[_i].duplicates;
    ck_assert_int_eq(take_item(&shop, "1", "36"), KEY_FREE);
    ck_assert_int_eq(take_item(&shop, "1", "37"), KEY_FREE);
    ck_assert_int_eq(take_item(&shop, "1", "36"), items[_i].repeated);
    ck_assert_int_eq(take_item(&shop, "1", "36"), items[_i].repeated);
    ck_assert_int_eq(take_item(&shop, "2", "36"), KEY_FREE);
    ck_assert_uint_eq(shop.source->rows_bad, items[_i].bad);
    ck_assert_uint_eq(shop.source->rows_skipped, items[_i].skipped);
    ck_assert_int_eq(id_set_contains(&shop.dataset->files.left_out, 2), items[_i].second_stays);
    ck_assert_int_eq(id_set_contains(&shop.dataset->files.left_out, 5), !items[_i].second_stays);
    ck_assert(!id_set_contains(&shop.dataset->files.left_out, 3));
    ck_assert(!id_set_contains(&shop.dataset->files.left_out, 6));
    /* The order was counted with the row that gave way: the database counts it anew. */
    ck_assert_int_eq(id_set_contains(&shop.plan->derived.item_orders, 1), items[_i].second_stays);
    ck_assert(!id_set_contains(&shop.plan->derived.item_orders, 2));
    for (uint64_t i = 0; i < items[_i].bad; i++)
        ck_assert_str_eq(shop.source->problems.first[i].reason, "stands twice, first on line 2");
    close_shop(&shop);
}
END_TEST

/* A bad row whose id is remembered, and a good one after it. */
START_TEST(only_where_bad_rows_are_set_aside_a_good_one_may_follow)
{
    struct shop shop;
    struct row row = {.values[0] = {.present = true, .integer = ROW}};

    open_shop(&shop, TABLE_USERS, "user_id,email_address,external_user_id\n");
    shop.dataset->files.sets_aside = _i == 1;
    ck_assert(key_note_bad(shop.dataset, &row, 2));
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.lines, ROW), _i == 1 ? 0 : 2);
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.rejected_rows, ROW), _i == 1 ? 2 : 0);
    ck_assert(key_note_bad(shop.dataset, &row, 3));
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.rejected_rows, ROW), _i == 1 ? 2 : 0);
    shop.line = 3;
    ck_assert_int_eq(take_user(&shop, ROW, "a@x.org", NULL), _i == 1 ? KEY_FREE : KEY_REFUSED);
    ck_assert(key_give_back(shop.dataset, &row));
    ck_assert_uint_eq(line_index_get(&shop.dataset->files.lines, ROW), _i == 1 ? 0 : 2);
    close_shop(&shop);
}
END_TEST

START_TEST(refuses_a_row_that_was_read_before)
{
    struct shop shop;
    const struct key_pair key = {.parent = 1, .child = 36};
    const struct problem *problem;

    open_shop(&shop, TABLE_ORDER_ITEMS, "order_id,product_id,add_to_cart_order\n");
    ck_assert(key_refuse(shop.dataset, 5, &key, PROBLEM_EXISTS, "order %d has it", 1));
    problem = shop.source->problems.first;
    ck_assert_uint_eq(problem->line, 5);
    ck_assert_str_eq(problem->column, "product_id");
    ck_assert_str_eq(problem->value, "36");
    ck_assert_str_eq(problem->key, "1/36");
    ck_assert_str_eq(problem->reason, "order 1 has it");
    ck_assert_uint_eq(shop.source->rows_bad, 1);
    ck_assert(id_set_contains(&shop.dataset->files.left_out, 5));
    close_shop(&shop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("key");
    TCase *users = tcase_create("users"), *others = tcase_create("other keys");

    tcase_add_loop_test(users, does_what_the_manual_says, 0, TABLE_ROWS(truth));
    tcase_add_loop_test(users, an_external_id_never_changes, 0, TABLE_ROWS(external_ids));
    tcase_add_loop_test(users, the_applications_ids_are_refused_in_every_mode, MODE_INSERT,
                        MODE_REPLACE + 1);
    tcase_add_test(users, a_row_that_is_kept_leaves_its_new_value_to_others);
    tcase_add_test(users, a_bad_row_holds_no_value);
    tcase_add_test(users, a_value_that_was_taken_over_passes_on_in_the_files);
    tcase_add_test(users, a_row_that_gives_way_gives_up_its_id);
    tcase_add_test(users, says_where_the_first_one_stands);
    tcase_add_test(users, names_the_other_file);
    tcase_add_loop_test(users, only_where_bad_rows_are_set_aside_a_good_one_may_follow, 0, 2);
    tcase_add_loop_test(others, an_order_has_a_product_once, 0, TABLE_ROWS(items));
    tcase_add_test(others, refuses_a_row_that_was_read_before);
    suite_add_tcase(suite, users);
    suite_add_tcase(suite, others);
    return suite_run(suite);
}

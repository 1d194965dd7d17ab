#include "rebuild_script.h"
#include "scripted_libpq.h"

extern const char rebuild_obstacles_of_distribution_sql[];
extern const char table_lock_holder_sql[];

/* What the catalog says else. */
static const struct scripted_result no_index = {.status = PGRES_TUPLES_OK, .columns = 7};
static const struct scripted_result no_foreign_key = {.status = PGRES_TUPLES_OK, .columns = 10};
static const char *const obstacle_values[] = {"1", "stock.things belongs to ada",
                                              "2", "trigger t of stock.parts fires on TRUNCATE",
                                              "1", "stock.things is partitioned"};
static const struct scripted_result obstacles = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 3, .values = obstacle_values};
static const struct scripted_result obstacle_of_things = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = obstacle_values};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const char *const publication_values[] = {"1", "publication changes", "", "", "", ""};
static const struct scripted_result published = {
    .status = PGRES_TUPLES_OK, .columns = 6, .rows = 1, .values = publication_values};
static const char *const trial_values[] = {"CREATE INDEX timele_load_trial_1 ON things", "1",
                                           "COMMENT ON INDEX timele_load_trial_1", "1"};
static const struct scripted_result trial = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 2, .values = trial_values};
static const struct scripted_result holder = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "stock.parts is in use"};
static const struct scripted_result no_holder = {.status = PGRES_TUPLES_OK, .columns = 1};

/* What the server refuses. */
static const struct scripted_result too_late = {.status = PGRES_FATAL_ERROR,
                                                .severity = "ERROR",
                                                .state = "55P03",
                                                .message =
                                                    "canceling statement due to lock timeout"};
static const struct scripted_result depended_on = {.status = PGRES_FATAL_ERROR,
                                                   .severity = "ERROR",
                                                   .state = "2BP01",
                                                   .message = "cannot drop things_pkey",
                                                   .detail = "view v depends on it"};
/* Said by a server that has connections to others. */
static const struct scripted_result node_gone = {.status = PGRES_FATAL_ERROR,
                                                 .severity = "ERROR",
                                                 .state = "08006",
                                                 .message = "a node is gone"};

/* Of the second table alone, when the first has an obstacle. */
#define DROP_PARTS                                                                                 \
    {EXECUTES(SAVEPOINT)}, {EXECUTES(LOCK_PARTS)},                                                 \
        {ASKS(rebuild_indexes_sql, PARTS_LIST, no_index)},                                         \
        {ASKS(rebuild_foreign_keys_sql, PARTS_LIST, foreign_keys)}, {EXECUTES(DROP_KEY)},          \
        {ASKS(rebuild_trials_sql, PARTS_LIST, no_obstacle)},                                       \
    {                                                                                              \
        EXECUTES(RELEASE)                                                                          \
    }

/* An index can be created: the trial leaves no trace. The TRUNCATE would be replicated: the table
 * is rebuilt without it. */
START_TEST(truncates_no_table_whose_truncation_is_published)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP_UP_TO_TRIAL,
        {ASKS(rebuild_trials_sql, LIST, trial)},
        {EXECUTES("SAVEPOINT timele_load_trial")},
        {EXECUTES("CREATE INDEX timele_load_trial_1 ON things")},
        {EXECUTES("COMMENT ON INDEX timele_load_trial_1")},
        {EXECUTES("ROLLBACK TO SAVEPOINT timele_load_trial")},
        {EXECUTES("RELEASE SAVEPOINT timele_load_trial")},
        {EXECUTES(RELEASE)},
        {PUBLISHED(published)},
    };
    char said[256] = "";
    FILE *stream = fmemopen(said, sizeof said, "w");
    struct log log = {.stream = stream, .level = LOG_NORMAL};
    struct rebuilding rebuilding = {.session = {.log = &log}};

    ck_assert_msg(drop(&rebuilding, calls), "%s", rebuilding.error.message);
    ck_assert_ptr_nonnull(rebuilding.rebuild);
    ck_assert(!rebuilding.tables[0].truncated);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(said,
                     "timele-load: stock.things is loaded without FREEZE: publication changes "
                     "would replicate the TRUNCATE that it needs\n");
    end(&rebuilding);
}
END_TEST

/* What stands in the way of all tables, and how it is told: nothing is dropped, and that is no
 * error. */
static const struct {
    const char *obstacles[2];
    struct scripted_call calls[SCRIPT_LENGTH];
} in_the_way[] = {
    {{"stock.things belongs to ada", "trigger t of stock.parts fires on TRUNCATE"},
     {{ASKS(rebuild_obstacles_sql, LIST, obstacles)}}},
    {{"stock.parts is in use", "stock.parts is in use"},
     {{NO_OBSTACLE},
      {EXECUTES(SAVEPOINT)},
      {ANSWERS(LOCK, too_late)},
      GIVEN_UP,
      {ASKS(table_lock_holder_sql, SCHEMAS, holder)}}},
    {{"canceling statement due to lock timeout", "canceling statement due to lock timeout"},
     {{NO_OBSTACLE},
      {EXECUTES(SAVEPOINT)},
      {ANSWERS(LOCK, too_late)},
      GIVEN_UP,
      {ASKS(table_lock_holder_sql, SCHEMAS, no_holder)}}},
    {{"no", "no"}, {{NO_OBSTACLE}, {EXECUTES(SAVEPOINT)}, {ANSWERS(LOCK, refused)}, GIVEN_UP}},
    {{"stock.things has got rows meanwhile", "no"},
     {FINDS_ROWS, {EXECUTES(SAVEPOINT)}, {ANSWERS(LOCK_PARTS, refused)}, GIVEN_UP}},
};

START_TEST(an_obstacle_leaves_all_as_it_is)
{
    struct rebuilding rebuilding = {0};

    ck_assert_msg(drop(&rebuilding, in_the_way[_i].calls), "%s", rebuilding.error.message);
    ck_assert_ptr_null(rebuilding.rebuild);
    for (size_t i = 0; i < 2; i++)
        ck_assert_str_eq(rebuilding.tables[i].obstacle, in_the_way[_i].obstacles[i]);
    ck_assert_int_eq(rebuilding.error.kind, ERROR_NONE);
    end(&rebuilding);
}
END_TEST

/* What stands in the way of the first table: the second one is rebuilt all the same. */
static const struct {
    const char *obstacle;
    struct scripted_call calls[SCRIPT_LENGTH];
} in_the_way_of_one[] = {
    {"stock.things belongs to ada",
     {{ASKS(rebuild_obstacles_sql, LIST, obstacle_of_things)}, DROP_PARTS}},
    {"stock.things has got rows meanwhile", {FINDS_ROWS, DROP_PARTS}},
    {"cannot drop things_pkey: view v depends on it",
     {DROP_UP_TO_PRIMARY_KEY, {ANSWERS(DROP_PRIMARY, depended_on)}, GIVEN_UP, DROP_PARTS}},
    {"no",
     {DROP_UP_TO_TRIAL,
      {ASKS(rebuild_trials_sql, LIST, trial)},
      {EXECUTES("SAVEPOINT timele_load_trial")},
      {EXECUTES("CREATE INDEX timele_load_trial_1 ON things")},
      {ANSWERS("COMMENT ON INDEX timele_load_trial_1", refused)},
      GIVEN_UP,
      DROP_PARTS}},
};

START_TEST(an_obstacle_of_one_table_leaves_that_table_as_it_is)
{
    struct rebuilding rebuilding = {0};

    ck_assert_msg(drop(&rebuilding, in_the_way_of_one[_i].calls), "%s", rebuilding.error.message);
    ck_assert_ptr_nonnull(rebuilding.rebuild);
    ck_assert_str_eq(rebuilding.tables[0].obstacle, in_the_way_of_one[_i].obstacle);
    ck_assert_str_eq(rebuilding.tables[1].obstacle, "");
    ck_assert(!rebuilding.tables[0].truncated);
    ck_assert_int_eq(rebuilding.error.kind, ERROR_NONE);
    end(&rebuilding);
}
END_TEST

/* Citus asks for a further look before anything is dropped. What it cannot make again stays. */
static const struct {
    const char *obstacle;
    struct scripted_call calls[SCRIPT_LENGTH];
} in_the_way_of_citus[] = {
    {"stock.things belongs to ada",
     {{NO_OBSTACLE},
      {ASKS(rebuild_obstacles_of_distribution_sql, LIST, obstacle_of_things)},
      {EXECUTES(SAVEPOINT)},
      {EXECUTES(LOCK_PARTS)},
      {ASKS(rebuild_indexes_sql, PARTS_LIST, no_index)},
      {ASKS(rebuild_foreign_keys_sql, PARTS_LIST, no_foreign_key)},
      {ASKS(rebuild_trials_sql, PARTS_LIST, no_obstacle)},
      {EXECUTES(RELEASE)}}},
    {"foreign key parts_thing of parts could not be created again: deferred constraints are in "
     "the way, which Citus cannot make immediate",
     {{NO_OBSTACLE},
      {ASKS(rebuild_obstacles_of_distribution_sql, LIST, no_obstacle)},
      {EXECUTES(SAVEPOINT)},
      {EXECUTES(LOCK)},
      {ASKS(IS_EMPTY, NULL, yes)},
      {INDEXES},
      {FOREIGN_KEYS},
      GIVEN_UP,
      {EXECUTES(SAVEPOINT)},
      {EXECUTES(LOCK_PARTS)},
      {ASKS(rebuild_indexes_sql, PARTS_LIST, no_index)},
      {ASKS(rebuild_foreign_keys_sql, PARTS_LIST, no_foreign_key)},
      {ASKS(rebuild_trials_sql, PARTS_LIST, no_obstacle)},
      {EXECUTES(RELEASE)}}},
};

START_TEST(what_citus_cannot_make_again_stays_as_it_is)
{
    struct rebuilding rebuilding = {.distributed = true};

    ck_assert_msg(drop(&rebuilding, in_the_way_of_citus[_i].calls), "%s", rebuilding.error.message);
    ck_assert_ptr_nonnull(rebuilding.rebuild);
    ck_assert_str_eq(rebuilding.tables[0].obstacle, in_the_way_of_citus[_i].obstacle);
    ck_assert_str_eq(rebuilding.tables[1].obstacle, "");
    end(&rebuilding);
}
END_TEST

#define LOSES(sql) SEND_QUERY, .text = (sql), .loses = true, .message = "the server is gone"

/* What ends the run. */
static const struct {
    const char *message;
    struct scripted_call calls[SCRIPT_LENGTH];
} ended[] = {
    {"no", {{ASKS(rebuild_obstacles_sql, LIST, refused)}}},
    {"no", {{NO_OBSTACLE}, {ANSWERS(SAVEPOINT, refused)}}},
    {"the server is gone", {{NO_OBSTACLE}, {EXECUTES(SAVEPOINT)}, {LOSES(LOCK)}}},
    {"the server is gone", {DROP_UP_TO_PRIMARY_KEY, {LOSES(DROP_PRIMARY)}}},
    {"a node is gone", {DROP_UP_TO_PRIMARY_KEY, {ANSWERS(DROP_PRIMARY, node_gone)}}},
    {"no",
     {{NO_OBSTACLE},
      {EXECUTES(SAVEPOINT)},
      {ANSWERS(LOCK, refused)},
      {ANSWERS("ROLLBACK TO SAVEPOINT timele_load_rebuild", refused)}}},
    {"no",
     {{NO_OBSTACLE},
      {EXECUTES(SAVEPOINT)},
      {ANSWERS(LOCK, too_late)},
      GIVEN_UP,
      {ASKS(table_lock_holder_sql, SCHEMAS, refused)}}},
    {"no",
     {DROP_UP_TO_TRIAL,
      {NO_TRIAL},
      {EXECUTES(RELEASE)},
      {PUBLISHED(unpublished)},
      {ANSWERS(TRUNCATE, refused)}}},
    {"no", {DROP_UP_TO_TRIAL, {NO_TRIAL}, {EXECUTES(RELEASE)}, {PUBLISHED(refused)}}},
};

START_TEST(what_is_no_obstacle_is_an_error)
{
    struct rebuilding rebuilding = {0};

    ck_assert(!drop(&rebuilding, ended[_i].calls));
    ck_assert_str_eq(rebuilding.error.message, ended[_i].message);
    ck_assert_int_eq(rebuilding.error.kind, ERROR_DATABASE);
    end(&rebuilding);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rebuild");
    TCase *tests = tcase_create("statements");

    tcase_add_test(tests, truncates_no_table_whose_truncation_is_published);
    tcase_add_loop_test(tests, an_obstacle_leaves_all_as_it_is, 0, TABLE_ROWS(in_the_way));
    tcase_add_loop_test(tests, an_obstacle_of_one_table_leaves_that_table_as_it_is, 0,
                        TABLE_ROWS(in_the_way_of_one));
    tcase_add_loop_test(tests, what_citus_cannot_make_again_stays_as_it_is, 0,
                        TABLE_ROWS(in_the_way_of_citus));
    tcase_add_loop_test(tests, what_is_no_obstacle_is_an_error, 0, TABLE_ROWS(ended));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

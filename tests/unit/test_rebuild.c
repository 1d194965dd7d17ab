#include "schema/rebuild_create.h"

#include "pg/distributed_tables.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

extern const char rebuild_obstacles_sql[];
extern const char rebuild_obstacles_of_distribution_sql[];
extern const char rebuild_trials_sql[];
extern const char logical_replication_sql[];
extern const char published_tables_sql[];
extern const char rebuild_indexes_sql[];
extern const char rebuild_foreign_keys_sql[];
extern const char choose_join_sql[];
extern const char table_lock_holder_sql[];

/* Two tables to rebuild, the first of them empty. */
static const struct table things = {.schema = "stock", .name = "things"};
static const struct table parts = {.schema = "stock", .name = "parts"};
static const struct rebuild_table listed[] = {{.table = &things, .empty = true}, {.table = &parts}};
#define LIST       " [{stock.things,stock.parts}]"
#define PARTS_LIST " [{stock.parts}]"
/* The schemas of TimeL-E's tables. */
#define SCHEMAS " [{products,products,products,products,users,orders,orders,orders,orders,orders}]"

/* What the catalog says of them. */
static const char *const index_values[] = {
    "index things_pkey",
    "ALTER TABLE things DROP CONSTRAINT things_pkey",
    "CREATE UNIQUE INDEX things_pkey",
    "''",
    "",
    "1",
    "index things_pkey",
    "",
    "ALTER TABLE things ADD CONSTRAINT things_pkey",
    "''",
    "",
    "1",
    "index things_name",
    "DROP INDEX things_name",
    "CREATE INDEX things_name",
    "fast_disk",
    "",
    "1",
};
static const struct scripted_result indexes = {
    .status = PGRES_TUPLES_OK, .columns = 6, .rows = 3, .values = index_values};
static const struct scripted_result no_index = {.status = PGRES_TUPLES_OK, .columns = 6};
static const char *const foreign_key_values[] = {
    "foreign key parts_thing of parts",
    "ALTER TABLE parts DROP CONSTRAINT parts_thing",
    "ALTER TABLE parts ADD CONSTRAINT parts_thing",
    "17",
    "16",
    "2",
    "SET CONSTRAINTS parts_left IMMEDIATE",
    "1",
    "foreign key parts_thing of parts",
    "",
    "COMMENT ON CONSTRAINT parts_thing ON parts IS 'a part''s; and so on'",
    "17",
    "16",
    "2",
    "",
    "1",
};
static const struct scripted_result foreign_keys = {
    .status = PGRES_TUPLES_OK, .columns = 8, .rows = 2, .values = foreign_key_values};
static const struct scripted_result no_foreign_key = {.status = PGRES_TUPLES_OK, .columns = 8};
static const struct scripted_result no_obstacle = {.status = PGRES_TUPLES_OK, .columns = 2};
static const char *const obstacle_values[] = {"1", "stock.things belongs to ada",
                                              "2", "trigger t of stock.parts fires on TRUNCATE",
                                              "1", "stock.things is partitioned"};
static const struct scripted_result obstacles = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 3, .values = obstacle_values};
static const struct scripted_result obstacle_of_things = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = obstacle_values};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const struct scripted_result settings = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .value = "off"};
static const char *const publication_values[] = {"1", "publication changes", "", "", "", ""};
static const struct scripted_result published = {
    .status = PGRES_TUPLES_OK, .columns = 6, .rows = 1, .values = publication_values};
static const struct scripted_result unpublished = {.status = PGRES_TUPLES_OK, .columns = 6};
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
static const struct scripted_result violated = {.status = PGRES_FATAL_ERROR,
                                                .severity = "ERROR",
                                                .state = "23505",
                                                .message = "could not create unique index"};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

#define NO_OBSTACLE ASKS(rebuild_obstacles_sql, LIST, no_obstacle)
#define SAVEPOINT   "SAVEPOINT timele_load_rebuild"
#define GIVEN_UP                                                                                   \
    {EXECUTES("ROLLBACK TO SAVEPOINT timele_load_rebuild")},                                       \
    {                                                                                              \
        EXECUTES(RELEASE)                                                                          \
    }
#define LOCK         "LOCK TABLE \"stock\".\"things\", \"stock\".\"parts\" IN ACCESS EXCLUSIVE MODE"
#define LOCK_PARTS   "LOCK TABLE \"stock\".\"parts\" IN ACCESS EXCLUSIVE MODE"
#define IS_EMPTY     "SELECT NOT EXISTS (SELECT 1 FROM \"stock\".\"things\" LIMIT 1)"
#define INDEXES      ASKS(rebuild_indexes_sql, LIST, indexes)
#define FOREIGN_KEYS ASKS(rebuild_foreign_keys_sql, LIST, foreign_keys)
#define DROP_KEY     "ALTER TABLE parts DROP CONSTRAINT parts_thing"
#define DROP_PRIMARY "ALTER TABLE things DROP CONSTRAINT things_pkey"
#define NO_TRIAL     ASKS(rebuild_trials_sql, LIST, no_obstacle)
#define RELEASE      "RELEASE SAVEPOINT timele_load_rebuild"
#define TRUNCATE     "TRUNCATE \"stock\".\"things\""

#define FINDS_ROWS                                                                                 \
    {NO_OBSTACLE}, {EXECUTES(SAVEPOINT)}, {EXECUTES(LOCK)}, {ASKS(IS_EMPTY, NULL, no)}, GIVEN_UP

#define PUBLISHED(answer)                                                                          \
    ASKS(logical_replication_sql, NULL, yes)                                                       \
    }                                                                                              \
    ,                                                                                              \
    {                                                                                              \
        ASKS(published_tables_sql, " [{\"stock\"}] [{\"things\"}]", answer)

/* Up to the drop of a primary key, and all of it. */
#define DROP_UP_TO_PRIMARY_KEY                                                                     \
    {NO_OBSTACLE}, {EXECUTES(SAVEPOINT)}, {EXECUTES(LOCK)}, {ASKS(IS_EMPTY, NULL, yes)},           \
        {INDEXES}, {FOREIGN_KEYS},                                                                 \
    {                                                                                              \
        EXECUTES(DROP_KEY)                                                                         \
    }
#define DROP_UP_TO_TRIAL                                                                           \
    DROP_UP_TO_PRIMARY_KEY, {EXECUTES(DROP_PRIMARY)},                                              \
    {                                                                                              \
        EXECUTES("DROP INDEX things_name")                                                         \
    }
#define DROP                                                                                       \
    DROP_UP_TO_TRIAL, {NO_TRIAL}, {EXECUTES(RELEASE)}, {PUBLISHED(unpublished)},                   \
    {                                                                                              \
        EXECUTES(TRUNCATE)                                                                         \
    }

/* Of the second table alone, when the first has an obstacle. */
#define DROP_PARTS                                                                                 \
    {EXECUTES(SAVEPOINT)}, {EXECUTES(LOCK_PARTS)},                                                 \
        {ASKS(rebuild_indexes_sql, PARTS_LIST, no_index)},                                         \
        {ASKS(rebuild_foreign_keys_sql, PARTS_LIST, foreign_keys)}, {EXECUTES(DROP_KEY)},          \
        {ASKS(rebuild_trials_sql, PARTS_LIST, no_obstacle)},                                       \
    {                                                                                              \
        EXECUTES(RELEASE)                                                                          \
    }

#define SET_FOR_INDEXES                                                                            \
    {EXECUTES("SET LOCAL maintenance_work_mem = '96MB'")},                                         \
        {EXECUTES("SET LOCAL max_parallel_maintenance_workers = 2")},                              \
    {                                                                                              \
        EXECUTES("SET LOCAL parallel_leader_participation = off")                                  \
    }
#define SET_FOR_FOREIGN_KEYS                                                                       \
    {EXECUTES("SET LOCAL maintenance_work_mem = '256MB'")},                                        \
    {                                                                                              \
        EXECUTES("SET LOCAL parallel_leader_participation TO DEFAULT")                             \
    }
#define SET_BACK                                                                                   \
    {EXECUTES("SET LOCAL enable_seqscan TO DEFAULT")},                                             \
    {                                                                                              \
        EXECUTES("SET LOCAL enable_hashjoin TO DEFAULT")                                           \
    }
#define CREATE_INDEXES                                                                             \
    SET_FOR_INDEXES, {USES_SESSION_PATH}, {EXECUTES("SET LOCAL default_tablespace = ''")},         \
        {EXECUTES("CREATE UNIQUE INDEX things_pkey")},                                             \
        {EXECUTES("ALTER TABLE things ADD CONSTRAINT things_pkey")},                               \
        {EXECUTES("SET LOCAL default_tablespace = fast_disk")},                                    \
        {EXECUTES("CREATE INDEX things_name")},                                                    \
        {EXECUTES("SET CONSTRAINTS parts_left IMMEDIATE")},                                        \
    {                                                                                              \
        RESTRICTS_PATH                                                                             \
    }
#define CHOOSE_JOIN         ASKS(choose_join_sql, " [17] [16] [2]", settings)
#define ADD_FOREIGN_KEY     "ALTER TABLE parts ADD CONSTRAINT parts_thing"
#define COMMENT_FOREIGN_KEY "COMMENT ON CONSTRAINT parts_thing ON parts IS 'a part''s; and so on'"

struct rebuilding {
    struct session session;
    bool distributed; /* Citus has some of the tables */
    struct phase_list phases;
    struct error error;
    struct rebuild_table tables[2];
    struct rebuild *rebuild;
};

static bool drop(struct rebuilding *rebuilding,
                 const struct scripted_call calls[static SCRIPT_LENGTH])
{
    struct log *log = rebuilding->session.log;
    bool distributed = rebuilding->distributed;

    *rebuilding = (struct rebuilding){0};
    rebuilding->session = (struct session){.connection = script_open(calls),
                                           .log = log,
                                           .phases = &rebuilding->phases,
                                           .error = &rebuilding->error};
    connection_distribution(rebuilding->session.connection)->any = distributed;
    memcpy(rebuilding->tables, listed, sizeof listed);
    return rebuild_find_obstacles(rebuilding->tables, 2, &rebuilding->session) &&
           rebuild_drop(rebuilding->tables, 2, &rebuilding->rebuild, &rebuilding->session);
}

static void end(struct rebuilding *rebuilding)
{
    rebuild_free(rebuilding->rebuild);
    phase_list_free(&rebuilding->phases);
    script_close(rebuilding->session.connection);
}

static void expect_phases(const struct rebuilding *rebuilding, const char *const *subjects,
                          size_t count)
{
    const struct phase *phases = rebuilding->phases.list.items;

    ck_assert_uint_eq(rebuilding->phases.list.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(phases[i].what, "create");
        ck_assert_str_eq(phases[i].subject, subjects[i]);
    }
}

START_TEST(creates_again_what_it_dropped)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP,
        CREATE_INDEXES,
        SET_FOR_FOREIGN_KEYS,
        {CHOOSE_JOIN},
        {EXECUTES(ADD_FOREIGN_KEY)},
        {EXECUTES(COMMENT_FOREIGN_KEY)},
        SET_BACK,
    };
    static const char *const subjects[] = {"index things_pkey", "index things_name",
                                           "foreign key parts_thing of parts"};
    struct rebuilding rebuilding = {0};

    ck_assert_msg(drop(&rebuilding, calls), "%s", rebuilding.error.message);
    ck_assert_ptr_nonnull(rebuilding.rebuild);
    ck_assert_str_eq(rebuilding.tables[0].obstacle, "");
    ck_assert_str_eq(rebuilding.tables[1].obstacle, "");
    ck_assert(rebuilding.tables[0].truncated && !rebuilding.tables[1].truncated);
    ck_assert_msg(rebuild_create(rebuilding.rebuild, &rebuilding.session), "%s",
                  rebuilding.error.message);
    expect_phases(&rebuilding, subjects, 3);
    end(&rebuilding);
}
END_TEST

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

START_TEST(nothing_dropped_is_nothing_to_create)
{
    struct error error = {0};
    struct session session = {.connection = script_open((const struct scripted_call[SCRIPT_LENGTH]){
                                  {GIVES_NO_MORE, .repeats = true}}),
                              .error = &error};

    ck_assert(rebuild_create(NULL, &session));
    script_close(session.connection);
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

static const struct {
    const char *message;
    struct scripted_call calls[SCRIPT_LENGTH];
} violations[] = {
    {"index things_pkey: could not create unique index",
     {DROP,
      SET_FOR_INDEXES,
      {USES_SESSION_PATH},
      {EXECUTES("SET LOCAL default_tablespace = ''")},
      {ANSWERS("CREATE UNIQUE INDEX things_pkey", violated)}}},
    {"index things_pkey: no",
     {DROP,
      SET_FOR_INDEXES,
      {USES_SESSION_PATH},
      {EXECUTES("SET LOCAL default_tablespace = ''")},
      {EXECUTES("CREATE UNIQUE INDEX things_pkey")},
      {ANSWERS("ALTER TABLE things ADD CONSTRAINT things_pkey", refused)}}},
    {"foreign key parts_thing of parts: could not create unique index",
     {DROP,
      CREATE_INDEXES,
      SET_FOR_FOREIGN_KEYS,
      {CHOOSE_JOIN},
      {ANSWERS(ADD_FOREIGN_KEY, violated)}}},
    {"foreign key parts_thing of parts: no",
     {DROP,
      CREATE_INDEXES,
      SET_FOR_FOREIGN_KEYS,
      {CHOOSE_JOIN},
      {EXECUTES(ADD_FOREIGN_KEY)},
      {ANSWERS(COMMENT_FOREIGN_KEY, refused)}}},
};

START_TEST(names_what_the_data_violates)
{
    struct rebuilding rebuilding = {0};

    ck_assert_msg(drop(&rebuilding, violations[_i].calls), "%s", rebuilding.error.message);
    ck_assert(!rebuild_create(rebuilding.rebuild, &rebuilding.session));
    ck_assert_str_eq(rebuilding.error.message, violations[_i].message);
    ck_assert_int_eq(rebuilding.error.kind, ERROR_DATABASE);
    end(&rebuilding);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rebuild");
    TCase *tests = tcase_create("statements");

    tcase_add_test(tests, creates_again_what_it_dropped);
    tcase_add_test(tests, truncates_no_table_whose_truncation_is_published);
    tcase_add_test(tests, nothing_dropped_is_nothing_to_create);
    tcase_add_loop_test(tests, an_obstacle_leaves_all_as_it_is, 0, TABLE_ROWS(in_the_way));
    tcase_add_loop_test(tests, an_obstacle_of_one_table_leaves_that_table_as_it_is, 0,
                        TABLE_ROWS(in_the_way_of_one));
    tcase_add_loop_test(tests, what_citus_cannot_make_again_stays_as_it_is, 0,
                        TABLE_ROWS(in_the_way_of_citus));
    tcase_add_loop_test(tests, what_is_no_obstacle_is_an_error, 0, TABLE_ROWS(ended));
    tcase_add_loop_test(tests, names_what_the_data_violates, 0, TABLE_ROWS(violations));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#include "schema/building_drop.h"

#include "base/clock.h"
#include "building_script.h"
#include "scripted_libpq.h"

extern const char building_replaced_views_sql[], building_replaced_tables_sql[];
extern const char table_lock_holder_sql[];

/* Stands still, so that the time left for an attempt is known. */
double __wrap_clock_seconds(void); /* NOLINT: the linker's name */
double __wrap_clock_seconds(void)  /* NOLINT: the linker's name */
{
    return 1000;
}

#define READ_TIMEOUT "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'"
#define SAVEPOINT    "SAVEPOINT timele_load_drop"
#define RELEASE      "RELEASE SAVEPOINT timele_load_drop"
#define LIMIT        "SET LOCAL lock_timeout = '200ms'"
#define API          " [{" REPLACED "api," REPLACED "api_auth," REPLACED "api_private}]"
#define DROP_API     "DROP SCHEMA \"" REPLACED "api_auth\" CASCADE"
#define DROP_VIEW    "DROP MATERIALIZED VIEW IF EXISTS \"shop\".\"totals\" CASCADE"
#define LOCK         "LOCK TABLE \"" REPLACED "users\".\"users\" IN ACCESS EXCLUSIVE MODE"
#define DROP_USERS   "DROP SCHEMA \"" REPLACED "users\" CASCADE"
#define DROP_ENUM    "DROP TYPE IF EXISTS \"public\".\"" REPLACED "order_status_enum\""
#define UNDONE                                                                                     \
    {EXECUTES("ROLLBACK TO SAVEPOINT timele_load_drop")},                                          \
    {                                                                                              \
        EXECUTES(RELEASE)                                                                          \
    }
#define ASKS_HOLDER ASKS(table_lock_holder_sql, NAMES(REPLACED), holder)
#define TABLE_EXISTS                                                                               \
    "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "                      \
    "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')"
#define NEW_USERS                                                                                  \
    "SELECT EXISTS (SELECT 1 FROM \"" REPLACED "users\".\"users\" WHERE \"id\" >= 400000 LIMIT 1)"

static const struct scripted_result no_timeout = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "0"};
static const struct scripted_result timeout = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "3000"};
static const char *const view_values[] = {"shop", "totals", "MATERIALIZED VIEW"};
static const struct scripted_result a_view = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = view_values};
static const char *const table_values[] = {REPLACED "users", "users", "TABLE"};
static const struct scripted_result a_table = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = table_values};
static const struct scripted_result holder = {.status = PGRES_TUPLES_OK,
                                              .columns = 1,
                                              .rows = 1,
                                              .value = REPLACED "users.users is in use by ada"};
static const struct scripted_result there = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "1"};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};

#define ATTEMPT_UP_TO_LOCK                                                                         \
    {EXECUTES(SAVEPOINT)}, {EXECUTES(LIMIT)}, {ASKS(FIND_SCHEMAS, API, second_there)},             \
        {EXECUTES(DROP_API)}, {ASKS(building_replaced_views_sql, NAMES(REPLACED), a_view)},        \
        {EXECUTES(LIMIT)}, {EXECUTES(DROP_VIEW)},                                                  \
        {ASKS(building_replaced_tables_sql, NAMES(REPLACED), a_table)},                            \
    {                                                                                              \
        EXECUTES(LIMIT)                                                                            \
    }
#define LOCKED(restored)                                                                           \
    ATTEMPT_UP_TO_LOCK, {EXECUTES(LOCK)}, {EXECUTES(RELEASE)},                                     \
    {                                                                                              \
        EXECUTES("SET LOCAL lock_timeout = '" restored "ms'")                                      \
    }
#define DROPS                                                                                      \
    {ASKS(FIND_SCHEMAS, NAMES(REPLACED), second_there)}, {EXECUTES(DROP_USERS)},                   \
    {                                                                                              \
        EXECUTES(DROP_ENUM)                                                                        \
    }

static const int64_t floors[TABLE_COUNT] = {[TABLE_USERS] = 400000, [TABLE_ORDERS] = 3422000};

static const struct {
    bool force;
    const char *said;
    struct scripted_call calls[SCRIPT_LENGTH];
} drops[] = {
    {true, "", {{ASKS(READ_TIMEOUT, NULL, no_timeout)}, LOCKED("0"), DROPS}},
    {false,
     "",
     {{ASKS(READ_TIMEOUT, NULL, timeout)},
      LOCKED("3000"),
      {ASKS(TABLE_EXISTS, " [" REPLACED "users] [users]", none_there)},
      {ASKS(TABLE_EXISTS, " [" REPLACED "orders] [orders]", none_there)},
      {ASKS(TABLE_EXISTS, " [" REPLACED "orders] [carts]", none_there)},
      DROPS}},
    {true,
     "timele-load: waiting until the old tables can be dropped: users.users is in use by ada\n",
     {{ASKS(READ_TIMEOUT, NULL, no_timeout)},
      ATTEMPT_UP_TO_LOCK,
      {ANSWERS(LOCK, too_late)},
      UNDONE,
      {ASKS_HOLDER},
      LOCKED("0"),
      DROPS}},
};

START_TEST(drops_when_it_has_all_locks)
{
    struct playing playing;

    play(&playing, drops[_i].calls);
    ck_assert_msg(building_drop_old(floors, drops[_i].force, &playing.session), "%s",
                  playing.error.message);
    end_play(&playing, drops[_i].said);
}
END_TEST

START_TEST(refuses_to_drop_rows_that_came_during_the_load)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(READ_TIMEOUT, NULL, no_timeout)},
        LOCKED("0"),
        {ASKS(TABLE_EXISTS, " [" REPLACED "users] [users]", there)},
        {ASKS(NEW_USERS, NULL, yes)},
    };
    struct playing playing;

    play(&playing, calls);
    ck_assert(!building_drop_old(floors, false, &playing.session));
    ck_assert_str_eq(playing.error.message, "--reset would drop rows of the application: "
                                            "users.users has ids from 400000 up");
    ck_assert_str_eq(playing.error.detail, "They came during the load.");
    end_play(&playing, "");
}
END_TEST

static const struct scripted_call refusals[][SCRIPT_LENGTH] = {
    {{ASKS(READ_TIMEOUT, NULL, refused)}},
    {{ASKS(READ_TIMEOUT, NULL, no_timeout)}, ATTEMPT_UP_TO_LOCK, {ANSWERS(LOCK, refused)}},
    {{ASKS(READ_TIMEOUT, NULL, no_timeout)},
     LOCKED("0"),
     {ASKS(FIND_SCHEMAS, NAMES(REPLACED), second_there)},
     {ANSWERS(DROP_USERS, refused)}},
    {{ASKS(READ_TIMEOUT, NULL, no_timeout)},
     LOCKED("0"),
     {ASKS(FIND_SCHEMAS, NAMES(REPLACED), none_there)},
     {ANSWERS(DROP_ENUM, refused)}},
};

START_TEST(another_refusal_is_an_error)
{
    struct playing playing;

    play(&playing, refusals[_i]);
    ck_assert(!building_drop_old(floors, true, &playing.session));
    ck_assert_str_eq(playing.error.message, "no");
    end_play(&playing, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("building drop");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, drops_when_it_has_all_locks, 0, TABLE_ROWS(drops));
    tcase_add_test(tests, refuses_to_drop_rows_that_came_during_the_load);
    tcase_add_loop_test(tests, another_refusal_is_an_error, 0, TABLE_ROWS(refusals));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#include "schema/building_leftovers.h"

#include "building_script.h"
#include "scripted_libpq.h"

extern const char table_lock_holder_sql[], transaction_settings_sql[];

#define LIMIT_LOCKS                                                                                \
    "SELECT set_config('lock_timeout', '10s', true) FROM pg_settings "                             \
    "WHERE name = 'lock_timeout' AND setting = '0'"
#define ASK_LOCK                                                                                   \
    "SELECT pg_is_in_recovery() OR EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' "    \
    "AND granted AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = "    \
    "current_database()) AND classid = 1953066341 AND objid = 1819238756 AND pid IS DISTINCT "     \
    "FROM pg_backend_pid())"
#define SAVEPOINT "SAVEPOINT timele_load_leftovers"
#define RELEASE   "RELEASE SAVEPOINT timele_load_leftovers"
#define UNDONE                                                                                     \
    {EXECUTES("ROLLBACK TO SAVEPOINT timele_load_leftovers")},                                     \
    {                                                                                              \
        EXECUTES(RELEASE)                                                                          \
    }
#define DROP     "DROP SCHEMA \"" BUILDING "users\" CASCADE"
#define ONE_NAME " [{" BUILDING "users}]"

#define BEGINS_LOOK                                                                                \
    SEND_QUERY, .text = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n",                      \
                .parameters = transaction_settings_sql, .script = true, .returns = 1               \
    }                                                                                              \
    , {GIVES(script_done)},                                                                        \
    {                                                                                              \
        GIVES_NO_MORE

static const struct scripted_result limited = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "10s"};
static const struct scripted_result not_limited = {.status = PGRES_TUPLES_OK, .columns = 1};
static const struct scripted_result first_there = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "1"};
static const struct scripted_result holder = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "users.users is in use by ada"};
static const struct scripted_result no_holder = {.status = PGRES_TUPLES_OK, .columns = 1};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};

#define FINDS_ONE                                                                                  \
    {ASKS(FIND_SCHEMAS, NAMES(BUILDING), second_there)},                                           \
    {                                                                                              \
        EXECUTES(SAVEPOINT)                                                                        \
    }
#define STAYS "timele-load: " BUILDING "users, which a killed run has left, cannot be dropped yet: "

static const struct {
    bool left;
    const char *said;
    struct scripted_call calls[SCRIPT_LENGTH];
} removals[] = {
    {false, "", {{ASKS(FIND_SCHEMAS, NAMES(BUILDING), none_there)}}},
    {false,
     "",
     {FINDS_ONE,
      {ASKS(LIMIT_LOCKS, NULL, limited)},
      {ASKS(FIND_SCHEMAS, ONE_NAME, first_there)},
      {EXECUTES(DROP)},
      {EXECUTES("SET LOCAL lock_timeout = 0")},
      {EXECUTES(RELEASE)}}},
    {true,
     STAYS "no\n",
     {FINDS_ONE,
      {ASKS(LIMIT_LOCKS, NULL, not_limited)},
      {ASKS(FIND_SCHEMAS, ONE_NAME, first_there)},
      {ANSWERS(DROP, refused)},
      UNDONE}},
    {true,
     STAYS "users.users is in use by ada\n",
     {FINDS_ONE,
      {ASKS(LIMIT_LOCKS, NULL, not_limited)},
      {ASKS(FIND_SCHEMAS, ONE_NAME, first_there)},
      {ANSWERS(DROP, too_late)},
      UNDONE,
      {ASKS(table_lock_holder_sql, ONE_NAME, holder)}}},
    {true,
     STAYS "canceling statement due to lock timeout\n",
     {FINDS_ONE,
      {ASKS(LIMIT_LOCKS, NULL, not_limited)},
      {ASKS(FIND_SCHEMAS, ONE_NAME, first_there)},
      {ANSWERS(DROP, too_late)},
      UNDONE,
      {ASKS(table_lock_holder_sql, ONE_NAME, no_holder)}}},
};

START_TEST(drops_what_can_be_dropped)
{
    struct playing playing;
    bool left = !removals[_i].left;

    play(&playing, removals[_i].calls);
    ck_assert_msg(building_remove_leftovers(&left, &playing.session), "%s", playing.error.message);
    ck_assert(left == removals[_i].left);
    end_play(&playing, removals[_i].said);
}
END_TEST

START_TEST(a_lost_connection_is_an_error)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        FINDS_ONE,
        {ASKS(LIMIT_LOCKS, NULL, not_limited)},
        {ASKS(FIND_SCHEMAS, ONE_NAME, first_there)},
        {SENDS(DROP)},
        {CONSUME_INPUT, .returns = 0, .loses = true, .message = "gone"},
    };
    struct playing playing;
    bool left;

    play(&playing, calls);
    ck_assert(!building_remove_leftovers(&left, &playing.session));
    ck_assert_int_eq(playing.error.kind, ERROR_DATABASE);
    end_play(&playing, "");
}
END_TEST

static const struct {
    const char *said;
    struct scripted_call calls[SCRIPT_LENGTH];
} warnings[] = {
    {"", {{ASKS(FIND_SCHEMAS, NAMES(BUILDING), none_there)}}},
    {"", {{ASKS(FIND_SCHEMAS, NAMES(BUILDING), second_there)}, {ASKS(ASK_LOCK, NULL, yes)}}},
    {"",
     {{ASKS(FIND_SCHEMAS, NAMES(BUILDING), second_there)},
      {ASKS(ASK_LOCK, NULL, no)},
      {EXECUTES("ROLLBACK")},
      {BEGINS_LOOK},
      {ASKS(FIND_SCHEMAS, ONE_NAME, none_there)}}},
    {"timele-load: warning: a killed run has left " BUILDING
     "users; the next run that loads something drops it\n",
     {{ASKS(FIND_SCHEMAS, NAMES(BUILDING), second_there)},
      {ASKS(ASK_LOCK, NULL, no)},
      {EXECUTES("ROLLBACK")},
      {BEGINS_LOOK},
      {ASKS(FIND_SCHEMAS, ONE_NAME, first_there)}}},
};

START_TEST(warns_of_what_no_run_is_filling)
{
    struct playing playing;

    play(&playing, warnings[_i].calls);
    ck_assert_msg(building_warn_of_leftovers(&playing.session), "%s", playing.error.message);
    end_play(&playing, warnings[_i].said);
}
END_TEST

START_TEST(a_failed_run_drops_all_of_its_own)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(FIND_SCHEMAS, NAMES(BUILDING), all_there)},
        {EXECUTES("DROP SCHEMA \"" BUILDING "products\" CASCADE")},
        {EXECUTES("DROP SCHEMA \"" BUILDING "users\" CASCADE")},
        {ANSWERS("DROP SCHEMA \"" BUILDING "orders\" CASCADE", refused)},
    };
    struct playing playing;

    play(&playing, calls);
    ck_assert(!building_remove(&playing.session));
    ck_assert_str_eq(playing.error.message, "no");
    end_play(&playing, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("building leftovers");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, drops_what_can_be_dropped, 0, TABLE_ROWS(removals));
    tcase_add_test(tests, a_lost_connection_is_an_error);
    tcase_add_loop_test(tests, warns_of_what_no_run_is_filling, 0, TABLE_ROWS(warnings));
    tcase_add_test(tests, a_failed_run_drops_all_of_its_own);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

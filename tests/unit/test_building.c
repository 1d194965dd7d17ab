#include "schema/building.h"

#include "building_script.h"
#include "scripted_libpq.h"

extern const char building_obstacle_sql[];

#define FIND_ENUM                                                                                  \
    "SELECT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace "        \
    "WHERE n.nspname = $1 AND t.typname = $2)"
#define ASKS_OF_API(schema, answer)                                                                \
    ASKS("SELECT coalesce(obj_description(to_regnamespace('" schema                                \
         "'), 'pg_namespace') LIKE 'TimeL-E: %', false)",                                          \
         NULL, answer)
#define RENAMES(from, to) EXECUTES("ALTER SCHEMA \"" from "\" RENAME TO \"" to "\"")

#define ALTERS(table, action) EXECUTES("ALTER TABLE \"" BUILDING table " " action)
#define ALTERS_ALL(action)                                                                         \
    {ALTERS("products\".\"departments\"", action)}, {ALTERS("products\".\"aisles\"", action)},     \
        {ALTERS("products\".\"products\"", action)},                                               \
        {ALTERS("products\".\"product_enriched\"", action)},                                       \
        {ALTERS("users\".\"users\"", action)}, {ALTERS("orders\".\"orders\"", action)},            \
        {ALTERS("orders\".\"order_items\"", action)},                                              \
        {ALTERS("orders\".\"order_status_history\"", action)},                                     \
        {ALTERS("orders\".\"carts\"", action)},                                                    \
    {                                                                                              \
        ALTERS("orders\".\"cart_items\"", action)                                                  \
    }

static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result no = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const struct scripted_result one_there = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "1"};

static const char *const obstacle_values[] = {"t", "publication p publishes all tables"};
static const struct scripted_result obstacle_row = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = obstacle_values};
static const char *const present_values[] = {"f", ""};
static const struct scripted_result present_row = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .values = present_values};

#define OBSTACLE_PARAMETERS(resets)                                                                \
    " [" resets "] [{products,users,orders}] [{api,api_auth,api_private}] [public] "               \
    "[order_status_enum] [" REPLACED "]"

START_TEST(asks_what_is_in_the_way)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(building_obstacle_sql, OBSTACLE_PARAMETERS("t"), obstacle_row)},
        {ASKS(building_obstacle_sql, OBSTACLE_PARAMETERS("f"), present_row)},
        {ASKS(building_obstacle_sql, OBSTACLE_PARAMETERS("f"), refused)}};
    struct playing playing;
    char obstacle[BUILDING_OBSTACLE_SIZE];
    bool applies = false;

    play(&playing, calls);
    ck_assert(building_find_obstacle(true, &applies, obstacle, &playing.session));
    ck_assert(applies);
    ck_assert_str_eq(obstacle, "publication p publishes all tables");
    ck_assert(building_find_obstacle(false, &applies, obstacle, &playing.session));
    ck_assert(!applies);
    ck_assert_str_eq(obstacle, "");
    ck_assert(!building_find_obstacle(false, &applies, obstacle, &playing.session));
    ck_assert_str_eq(playing.error.message, "no");
    end_play(&playing, "");
}
END_TEST

static bool set_api_aside(const struct session *session)
{
    bool had_api = false;

    return building_set_api_aside(&had_api, session) && had_api;
}

/* What each function does, where it finds something to do. */
static const struct {
    bool (*rename)(const struct session *);
    struct scripted_call calls[SCRIPT_LENGTH];
} renamings[] = {
    {building_set_old_aside,
     {{ASKS(FIND_SCHEMAS, NAMES(""), second_there)},
      {RENAMES("users", REPLACED "users")},
      {ASKS(FIND_ENUM, " [public] [order_status_enum]", yes)},
      {EXECUTES("ALTER TYPE \"public\".\"order_status_enum\" RENAME TO \"" REPLACED
                "order_status_enum\"")}}},
    {building_set_old_aside,
     {{ASKS(FIND_SCHEMAS, NAMES(""), none_there)},
      {ASKS(FIND_ENUM, " [public] [order_status_enum]", no)}}},
    {building_put_old_back,
     {{ASKS(FIND_SCHEMAS, NAMES(REPLACED), second_there)},
      {RENAMES(REPLACED "users", "users")},
      {ASKS(FIND_ENUM, " [public] [" REPLACED "order_status_enum]", yes)},
      {EXECUTES("ALTER TYPE \"public\".\"" REPLACED
                "order_status_enum\" RENAME TO \"order_status_enum\"")}}},
    {building_set_ledger_aside,
     {{ASKS(FIND_SCHEMAS, " [{timele_load}]", one_there)},
      {RENAMES("timele_load", REPLACED "timele_load")}}},
    {building_put_ledger_back,
     {{ASKS(FIND_SCHEMAS, " [{timele_load}]", one_there)},
      {EXECUTES("DROP SCHEMA \"timele_load\" CASCADE")},
      {ASKS(FIND_SCHEMAS, " [{" REPLACED "timele_load}]", one_there)},
      {RENAMES(REPLACED "timele_load", "timele_load")}}},
    {set_api_aside,
     {{ASKS_OF_API("api", no)},
      {ASKS_OF_API("api_auth", yes)},
      {ASKS_OF_API("api_private", no)},
      {ASKS(FIND_SCHEMAS, " [{api_auth}]", one_there)},
      {RENAMES("api_auth", REPLACED "api_auth")}}},
    {building_hide,
     {{ASKS(FIND_SCHEMAS, NAMES(""), all_there)},
      {RENAMES("products", BUILDING "products")},
      {RENAMES("users", BUILDING "users")},
      {RENAMES("orders", BUILDING "orders")},
      {EXECUTES("ALTER TYPE \"public\".\"order_status_enum\" SET SCHEMA \"" BUILDING "orders\"")},
      ALTERS_ALL("SET (autovacuum_enabled = off)")}},
    {building_show,
     {ALTERS_ALL("RESET (autovacuum_enabled)"),
      {EXECUTES("ALTER TYPE \"" BUILDING "orders\".\"order_status_enum\" SET SCHEMA \"public\"")},
      {ASKS(FIND_SCHEMAS, NAMES(BUILDING), all_there)},
      {RENAMES(BUILDING "products", "products")},
      {RENAMES(BUILDING "users", "users")},
      {RENAMES(BUILDING "orders", "orders")}}},
};

START_TEST(renames_what_is_there)
{
    struct playing playing;

    play(&playing, renamings[_i].calls);
    ck_assert_msg(renamings[_i].rename(&playing.session), "%s", playing.error.message);
    end_play(&playing, "");
}
END_TEST

static const struct {
    bool (*rename)(const struct session *);
    struct scripted_call calls[SCRIPT_LENGTH];
} refusals[] = {
    {building_set_old_aside, {{ASKS(FIND_SCHEMAS, NAMES(""), refused)}}},
    {building_set_old_aside,
     {{ASKS(FIND_SCHEMAS, NAMES(""), second_there)},
      {ANSWERS("ALTER SCHEMA \"users\" RENAME TO \"" REPLACED "users\"", refused)}}},
    {building_put_old_back,
     {{ASKS(FIND_SCHEMAS, NAMES(REPLACED), none_there)},
      {ASKS(FIND_ENUM, " [public] [" REPLACED "order_status_enum]", refused)}}},
    {building_put_ledger_back,
     {{ASKS(FIND_SCHEMAS, " [{timele_load}]", one_there)},
      {ANSWERS("DROP SCHEMA \"timele_load\" CASCADE", refused)}}},
    {set_api_aside, {{ASKS_OF_API("api", refused)}}},
    {building_show,
     {{ANSWERS("ALTER TABLE \"" BUILDING "products\".\"departments\" RESET (autovacuum_enabled)",
               refused)}}},
};

START_TEST(a_refused_renaming_is_an_error)
{
    struct playing playing;

    play(&playing, refusals[_i].calls);
    ck_assert(!refusals[_i].rename(&playing.session));
    ck_assert_str_eq(playing.error.message, "no");
    ck_assert_int_eq(playing.error.kind, ERROR_DATABASE);
    end_play(&playing, "");
}
END_TEST

static const struct {
    const char *text, *without;
} prefixed[] = {
    {"", ""},
    {"index orders.orders_pkey", "index orders.orders_pkey"},
    {"index " BUILDING "orders.orders_pkey", "index orders.orders_pkey"},
    {BUILDING "users.users and " BUILDING "orders.orders" BUILDING,
     "users.users and orders.orders"},
    {BUILDING BUILDING "users", "users"},
};

START_TEST(takes_the_prefix_out_of_a_text)
{
    char text[200];

    (void)snprintf(text, sizeof text, "%s", prefixed[_i].text);
    building_take_prefix_out(text);
    ck_assert_str_eq(text, prefixed[_i].without);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("building");
    TCase *tests = tcase_create("statements");

    tcase_add_test(tests, asks_what_is_in_the_way);
    tcase_add_loop_test(tests, renames_what_is_there, 0, TABLE_ROWS(renamings));
    tcase_add_loop_test(tests, a_refused_renaming_is_an_error, 0, TABLE_ROWS(refusals));
    tcase_add_loop_test(tests, takes_the_prefix_out_of_a_text, 0, TABLE_ROWS(prefixed));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

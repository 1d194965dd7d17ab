#include "schema/merge_vacate.h"

#include "scripted_libpq.h"
#include "suite.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

extern const char suppressing_triggers_sql[];

/* Each UUID has one digit, its number, but where the version stands. */
static int random_errno;

/* Stands before the C library's for this program. */
ssize_t getrandom(void *buffer, size_t length, unsigned flags)
{
    uint8_t *bytes = buffer;

    (void)flags;
    if (random_errno != 0) {
        errno = random_errno;
        return -1;
    }
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(0x11 * (1 + i / 16));
    return (ssize_t)length;
}

#define FIRST  "11111111-1111-4111-9111-111111111111"
#define SECOND "22222222-2222-4222-a222-222222222222"

enum { ID, EXTERNAL_ID, EMAIL };

static const struct column columns[] = {
    [ID] = {.name = "id", .type = COLUMN_BIGINT},
    [EXTERNAL_ID] = {.name = "external_id", .type = COLUMN_UUID_V4, .unique = true, .stable = true},
    [EMAIL] = {.name = "email", .type = COLUMN_TEXT, .unique = true},
};

static const struct table things = {.schema = "stock",
                                    .name = "things",
                                    .columns = columns,
                                    .column_count = 3,
                                    .key = {ID},
                                    .key_count = 1};

static const struct scripted_result one = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "1"};
static const struct scripted_result two = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "2"};
static const char *const trigger_names[] = {"trigger keep"};
static const struct scripted_result triggers = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .values = trigger_names};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .message = "no"};

#define VACATES(column, type, answer)                                                              \
    ASKS("WITH vacated AS (UPDATE \"stock\".\"things\" t SET \"" column                            \
         "\" = n.value FROM ROWS FROM (pg_catalog.unnest($1::bigint[]), "                          \
         "pg_catalog.unnest($2::pg_catalog." type "[])) n (id, value) "                            \
         "WHERE t.\"id\" OPERATOR(pg_catalog.=) n.id RETURNING n.id) "                             \
         "SELECT pg_catalog.count(DISTINCT id) FROM vacated",                                      \
         " [{7,8}] [{\"" FIRST "\",\"" SECOND "\"}]", answer)
#define COUNTS(answer)                                                                             \
    ASKS("SELECT count(*) FROM \"stock\".\"things\" WHERE \"id\" = ANY ($1::bigint[])",            \
         " [{7,8}]", answer)

static const struct {
    size_t column;
    struct scripted_case expected;
} vacated[] = {
    {EMAIL,
     {"a text is a random one",
      {{USES_SESSION_PATH}, {VACATES("email", "text", two)}, {RESTRICTS_PATH}},
      .kind = ERROR_NONE}},
    {EXTERNAL_ID,
     {"an external id too",
      {{USES_SESSION_PATH}, {VACATES("external_id", "uuid", two)}, {RESTRICTS_PATH}},
      .kind = ERROR_NONE}},
    {EMAIL,
     {"a row that is gone need not give up anything",
      {{USES_SESSION_PATH}, {VACATES("email", "text", one)}, {RESTRICTS_PATH}, {COUNTS(one)}},
      .kind = ERROR_NONE}},
    {EMAIL,
     {"a row that a trigger keeps is told",
      {{USES_SESSION_PATH},
       {VACATES("email", "text", one)},
       {RESTRICTS_PATH},
       {COUNTS(two)},
       {ASKS(suppressing_triggers_sql, " [stock] [things] [16]", triggers)}},
      ERROR_DATABASE,
      "1 row of stock.things was not updated",
      "Before each UPDATE there fires: trigger keep.",
      "Nothing was changed. A trigger that returns NULL keeps a row from being written: disable it "
      "for the load, or let it pass rows while the setting timele.loading is on."}},
    {EMAIL,
     {"the update is refused",
      {{USES_SESSION_PATH}, {VACATES("email", "text", refused)}},
      FAILS(ERROR_DATABASE, "no")}},
    {EMAIL,
     {"the count is refused",
      {{USES_SESSION_PATH}, {VACATES("email", "text", one)}, {RESTRICTS_PATH}, {COUNTS(refused)}},
      FAILS(ERROR_DATABASE, "no")}},
};

static bool vacate(struct connection *connection, size_t column, struct error *error)
{
    const struct merge merge = {.connection = connection, .table = &things};

    return merge_vacate(&merge, column, "{7,8}", 2, error);
}

START_TEST(rows_give_up_their_values)
{
    const struct scripted_case *expected = &vacated[_i].expected;
    struct connection *connection = script_open_case(expected);
    struct error error = {0};

    ck_assert_msg(vacate(connection, vacated[_i].column, &error) == (expected->kind == ERROR_NONE),
                  "%s: %s", expected->name, error.message);
    if (expected->kind == ERROR_NONE)
        ck_assert_int_eq(error.kind, ERROR_NONE);
    else
        script_expect_error(expected, &error);
    script_close(connection);
}
END_TEST

START_TEST(without_random_bytes_nothing_is_sent)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};
    struct connection *connection = script_open(calls);
    struct error error = {0};

    random_errno = ENOSYS;
    ck_assert(!vacate(connection, EMAIL, &error));
    random_errno = 0;
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    ck_assert_str_eq(error.message, "the system gives no random bytes: Function not implemented");
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("merge_vacate");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, rows_give_up_their_values, 0, TABLE_ROWS(vacated));
    tcase_add_test(tests, without_random_bytes_nothing_is_sent);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

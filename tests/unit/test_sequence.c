#include "schema/sequence.h"

#include "pg/distribution.h"
#include "scripted_libpq.h"
#include "suite.h"

extern const char sequences_of_columns_sql[];

static const struct table things = {
    .schema = "stock", .name = "things", .sequence_column = "thing"};
static const struct table parts = {.schema = "spare", .name = "parts", .sequence_column = "part"};
static const struct table *const tables[] = {&things, &parts};

#define FINDS(answer)                                                                              \
    ASKS(sequences_of_columns_sql,                                                                 \
         " [{\"stock\",\"spare\"}] [{\"things\",\"parts\"}] [{\"thing\",\"part\"}]", answer)

#define OF_THINGS(value)                                                                           \
    "SELECT 1, CASE WHEN wanted > next THEN " value " ELSE next END, next FROM ("                  \
    "SELECT q.tableoid::regclass AS sequence, q.last_value + CASE WHEN q.is_called THEN "          \
    "s.seqincrement ELSE 0 END AS next, greatest(1, (SELECT max(\"thing\")::bigint + 1 "           \
    "FROM \"stock\".\"things\")) AS wanted FROM \"stock\".\"thing_ids\" q "                        \
    "JOIN pg_sequence s ON s.seqrelid = q.tableoid) decision"
#define OF_PARTS                                                                                   \
    "SELECT 2, CASE WHEN wanted > next THEN setval(sequence, wanted, false) ELSE next END, "       \
    "next FROM (SELECT q.tableoid::regclass AS sequence, q.last_value + CASE WHEN q.is_called "    \
    "THEN s.seqincrement ELSE 0 END AS next, greatest(500, (SELECT max(\"part\")::bigint + 1 "     \
    "FROM \"spare\".\"parts\")) AS wanted FROM \"spare\".\"part_ids\" q "                          \
    "JOIN pg_sequence s ON s.seqrelid = q.tableoid) decision"

static const char *const second[] = {"2", "spare", "part_ids", "500", "9000", "t", "f", "t"};
static const struct scripted_result one_row = {
    .status = PGRES_TUPLES_OK, .columns = 8, .rows = 1, .values = second};
/* The server need not keep the order. */
static const char *const positions[] = {"2", "700", "500", "1", "7", "7"};
static const struct scripted_result two_rows = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 2, .values = positions};
static const struct scripted_result half = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = positions};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

static struct sequence thing_ids = {
    .present = true, .settable = true, .readable = true, .schema = "stock", .name = "thing_ids"};
static struct sequence part_ids = {
    .present = true, .settable = true, .readable = true, .schema = "spare", .name = "part_ids"};
static const struct sequence_advance advances[] = {
    {.table = &things, .sequence = &thing_ids},
    {.table = &parts, .floor = 500, .sequence = &part_ids}};

START_TEST(finds_each_sequence_by_its_place)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{FINDS(one_row)}};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};
    struct sequence sequences[2] = {{.present = true}, {.present = false}};

    ck_assert_msg(sequence_find(tables, 2, sequences, &session), "%s", error.message);
    ck_assert(!sequences[0].present);
    ck_assert(sequences[1].present);
    ck_assert_str_eq(sequences[1].schema, "spare");
    ck_assert_str_eq(sequences[1].name, "part_ids");
    ck_assert_int_eq(sequences[1].minimum, 500);
    ck_assert_int_eq(sequences[1].maximum, 9000);
    ck_assert(sequences[1].settable);
    ck_assert(!sequences[1].owned);
    ck_assert(sequences[1].readable);
    script_close(session.connection);
}
END_TEST

START_TEST(a_refused_search_is_an_error)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{FINDS(refused)}};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};
    struct sequence sequences[2];

    ck_assert(!sequence_find(tables, 2, sequences, &session));
    ck_assert_str_eq(error.message, "no");
    script_close(session.connection);
}
END_TEST

START_TEST(sets_all_in_one_query)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS(
        OF_THINGS("setval(sequence, wanted, false)") " UNION ALL " OF_PARTS, NULL, two_rows)}};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};

    ck_assert_msg(sequence_advance(advances, 2, false, &session), "%s", error.message);
    ck_assert_int_eq(thing_ids.before, 7);
    ck_assert_int_eq(thing_ids.next, 7);
    ck_assert_int_eq(part_ids.before, 500);
    ck_assert_int_eq(part_ids.next, 700);
    script_close(session.connection);
}
END_TEST

START_TEST(sets_nothing_in_a_rehearsal)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(OF_THINGS("wanted"), NULL, refused)}};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};

    ck_assert(!sequence_advance(advances, 1, true, &session));
    ck_assert_str_eq(error.message, "no");
    script_close(session.connection);
}
END_TEST

/* What Citus lets the sequences of other nodes give. */
#define OF_ORDERS                                                                                  \
    "SELECT 1, CASE WHEN wanted > next THEN wanted ELSE next END, next FROM ("                     \
    "SELECT q.tableoid::regclass AS sequence, q.last_value + CASE WHEN q.is_called THEN "          \
    "s.seqincrement ELSE 0 END AS next, greatest(1, (SELECT max(\"id\")::bigint + 1 "              \
    "FROM \"orders\".\"orders\" WHERE \"id\" <= 281474976710656)) AS wanted "                      \
    "FROM \"orders\".\"ids\" q JOIN pg_sequence s ON s.seqrelid = q.tableoid) decision"

START_TEST(leaves_the_ids_of_other_nodes_alone)
{
    static const char *const position[] = {"1", "7", "7"};
    static const struct scripted_result one = {
        .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .values = position};
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{ASKS(OF_ORDERS, NULL, one)}};
    struct sequence ids = {.present = true, .readable = true, .schema = "orders", .name = "ids"};
    const struct sequence_advance advance = {.table = table_get(TABLE_ORDERS), .sequence = &ids};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};

    connection_distribution(session.connection)->kinds[TABLE_ORDERS] = DISTRIBUTION_HASH;
    ck_assert_msg(sequence_advance(&advance, 1, true, &session), "%s", error.message);
    script_close(session.connection);
}
END_TEST

START_TEST(an_answer_about_fewer_sequences_is_an_error)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {ASKS(OF_THINGS("setval(sequence, wanted, false)") " UNION ALL " OF_PARTS, NULL, half)}};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};

    ck_assert(!sequence_advance(advances, 2, false, &session));
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    script_close(session.connection);
}
END_TEST

START_TEST(no_sequences_need_no_query)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {{.function = SCRIPT_END}};
    struct error error = {0};
    const struct session session = {.connection = script_open(calls), .error = &error};

    ck_assert(sequence_advance(NULL, 0, false, &session));
    script_close(session.connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sequence");
    TCase *tests = tcase_create("sequence");

    tcase_add_test(tests, finds_each_sequence_by_its_place);
    tcase_add_test(tests, a_refused_search_is_an_error);
    tcase_add_test(tests, sets_all_in_one_query);
    tcase_add_test(tests, sets_nothing_in_a_rehearsal);
    tcase_add_test(tests, leaves_the_ids_of_other_nodes_alone);
    tcase_add_test(tests, an_answer_about_fewer_sequences_is_an_error);
    tcase_add_test(tests, no_sequences_need_no_query);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

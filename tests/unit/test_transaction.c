#include "pg/transaction.h"

#include "scripted_libpq.h"
#include "suite.h"

extern const char transaction_settings_sql[];
extern const char session_search_path_sql[];

static const struct scripted_result path = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .value = ""};

/* The transaction begins and is free of limits in the same message, which no limit can interrupt.
 */
#define BEGINS(begin)                                                                              \
    SEND_QUERY, .text = (begin), .parameters = transaction_settings_sql, .script = true,           \
                .returns = 1                                                                       \
    }                                                                                              \
    , {GIVES(script_done)},                                                                        \
    {                                                                                              \
        GIVES_NO_MORE

static const struct {
    enum transaction_kind kind;
    int lock_timeout;
    struct scripted_call calls[SCRIPT_LENGTH];
} begun[] = {
    {TRANSACTION_LOAD,
     0,
     {{BEGINS("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n")},
      {ASKS(session_search_path_sql, NULL, path)}}},
    {TRANSACTION_LOAD,
     7,
     {{BEGINS("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n")},
      {EXECUTES("SET LOCAL lock_timeout = '7s'")},
      {ASKS(session_search_path_sql, NULL, path)}}},
    {TRANSACTION_LOOK, 0, {{BEGINS("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n")}}},
};

START_TEST(begins_in_one_message)
{
    struct connection *connection = script_open(begun[_i].calls);
    struct error error = {0};

    ck_assert_msg(transaction_begin(connection, begun[_i].kind, begun[_i].lock_timeout, &error),
                  "%s", error.message);
    script_close(connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("transaction");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, begins_in_one_message, 0, TABLE_ROWS(begun));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

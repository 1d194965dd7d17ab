#include "scripted_libpq.h"
#include "suite.h"
#include "written_tuple.h"

enum { INFERRED_COLUMNS = 8 };

/* Without columns the database has all. The placeholders' names are unique: a real aisle of that
 * name is the same one. */
static const struct {
    const char *name;
    enum table_id table;
    const char *columns[INFERRED_COLUMNS];
    int64_t id;
    uint8_t count;
    const char *fields;
    size_t length;
} inferences[] = {
    {"a product",
     TABLE_PRODUCTS,
     {NULL},
     49688,
     5,
     BYTES("\0\0\0\4\0\0\302\30"
           "\0\0\0\15Product 49688"
           "\0\0\0\4\0\0\0\144"
           "\0\0\0\4\0\0\0\25" TRUE)},
    {"an aisle that is missing",
     TABLE_AISLES,
     {NULL},
     100,
     3,
     BYTES("\0\0\0\4\0\0\0\144\0\0\0\7missing" TRUE)},
    {"a user",
     TABLE_USERS,
     {"id", "email_address", "last_login", "days_between_order_notifications",
      "last_notification_sent_at", "pending_order_notification", "inferred"},
     206209,
     7,
     BYTES("\0\0\0\10\0\0\0\0\0\3\45\201" NO_VALUE NO_VALUE "\0\0\0\4\0\0\0\7" NO_VALUE TRUE TRUE)},
};

START_TEST(infers_a_row)
{
    const char *const *columns = inferences[_i].columns;
    struct writing *writing = begin(inferences[_i].table);

    writing->name = inferences[_i].name;
    for (size_t i = 0; columns[0] == NULL && i < writing->dataset.table->column_count; i++)
        have(writing, writing->dataset.table->columns[i].name);
    for (size_t i = 0; columns[i] != NULL; i++)
        have(writing, columns[i]);
    send_inferred(writing, inferences[_i].id);
    expect_tuple(writing, inferences[_i].count, inferences[_i].fields, inferences[_i].length);
    end(writing);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tuple inferred");
    TCase *tests = tcase_create("values");

    tcase_add_loop_test(tests, infers_a_row, 0, TABLE_ROWS(inferences));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

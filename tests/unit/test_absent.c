#include "scripted_libpq.h"
#include "suite.h"
#include "write/absent.h"

#include <stdio.h>
#include <string.h>

#define SQL "COPY"

enum { LOAD_TIME = 0x01020304, ID = 7, FIELD_SIZE = 64 };

static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};

static const struct scripted_call calls[SCRIPT_LENGTH] = {
    {SENDS(SQL)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_one)},
    {GIVES_NO_MORE},
};

/* A table with one file, and what is known beside its rows. */
struct loading {
    struct dataset dataset;
    struct source source;
    struct source *sources[1];
    struct row row;
    struct derived derived;
    struct event_index events;
    bool staged;
};

/* What a column was filled with, as PostgreSQL writes such a value; "now()" is the load time. */
struct field {
    bool null;
    char text[FIELD_SIZE];
};

/* A file without any column, for a table that is all there. */
static struct loading *make_loading(int id)
{
    struct loading *loading = calloc(1, sizeof *loading);

    ck_assert_ptr_nonnull(loading);
    loading->dataset =
        (struct dataset){.id = (enum table_id)id, .table = table_get((enum table_id)id)};
    loading->sources[0] = &loading->source;
    loading->dataset.sources = loading->sources;
    loading->dataset.source_count = 1;
    for (size_t i = 0; i < loading->dataset.table->column_count; i++) {
        const struct column *column = &loading->dataset.table->columns[i];

        loading->dataset.database.catalog.columns[i].present = true;
        loading->source.field_of_column[i] = -1;
        if (column->copy_of != NULL)
            loading->dataset.copy_of[i] =
                (size_t)table_column_named(loading->dataset.table, column->copy_of);
    }
    derived_prepare(&loading->derived);
    return loading;
}

static void drop(struct loading *loading)
{
    derived_free(&loading->derived);
    event_index_free(&loading->events);
    free(loading);
}

/* Puts a column into the file, and a value of it into the row. */
static void give(struct loading *loading, size_t column)
{
    loading->source.field_of_column[column] = 0;
    loading->row.values[column] =
        (struct value){.present = true, .integer = ID, .text = "text", .length = 4};
}

static void give_all(struct loading *loading)
{
    for (size_t i = 0; i < loading->dataset.table->column_count; i++)
        if (loading->dataset.table->columns[i].header != NULL)
            give(loading, i);
}

/* Other rows of which something follows for the row with the id. */
static void surround(struct loading *loading)
{
    struct derived *derived = &loading->derived;
    const struct delivery delivery = {.texts[DELIVERY_CITY] = "Bern", .lengths[DELIVERY_CITY] = 4};
    const struct delivery_name nameless = {0};

    ck_assert(derived_note_price(derived, ID, 250, 2));
    *(uint32_t *)paged_array_at(&derived->item_counts, sizeof(uint32_t), ID) = 3;
    *(int64_t *)paged_array_at(&derived->item_totals, sizeof(int64_t), ID) = 400000000;
    ck_assert(event_index_add(&derived->events, ID, 5, 2));
    ck_assert(event_index_add(&loading->events, ID, 5, 2));
    ck_assert(delivery_add(&derived->deliveries, ID, &delivery, nameless, nameless));
}

static int64_t read_integer(const uint8_t *bytes, size_t length)
{
    uint64_t integer = 0;

    for (size_t i = 0; i < length; i++)
        integer = integer << 8 | bytes[i];
    return length == 4 ? (int32_t)integer : (int64_t)integer;
}

static void read_text(enum column_type type, const uint8_t *bytes, size_t length,
                      char text[FIELD_SIZE])
{
    int64_t integer;
    double number;

    switch (type) {
    case COLUMN_BOOLEAN:
        ck_assert_uint_eq(length, 1);
        (void)snprintf(text, FIELD_SIZE, "%s", bytes[0] != 0 ? "true" : "false");
        break;
    case COLUMN_INTEGER:
    case COLUMN_BIGINT:
    case COLUMN_TIMESTAMPTZ:
        ck_assert_uint_eq(length, type == COLUMN_INTEGER ? 4 : 8);
        integer = read_integer(bytes, length);
        if (type == COLUMN_TIMESTAMPTZ && integer == LOAD_TIME)
            (void)snprintf(text, FIELD_SIZE, "now()");
        else
            (void)snprintf(text, FIELD_SIZE, "%lld", (long long)integer);
        break;
    case COLUMN_DOUBLE:
        integer = read_integer(bytes, length);
        memcpy(&number, &integer, sizeof number);
        (void)snprintf(text, FIELD_SIZE, "%.15g", number);
        break;
    case COLUMN_UUID_V4:
        ck_assert_uint_eq(length, UUID_SIZE);
        (void)snprintf(text, FIELD_SIZE, "a UUID");
        break;
    case COLUMN_ORDER_STATUS:
    case COLUMN_TEXT:
        (void)snprintf(text, FIELD_SIZE, "%.*s", (int)length, (const char *)bytes);
        break;
    case COLUMN_NUMERIC:
        (void)snprintf(text, FIELD_SIZE, "a numeric");
        break;
    }
}

/* The fields after the COPY's header and the row's number of fields; behind them comes the end. */
static void read_fields(const struct table *table, struct field fields[TABLE_COLUMNS_MAX])
{
    size_t length;
    const uint8_t *bytes = script_copied(&length), *end = bytes + length;

    bytes += 19 + 2;
    for (size_t i = 0; i < table->column_count; i++) {
        int64_t field_length;

        ck_assert(end - bytes >= 4);
        field_length = read_integer(bytes, 4);
        bytes += 4;
        fields[i] = (struct field){.null = field_length < 0};
        if (fields[i].null)
            continue;
        ck_assert(end - bytes >= field_length);
        read_text(table->columns[i].type, bytes, (size_t)field_length, fields[i].text);
        bytes += field_length;
    }
    ck_assert_ptr_eq(bytes + 2, end);
}

/* What every column gets for which the row has no value; one that it has is NULL here. */
static void fill(struct loading *loading, struct field fields[TABLE_COLUMNS_MAX])
{
    struct tuple_context context = {.load_time = LOAD_TIME,
                                    .derived = &loading->derived,
                                    .events = &loading->events,
                                    .staged = loading->staged};
    struct connection *connection = script_open(calls);
    struct error error = {0};
    struct tuple tuple = {
        .dataset = &loading->dataset, .row = &loading->row, .context = &context, .error = &error};

    ck_assert(copy_in_open(connection, SQL, &tuple.copy, &error));
    copy_in_row(tuple.copy, (uint16_t)loading->dataset.table->column_count);
    for (size_t i = 0; i < loading->dataset.table->column_count; i++)
        if (loading->row.values[i].present)
            copy_in_null(tuple.copy);
        else
            ck_assert_msg(absent_send(&tuple, i), "%s", error.message);
    ck_assert(copy_in_row_end(tuple.copy, &error));
    ck_assert_msg(copy_in_end(tuple.copy, &error), "%s", error.message);
    read_fields(loading->dataset.table, fields);
    script_close(connection);
}

/* Defaults as the catalog shows them (NULL: none), and what the database makes of each. */
static const struct {
    const char *shown;
    const char *value;
} defaults[] = {
    {NULL, NULL},
    {"0", "0"},
    {"0.0", "0"},
    {"1", "1"},
    {"7", "7"},
    {"true", "true"},
    {"false", "false"},
    {"", ""},
    {"now()", "now()"},
    {"CURRENT_TIMESTAMP", "now()"},
    {"transaction_timestamp()", "now()"},
    {"clock_timestamp()", "later"},
    {"gen_random_uuid()", "a UUID"},
    {"pending", "pending"},
    {"shipped", "shipped"},
    {"nextval('s'::regclass)", "8"},
    {"0x", "no number"},
};

static bool ask_default(struct loading *loading, size_t column, size_t number)
{
    struct catalog_column *found = &loading->dataset.database.catalog.columns[column];

    found->has_default = defaults[number].shown != NULL;
    if (found->has_default)
        (void)snprintf(found->default_value, sizeof found->default_value, "%s",
                       defaults[number].shown);
    return absent_is_default(&loading->dataset, &loading->derived, column);
}

/* For each rule: whether any default was found to do the same. */
static bool left_out[ABSENT_COUNT];

/* Every column that the file lacks, with every default. */
static void compare_with_defaults(struct loading *loading)
{
    const struct table *table = loading->dataset.table;
    struct field fields[TABLE_COLUMNS_MAX];

    fill(loading, fields);
    for (size_t i = 0; i < table->column_count; i++)
        for (size_t j = 0; j < sizeof defaults / sizeof *defaults; j++) {
            if (loading->source.field_of_column[i] >= 0 || !ask_default(loading, i, j))
                continue;
            left_out[table->columns[i].absent] = true;
            ck_assert_msg(fields[i].null == (defaults[j].value == NULL),
                          "%s.%s is NULL and the default is %s, or the other way round",
                          table->name, table->columns[i].name, defaults[j].shown);
            ck_assert_msg(fields[i].null || strcmp(fields[i].text, defaults[j].value) == 0,
                          "%s.%s: %s is sent, and the default is %s", table->name,
                          table->columns[i].name, fields[i].text, defaults[j].value);
        }
}

/* A file may have none of the columns, or all; of other rows nothing may be known, or something. */
static void compare_in_all_situations(int id)
{
    for (int situation = 0; situation < 4; situation++) {
        struct loading *loading = make_loading(id);

        if (situation % 2 == 1)
            give_all(loading);
        else
            give(loading, loading->dataset.table->key[0]);
        if (id == TABLE_ORDER_ITEMS)
            give(loading, loading->dataset.table->key[1]);
        if (id == TABLE_ORDERS)
            give(loading, (size_t)table_column_with_role(loading->dataset.table, ROLE_RECIPIENT));
        if (situation / 2 == 1)
            surround(loading);
        compare_with_defaults(loading);
        drop(loading);
    }
}

START_TEST(a_default_that_is_left_to_the_database_is_what_would_be_sent)
{
    compare_in_all_situations(_i);
}
END_TEST

/* Whether there is a default that a COPY can leave the column to. */
static const bool may_be_default[ABSENT_COUNT] = {
    [ABSENT_NULL] = true,
    [ABSENT_INTEGER] = true,
    [ABSENT_LOAD_TIME] = true,
    [ABSENT_INFERRED] = true,
    [ABSENT_COPY] = true,
    [ABSENT_GIVEN] = true,
    [ABSENT_ITEM_COUNT] = true,
    [ABSENT_ITEM_TOTAL] = true,
    [ABSENT_LAST_STATUS] = true,
    [ABSENT_LAST_STATUS_TIME] = true,
    [ABSENT_CATALOGUE_PRICE] = true,
};

/* Else the test above would look at nothing. */
START_TEST(every_rule_has_a_column_and_is_left_out_where_it_may)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        compare_in_all_situations(id);
    for (int rule = 0; rule < ABSENT_COUNT; rule++) {
        bool used = false;

        for (int id = 0; id < TABLE_COUNT; id++)
            used = used || table_column_derived(table_get((enum table_id)id),
                                                (enum column_absent)rule) >= 0;
        ck_assert_msg(used, "no column has rule %d", rule);
        ck_assert_msg(left_out[rule] == may_be_default[rule], "rule %d", rule);
    }
}
END_TEST

/* What a row gets only when it is new, is not in a stage; everything else is the same there. */
START_TEST(a_stage_leaves_out_what_only_new_rows_get)
{
    struct loading *loading = make_loading(_i);
    const struct table *table = loading->dataset.table;
    struct field fields[TABLE_COLUMNS_MAX] = {0}, staged[TABLE_COLUMNS_MAX] = {0};

    give(loading, table->key[0]);
    surround(loading);
    fill(loading, fields);
    loading->staged = true;
    fill(loading, staged);
    for (size_t i = 0; i < table->column_count; i++) {
        bool of_new_rows = table->columns[i].absent == ABSENT_RANDOM_UUID ||
                           table->columns[i].absent == ABSENT_LOAD_TIME;

        if (of_new_rows)
            ck_assert_msg(!fields[i].null && staged[i].null, "%s", table->columns[i].name);
        else
            ck_assert_msg(memcmp(&fields[i], &staged[i], sizeof staged[i]) == 0, "%s",
                          table->columns[i].name);
    }
    drop(loading);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("absent");
    TCase *defaults_case = tcase_create("defaults");

    tcase_add_loop_test(defaults_case, a_default_that_is_left_to_the_database_is_what_would_be_sent,
                        0, TABLE_COUNT);
    tcase_add_test(defaults_case, every_rule_has_a_column_and_is_left_out_where_it_may);
    tcase_add_loop_test(defaults_case, a_stage_leaves_out_what_only_new_rows_get, 0, TABLE_COUNT);
    suite_add_tcase(suite, defaults_case);
    return suite_run(suite);
}

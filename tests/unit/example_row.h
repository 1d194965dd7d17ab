/*
 * Rows as files have them, with nothing wrong until a test puts it there, and what row_read makes
 * of them.
 */
#ifndef TESTS_UNIT_EXAMPLE_ROW_H
#define TESTS_UNIT_EXAMPLE_ROW_H

#include "memory_file.h"
#include "opened_source.h"
#include "row/row_read.h"

#include <check.h>
#include <string.h>

#define UUID_TEXT      "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b3c4"
#define UUID_BYTES     "\x9b\x2c\x1d\x7e\x0f\x3a\x4b\x5c\x8d\x6e\x7f\x80\x91\xa2\xb3\xc4"
#define BYTES(literal) literal, sizeof(literal) - 1
#define TEN(text)      text text text text text text text text text text

enum { FIELDS_MAX = 16, LINE = 7 };

/* A file's header and a row of it with nothing wrong. */
struct example {
    enum table_id table;
    const char *headers[FIELDS_MAX];
    const char *texts[FIELDS_MAX]; /* NULL: an unquoted empty field */
    size_t count;
};

static const struct example orders = {
    TABLE_ORDERS,
    {"order_id", "user_id", "eval_set", "order_number", "order_dow", "order_hour_of_day",
     "days_since_prior_order", "created_at", "external_order_id", "tracking_number"},
    {"2539329", "1", "prior", "1", "2", "08", "7.0", "2016-08-19 09:16:40+00:00", UUID_TEXT, "T-1"},
    10};
static const struct example items = {
    TABLE_ORDER_ITEMS,
    {"order_id", "product_id", "add_to_cart_order", "reordered", "quantity", "price"},
    {"2", "33120", "1", "1", "3", "24.58"},
    6};
static const struct example users = {
    TABLE_USERS,
    {"user_id", "password", "email_address", "hashed_password", "first_name", "last_login"},
    {"1", "hunter2", "john@example.com", "$2b$12$abc", "John", "2016-08-19T09:16:40Z"},
    6};
static const struct example products = {TABLE_PRODUCTS,
                                        {"product_id", "product_name", "aisle_id", "department_id"},
                                        {"1", "Chocolate \"Sandwich\", \303\251", "61", "19"},
                                        4};
static const struct example departments = {
    TABLE_DEPARTMENTS, {"department_id", "department", "description"}, {"1", "frozen", "cold"}, 3};

/* What row_read works on. */
struct fixture {
    struct memory_file file;
    struct source *source;
    const struct table *table;
    struct catalog_table catalog;
    struct csv_field fields[FIELDS_MAX];
    struct csv_record record;
    struct row row;
};

static inline struct csv_field field_of(const char *text)
{
    return (struct csv_field){.text = text, .length = text != NULL ? strlen(text) : 0};
}

static inline void open_fixture(struct fixture *fixture, const struct example *example)
{
    const struct table *table = table_get(example->table);
    char header[512] = "";
    struct error error = {0};

    *fixture = (struct fixture){.table = table};
    for (size_t i = 0; i < example->count; i++) {
        (void)strcat(strcat(header, i == 0 ? "" : ","), example->headers[i]);
        fixture->fields[i] = field_of(example->texts[i]);
    }
    memory_file_open(&fixture->file, header, strlen(header));
    ck_assert_msg(open_path(fixture->file.path, &fixture->source, &error), "%s", error.message);
    ck_assert_int_eq(fixture->source->table_id, example->table);
    row_clear(&fixture->row, fixture->source);
    for (size_t i = 0; i < table->column_count; i++)
        fixture->catalog.columns[i] =
            (struct catalog_column){.present = true, .length = table->columns[i].length};
    fixture->record = (struct csv_record){.line = LINE,
                                          .end_line = LINE + 1,
                                          .field_count = example->count,
                                          .fields = fixture->fields};
}

static inline void close_fixture(struct fixture *fixture)
{
    source_free(fixture->source);
    memory_file_close(&fixture->file);
}

static inline size_t column_of(const struct fixture *fixture, const char *header)
{
    int column = table_column_of_header(fixture->table, header, strlen(header));

    ck_assert_msg(column >= 0, "%s", header);
    return (size_t)column;
}

static inline const struct value *value_of(const struct fixture *fixture, const char *header)
{
    return &fixture->row.values[column_of(fixture, header)];
}

static inline void put_field(struct fixture *fixture, const char *header, const char *text,
                             size_t length)
{
    int field = fixture->source->field_of_column[column_of(fixture, header)];

    ck_assert_int_ge(field, 0);
    fixture->fields[field] = (struct csv_field){.text = text, .length = length};
}

static inline struct row_reading reading_of(const struct fixture *fixture)
{
    return (struct row_reading){
        .source = fixture->source, .catalog = &fixture->catalog, .record = &fixture->record};
}

static inline bool read_row(struct fixture *fixture)
{
    const struct row_reading reading = reading_of(fixture);

    return row_read(&reading, &fixture->row);
}

static inline void read_key(struct fixture *fixture)
{
    const struct row_reading reading = reading_of(fixture);

    row_read_key(&reading, &fixture->row);
}

static inline void expect_text(const struct fixture *fixture, const char *header, const char *text)
{
    const struct value *value = value_of(fixture, header);

    ck_assert(value->present);
    ck_assert_uint_eq(value->length, strlen(text));
    ck_assert_mem_eq(value->text, text, value->length);
}

static inline void expect_integer(const struct fixture *fixture, const char *header,
                                  int64_t integer)
{
    ck_assert(value_of(fixture, header)->present);
    ck_assert_int_eq(value_of(fixture, header)->integer, integer);
}

#endif

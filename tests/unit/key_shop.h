/*
 * A shop of one table: a file of it, its rows in the database, and rows whose keys are taken.
 */
#ifndef TESTS_UNIT_KEY_SHOP_H
#define TESTS_UNIT_KEY_SHOP_H

#include "check/key.h"
#include "memory_file.h"
#include "opened_source.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLOOR = 100, FIELDS_MAX = 4 };

/* The id of the row under test. */
enum { ROW = 7 };

#define OWN_UUID     "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b301"
#define UNKNOWN_UUID "9b2c1d7e-0f3a-4b5c-8d6e-7f8091a2b303"

/* A table, one file of it, and its rows in the database. */
struct shop {
    struct memory_file file;
    struct plan *plan;
    struct dataset *dataset;
    struct source *source;
    struct source *sources[1];
    enum duplicates duplicates;
    uint32_t line; /* of the row read last; the header is line 1 */
    struct error error;
};

static inline void open_shop(struct shop *shop, enum table_id id, const char *header)
{
    *shop = (struct shop){.line = 1, .plan = calloc(1, sizeof(struct plan))};
    ck_assert_ptr_nonnull(shop->plan);
    memory_file_open(&shop->file, header, strlen(header));
    ck_assert_msg(open_path(shop->file.path, &shop->source, &shop->error), "%s",
                  shop->error.message);
    ck_assert_int_eq(shop->source->table_id, id);
    shop->source->line_base = 0;
    shop->sources[0] = shop->source;
    shop->dataset = &shop->plan->datasets[id];
    shop->dataset->id = id;
    shop->dataset->table = table_get(id);
    shop->dataset->sources = shop->sources;
    shop->dataset->source_count = 1;
    shop->dataset->floor = FLOOR;
    for (size_t i = 0; i < shop->dataset->table->column_count; i++)
        shop->dataset->database.catalog.columns[i].present = true;
}

static inline void close_shop(struct shop *shop)
{
    dataset_free(shop->dataset);
    derived_free(&shop->plan->derived);
    source_free(shop->source);
    free(shop->plan);
    memory_file_close(&shop->file);
}

/* Reads the next line's row and judges it. A bad one is counted as the scan does. */
static inline enum key_verdict take(struct shop *shop, const char *const values[FIELDS_MAX])
{
    struct csv_field fields[FIELDS_MAX];
    const struct csv_record record = {.line = ++shop->line,
                                      .end_line = shop->line + 1,
                                      .field_count = shop->source->field_count,
                                      .fields = fields};
    const struct row_reading reading = {
        .source = shop->source, .catalog = &shop->dataset->database.catalog, .record = &record};
    struct row row = {0};
    const struct checked_row checked = {.plan = shop->plan,
                                        .dataset = shop->dataset,
                                        .reading = &reading,
                                        .row = &row,
                                        .line = shop->line,
                                        .key_floor = FLOOR,
                                        .last_id = INT64_MAX,
                                        .comparable =
                                            shop->dataset->database.compared.table != NULL,
                                        .duplicates = shop->duplicates,
                                        .error = &shop->error};
    enum key_verdict verdict;

    for (size_t i = 0; i < FIELDS_MAX; i++)
        fields[i] = (struct csv_field){.text = values[i],
                                       .length = values[i] != NULL ? strlen(values[i]) : 0};
    row_clear(&row, reading.source);
    ck_assert(row_read(&reading, &row));
    verdict = key_take(&checked);
    ck_assert_int_ne(verdict, KEY_FAILED);
    if (verdict == KEY_REFUSED)
        ck_assert(dataset_reject_line(shop->dataset, shop->line) &&
                  key_note_bad(shop->dataset, &row, shop->line));
    return verdict;
}

static inline enum key_verdict take_user(struct shop *shop, int64_t id, const char *email,
                                         const char *external_id)
{
    char number[24];

    (void)snprintf(number, sizeof number, "%lld", (long long)id);
    return take(shop, (const char *const[FIELDS_MAX]){number, email, external_id});
}

static inline void have_value(struct shop *shop, const char *column, int64_t id, const void *bytes,
                              size_t length)
{
    size_t index = (size_t)table_column_named(shop->dataset->table, column);
    bool added;
    struct text_entry *entry =
        text_index_add(&shop->dataset->files.unique[index],
                       (struct text_value){.bytes = bytes, .length = length}, 0, id, &added);

    ck_assert(entry != NULL && added);
}

/* A user of the database; a placeholder has no address. */
static inline void have_user(struct shop *shop, int64_t id, const char *email,
                             const char *external_id)
{
    uint8_t uuid[UUID_SIZE];

    ck_assert_ptr_null(uuid_v4_parse(external_id, strlen(external_id), uuid));
    ck_assert(id_set_add(&shop->dataset->database.existing, id));
    have_value(shop, "external_user_id", id, uuid, sizeof uuid);
    if (email != NULL)
        have_value(shop, "email_address", id, email, strlen(email));
    else
        ck_assert(id_set_add(&shop->dataset->database.existing_inferred, id));
}

#endif

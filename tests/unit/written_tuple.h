/*
 * A row that is written as a tuple to a scripted COPY, and what was sent.
 */
#ifndef TESTS_UNIT_WRITTEN_TUPLE_H
#define TESTS_UNIT_WRITTEN_TUPLE_H

#include "scripted_libpq.h"
#include "write/tuple.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1
#define HEADER         "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define TRAILER        "\377\377"
#define SQL            "COPY"
/* A field: its length and its bytes (PostgreSQL manual, COPY, "Binary Format"). */
#define NO_VALUE "\377\377\377\377"
#define TRUE     "\0\0\0\1\1"
#define FALSE    "\0\0\0\1\0"

enum { LOAD_TIME = 0x01020304 };

static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};

/* All that a row is written with, and the COPY that it is written to. */
struct writing {
    const char *name; /* of the case, for the messages of failed checks */
    struct dataset dataset;
    struct row row;
    struct derived derived;
    struct event_index events;
    struct copied_columns columns;
    struct tuple_context context;
    struct connection *connection;
    struct copy_in *copy;
};

static const struct scripted_call writing_one_row[SCRIPT_LENGTH] = {
    {SENDS(SQL)},
    {GIVES(copying)},
    {PUT_COPY_DATA, .returns = 1},
    {PUT_COPY_END, .returns = 1},
    {GIVES(stored_one)},
    {GIVES_NO_MORE},
};

/* A table of which the database has no column yet. */
static inline struct writing *begin(enum table_id id)
{
    struct writing *writing = calloc(1, sizeof *writing);
    struct error error = {0};

    ck_assert_ptr_nonnull(writing);
    writing->dataset = (struct dataset){.id = id, .table = table_get(id)};
    for (size_t i = 0; i < writing->dataset.table->column_count; i++) {
        const char *original = writing->dataset.table->columns[i].copy_of;

        if (original != NULL)
            writing->dataset.copy_of[i] =
                (size_t)table_column_named(writing->dataset.table, original);
    }
    derived_prepare(&writing->derived);
    writing->context.columns = &writing->columns;
    writing->context.load_time = LOAD_TIME;
    writing->context.derived = &writing->derived;
    writing->context.events = &writing->events;
    writing->connection = script_open(writing_one_row);
    ck_assert_msg(copy_in_open(writing->connection, SQL, &writing->copy, &error), "%s",
                  error.message);
    return writing;
}

/* Gives the database a column, so that the tuple has it. */
static inline void have(struct writing *writing, const char *column)
{
    int index = table_column_named(writing->dataset.table, column);

    ck_assert_msg(index >= 0, "%s", column);
    writing->dataset.database.catalog.columns[index].present = true;
    copied_columns_all(&writing->dataset, &writing->columns);
}

static inline void end_copy(struct writing *writing)
{
    struct error error = {0};

    ck_assert_msg(copy_in_end(writing->copy, &error), "%s", error.message);
    writing->copy = NULL;
}

static inline void send(struct writing *writing)
{
    struct error error = {0};

    ck_assert_msg(
        tuple_send(writing->copy, &writing->dataset, &writing->row, &writing->context, &error),
        "%s", error.message);
    end_copy(writing);
}

static inline void send_inferred(struct writing *writing, int64_t id)
{
    struct error error = {0};

    ck_assert_msg(
        tuple_send_inferred(writing->copy, &writing->dataset, id, &writing->context, &error), "%s",
        error.message);
    end_copy(writing);
}

/* The fields after their number. */
static inline void expect_tuple(const struct writing *writing, uint8_t count, const char *fields,
                                size_t length)
{
    enum { BEFORE = sizeof HEADER - 1 + 2, AFTER = sizeof TRAILER - 1 };
    size_t copied_length;
    const uint8_t *copied = script_copied(&copied_length);

    ck_assert_msg(copied_length == BEFORE + length + AFTER, "%s: %zu bytes instead of %zu",
                  writing->name, copied_length, BEFORE + length + AFTER);
    ck_assert_msg(copied[BEFORE - 2] == 0 && copied[BEFORE - 1] == count,
                  "%s: %d fields instead of %d", writing->name, copied[BEFORE - 1], count);
    ck_assert_msg(memcmp(copied + BEFORE, fields, length) == 0, "%s: other bytes", writing->name);
}

static inline void end(struct writing *writing)
{
    script_close(writing->connection);
    derived_free(&writing->derived);
    event_index_free(&writing->events);
    free(writing);
}

#endif

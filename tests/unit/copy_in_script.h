/*
 * A COPY into a scripted server, and the calls that it begins and ends with.
 */
#ifndef TESTS_UNIT_COPY_IN_SCRIPT_H
#define TESTS_UNIT_COPY_IN_SCRIPT_H

#include "pg/copy_in.h"
#include "scripted_libpq.h"

#include <check.h>

#define SQL "COPY orders.orders FROM STDIN (FORMAT binary)"

static const struct scripted_result copy_started = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_none = {.status = PGRES_COMMAND_OK, .rows_changed = "0"};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};

#define STARTS                                                                                     \
    {SENDS(SQL)},                                                                                  \
    {                                                                                              \
        GIVES(copy_started)                                                                        \
    }
#define TAKES_DATA    PUT_COPY_DATA, .returns = 1
#define TAKES_THE_END PUT_COPY_END, .returns = 1

static inline struct copy_in *open_copy(struct connection *connection)
{
    struct copy_in *copy = NULL;
    struct error error = {0};

    ck_assert_msg(copy_in_open(connection, SQL, &copy, &error), "%s", error.message);
    return copy;
}

static inline void end_copy(struct copy_in *copy)
{
    struct error error = {0};

    ck_assert_msg(copy_in_end(copy, &error), "%s", error.message);
}

static inline void end_row(struct copy_in *copy)
{
    struct error error = {0};

    ck_assert_msg(copy_in_row_end(copy, &error), "%s", error.message);
}

#endif

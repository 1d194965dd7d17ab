/*
 * What the server is asked and says about schemas that are renamed or dropped.
 */
#ifndef TESTS_UNIT_BUILDING_SCRIPT_H
#define TESTS_UNIT_BUILDING_SCRIPT_H

#include "pg/session.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <string.h>

#define FIND_SCHEMAS                                                                               \
    "SELECT l.place FROM unnest($1::text[]) WITH ORDINALITY AS l (name, place) "                   \
    "JOIN pg_namespace n ON n.nspname = l.name ORDER BY l.place"
#define NAMES(prefix) " [{" prefix "products," prefix "users," prefix "orders}]"
#define REPLACED      "timele_load_replaced_"
#define BUILDING      "timele_load_building_"

static const char *const all_places[] = {"1", "2", "3"};
static const struct scripted_result all_there = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 3, .values = all_places};
static const struct scripted_result second_there = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "2"};
static const struct scripted_result none_there = {.status = PGRES_TUPLES_OK, .columns = 1};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};
static const struct scripted_result too_late = {.status = PGRES_FATAL_ERROR,
                                                .severity = "ERROR",
                                                .state = "55P03",
                                                .message =
                                                    "canceling statement due to lock timeout"};

/* A session that plays a script, and what it says. */
struct playing {
    struct session session;
    struct log log;
    struct error error;
    char said[1024];
};

static inline void play(struct playing *playing,
                        const struct scripted_call calls[static SCRIPT_LENGTH])
{
    *playing = (struct playing){.log = {.level = LOG_NORMAL}};
    playing->log.stream = fmemopen(playing->said, sizeof playing->said, "w");
    ck_assert_ptr_nonnull(playing->log.stream);
    playing->session = (struct session){
        .connection = script_open(calls), .log = &playing->log, .error = &playing->error};
}

static inline void end_play(struct playing *playing, const char *said)
{
    ck_assert_int_eq(fclose(playing->log.stream), 0);
    ck_assert_str_eq(playing->said, said);
    script_close(playing->session.connection);
}

#endif

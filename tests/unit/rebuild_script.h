/*
 * Two tables that are rebuilt, as a script of what the server is asked and says, up to the moment
 * when their indexes and constraints are dropped.
 */
#ifndef TESTS_UNIT_REBUILD_SCRIPT_H
#define TESTS_UNIT_REBUILD_SCRIPT_H

#include "pg/distributed_tables.h"
#include "schema/rebuild.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

extern const char rebuild_obstacles_sql[];
extern const char rebuild_trials_sql[];
extern const char logical_replication_sql[];
extern const char published_tables_sql[];
extern const char rebuild_indexes_sql[];
extern const char rebuild_foreign_keys_sql[];

/* Two tables to rebuild, the first of them empty. */
static const struct table things = {.schema = "stock", .name = "things"};
static const struct table parts = {.schema = "stock", .name = "parts"};
static const struct rebuild_table listed[] = {{.table = &things, .empty = true}, {.table = &parts}};
#define LIST       " [{stock.things,stock.parts}]"
#define PARTS_LIST " [{stock.parts}]"
/* The schemas of TimeL-E's tables. */
#define SCHEMAS " [{products,products,products,products,users,orders,orders,orders,orders,orders}]"

/* What the catalog says of them. */
static const char *const index_values[] = {
    "index things_pkey",
    "ALTER TABLE things DROP CONSTRAINT things_pkey",
    "CREATE UNIQUE INDEX things_pkey",
    "''",
    "",
    "1",
    "t",
    "index things_pkey",
    "",
    "ALTER TABLE things ADD CONSTRAINT things_pkey",
    "''",
    "",
    "1",
    "t",
    "index timele_load_building_stock.things_name",
    "DROP INDEX things_name",
    "CREATE INDEX things_name",
    "fast_disk",
    "",
    "1",
    "f",
};
static const struct scripted_result indexes = {
    .status = PGRES_TUPLES_OK, .columns = 7, .rows = 3, .values = index_values};
static const char *const foreign_key_values[] = {
    "foreign key parts_thing of parts",
    "ALTER TABLE parts DROP CONSTRAINT parts_thing",
    "ALTER TABLE parts ADD CONSTRAINT parts_thing",
    "17",
    "16",
    "2",
    "SET CONSTRAINTS parts_left IMMEDIATE",
    "1",
    "2",
    "ALTER TABLE parts VALIDATE CONSTRAINT parts_thing",
    "foreign key parts_thing of parts",
    "",
    "COMMENT ON CONSTRAINT parts_thing ON parts IS 'a part''s; and so on'",
    "17",
    "16",
    "2",
    "",
    "1",
    "2",
    "",
};
static const struct scripted_result foreign_keys = {
    .status = PGRES_TUPLES_OK, .columns = 10, .rows = 2, .values = foreign_key_values};
static const struct scripted_result no_obstacle = {.status = PGRES_TUPLES_OK, .columns = 2};
static const struct scripted_result yes = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "t"};
static const struct scripted_result unpublished = {.status = PGRES_TUPLES_OK, .columns = 6};
static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

#define NO_OBSTACLE ASKS(rebuild_obstacles_sql, LIST, no_obstacle)
#define SAVEPOINT   "SAVEPOINT timele_load_rebuild"
#define GIVEN_UP                                                                                   \
    {EXECUTES("ROLLBACK TO SAVEPOINT timele_load_rebuild")},                                       \
    {                                                                                              \
        EXECUTES(RELEASE)                                                                          \
    }
#define LOCK         "LOCK TABLE \"stock\".\"things\", \"stock\".\"parts\" IN ACCESS EXCLUSIVE MODE"
#define LOCK_PARTS   "LOCK TABLE \"stock\".\"parts\" IN ACCESS EXCLUSIVE MODE"
#define IS_EMPTY     "SELECT NOT EXISTS (SELECT 1 FROM \"stock\".\"things\" LIMIT 1)"
#define INDEXES      ASKS(rebuild_indexes_sql, LIST, indexes)
#define FOREIGN_KEYS ASKS(rebuild_foreign_keys_sql, LIST, foreign_keys)
#define DROP_KEY     "ALTER TABLE parts DROP CONSTRAINT parts_thing"
#define DROP_PRIMARY "ALTER TABLE things DROP CONSTRAINT things_pkey"
#define NO_TRIAL     ASKS(rebuild_trials_sql, LIST, no_obstacle)
#define RELEASE      "RELEASE SAVEPOINT timele_load_rebuild"
#define TRUNCATE     "TRUNCATE \"stock\".\"things\""

#define FINDS_ROWS                                                                                 \
    {NO_OBSTACLE}, {EXECUTES(SAVEPOINT)}, {EXECUTES(LOCK)}, {ASKS(IS_EMPTY, NULL, no)}, GIVEN_UP

#define PUBLISHED(answer)                                                                          \
    ASKS(logical_replication_sql, NULL, yes)                                                       \
    }                                                                                              \
    ,                                                                                              \
    {                                                                                              \
        ASKS(published_tables_sql, " [{\"stock\"}] [{\"things\"}]", answer)

/* Up to the drop of a primary key, and all of it. */
#define DROP_UP_TO_PRIMARY_KEY                                                                     \
    {NO_OBSTACLE}, {EXECUTES(SAVEPOINT)}, {EXECUTES(LOCK)}, {ASKS(IS_EMPTY, NULL, yes)},           \
        {INDEXES}, {FOREIGN_KEYS},                                                                 \
    {                                                                                              \
        EXECUTES(DROP_KEY)                                                                         \
    }
#define DROP_UP_TO_TRIAL                                                                           \
    DROP_UP_TO_PRIMARY_KEY, {EXECUTES(DROP_PRIMARY)},                                              \
    {                                                                                              \
        EXECUTES("DROP INDEX things_name")                                                         \
    }
#define DROP                                                                                       \
    DROP_UP_TO_TRIAL, {NO_TRIAL}, {EXECUTES(RELEASE)}, {PUBLISHED(unpublished)},                   \
    {                                                                                              \
        EXECUTES(TRUNCATE)                                                                         \
    }

struct rebuilding {
    struct session session;
    bool distributed; /* Citus has some of the tables */
    struct phase_list phases;
    struct error error;
    struct rebuild_table tables[2];
    struct rebuild *rebuild;
};

static bool drop(struct rebuilding *rebuilding,
                 const struct scripted_call calls[static SCRIPT_LENGTH])
{
    struct log *log = rebuilding->session.log;
    bool distributed = rebuilding->distributed;

    *rebuilding = (struct rebuilding){0};
    rebuilding->session = (struct session){.connection = script_open(calls),
                                           .log = log,
                                           .phases = &rebuilding->phases,
                                           .error = &rebuilding->error};
    connection_distribution(rebuilding->session.connection)->any = distributed;
    memcpy(rebuilding->tables, listed, sizeof listed);
    return rebuild_find_obstacles(rebuilding->tables, 2, &rebuilding->session) &&
           rebuild_drop(rebuilding->tables, 2, &rebuilding->rebuild, &rebuilding->session);
}

static void end(struct rebuilding *rebuilding)
{
    rebuild_free(rebuilding->rebuild);
    phase_list_free(&rebuilding->phases);
    script_close(rebuilding->session.connection);
}

#endif

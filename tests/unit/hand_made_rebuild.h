/*
 * What rebuild_drop would have dropped of TimeL-E's tables: of each its primary key and one more
 * index, and its foreign keys. Made with libpq's own results.
 */
#ifndef TESTS_UNIT_HAND_MADE_REBUILD_H
#define TESTS_UNIT_HAND_MADE_REBUILD_H

#include "schema/rebuild_objects.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static inline PGresult *hand_made_objects(int columns)
{
    PGresult *objects = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    char name[] = "column";
    PGresAttDesc attributes[FOREIGN_KEY_COLUMNS];

    ck_assert_ptr_nonnull(objects);
    for (int i = 0; i < columns; i++)
        attributes[i] = (PGresAttDesc){.name = name};
    ck_assert_int_eq(PQsetResultAttrs(objects, columns, attributes), 1);
    return objects;
}

static inline void hand_made_row(PGresult *objects, const char *const *values, int columns)
{
    int row = PQntuples(objects);

    for (int i = 0; i < columns; i++) {
        char value[96];

        (void)snprintf(value, sizeof value, "%s", values[i]);
        ck_assert_int_eq(PQsetvalue(objects, row, i, value, (int)strlen(value)), 1);
    }
}

static inline void hand_made_index(PGresult *indexes, const char *name, int place, bool is_unique)
{
    char drop[96], create[96], number[16];
    const char *const values[INDEX_COLUMNS] = {[OBJECT_LABEL] = name,
                                               [OBJECT_DROP] = drop,
                                               [OBJECT_CREATE] = create,
                                               [OBJECT_TABLESPACE] = "''",
                                               [OBJECT_FUNCTION] = "",
                                               [OBJECT_PLACE] = number,
                                               [OBJECT_IS_UNIQUE] = is_unique ? "t" : "f"};

    (void)snprintf(drop, sizeof drop, "DROP %s", name);
    (void)snprintf(create, sizeof create, "CREATE %s", name);
    (void)snprintf(number, sizeof number, "%d", place);
    hand_made_row(indexes, values, INDEX_COLUMNS);
}

/* What a primary key is made of its index with, behind that. */
static inline void hand_made_primary_key(PGresult *indexes, const char *name, int place)
{
    char add[96], number[16];
    const char *const values[INDEX_COLUMNS] = {
        [OBJECT_LABEL] = name,      [OBJECT_DROP] = "",     [OBJECT_CREATE] = add,
        [OBJECT_TABLESPACE] = "''", [OBJECT_FUNCTION] = "", [OBJECT_PLACE] = number,
        [OBJECT_IS_UNIQUE] = "t"};

    hand_made_index(indexes, name, place, true);
    (void)snprintf(add, sizeof add, "ADD %s", name);
    (void)snprintf(number, sizeof number, "%d", place);
    hand_made_row(indexes, values, INDEX_COLUMNS);
}

static inline void hand_made_foreign_key(PGresult *keys, const char *name, int table, int parent)
{
    char drop[96], add[96], validate[96], table_place[16], parent_place[16];
    const char *const values[FOREIGN_KEY_COLUMNS] = {[OBJECT_LABEL] = name,
                                                     [OBJECT_DROP] = drop,
                                                     [OBJECT_CREATE] = add,
                                                     [OBJECT_TABLE] = table_place,
                                                     [OBJECT_PARENT] = parent_place,
                                                     [OBJECT_COLUMN] = "1",
                                                     [OBJECT_BEFORE] = "",
                                                     [OBJECT_PARENT_PLACE] = parent_place,
                                                     [OBJECT_TABLE_PLACE] = table_place,
                                                     [OBJECT_VALIDATE] = validate};

    (void)snprintf(drop, sizeof drop, "DROP %s", name);
    (void)snprintf(add, sizeof add, "ADD %s", name);
    (void)snprintf(validate, sizeof validate, "VALIDATE %s", name);
    (void)snprintf(table_place, sizeof table_place, "%d", table);
    (void)snprintf(parent_place, sizeof parent_place, "%d", parent);
    hand_made_row(keys, values, FOREIGN_KEY_COLUMNS);
}

/* Caller-owned; freed by hand_made_rebuild_free. */
static inline void hand_made_rebuild(struct rebuild *rebuild)
{
    *rebuild = (struct rebuild){.indexes = hand_made_objects(INDEX_COLUMNS),
                                .foreign_keys = hand_made_objects(FOREIGN_KEY_COLUMNS),
                                .table_count = TABLE_COUNT};
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);
        char name[64];

        rebuild->tables[id] = table;
        (void)snprintf(name, sizeof name, "%.40s_pkey", table->name);
        hand_made_primary_key(rebuild->indexes, name, id + 1);
        (void)snprintf(name, sizeof name, "%.40s_other", table->name);
        hand_made_index(rebuild->indexes, name, id + 1, false);
        for (size_t i = 0; i < table->column_count; i++) {
            if (!table->columns[i].has_reference)
                continue;
            (void)snprintf(name, sizeof name, "%.20s_%.20s", table->name, table->columns[i].name);
            hand_made_foreign_key(rebuild->foreign_keys, name, id + 1,
                                  (int)table->columns[i].references + 1);
        }
    }
}

static inline void hand_made_rebuild_free(struct rebuild *rebuild)
{
    PQclear(rebuild->indexes);
    PQclear(rebuild->foreign_keys);
}

#endif

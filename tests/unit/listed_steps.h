/*
 * Files in memory, a rebuild, and the steps that are listed for them.
 */
#ifndef TESTS_UNIT_LISTED_STEPS_H
#define TESTS_UNIT_LISTED_STEPS_H

#include "build/step_list.h"
#include "files.h"
#include "hand_made_rebuild.h"

#define AISLES      "aisle_id,aisle\n"
#define DEPARTMENTS "department_id,department\n"
#define PRODUCTS    "product_id,product_name,aisle_id,department_id\n"
#define USERS       "user_id,email_address\n"
#define ORDERS      "order_id,user_id,order_number,order_dow,order_hour_of_day\n"
#define ITEMS       "order_id,product_id,add_to_cart_order\n"

#define BIT(id)  (1U << (id))
#define KIND(of) (1U << (of))
#define CATALOG  (BIT(TABLE_AISLES) | BIT(TABLE_DEPARTMENTS) | BIT(TABLE_PRODUCTS))

/* So that one step of a table is larger than another: indexes before foreign keys before ANALYZE.
 */
enum { ROWS = 10000000 };

enum { TABLES = (1 << TABLE_COUNT) - 1 };

struct listed {
    struct files files;
    struct rebuild rebuild;
    struct step_list list;
};

static inline void list_files(struct listed *listed, const char *const *texts)
{
    *listed = (struct listed){0};
    files_open(&listed->files, texts, NULL);
    for (size_t i = 0; i < listed->files.plan.source_count; i++)
        listed->files.plan.sources[i]->rows_read = ROWS;
    hand_made_rebuild(&listed->rebuild);
}

/* Before the files are checked, and when they are. */
static inline void make_unchecked(struct listed *listed)
{
    ck_assert_msg(
        step_list_make(&listed->list, &listed->files.plan, &listed->rebuild, &listed->files.error),
        "%s", listed->files.error.message);
}

static inline void make(struct listed *listed)
{
    make_unchecked(listed);
    step_list_allow(&listed->list, &listed->files.plan);
}

static inline void end(struct listed *listed)
{
    step_list_free(&listed->list);
    hand_made_rebuild_free(&listed->rebuild);
    files_close(&listed->files);
}

static inline struct step *steps_of(const struct listed *listed)
{
    return listed->list.steps.items;
}

/* How many steps of a kind touch one of the tables. */
static inline size_t count(const struct listed *listed, enum step_kind kind, unsigned tables)
{
    size_t steps = 0;

    for (size_t i = 0; i < listed->list.steps.count; i++)
        steps += steps_of(listed)[i].kind == kind && (steps_of(listed)[i].tables & tables) != 0;
    return steps;
}

static inline const struct step *find(const struct listed *listed, enum step_kind kind,
                                      unsigned tables)
{
    for (size_t i = 0; i < listed->list.steps.count; i++)
        if (steps_of(listed)[i].kind == kind && (steps_of(listed)[i].tables & tables) != 0)
            return &steps_of(listed)[i];
    ck_abort_msg("there is no step of kind %d for tables %x", kind, tables);
}

#endif

#include "build/step_list.h"

#include "files.h"
#include "hand_made_rebuild.h"
#include "schema/rebuild_create.h"
#include "suite.h"

enum { WALKS = 8, SEEDS = 50, WORKERS_MAX = 8, TABLES = (1 << TABLE_COUNT) - 1 };

/* Table locks of the server, and with which each does not go together (PostgreSQL manual, 13.3.1).
 */
enum lock {
    NO_LOCK,
    ROW_SHARE,
    SHARE_UPDATE_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    ACCESS_EXCLUSIVE,
    LOCKS
};

#define MODE(lock) (1U << (lock))

static const unsigned conflicts[LOCKS] = {
    [ROW_SHARE] = MODE(ACCESS_EXCLUSIVE),
    [SHARE_UPDATE_EXCLUSIVE] = MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE) |
                               MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
    [SHARE] = MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
    [SHARE_ROW_EXCLUSIVE] = MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE) | MODE(SHARE_ROW_EXCLUSIVE) |
                            MODE(ACCESS_EXCLUSIVE),
    [ACCESS_EXCLUSIVE] = MODE(ROW_SHARE) | MODE(SHARE_UPDATE_EXCLUSIVE) | MODE(SHARE) |
                         MODE(SHARE_ROW_EXCLUSIVE) | MODE(ACCESS_EXCLUSIVE),
};

/* One build: what is done, and the steps that go on. */
struct walk {
    struct files files;
    struct rebuild rebuild;
    struct step_list list;
    unsigned filled;     /* tables that get rows */
    unsigned copied;     /* tables whose COPY is done */
    unsigned indexed[2]; /* tables whose first, or whose other index is done */
    bool foreign_keys_are_added;
    size_t proven;
    bool complete;
    const struct step *running[WORKERS_MAX];
    size_t running_count, most_running;
    uint32_t random;
};

static uint32_t draw(struct walk *walk, uint32_t below)
{
    walk->random = walk->random * 1664525U + 1013904223U;
    return (walk->random >> 8) % below;
}

static void describe(const struct walk *walk, const struct step *step,
                     struct rebuild_object *object)
{
    rebuild_object_read(&walk->rebuild, step->object, object);
}

static unsigned bit_of(const struct table *table)
{
    return 1U << table_find(table->name);
}

/* The lock that a step takes of a table (schema/rebuild_create). */
static enum lock lock_of(const struct walk *walk, const struct step *step, unsigned table)
{
    struct rebuild_object object;
    bool touches = (step->tables & table) != 0;

    switch (step->kind) {
    case STEP_COPY:
    case STEP_CONSTRAINTS:
        return touches ? ACCESS_EXCLUSIVE : NO_LOCK;
    case STEP_INDEX_OF_EMPTY:
        return (walk->filled & table) == 0 ? SHARE : NO_LOCK;
    case STEP_ADD_FOREIGN_KEYS:
        return SHARE_ROW_EXCLUSIVE;
    case STEP_PARENT_KEY:
    case STEP_INDEX:
        return touches ? SHARE : NO_LOCK;
    case STEP_FOREIGN_KEY:
        describe(walk, step, &object);
        if (touches)
            return SHARE_UPDATE_EXCLUSIVE;
        return bit_of(object.parent) == table ? ROW_SHARE : NO_LOCK;
    case STEP_ANALYZE:
        return touches ? SHARE_UPDATE_EXCLUSIVE : NO_LOCK;
    }
    return NO_LOCK;
}

static void expect_no_conflict(const struct walk *walk, const struct step *step)
{
    for (size_t i = 0; i < walk->running_count; i++)
        for (int id = 0; id < TABLE_COUNT; id++) {
            enum lock one = lock_of(walk, step, 1U << id);
            enum lock other = lock_of(walk, walk->running[i], 1U << id);

            ck_assert_msg((conflicts[one] & MODE(other)) == 0,
                          "a step of kind %d waits for a lock of one of kind %d", step->kind,
                          walk->running[i]->kind);
        }
}

/* What a step needs is there when it begins. */
static void expect_needs(const struct walk *walk, const struct step *step)
{
    struct rebuild_object object;

    switch (step->kind) {
    case STEP_COPY:
        ck_assert_uint_eq(step->tables & walk->copied, 0);
        ck_assert_uint_eq(step->tables & ~walk->filled, 0);
        break;
    case STEP_INDEX_OF_EMPTY:
        break;
    case STEP_PARENT_KEY:
    case STEP_INDEX:
    case STEP_ANALYZE:
        ck_assert_uint_eq(step->tables & ~walk->copied, 0);
        break;
    case STEP_ADD_FOREIGN_KEYS:
        for (int row = 0; row < PQntuples(walk->rebuild.foreign_keys); row++) {
            unsigned parent =
                bit_of(walk->rebuild.tables[strtoul(PQgetvalue(walk->rebuild.foreign_keys, row,
                                                               OBJECT_PARENT_PLACE),
                                                    NULL, 10) -
                                            1]);

            ck_assert_uint_eq(parent & ~walk->indexed[0], 0);
        }
        break;
    case STEP_FOREIGN_KEY:
        describe(walk, step, &object);
        ck_assert(walk->foreign_keys_are_added);
        ck_assert_uint_eq(
            (bit_of(object.table) | bit_of(object.parent)) & walk->filled & ~walk->copied, 0);
        break;
    case STEP_CONSTRAINTS:
        ck_assert_uint_eq(walk->indexed[0], TABLES);
        ck_assert_uint_eq(walk->indexed[1], TABLES);
        ck_assert(walk->foreign_keys_are_added);
        ck_assert_uint_eq(walk->proven, (size_t)PQntuples(walk->rebuild.foreign_keys));
        break;
    }
}

static void note_done(struct walk *walk, const struct step *step)
{
    switch (step->kind) {
    case STEP_COPY:
        walk->copied |= step->tables;
        break;
    case STEP_INDEX_OF_EMPTY:
        walk->indexed[0] |= TABLES & ~walk->filled;
        walk->indexed[1] |= TABLES & ~walk->filled;
        break;
    case STEP_PARENT_KEY:
    case STEP_INDEX:
        walk->indexed[step->object % 2] |= step->tables;
        break;
    case STEP_ADD_FOREIGN_KEYS:
        walk->foreign_keys_are_added = true;
        break;
    case STEP_FOREIGN_KEY:
        walk->proven++;
        break;
    case STEP_ANALYZE:
        break;
    case STEP_CONSTRAINTS:
        walk->complete = true;
        break;
    }
}

/* Some of the files, with any number of rows. */
static void begin(struct walk *walk, uint32_t seed)
{
    static const char *const all[] = {
        "aisle_id,aisle\n", "product_id,product_name,aisle_id,department_id\n",
        "user_id,email_address\n", "order_id,user_id,order_number,order_dow,order_hour_of_day\n",
        "order_id,product_id,add_to_cart_order\n"};
    const char *texts[FILES_MAX + 1] = {0};
    size_t count = 0;

    *walk = (struct walk){.random = seed};
    for (size_t i = 0; i < FILES_MAX; i++)
        if (draw(walk, 4) != 0)
            texts[count++] = all[i];
    files_open(&walk->files, texts, NULL);
    for (size_t i = 0; i < count; i++)
        walk->files.plan.sources[i]->rows_read =
            draw(walk, 2) == 0 ? draw(walk, 10) : draw(walk, 9999999);
    for (int id = 0; id < TABLE_COUNT; id++)
        if (dataset_is_loaded(&walk->files.plan.datasets[id]))
            walk->filled |= 1U << id;
    hand_made_rebuild(&walk->rebuild);
    ck_assert(step_list_make(&walk->list, &walk->files.plan, &walk->rebuild, &walk->files.error));
    step_list_allow(&walk->list, &walk->files.plan);
}

static void end(struct walk *walk)
{
    step_list_free(&walk->list);
    hand_made_rebuild_free(&walk->rebuild);
    files_close(&walk->files);
}

static bool begin_step(struct walk *walk)
{
    const struct step *step = step_list_next(&walk->list);

    if (step == NULL)
        return false;
    expect_needs(walk, step);
    expect_no_conflict(walk, step);
    walk->running[walk->running_count++] = step;
    if (walk->running_count > walk->most_running)
        walk->most_running = walk->running_count;
    return true;
}

/* Any of those that go on. */
static void end_step(struct walk *walk)
{
    size_t place = draw(walk, (uint32_t)walk->running_count);
    const struct step *step = walk->running[place];

    note_done(walk, step);
    walk->running[place] = walk->running[--walk->running_count];
    for (size_t i = 0; i < walk->list.steps.count; i++)
        if ((struct step *)walk->list.steps.items + i == step)
            step_list_finish(&walk->list, (struct step *)walk->list.steps.items + i);
}

/* With one worker to eight, and steps that end in any order. */
static size_t go(struct walk *walk)
{
    size_t workers = 1 + draw(walk, WORKERS_MAX);

    while (!step_list_is_done(&walk->list)) {
        while (walk->running_count < workers && begin_step(walk))
            ;
        ck_assert_msg(walk->running_count > 0, "no step can begin, and none goes on");
        end_step(walk);
    }
    return workers;
}

START_TEST(every_order_leads_to_the_end)
{
    for (uint32_t seed = 0; seed < SEEDS; seed++) {
        struct walk walk;
        size_t workers;

        begin(&walk, (uint32_t)_i * SEEDS + seed);
        workers = go(&walk);
        ck_assert_uint_eq(walk.copied, walk.filled);
        ck_assert(walk.complete);
        ck_assert_uint_eq(walk.running_count, 0);
        ck_assert_ptr_null(step_list_next(&walk.list));
        ck_assert_double_eq_tol(walk.list.done, walk.list.cost, 1e-6);
        ck_assert(workers == 1 || walk.filled == 0 || walk.most_running > 1);
        end(&walk);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step list walk");
    TCase *tests = tcase_create("random order");

    tcase_add_loop_test(tests, every_order_leads_to_the_end, 0, WALKS);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

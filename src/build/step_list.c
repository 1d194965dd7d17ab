#include "build/step_list.h"

#include "base/clock.h"
#include "schema/rebuild_create.h"

#include <assert.h>

/* Seconds, measured with two processors and the server beside: for a byte of text that is sent, for
 * an entry of an index, for a row whose foreign key is proven, for a row of an ANALYZE's sample, of
 * which the server takes at most so many (PostgreSQL manual, default_statistics_target). */
static const double COPY_SECONDS = 3e-8;
static const double INDEX_SECONDS = 4.5e-7;
static const double FOREIGN_KEY_SECONDS = 1e-7;
static const double ANALYZE_SECONDS = 1e-5;
static const double ANALYZE_ROWS = 30000;

enum { ALL_TABLES = (1 << TABLE_COUNT) - 1 };

static unsigned bit_of(enum table_id id)
{
    return 1U << id;
}

/* Rows that the table will have. It is new, so they all come from the run. */
static double rows_of(const struct dataset *dataset)
{
    uint64_t rows = id_set_count(&dataset->files.inferred);

    for (size_t i = 0; i < dataset->source_count; i++)
        rows += dataset->sources[i]->rows_read - dataset->sources[i]->rows_bad -
                dataset->sources[i]->rows_skipped;
    return (double)rows;
}

static double rows_of_tables(const struct plan *plan, unsigned tables)
{
    double rows = 0;

    for (int id = 0; id < TABLE_COUNT; id++)
        if ((tables & bit_of((enum table_id)id)) != 0)
            rows += rows_of(&plan->datasets[id]);
    return rows;
}

static bool add(struct step_list *list, const struct step *step, struct error *error)
{
    struct step *place = list_add(&list->steps, sizeof *place, 1);

    if (place == NULL)
        return error_memory(error);
    *place = *step;
    return true;
}

static bool is_filled(const struct plan *plan, enum table_id id)
{
    return dataset_is_loaded(&plan->datasets[id]);
}

/* Whether one of the tables gets rows. */
static bool are_filled(const struct plan *plan, unsigned tables)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if ((tables & bit_of((enum table_id)id)) != 0 && is_filled(plan, (enum table_id)id))
            return true;
    return false;
}

static bool have_common_reading(const struct dataset *one, const struct dataset *other)
{
    for (size_t i = 0; i < one->source_count; i++)
        for (size_t j = 0; j < other->source_count; j++)
            if (input_shares_reading(one->sources[i]->input, other->sources[j]->input))
                return true;
    return false;
}

static bool belong_together(const struct dataset *one, const struct dataset *other)
{
    return (table_column_derived(one->table, ABSENT_RANDOM_UUID) >= 0 &&
            table_column_derived(other->table, ABSENT_RANDOM_UUID) >= 0) ||
           have_common_reading(one, other);
}

/* The tables that are filled together with this one, itself among them. */
static unsigned group_of(const struct plan *plan, enum table_id id)
{
    unsigned group = bit_of(id), before;

    do {
        before = group;
        for (int one = 0; one < TABLE_COUNT; one++)
            for (int other = 0; (group & bit_of((enum table_id)one)) != 0 && other < TABLE_COUNT;
                 other++)
                if (is_filled(plan, (enum table_id)other) &&
                    belong_together(&plan->datasets[one], &plan->datasets[other]))
                    group |= bit_of((enum table_id)other);
    } while (group != before);
    return group;
}

static double copy_cost(const struct plan *plan, unsigned tables)
{
    double bytes = 0;

    for (int id = 0; id < TABLE_COUNT; id++)
        for (size_t i = 0; i < plan->datasets[id].source_count; i++)
            if ((tables & bit_of((enum table_id)id)) != 0)
                bytes += source_text_bytes(plan->datasets[id].sources[i]);
    return bytes * COPY_SECONDS;
}

static bool add_copies(struct step_list *list, const struct plan *plan, struct error *error)
{
    unsigned listed = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        struct step step = {.kind = STEP_COPY};

        if (!is_filled(plan, (enum table_id)id) || (listed & bit_of((enum table_id)id)) != 0)
            continue;
        step.tables = group_of(plan, (enum table_id)id);
        if (!add(list, &step, error))
            return false;
        listed |= step.tables;
    }
    return true;
}

static bool add_analyzes(struct step_list *list, const struct plan *plan, struct error *error)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct step step = {.kind = STEP_ANALYZE, .tables = bit_of((enum table_id)id)};

        if (is_filled(plan, (enum table_id)id) && !add(list, &step, error))
            return false;
    }
    return true;
}

static unsigned bit_of_table(const struct table *table)
{
    for (int id = 0; id < TABLE_COUNT; id++)
        if (table_get((enum table_id)id) == table)
            return bit_of((enum table_id)id);
    return 0;
}

/* A table's primary key comes before its other indexes (schema/rebuild). */
static bool is_first_of_table(const struct rebuild *rebuild, size_t number,
                              const struct table *table)
{
    for (size_t i = 0; i < number; i++) {
        struct rebuild_object object;

        rebuild_object_read(rebuild, i, &object);
        if (object.kind == REBUILD_INDEX && object.table == table)
            return false;
    }
    return true;
}

static bool is_referenced(const struct rebuild *rebuild, const struct table *table)
{
    for (size_t i = 0; i < rebuild_object_count(rebuild); i++) {
        struct rebuild_object object;

        rebuild_object_read(rebuild, i, &object);
        if (object.kind == REBUILD_FOREIGN_KEY && object.parent == table)
            return true;
    }
    return false;
}

static bool add_object(struct step_list *list, const struct plan *plan,
                       const struct rebuild *rebuild, size_t number, struct error *error)
{
    struct step step = {.object = number};
    struct rebuild_object object;

    rebuild_object_read(rebuild, number, &object);
    step.tables = bit_of_table(object.table);
    if (object.kind == REBUILD_FOREIGN_KEY) {
        step.kind = STEP_FOREIGN_KEY;
    } else if (!are_filled(plan, step.tables)) {
        return true;
    } else {
        step.kind = object.is_unique && is_first_of_table(rebuild, number, object.table) &&
                            is_referenced(rebuild, object.table)
                        ? STEP_PARENT_KEY
                        : STEP_INDEX;
    }
    return add(list, &step, error);
}

static struct step *steps_of(const struct step_list *list)
{
    return list->steps.items;
}

static double cost_of(const struct step *step, const struct plan *plan)
{
    double rows = rows_of_tables(plan, step->tables);

    switch (step->kind) {
    case STEP_COPY:
        return copy_cost(plan, step->tables);
    case STEP_PARENT_KEY:
    case STEP_INDEX:
        return rows * INDEX_SECONDS;
    case STEP_FOREIGN_KEY:
        return rows * FOREIGN_KEY_SECONDS;
    case STEP_ANALYZE:
        return (rows < ANALYZE_ROWS ? rows : ANALYZE_ROWS) * ANALYZE_SECONDS;
    case STEP_INDEX_OF_EMPTY:
    case STEP_ADD_FOREIGN_KEYS:
    case STEP_CONSTRAINTS:
        break;
    }
    return 0;
}

/* Of tables whose files are not checked yet, only the bytes are known. */
static void weigh(struct step_list *list, const struct plan *plan)
{
    list->cost = list->done = 0;
    for (size_t i = 0; i < list->steps.count; i++) {
        struct step *step = &steps_of(list)[i];

        step->cost = cost_of(step, plan);
        list->cost += step->cost;
        if (step->state == STEP_IS_DONE)
            list->done += step->cost;
    }
}

bool step_list_make(struct step_list *list, const struct plan *plan, const struct rebuild *rebuild,
                    struct error *error)
{
    static const struct step alone[] = {{.kind = STEP_INDEX_OF_EMPTY, .tables = ALL_TABLES},
                                        {.kind = STEP_ADD_FOREIGN_KEYS, .tables = ALL_TABLES},
                                        {.kind = STEP_CONSTRAINTS, .tables = ALL_TABLES}};

    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++)
        if (!add(list, &alone[i], error))
            return false;
    for (size_t i = 0; i < rebuild_object_count(rebuild); i++)
        if (!add_object(list, plan, rebuild, i, error))
            return false;
    if (!add_copies(list, plan, error) || !add_analyzes(list, plan, error))
        return false;
    weigh(list, plan);
    return true;
}

void step_list_allow(struct step_list *list, const struct plan *plan)
{
    list->checked = true;
    weigh(list, plan);
}

static bool is_streamed(const struct step *step)
{
    return step->kind == STEP_COPY && step->tables == bit_of(table_streamed());
}

/* Whether all steps of a kind are done that touch one of the tables. */
static bool are_done(const struct step_list *list, enum step_kind kind, unsigned tables)
{
    for (size_t i = 0; i < list->steps.count; i++)
        if (steps_of(list)[i].kind == kind && (steps_of(list)[i].tables & tables) != 0 &&
            steps_of(list)[i].state != STEP_IS_DONE)
            return false;
    return true;
}

/* Whether all is done that has to be before the step. */
static bool has_what_it_needs(const struct step_list *list, const struct step *step)
{
    if (!list->checked)
        return is_streamed(step) || step->kind == STEP_INDEX_OF_EMPTY;
    switch (step->kind) {
    case STEP_COPY:
    case STEP_INDEX_OF_EMPTY:
        return true;
    case STEP_PARENT_KEY:
        return are_done(list, STEP_COPY, step->tables);
    case STEP_ADD_FOREIGN_KEYS:
        return are_done(list, STEP_COPY, ALL_TABLES) &&
               are_done(list, STEP_INDEX_OF_EMPTY, ALL_TABLES) &&
               are_done(list, STEP_PARENT_KEY, ALL_TABLES);
    case STEP_INDEX:
    case STEP_ANALYZE:
        return are_done(list, STEP_ADD_FOREIGN_KEYS, ALL_TABLES);
    case STEP_FOREIGN_KEY:
        return are_done(list, STEP_ADD_FOREIGN_KEYS, ALL_TABLES) &&
               are_done(list, STEP_INDEX, step->tables);
    case STEP_CONSTRAINTS:
        return are_done(list, STEP_ADD_FOREIGN_KEYS, ALL_TABLES) &&
               are_done(list, STEP_INDEX, ALL_TABLES) &&
               are_done(list, STEP_FOREIGN_KEY, ALL_TABLES);
    }
    return false;
}

/* Indexes of one table may be made side by side, all else wants the table for itself. Tables that
 * get no row are apart from all that get some. */
static bool exclude_each_other(const struct step *one, const struct step *other)
{
    return (one->tables & other->tables) != 0 && one->kind != STEP_INDEX_OF_EMPTY &&
           other->kind != STEP_INDEX_OF_EMPTY &&
           (one->kind != STEP_INDEX || other->kind != STEP_INDEX);
}

static bool is_free(const struct step_list *list, const struct step *step)
{
    for (size_t i = 0; i < list->steps.count; i++)
        if (steps_of(list)[i].state == STEP_RUNS && exclude_each_other(&steps_of(list)[i], step))
            return false;
    return true;
}

/* Nothing waits for an ANALYZE. */
static bool comes_before(const struct step *one, const struct step *other)
{
    bool waits = one->kind == STEP_ANALYZE, other_waits = other->kind == STEP_ANALYZE;

    return waits != other_waits ? other_waits : one->cost > other->cost;
}

struct step *step_list_next(struct step_list *list)
{
    struct step *largest = NULL;

    for (size_t i = 0; i < list->steps.count; i++) {
        struct step *step = &steps_of(list)[i];

        if (step->state == STEP_WAITS && (largest == NULL || comes_before(step, largest)) &&
            has_what_it_needs(list, step) && is_free(list, step))
            largest = step;
    }
    if (largest != NULL) {
        largest->state = STEP_RUNS;
        largest->began = clock_seconds();
    }
    return largest;
}

void step_list_finish(struct step_list *list, struct step *step)
{
    assert(step->state == STEP_RUNS);
    step->state = STEP_IS_DONE;
    list->done += step->cost;
    list->seconds += clock_seconds() - step->began;
}

/* A step is taken to last as long as its cost says, in the measure of those that are done; but to
 * the last tenth of it only its end says that it has one. */
double step_list_progress(const struct step_list *list)
{
    double pace = list->done > 0 && list->seconds > 0 ? list->seconds / list->done : 1;
    double now = clock_seconds();
    double progress = list->done;

    for (size_t i = 0; i < list->steps.count; i++) {
        const struct step *step = &steps_of(list)[i];
        double part = (now - step->began) / pace;

        if (step->state == STEP_RUNS)
            progress += part < step->cost * 0.9 ? part : step->cost * 0.9;
    }
    return progress;
}

bool step_list_is_done(const struct step_list *list)
{
    for (size_t i = 0; i < list->steps.count; i++)
        if (steps_of(list)[i].state != STEP_IS_DONE)
            return false;
    return true;
}

void step_list_free(struct step_list *list)
{
    list_free(&list->steps);
}

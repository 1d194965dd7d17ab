#include "check/key.h"

#include "row/row_key.h"
#include "row/row_read.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *key_place(const struct dataset *dataset, const struct source *source, uint32_t line,
                      char text[KEY_PLACE_SIZE])
{
    uint64_t line_in_file;
    const struct source *other = dataset_source_of_line(dataset, line, &line_in_file);

    if (other == source)
        (void)snprintf(text, KEY_PLACE_SIZE, "line %" PRIu64, line_in_file);
    else
        (void)snprintf(text, KEY_PLACE_SIZE, "line %" PRIu64 " of %s", line_in_file, other->path);
    return text;
}

static enum key_verdict fail(const struct checked_row *checked)
{
    (void)error_memory(checked->error);
    return KEY_FAILED;
}

/* Whether the database's row of an id stays, whatever a file's row says. */
static bool stays(const struct dataset *dataset, int64_t id)
{
    return dataset->mode == MODE_SKIP && dataset->table->key_kind == KEY_ID &&
           id_set_contains(&dataset->database.existing, id) &&
           !id_set_contains(&dataset->database.existing_inferred, id);
}

bool key_stays(const struct dataset *dataset, const struct row *row)
{
    return stays(dataset, row->values[dataset->table->key[0]].integer);
}

/* Leaves out an earlier row because a later one takes its place. The earlier row's id becomes free:
 * the two rows may share another unique value and have different ids. */
static bool drop_earlier(const struct checked_row *checked, uint32_t earlier, int64_t earlier_id)
{
    struct dataset *dataset = checked->dataset;

    if (dataset->table->key_kind == KEY_ID &&
        line_index_get(&dataset->files.lines, earlier_id) == earlier &&
        !line_index_set(&dataset->files.lines, earlier_id, 0))
        return false;
    if (!stays(dataset, earlier_id))
        return dataset_skip_line(dataset, earlier);
    dataset_skip_kept(dataset, earlier);
    return true;
}

/* Whether the database has the id's row, which keeps its external id. */
static bool keeps_external_id(const struct checked_row *checked, size_t column, int64_t id)
{
    const struct dataset *dataset = checked->dataset;

    return dataset->table->columns[column].stable && dataset->mode != MODE_INSERT &&
           id_set_contains(&dataset->database.existing, id);
}

/* Whether the row would change the external id of a row that the database has: the id's row is
 * there, and no row of the database has this external id. `entry` is that of the external id; NULL:
 * no row has it so far. */
static bool is_other_external_id(const struct checked_row *checked, size_t column,
                                 const struct text_entry *entry, int64_t id)
{
    return (entry == NULL || !entry->existing) && keeps_external_id(checked, column, id);
}

static bool updates_rows(const struct dataset *dataset)
{
    return dataset->mode == MODE_UPSERT || dataset->mode == MODE_REPLACE;
}

static enum key_verdict refuse_other_external_id(const struct checked_row *checked, size_t column,
                                                 int64_t id)
{
    row_problem(checked->reading, column, PROBLEM_EXISTS,
                "%s %" PRId64 " has another one in the database, and it never changes",
                checked->dataset->table->row_name, id);
    return KEY_REFUSED;
}

static enum key_verdict refuse_existing_value(const struct checked_row *checked, size_t column,
                                              const struct text_entry *entry)
{
    row_problem(checked->reading, column, PROBLEM_EXISTS,
                "is in the database already, with %s %" PRId64, checked->dataset->table->row_name,
                entry->id);
    return KEY_REFUSED;
}

/* A unique value as its index has it. */
static struct text_value unique_value(const struct checked_row *checked, size_t column)
{
    const struct value *value = &checked->row->values[column];

    if (checked->dataset->table->columns[column].type == COLUMN_UUID_V4)
        return (struct text_value){.bytes = value->uuid, .length = UUID_SIZE};
    return (struct text_value){.bytes = value->text, .length = value->length};
}

/* Whether the database forbids a unique value of the row. */
static enum key_verdict judge_value_before_drop(const struct checked_row *checked, size_t column)
{
    const struct dataset *dataset = checked->dataset;
    const struct text_entry *entry =
        text_index_find(&dataset->files.unique[column], unique_value(checked, column));
    int64_t id = checked->row->values[dataset->table->key[0]].integer;

    if (is_other_external_id(checked, column, entry, id) ||
        (entry != NULL && entry->line != 0 && entry->id != id &&
         keeps_external_id(checked, column, id)))
        return refuse_other_external_id(checked, column, id);
    if (entry == NULL || entry->line != 0 || entry->id == id ||
        (updates_rows(dataset) && !dataset->table->columns[column].stable))
        return KEY_FREE;
    return refuse_existing_value(checked, column, entry);
}

/* Whether the database forbids the row. Asked before an earlier row is left out in its favour, so
 * that not both are lost. */
static enum key_verdict judge_before_drop(const struct checked_row *checked)
{
    const struct dataset *dataset = checked->dataset;
    const struct table *table = dataset->table;
    enum key_verdict verdict = KEY_FREE;

    if (table->key_kind != KEY_ID || stays(dataset, checked->row->values[table->key[0]].integer))
        return KEY_FREE;
    for (size_t i = 0; verdict == KEY_FREE && i < table->column_count; i++)
        if (table->columns[i].unique && checked->row->values[i].present)
            verdict = judge_value_before_drop(checked, i);
    return verdict;
}

static enum key_verdict judge_duplicate(const struct checked_row *checked, size_t column,
                                        uint32_t earlier, int64_t earlier_id)
{
    char place[KEY_PLACE_SIZE];

    switch (checked->duplicates) {
    case DUPLICATES_FIRST:
        return dataset_skip_line(checked->dataset, checked->line) ? KEY_SKIPPED : fail(checked);
    case DUPLICATES_LAST:
        if (judge_before_drop(checked) == KEY_REFUSED)
            return KEY_REFUSED;
        return drop_earlier(checked, earlier, earlier_id) ? KEY_FREE : fail(checked);
    case DUPLICATES_ERROR:
        break;
    }
    row_problem(checked->reading, column, PROBLEM_DUPLICATE, "stands twice, first on %s",
                key_place(checked->dataset, checked->reading->source, earlier, place));
    return KEY_REFUSED;
}

/* Whether the database's row with the id has all that the file's row would set. */
static bool is_unchanged(const struct checked_row *checked, int64_t id)
{
    const struct dataset_database *database = &checked->dataset->database;
    const uint64_t *existing = paged_array_peek(&database->digests, sizeof *existing, id);
    uint64_t digest;

    return checked->comparable && existing != NULL && *existing != 0 &&
           row_digest(&database->compared, checked->row, &digest) && digest == *existing;
}

/* A row that the database has already. */
static enum key_verdict judge_existing(const struct checked_row *checked, int64_t id)
{
    struct dataset *dataset = checked->dataset;

    if (!id_set_contains(&dataset->database.existing_inferred, id)) {
        switch (dataset->mode) {
        case MODE_INSERT:
            row_problem(checked->reading, dataset->table->key[0], PROBLEM_EXISTS,
                        "is in the database already");
            return KEY_REFUSED;
        case MODE_SKIP:
            /* Its id is taken although the row is left out: a second row of the files with it is a
             * duplicate. */
            return line_index_set(&dataset->files.lines, id, checked->line) &&
                           dataset_keep_existing(dataset, checked->line)
                       ? KEY_SKIPPED
                       : fail(checked);
        case MODE_UPSERT:
        case MODE_REPLACE:
            if (is_unchanged(checked, id))
                return dataset_note_unchanged(dataset, checked->line) ? KEY_FREE : fail(checked);
            break;
        }
    }
    return id_set_add(&dataset->files.updates, checked->line) ? KEY_FREE : fail(checked);
}

static enum key_verdict judge_id(const struct checked_row *checked)
{
    struct dataset *dataset = checked->dataset;
    size_t column = dataset->table->key[0];
    int64_t id = checked->row->values[column].integer;
    uint32_t earlier = line_index_get(&dataset->files.lines, id);
    enum key_verdict verdict =
        earlier != 0 ? judge_duplicate(checked, column, earlier, id) : KEY_FREE;

    if (verdict != KEY_FREE)
        return verdict;
    return id_set_contains(&dataset->database.existing, id) ? judge_existing(checked, id)
                                                            : KEY_FREE;
}

static enum key_verdict judge_pair(const struct checked_row *checked)
{
    struct dataset *dataset = checked->dataset;
    const size_t *key = dataset->table->key;
    int64_t parent = checked->row->values[key[0]].integer;
    int64_t child = checked->row->values[key[1]].integer;
    enum key_verdict verdict;
    uint32_t earlier;

    if (!pair_index_add(&dataset->files.pairs, parent, child, checked->line, &earlier))
        return fail(checked);
    if (earlier == 0)
        return KEY_FREE;
    /* The earlier row is in its order's totals already, so the database has to work them out. */
    if (checked->duplicates == DUPLICATES_LAST &&
        !id_set_add(&checked->plan->derived.item_orders, parent))
        return fail(checked);
    verdict = judge_duplicate(checked, key[1], earlier, 0);
    /* The message about a third row shall name the first one, not the second, which was refused. */
    if (verdict == KEY_REFUSED && !line_index_set(&dataset->files.pairs.line, child, earlier))
        return fail(checked);
    return verdict;
}

static bool note_takeover(struct dataset *dataset, size_t column, const struct text_entry *entry)
{
    struct value_takeover *added = list_add(&dataset->files.takeovers, sizeof *added, 1);

    if (added == NULL)
        return false;
    *added = (struct value_takeover){
        .column = column, .owner = entry->id, .offset = entry->offset, .length = entry->length};
    return true;
}

/* Gives the row a value that another row has. When that is a row of the database, it has to give
 * the value up in the same run. */
static enum key_verdict take_over(const struct checked_row *checked, size_t column,
                                  struct text_entry *entry, int64_t id)
{
    if (entry->existing && !note_takeover(checked->dataset, column, entry))
        return fail(checked);
    entry->existing = false;
    entry->line = checked->line;
    entry->id = id;
    return KEY_FREE;
}

/* The value of another row of the database, which no row of the files has had so far. */
static enum key_verdict judge_existing_value(const struct checked_row *checked, size_t column,
                                             struct text_entry *entry, int64_t id)
{
    const struct dataset *dataset = checked->dataset;

    if (updates_rows(dataset) && !dataset->table->columns[column].stable)
        return take_over(checked, column, entry, id);
    return refuse_existing_value(checked, column, entry);
}

static enum key_verdict judge_unique(const struct checked_row *checked, size_t column)
{
    struct dataset *dataset = checked->dataset;
    int64_t id = checked->row->values[dataset->table->key[0]].integer;
    bool added;
    struct text_entry *entry = text_index_add(
        &dataset->files.unique[column], unique_value(checked, column), checked->line, id, &added);
    enum key_verdict verdict = KEY_FREE;

    if (entry == NULL)
        return fail(checked);
    if (is_other_external_id(checked, column, entry, id))
        return refuse_other_external_id(checked, column, id);
    if (added || entry->id == id) {
        entry->line = checked->line;
        return KEY_FREE;
    }
    if (entry->line == 0)
        return judge_existing_value(checked, column, entry, id);
    /* When the row of the entry has been left out since, nobody has the value. */
    if (!id_set_contains(&dataset->files.left_out, entry->line))
        verdict = judge_duplicate(checked, column, entry->line, entry->id);
    if (verdict == KEY_FREE && keeps_external_id(checked, column, id))
        return refuse_other_external_id(checked, column, id);
    return verdict == KEY_FREE ? take_over(checked, column, entry, id) : verdict;
}

static enum key_verdict judge_uniques(const struct checked_row *checked)
{
    const struct table *table = checked->dataset->table;

    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].unique || !checked->row->values[i].present)
            continue;
        enum key_verdict verdict = judge_unique(checked, i);
        if (verdict != KEY_FREE)
            return verdict;
    }
    return KEY_FREE;
}

enum key_verdict key_take(const struct checked_row *checked)
{
    struct dataset *dataset = checked->dataset;
    size_t column = dataset->table->key[0];
    int64_t id = checked->row->values[column].integer;
    enum key_verdict verdict;

    if (checked->key_floor > 0 && id >= checked->key_floor) {
        row_problem(checked->reading, column, PROBLEM_FLOOR,
                    "at or above the floor %" PRId64 ": ids from there on are the application's",
                    checked->key_floor);
        return KEY_REFUSED;
    }
    if (dataset->table->key_kind == KEY_EVENT)
        return KEY_FREE;
    if (dataset->table->key_kind == KEY_PAIR)
        return judge_pair(checked);
    if (id > checked->last_id) {
        row_problem(checked->reading, column, PROBLEM_RANGE,
                    "above %" PRId64 ": no next id would be left for the table's sequence",
                    checked->last_id);
        return KEY_REFUSED;
    }
    verdict = judge_id(checked);
    if (verdict == KEY_FREE)
        verdict = judge_uniques(checked);
    if (verdict == KEY_FREE && !line_index_set(&dataset->files.lines, id, checked->line))
        return fail(checked);
    return verdict;
}

bool key_refuse(struct dataset *dataset, uint32_t line, const struct key_pair *key,
                enum problem_code code, const char *format, ...)
{
    const struct table *table = dataset->table;
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, line, &line_in_file);
    char reason[PROBLEM_REASON_SIZE], number[24], text[PROBLEM_KEY_SIZE];
    struct problem_place place = {.code = code,
                                  .line = line_in_file,
                                  .column = table->columns[table->key[table->key_count - 1]].header,
                                  .key = row_key_text_of_pair(table, key->parent, key->child, text),
                                  .value = {.text = number}};
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    if (table->key_kind == KEY_EVENT) {
        place.value.text = table_order_status((int)row_key_event_status(key->child));
        place.value.length = strlen(place.value.text);
    } else {
        place.value.length = (size_t)snprintf(number, sizeof number, "%" PRId64, key->child);
    }
    problem_add(&source->problems, &place, "%s", reason);
    return dataset_reject_line(dataset, line);
}

bool key_give_back(struct dataset *dataset, const struct row *row)
{
    const size_t *key = dataset->table->key;

    if (!dataset->files.sets_aside)
        return true;
    switch (dataset->table->key_kind) {
    case KEY_ID:
        return line_index_set(&dataset->files.lines, row->values[key[0]].integer, 0);
    case KEY_PAIR:
        return line_index_set(&dataset->files.pairs.line, row->values[key[1]].integer, 0);
    case KEY_EVENT:
        break;
    }
    return true;
}

bool key_note_bad(struct dataset *dataset, const struct row *row, uint32_t line)
{
    const struct value *key = &row->values[dataset->table->key[0]];
    struct line_index *lines =
        dataset->files.sets_aside ? &dataset->files.rejected_rows : &dataset->files.lines;

    if (dataset->table->key_kind != KEY_ID || !key->present || key->integer < 1 ||
        key->integer > UINT32_MAX || line_index_get(lines, key->integer) != 0)
        return true;
    return line_index_set(lines, key->integer, line);
}

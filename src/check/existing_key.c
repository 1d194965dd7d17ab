#include "check/existing_key.h"

#include "check/key.h"
#include "row/row_key.h"
#include "schema/row_lookup.h"

#include <inttypes.h>
#include <stdlib.h>

bool existing_key_add(struct list *keys, const struct existing_key *key)
{
    struct existing_key *added = list_add(keys, sizeof *added, 1);

    if (added == NULL)
        return false;
    *added = *key;
    return true;
}

bool existing_key_any_in(const struct list *keys, size_t first, const struct id_set *lines)
{
    const struct existing_key *items = keys->items;

    for (size_t i = first; !id_set_is_empty(lines) && i < keys->count; i++)
        if (id_set_contains(lines, items[i].line))
            return true;
    return false;
}

bool existing_key_note_unchanged(struct list *keys, size_t first, struct dataset *dataset)
{
    const struct existing_key *items = keys->items;

    for (size_t i = first; i < keys->count; i++)
        if (!dataset_note_unchanged(dataset, items[i].line))
            return false;
    keys->count = first;
    return true;
}

static int compare_keys(const struct existing_key *one, const struct existing_key *other)
{
    if (one->parent != other->parent)
        return one->parent < other->parent ? -1 : 1;
    return (one->child > other->child) - (one->child < other->child);
}

static int by_key(const void *one, const void *other)
{
    return compare_keys(one, other);
}

static int by_line(const void *one, const void *other)
{
    const struct existing_key *left = one, *right = other;

    return (left->line > right->line) - (left->line < right->line);
}

static void sort(const struct list *keys, int (*compare)(const void *one, const void *other))
{
    qsort(keys->items, keys->count, sizeof(struct existing_key), compare);
}

/* Reads the key within its parent, as row_key_child gives it, from the fields that follow the
 * parent's. False: no row of a file has such a key. */
static bool read_child(const struct table *table, const struct copy_out_field *fields,
                       int64_t *child)
{
    int status;

    if (fields[0].bytes == NULL)
        return false;
    *child = copy_out_integer(&fields[0]);
    if (table->key_kind != KEY_EVENT)
        return true;
    if (fields[1].bytes == NULL)
        return false;
    status = table_order_status_number((const char *)fields[1].bytes, fields[1].length);
    *child = row_key_pack_event(*child, (unsigned)status);
    return status >= 0;
}

/* The keys of a list, sorted, while the rows of their parents come. */
struct finding {
    const struct list *keys;
    const struct dataset *dataset;
    struct id_set incomplete; /* parents of which the database has a row with another key */
};

static struct existing_key *find_first(const struct list *keys, const struct existing_key *wanted)
{
    struct existing_key *found = bsearch(wanted, keys->items, keys->count, sizeof *wanted, by_key);

    /* Rows of the files that have the same key stand side by side. */
    while (found != NULL && found > (struct existing_key *)keys->items &&
           compare_keys(found - 1, wanted) == 0)
        found--;
    return found;
}

/* The parent, the rest of the key, and what else is compared. */
static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct finding *finding = context;
    const struct row_digest_columns *compared = &finding->dataset->database.compared;
    const struct existing_key *behind =
        (const struct existing_key *)finding->keys->items + finding->keys->count;
    struct existing_key wanted = {.parent = copy_out_integer(&fields[0])};
    struct existing_key *found;

    found = read_child(finding->dataset->table, &fields[1], &wanted.child)
                ? find_first(finding->keys, &wanted)
                : NULL;
    if (found == NULL)
        return id_set_add(&finding->incomplete, wanted.parent) || error_memory(error);
    if (compared->table != NULL)
        wanted.digest = row_digest_of_fields(compared, &fields[1]);
    for (; found < behind && compare_keys(found, &wanted) == 0; found++) {
        found->exists = true;
        found->unchanged = found->digest != 0 && found->digest == wanted.digest;
    }
    return true;
}

/* The columns of the key, and those that are compared, which begin with the key's but for the
 * parent. Returns how many. */
static uint16_t add_columns(struct statement *statement, const struct dataset *dataset)
{
    const struct table *table = dataset->table;
    const struct row_digest_columns *compared = &dataset->database.compared;

    statement_identifier(statement, table->columns[table->key[0]].name);
    if (compared->table != NULL) {
        row_digest_add_columns(statement, compared);
        return (uint16_t)(compared->count + 1);
    }
    for (size_t i = 1; i < table->key_count; i++) {
        statement_add(statement, ", ");
        statement_identifier(statement, table->columns[table->key[i]].name);
    }
    return (uint16_t)table->key_count;
}

static bool look_up(struct finding *finding, const struct id_set *parents,
                    const struct session *session)
{
    const struct dataset *dataset = finding->dataset;
    struct copy_out copy = {.row = take_row, .context = finding};
    const struct lookup_values values = {.ids = parents};
    struct row_lookup lookup;

    if (!row_lookup_open(&lookup, dataset->table, session))
        return false;
    copy.field_count = add_columns(&lookup.statement, dataset);
    row_lookup_from(&lookup, dataset->table->key[0], &values);
    return row_lookup_run(&lookup, copy);
}

/* Finds the keys that the database holds, and whether their rows are as the files have them. */
static bool find(struct finding *finding, const struct session *session)
{
    const struct existing_key *items = finding->keys->items;
    struct id_set parents = {0};
    bool found = true;

    sort(finding->keys, by_key);
    for (size_t i = 0; found && i < finding->keys->count; i++)
        found = (i > 0 && items[i].parent == items[i - 1].parent) ||
                id_set_add(&parents, items[i].parent) || error_memory(session->error);
    found = found && look_up(finding, &parents, session);
    id_set_free(&parents);
    return found;
}

/* Where rows that no file names are deleted, they are those that the stage lacks, of a parent that
 * has any. So of such a parent all rows are staged. */
static bool may_be_left_alone(const struct finding *finding, const struct existing_key *key)
{
    return key->unchanged && (finding->dataset->mode != MODE_REPLACE ||
                              !id_set_contains(&finding->incomplete, key->parent));
}

/* Treats a row whose key the database holds as the mode says. */
static bool note_existing(struct dataset *dataset, const struct existing_key *existing,
                          bool left_alone)
{
    const struct table *parent =
        table_get(dataset->table->columns[dataset->table->key[0]].references);
    const struct key_pair key = {.parent = existing->parent, .child = existing->child};
    uint32_t line = existing->line;

    switch (dataset->mode) {
    case MODE_INSERT:
        return key_refuse(dataset, line, &key, PROBLEM_EXISTS,
                          "%s %" PRId64 " has it in the database already", parent->row_name,
                          key.parent);
    case MODE_SKIP:
        /* It is kept at the end (check/existing_group): a later row may have its key too. */
        return dataset_note_unchanged(dataset, line);
    case MODE_UPSERT:
    case MODE_REPLACE:
        break;
    }
    return left_alone ? dataset_note_unchanged(dataset, line)
                      : id_set_add(&dataset->files.updates, line);
}

/* Notes the parent of a row that is new. That of a row that is updated is noted with the update, if
 * that changes the row (write/update). */
static bool note(const struct finding *finding, struct dataset *dataset,
                 const struct existing_key *key, struct id_set *changed)
{
    if (!id_set_contains(&finding->incomplete, key->parent) &&
        !id_set_add(&dataset->files.complete_parents, key->parent))
        return false;
    if (id_set_contains(&dataset->files.left_out, key->line))
        return true;
    return key->exists ? note_existing(dataset, key, may_be_left_alone(finding, key))
                       : id_set_add(changed, key->parent);
}

static bool judge(struct finding *finding, struct dataset *dataset, struct id_set *changed,
                  const struct session *session)
{
    const struct existing_key *items = finding->keys->items;

    if (!find(finding, session))
        return false;
    /* So are the problems, which are told in this order. */
    sort(finding->keys, by_line);
    for (size_t i = 0; i < finding->keys->count; i++)
        if (!note(finding, dataset, &items[i], changed))
            return error_memory(session->error);
    return true;
}

bool existing_key_judge(struct list *keys, struct dataset *dataset, struct id_set *changed,
                        const struct session *session)
{
    struct finding finding = {.keys = keys, .dataset = dataset};
    bool judged = keys->count == 0 || judge(&finding, dataset, changed, session);

    id_set_free(&finding.incomplete);
    if (judged)
        keys->count = 0;
    return judged;
}

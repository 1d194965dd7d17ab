#include "check/existing_key.h"

#include "check/key.h"
#include "row/row_key.h"
#include "schema/row_lookup.h"

#include <inttypes.h>
#include <stdlib.h>

struct existing_key {
    int64_t parent, child;
    uint32_t line;
    bool exists;
};

bool existing_key_add(struct list *keys, int64_t parent, int64_t child, uint32_t line)
{
    struct existing_key *added = list_add(keys, sizeof *added, 1);

    if (added == NULL)
        return false;
    *added = (struct existing_key){.parent = parent, .child = child, .line = line};
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
    const struct table *table;
};

static bool take_row(void *context, const struct copy_out_field *fields, struct error *error)
{
    const struct finding *finding = context;
    struct existing_key *first = finding->keys->items, *behind = first + finding->keys->count;
    struct existing_key wanted = {.parent = copy_out_integer(&fields[0])};
    struct existing_key *found;

    (void)error;
    if (!read_child(finding->table, &fields[1], &wanted.child))
        return true;
    found = bsearch(&wanted, first, finding->keys->count, sizeof wanted, by_key);
    if (found == NULL)
        return true;
    /* Rows of the files that have the same key stand side by side. */
    while (found > first && compare_keys(found - 1, &wanted) == 0)
        found--;
    for (; found < behind && compare_keys(found, &wanted) == 0; found++)
        found->exists = true;
    return true;
}

static bool look_up(const struct list *keys, const struct table *table,
                    const struct id_set *parents, const struct session *session)
{
    struct finding finding = {.keys = keys, .table = table};
    const struct lookup_values values = {.ids = parents};
    struct row_lookup lookup;

    if (!row_lookup_open(&lookup, table, session))
        return false;
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(&lookup.statement, "%s", i == 0 ? "" : ", ");
        statement_identifier(&lookup.statement, table->columns[table->key[i]].name);
    }
    row_lookup_from(&lookup, table->key[0], &values);
    return row_lookup_run(&lookup, (struct copy_out){.field_count = (uint16_t)table->key_count,
                                                     .row = take_row,
                                                     .context = &finding});
}

/* Sets `exists` of the keys that the database holds. */
static bool find(const struct list *keys, const struct table *table, const struct session *session)
{
    const struct existing_key *items = keys->items;
    struct id_set parents = {0};
    bool found = true;

    sort(keys, by_key);
    for (size_t i = 0; found && i < keys->count; i++)
        found = (i > 0 && items[i].parent == items[i - 1].parent) ||
                id_set_add(&parents, items[i].parent) || error_memory(session->error);
    found = found && look_up(keys, table, &parents, session);
    id_set_free(&parents);
    return found;
}

/* Treats a row whose key the database holds as the mode says. */
static bool note_existing(struct dataset *dataset, const struct existing_key *existing)
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
        return dataset_keep_existing(dataset, line);
    case MODE_UPSERT:
    case MODE_REPLACE:
        break;
    }
    return id_set_add(&dataset->files.updates, line);
}

/* Notes the parent of a row that is new. That of a row that is updated is noted with the update, if
 * that changes the row (write/update). */
static bool note(struct dataset *dataset, const struct existing_key *key, struct id_set *changed)
{
    if (id_set_contains(&dataset->files.left_out, key->line))
        return true;
    return key->exists ? note_existing(dataset, key) : id_set_add(changed, key->parent);
}

bool existing_key_judge(struct list *keys, struct dataset *dataset, struct id_set *changed,
                        const struct session *session)
{
    const struct existing_key *items = keys->items;

    if (keys->count == 0)
        return true;
    if (!find(keys, dataset->table, session))
        return false;
    /* So are the problems, which are told in this order. */
    sort(keys, by_line);
    for (size_t i = 0; i < keys->count; i++)
        if (!note(dataset, &items[i], changed))
            return error_memory(session->error);
    keys->count = 0;
    return true;
}

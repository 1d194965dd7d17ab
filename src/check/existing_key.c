#include "check/existing_key.h"

#include "check/key.h"
#include "pg/copy_in.h"
#include "pg/copy_out.h"
#include "pg/statement.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct existing_key {
    int64_t parent, child;
    uint32_t line;
};

bool existing_key_add(struct existing_key_list *list, int64_t parent, int64_t child, uint32_t line)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4096 : list->capacity * 2;
        struct existing_key *keys = realloc(list->keys, capacity * sizeof *keys);

        if (keys == NULL)
            return false;
        list->keys = keys;
        list->capacity = capacity;
    }
    list->keys[list->count++] = (struct existing_key){parent, child, line};
    return true;
}

/* A temporary table of the key's columns with their types, the packed child and the line. */
static bool create_keys(const struct table *table, struct connection *connection,
                        struct error *error)
{
    struct statement statement;
    bool created;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "CREATE TEMPORARY TABLE timele_load_key ON COMMIT DROP AS SELECT ");
    for (size_t i = 0; i < table->key_count; i++) {
        statement_identifier(&statement, table->columns[table->key[i]].name);
        statement_add(&statement, ", ");
    }
    statement_add(&statement, "0::bigint AS packed_child, 0::bigint AS line FROM ");
    statement_qualified(&statement, table->schema, table->name);
    statement_add(&statement, " WITH NO DATA");
    created = statement_execute(&statement, error);
    statement_free(&statement);
    return created;
}

static void send_key(struct copy_in *copy, const struct table *table,
                     const struct existing_key *key)
{
    const char *status;

    copy_in_row(copy, (uint16_t)(table->key_count + 2));
    copy_in_bigint(copy, key->parent);
    if (table->key_kind == KEY_EVENT) {
        status = table_order_status((int)event_unpack_status(key->child));
        copy_in_bigint(copy, event_unpack_time(key->child));
        copy_in_bytes(copy, status, strlen(status));
    } else {
        copy_in_integer(copy, (int32_t)key->child);
    }
    copy_in_bigint(copy, key->child);
    copy_in_bigint(copy, key->line);
}

static bool send_keys(const struct existing_key_list *list, const struct table *table,
                      struct connection *connection, struct error *error)
{
    struct copy_in *copy;

    if (!create_keys(table, connection, error) ||
        !copy_in_open(connection, "COPY pg_temp.timele_load_key FROM STDIN (FORMAT binary)", &copy,
                      error))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        send_key(copy, table, &list->keys[i]);
        if (!copy_in_row_end(copy, error)) {
            copy_in_abort(copy, error->message);
            return false;
        }
    }
    return copy_in_end(copy, error);
}

/* A key that the database holds: parent, packed child and line. */
static bool take_existing(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct dataset *dataset = context;
    const struct table *table = dataset->table;
    const struct table *parent = table_get(table->columns[table->key[0]].references);
    uint32_t line = (uint32_t)copy_out_integer(&fields[2]);

    bool noted = false;

    if (id_set_contains(&dataset->left_out, line))
        return true;
    switch (dataset->mode) {
    case MODE_INSERT:
        noted =
            key_refuse(dataset, line, copy_out_integer(&fields[0]), copy_out_integer(&fields[1]),
                       PROBLEM_EXISTS, "%s %" PRId64 " has it in the database already",
                       parent->row_name, copy_out_integer(&fields[0]));
        break;
    case MODE_SKIP:
        noted = dataset_keep_existing(dataset, line);
        break;
    case MODE_UPSERT:
    case MODE_REPLACE:
        noted = id_set_add(&dataset->updates, line);
        break;
    }
    return noted || error_memory(error);
}

static bool ask(struct dataset *dataset, struct connection *connection, struct error *error)
{
    const struct table *table = dataset->table;
    struct statement query;
    const char *sql;
    bool asked = false;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT k.");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, ", k.packed_child, k.line FROM pg_temp.timele_load_key k "
                          "WHERE EXISTS (SELECT FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " t WHERE ");
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(&query, "%st.", i == 0 ? "" : " AND ");
        statement_identifier(&query, table->columns[table->key[i]].name);
        statement_add(&query, " = k.");
        statement_identifier(&query, table->columns[table->key[i]].name);
    }
    statement_add(&query, ") ORDER BY k.line");
    sql = statement_text(&query, error);
    if (sql != NULL)
        asked = copy_out_rows(connection, sql, 3, take_existing, dataset, error);
    statement_free(&query);
    return asked;
}

/* A row that is updated tells by itself whether it changed. */
static bool note_new(const struct existing_key_list *list, const struct dataset *dataset,
                     struct id_set *changed)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct existing_key *key = &list->keys[i];

        if (!id_set_contains(&dataset->left_out, key->line) &&
            !id_set_contains(&dataset->updates, key->line) && !id_set_add(changed, key->parent))
            return false;
    }
    return true;
}

bool existing_key_judge(struct existing_key_list *list, struct dataset *dataset,
                        struct id_set *changed, struct connection *connection, struct error *error)
{
    if (list->count == 0)
        return true;
    if (!send_keys(list, dataset->table, connection, error) ||
        !connection_execute(connection, "ANALYZE pg_temp.timele_load_key", error) ||
        !ask(dataset, connection, error) ||
        !connection_execute(connection, "DROP TABLE pg_temp.timele_load_key", error))
        return false;
    if (!note_new(list, dataset, changed))
        return error_memory(error);
    list->count = 0;
    return true;
}

void existing_key_list_free(struct existing_key_list *list)
{
    free(list->keys);
    *list = (struct existing_key_list){0};
}

#include "check/existing_key.h"

#include "check/key.h"
#include "pg/copy_in.h"
#include "pg/copy_out.h"
#include "pg/statement.h"
#include "row/row_key.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct existing_key {
    int64_t parent, child;
    uint32_t line;
};

bool existing_key_add(struct list *keys, int64_t parent, int64_t child, uint32_t line)
{
    struct existing_key *added = list_add(keys, sizeof *added, 1);

    if (added == NULL)
        return false;
    *added = (struct existing_key){.parent = parent, .child = child, .line = line};
    return true;
}

static void add_keys(struct statement *statement, const struct table *table)
{
    statement_add(statement, "pg_temp.timele_load_key_%s", table->name);
}

/* A temporary table of the key's columns with their types, the packed child and the line. It is
 * emptied after each use and never dropped, which a trigger on sql_drop may forbid. */
static bool create_keys(const struct table *table, struct connection *connection,
                        struct error *error)
{
    struct statement statement;
    bool created;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(
        &statement,
        "CREATE TEMPORARY TABLE IF NOT EXISTS timele_load_key_%s ON COMMIT DROP AS SELECT ",
        table->name);
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
        status = table_order_status((int)row_key_event_status(key->child));
        copy_in_bigint(copy, row_key_event_time(key->child));
        copy_in_bytes(copy, status, strlen(status));
    } else {
        copy_in_integer(copy, (int32_t)key->child);
    }
    copy_in_bigint(copy, key->child);
    copy_in_bigint(copy, key->line);
}

static bool open_copy(const struct table *table, struct connection *connection,
                      struct copy_in **copy, struct error *error)
{
    struct statement statement;
    const char *sql;
    bool opened = false;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "COPY ");
    add_keys(&statement, table);
    statement_add(&statement, " FROM STDIN (FORMAT binary)");
    sql = statement_text(&statement, error);
    if (sql != NULL)
        opened = copy_in_open(connection, sql, copy, error);
    statement_free(&statement);
    return opened;
}

static bool send_keys(const struct list *keys, const struct table *table,
                      struct connection *connection, struct error *error)
{
    struct copy_in *copy;

    if (!create_keys(table, connection, error) || !open_copy(table, connection, &copy, error))
        return false;
    for (size_t i = 0; i < keys->count; i++) {
        send_key(copy, table, (const struct existing_key *)keys->items + i);
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
    const struct key_pair key = {.parent = copy_out_integer(&fields[0]),
                                 .child = copy_out_integer(&fields[1])};
    uint32_t line = (uint32_t)copy_out_integer(&fields[2]);
    bool noted = false;

    if (id_set_contains(&dataset->files.left_out, line))
        return true;
    switch (dataset->mode) {
    case MODE_INSERT:
        noted = key_refuse(dataset, line, &key, PROBLEM_EXISTS,
                           "%s %" PRId64 " has it in the database already", parent->row_name,
                           key.parent);
        break;
    case MODE_SKIP:
        noted = dataset_keep_existing(dataset, line);
        break;
    case MODE_UPSERT:
    case MODE_REPLACE:
        noted = id_set_add(&dataset->files.updates, line);
        break;
    }
    return noted || error_memory(error);
}

static bool ask(struct dataset *dataset, struct connection *connection, struct error *error)
{
    const struct table *table = dataset->table;
    struct copy_out copy = {.field_count = 3, .row = take_existing, .context = dataset};
    struct statement query;
    bool asked = false;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT k.");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, ", k.packed_child, k.line FROM ");
    add_keys(&query, table);
    statement_add(&query, " k WHERE EXISTS (SELECT FROM ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " t WHERE ");
    for (size_t i = 0; i < table->key_count; i++) {
        statement_add(&query, "%st.", i == 0 ? "" : " AND ");
        statement_identifier(&query, table->columns[table->key[i]].name);
        statement_add(&query, " = k.");
        statement_identifier(&query, table->columns[table->key[i]].name);
    }
    statement_add(&query, ") ORDER BY k.line");
    copy.query = statement_text(&query, error);
    if (copy.query != NULL)
        asked = copy_out_rows(connection, &copy, error);
    statement_free(&query);
    return asked;
}

/* Notes the parents that get a new row. The parent of a row that is updated is noted with the
 * update, if that changes the row (write/update). */
static bool note_new(const struct list *keys, const struct dataset *dataset, struct id_set *changed)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct existing_key *key = (const struct existing_key *)keys->items + i;

        if (!id_set_contains(&dataset->files.left_out, key->line) &&
            !id_set_contains(&dataset->files.updates, key->line) &&
            !id_set_add(changed, key->parent))
            return false;
    }
    return true;
}

/* Runs ANALYZE or TRUNCATE on the keys. */
static bool execute_on_keys(const char *command, const struct table *table,
                            struct connection *connection, struct error *error)
{
    struct statement statement;
    bool executed;

    if (!statement_open(&statement, connection, error))
        return false;
    statement_add(&statement, "%s ", command);
    add_keys(&statement, table);
    executed = statement_execute(&statement, error);
    statement_free(&statement);
    return executed;
}

bool existing_key_judge(struct list *keys, struct dataset *dataset, struct id_set *changed,
                        const struct session *session)
{
    struct connection *connection = session->connection;
    struct error *error = session->error;

    if (keys->count == 0)
        return true;
    if (!send_keys(keys, dataset->table, connection, error) ||
        !execute_on_keys("ANALYZE", dataset->table, connection, error) ||
        !ask(dataset, connection, error) ||
        !execute_on_keys("TRUNCATE", dataset->table, connection, error))
        return false;
    if (!note_new(keys, dataset, changed))
        return error_memory(error);
    keys->count = 0;
    return true;
}

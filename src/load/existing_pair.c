#include "load/existing_pair.h"

#include "pg/copy_in.h"
#include "pg/copy_out.h"
#include "pg/statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct existing_pair {
    int64_t parent, child;
    uint32_t line;
};

bool existing_pair_add(struct existing_pair_list *list, int64_t parent, int64_t child,
                       uint32_t line)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 4096 : list->capacity * 2;
        struct existing_pair *pairs = realloc(list->pairs, capacity * sizeof *pairs);

        if (pairs == NULL)
            return false;
        list->pairs = pairs;
        list->capacity = capacity;
    }
    list->pairs[list->count++] = (struct existing_pair){parent, child, line};
    return true;
}

static bool send_pairs(const struct existing_pair_list *list, struct connection *connection,
                       struct error *error)
{
    struct copy_in *copy;

    if (!connection_execute(connection,
                            "CREATE TEMPORARY TABLE timele_load_pair "
                            "(parent bigint, child bigint, line bigint) ON COMMIT DROP",
                            error) ||
        !copy_in_open(connection, "COPY pg_temp.timele_load_pair FROM STDIN (FORMAT binary)", &copy,
                      error))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        copy_in_row(copy, 3);
        copy_in_bigint(copy, list->pairs[i].parent);
        copy_in_bigint(copy, list->pairs[i].child);
        copy_in_bigint(copy, list->pairs[i].line);
        if (!copy_in_row_end(copy, error)) {
            copy_in_abort(copy, error->message);
            return false;
        }
    }
    return copy_in_end(copy, error);
}

/* A pair that the database holds: child and line. */
static bool take_existing(void *context, const struct copy_out_field *fields, struct error *error)
{
    struct dataset *dataset = context;
    uint32_t line = (uint32_t)copy_out_integer(&fields[1]);
    uint64_t line_in_file;
    struct source *source = dataset_source_of_line(dataset, line, &line_in_file);
    char child[24];
    int length = snprintf(child, sizeof child, "%" PRId64, copy_out_integer(&fields[0]));

    if (id_set_contains(&dataset->left_out, line))
        return true;
    problem_add(&source->problems, line_in_file, dataset_key_header(dataset, 1),
                (struct problem_value){.text = child, .length = (size_t)length},
                "is in the database already");
    source->rows_bad++;
    return id_set_add(&dataset->left_out, line) || error_memory(error);
}

static bool ask(struct dataset *dataset, struct connection *connection, struct error *error)
{
    const struct table *table = dataset->table;
    struct statement query;
    const char *sql;
    bool asked = false;

    if (!statement_open(&query, connection, error))
        return false;
    statement_add(&query, "SELECT p.child, p.line FROM pg_temp.timele_load_pair p JOIN ");
    statement_qualified(&query, table->schema, table->name);
    statement_add(&query, " t ON t.");
    statement_identifier(&query, table->columns[table->key[0]].name);
    statement_add(&query, " = p.parent AND t.");
    statement_identifier(&query, table->columns[table->key[1]].name);
    statement_add(&query, " = p.child ORDER BY p.line");
    sql = statement_text(&query, error);
    if (sql != NULL)
        asked = copy_out_rows(connection, sql, 2, take_existing, dataset, error);
    statement_free(&query);
    return asked;
}

bool existing_pair_judge(struct existing_pair_list *list, struct dataset *dataset,
                         struct connection *connection, struct error *error)
{
    if (list->count == 0)
        return true;
    return send_pairs(list, connection, error) &&
           connection_execute(connection, "ANALYZE pg_temp.timele_load_pair", error) &&
           ask(dataset, connection, error) &&
           connection_execute(connection, "DROP TABLE pg_temp.timele_load_pair", error);
}

void existing_pair_list_free(struct existing_pair_list *list)
{
    free(list->pairs);
    *list = (struct existing_pair_list){0};
}

#include "schema/row_lookup.h"

#include "pg/array_parameter.h"
#include "pg/query.h"
#include "pg/query_rows.h"
#include "value/uuid.h"

#include <string.h>

enum { VALUES_AT_ONCE = 5000 };

bool row_lookup_open(struct row_lookup *query, const struct table *table,
                     const struct session *session)
{
    *query = (struct row_lookup){.session = session, .table = table};
    if (!statement_open(&query->statement, session->connection, session->error))
        return false;
    statement_add(&query->statement, "SELECT ");
    return true;
}

static const char *array_type(const struct row_lookup *query)
{
    if (query->values->ids != NULL)
        return "bigint[]";
    return query->table->columns[query->column].type == COLUMN_UUID_V4 ? "uuid[]" : "text[]";
}

void row_lookup_from(struct row_lookup *query, size_t column, const struct lookup_values *values)
{
    struct statement *statement = &query->statement;

    query->column = column;
    query->values = values;
    statement_add(statement, " FROM ");
    if (values != NULL)
        statement_add(statement, "unnest($1::%s) timele_load (named) JOIN ", array_type(query));
    statement_qualified(statement, query->table->schema, query->table->name);
    if (values == NULL)
        return;
    statement_add(statement, " ON ");
    statement_identifier(statement, query->table->columns[column].name);
    statement_add(statement, " = timele_load.named");
}

/* Values that are asked for, on their way. */
struct asking {
    const struct row_lookup *query;
    const char *sql;
    struct copy_out copy;
    struct array_parameter array;
    bool asked;
};

static bool ask(struct asking *asking)
{
    const struct session *session = asking->query->session;
    const char *parameter = array_parameter_text(&asking->array);
    const struct query query = {.sql = asking->sql,
                                .parameters = &parameter,
                                .parameter_count = 1,
                                .columns = asking->copy.field_count};

    if (parameter == NULL)
        return error_memory(session->error);
    if (!query_rows(session->connection, &query, asking->copy.row, asking->copy.context,
                    session->error))
        return false;
    array_parameter_clear(&asking->array);
    return true;
}

/* After a value was added. */
static bool ask_when_full(struct asking *asking, bool added)
{
    if (!added)
        asking->asked = error_memory(asking->query->session->error);
    else if (asking->array.count >= VALUES_AT_ONCE)
        asking->asked = ask(asking);
    return asking->asked;
}

static bool add_id(int64_t id, void *context)
{
    struct asking *asking = context;

    return ask_when_full(asking, array_parameter_add_integer(&asking->array, id));
}

static bool add_text(struct text_value value, void *context)
{
    struct asking *asking = context;
    char uuid[UUID_TEXT_SIZE];

    if (asking->query->table->columns[asking->query->column].type == COLUMN_UUID_V4) {
        uuid_format(value.bytes, uuid);
        value = (struct text_value){.bytes = uuid, .length = strlen(uuid)};
    }
    return ask_when_full(asking,
                         array_parameter_add_text(&asking->array, value.bytes, value.length));
}

static bool ask_for_values(struct asking *asking)
{
    const struct lookup_values *values = asking->query->values;

    asking->asked = true;
    if (values->ids != NULL)
        (void)id_set_each(values->ids, add_id, asking);
    else
        (void)text_index_each(values->texts, add_text, asking);
    asking->asked = asking->asked && (asking->array.count == 0 || ask(asking));
    array_parameter_free(&asking->array);
    return asking->asked;
}

bool row_lookup_run(struct row_lookup *query, struct copy_out copy)
{
    const struct session *session = query->session;
    struct asking asking = {.query = query, .copy = copy};
    bool read = false;

    asking.sql = statement_text(&query->statement, session->error);
    if (asking.sql != NULL && query->values != NULL) {
        read = ask_for_values(&asking);
    } else if (asking.sql != NULL) {
        copy.query = asking.sql;
        read = copy_out_rows(session->connection, &copy, session->error);
    }
    statement_free(&query->statement);
    return read;
}

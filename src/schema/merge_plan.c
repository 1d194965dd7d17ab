#include "schema/merge_plan.h"

#include "pg/query.h"
#include "pg/stage.h"
#include "pg/statement.h"

/* $1 to $3 are schema, table and the first column of its key: one row, whether an index is used. */
extern const char choose_stage_join_sql[];

bool merge_analyze_stage(const struct merge *merge, struct error *error)
{
    char name[MERGE_STAGE_NAME_SIZE];

    return stage_analyze(merge->connection, merge_stage_name(merge->table, name), error);
}

bool merge_plan_begin(const struct merge *merge, struct error *error)
{
    const struct table *table = merge->table;
    const char *const parameters[] = {table->schema, table->name,
                                      table->columns[table->key[0]].name};
    const struct query query = {
        .sql = choose_stage_join_sql, .parameters = parameters, .parameter_count = 3, .columns = 1};
    static const char *const by_index_alone[] = {"SET LOCAL enable_hashjoin = off",
                                                 "SET LOCAL enable_mergejoin = off", NULL};
    PGresult *asked;
    bool by_index;

    if (!connection_query_row(merge->connection, &query, &asked, error))
        return false;
    by_index = PQgetvalue(asked, 0, 0)[0] == 't';
    PQclear(asked);
    return !by_index || statement_execute_each(merge->connection, by_index_alone, error);
}

bool merge_plan_end(const struct merge *merge, struct error *error)
{
    static const char *const defaults[] = {"SET LOCAL enable_hashjoin TO DEFAULT",
                                           "SET LOCAL enable_mergejoin TO DEFAULT", NULL};

    return statement_execute_each(merge->connection, defaults, error);
}

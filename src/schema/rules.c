#include "schema/rules.h"

#include "pg/query.h"

#include <stdio.h>

/* $1 to $3 are schema, table and an array of pg_rewrite.ev_type: a row a rule, its name, what it is
 * for, and whether it takes the place of that. */
extern const char rules_in_the_way_sql[];

bool rules_refuse(struct connection *connection, const struct table *table, unsigned changes,
                  struct error *error)
{
    char events[16];
    const char *const parameters[] = {table->schema, table->name, events};
    const struct query query = {
        .sql = rules_in_the_way_sql, .parameters = parameters, .parameter_count = 3, .columns = 3};
    PGresult *rows;
    bool allowed = true;

    (void)snprintf(events, sizeof events, "{%s%s%s0}", (changes & ACCESS_UPDATE) != 0 ? "2," : "",
                   (changes & ACCESS_INSERT) != 0 ? "3," : "",
                   (changes & ACCESS_DELETE) != 0 ? "4," : "");
    if (!connection_query(connection, &query, &rows, error))
        return false;
    if (PQntuples(rows) > 0) {
        (void)error_set(error, ERROR_DATABASE, "rule %s of %s.%s does something else %s %s",
                        PQgetvalue(rows, 0, 0), table->schema, table->name, PQgetvalue(rows, 0, 2),
                        PQgetvalue(rows, 0, 1));
        allowed = error_hint(error, "COPY ignores rules, and no row must go elsewhere: disable the "
                                    "rule for the load, or make it a trigger.");
    }
    PQclear(rows);
    return allowed;
}

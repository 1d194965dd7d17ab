#include "pg/server_product.h"

#include "pg/query.h"

#include <stdio.h>
#include <string.h>

enum { VERSION_TEXT_SIZE = 512 };

enum { OLDEST_VERSION = 130000 };
#define OLDEST_HINT "Use PostgreSQL 13 or later."

#define SCHEMA_NOT_UNDONE         "does not undo changes of the schema when a transaction fails"
#define FOREIGN_KEYS_NOT_ENFORCED "does not enforce foreign keys"

/* From the products' own manuals. Aurora DSQL and Spanner behind PGAdapter are not here: their
 * version() is not known to name them. */
static const struct product {
    const char *sign; /* a part of what version() says */
    const char *name;
    const char *broken_promise;
    const char *cure; /* the name of a setting: the promise is kept where it is on; NULL: none */
    const char *hint;
} products[] = {
    /* Such a change is a job that runs when the transaction has committed, or commits it first
     * (autocommit_before_ddl). */
    {"CockroachDB", "CockroachDB", SCHEMA_NOT_UNDONE, NULL, OLDEST_HINT},
    {"-YB-", "YugabyteDB", SCHEMA_NOT_UNDONE ": yb_ddl_transaction_block_enabled is off",
     "yb_ddl_transaction_block_enabled",
     "Start its tablet servers with ysql_yb_ddl_transaction_block_enabled, or use PostgreSQL 13 or "
     "later."},
    /* Greenplum and what was made from it. None of them has triggers. */
    {"(Greenplum Database", "Greenplum", FOREIGN_KEYS_NOT_ENFORCED, NULL, OLDEST_HINT},
    {"(Greengage Database", "Greengage", FOREIGN_KEYS_NOT_ENFORCED, NULL, OLDEST_HINT},
    {"Cloudberry", "Cloudberry", FOREIGN_KEYS_NOT_ENFORCED, NULL, OLDEST_HINT},
    {", Redshift ", "Amazon Redshift", "enforces neither unique nor foreign keys", NULL,
     OLDEST_HINT},
    /* BEGIN succeeds, and begins nothing. */
    {"-RisingWave-", "RisingWave", "has no transactions that write", NULL, OLDEST_HINT},
    {"CrateDB", "CrateDB", "has no transactions", NULL, OLDEST_HINT},
    {"Materialize", "Materialize", "has neither unique nor foreign keys", NULL, OLDEST_HINT},
    {"QuestDB", "QuestDB", "has neither unique nor foreign keys", NULL, OLDEST_HINT},
};

/*
 * The answer is "" where the server refuses to give one. A time limit of the user's may be too
 * short for it, and is lifted only by the transaction of the run, which comes next; that tells as
 * well whatever else is wrong with the server.
 */
static bool ask(struct connection *connection, const struct query *query,
                char answer[VERSION_TEXT_SIZE], struct error *error)
{
    struct error refusal = {0};
    PGresult *row;

    answer[0] = '\0';
    if (!connection_query_row(connection, query, &row, &refusal))
        return (refusal.kind == ERROR_DATABASE && !connection_is_lost(connection)) ||
               error_copy(error, &refusal);
    (void)snprintf(answer, VERSION_TEXT_SIZE, "%s", PQgetvalue(row, 0, 0));
    PQclear(row);
    return true;
}

static const struct product *recognise(const char *version)
{
    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        if (strstr(version, products[i].sign) != NULL)
            return &products[i];
    return NULL;
}

static bool ask_cure(struct connection *connection, const struct product *product, bool *cured,
                     struct error *error)
{
    const char *const parameters[] = {product->cure};
    const struct query query = {.sql = "SELECT pg_catalog.current_setting($1, true)",
                                .parameters = parameters,
                                .parameter_count = 1,
                                .columns = 1};
    char answer[VERSION_TEXT_SIZE];

    if (!ask(connection, &query, answer, error))
        return false;
    *cured = strcmp(answer, "on") == 0;
    return true;
}

static bool check_promise(struct connection *connection, const struct product *product,
                          struct error *error)
{
    bool cured = false;

    if (product->cure != NULL && !ask_cure(connection, product, &cured, error))
        return false;
    if (cured)
        return true;
    (void)error_set(error, ERROR_DATABASE, "%s is %s, which %s", connection_name(connection),
                    product->name, product->broken_promise);
    return error_hint(error, "%s", product->hint);
}

/* libpq gives 0 where the server reports no version that can be read. */
static bool check_age(struct connection *connection, const char *version, struct error *error)
{
    int number = PQserverVersion(connection_handle(connection));

    if (number == 0 || number >= OLDEST_VERSION)
        return true;
    (void)error_set(error, ERROR_DATABASE, "%s is older than PostgreSQL 13",
                    connection_name(connection));
    if (version[0] != '\0')
        (void)error_detail(error, "It says that it is %s", version);
    return error_hint(error, OLDEST_HINT);
}

/* The schema is named: a function version() of the user's own tells nothing of the server. */
bool server_product_check(struct connection *connection, struct error *error)
{
    const struct query query = {.sql = "SELECT pg_catalog.version()", .columns = 1};
    char version[VERSION_TEXT_SIZE];
    const struct product *product;

    if (!ask(connection, &query, version, error))
        return false;
    product = recognise(version);
    return (product == NULL || check_promise(connection, product, error)) &&
           check_age(connection, version, error);
}

#include "run/usable_connection.h"

#include "pg/connect.h"
#include "pg/transaction.h"

/* What is left to do must not keep anybody waiting. */
static const double connect_seconds = 2;

bool usable_connection_find(const char *conninfo, double seconds, const struct session *session,
                            struct connection **usable)
{
    const struct connection_options options = {
        .conninfo = conninfo, .timeout = connect_seconds, .log = session->log};

    *usable = session->connection;
    if (*usable != NULL) {
        connection_limit(*usable, seconds);
        if (transaction_abandon(*usable))
            return true;
    }
    *usable = NULL;
    if (!connection_open(&options, usable, session->error))
        return false;
    connection_limit(*usable, seconds);
    return true;
}

void usable_connection_close(const struct session *session, struct connection *usable)
{
    if (usable != session->connection)
        connection_close(usable);
}

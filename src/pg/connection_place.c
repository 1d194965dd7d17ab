#include "pg/connection_place.h"

#include <stdio.h>

static void copy_place(char text[CONNECTION_PLACE_SIZE], const char *value)
{
    (void)snprintf(text, CONNECTION_PLACE_SIZE, "%s", value != NULL ? value : "");
}

void connection_describe(struct connection *connection, struct connection_place *place)
{
    const PGconn *handle = connection_handle(connection);

    copy_place(place->database, PQdb(handle));
    copy_place(place->host, PQhost(handle));
    copy_place(place->port, PQport(handle));
    copy_place(place->user, PQuser(handle));
}

/*
 * Where a connection goes.
 */
#ifndef PG_CONNECTION_PLACE_H
#define PG_CONNECTION_PLACE_H

#include "pg/connection.h"

enum { CONNECTION_PLACE_SIZE = 256 };

/* "" for what is not known. */
struct connection_place {
    char database[CONNECTION_PLACE_SIZE];
    char host[CONNECTION_PLACE_SIZE]; /* a name, an address, or the directory of a socket */
    char port[CONNECTION_PLACE_SIZE];
    char user[CONNECTION_PLACE_SIZE];
};

void connection_describe(struct connection *connection, struct connection_place *place);

#endif

/*
 * Which product the server is. Some speak PostgreSQL's protocol and are something else.
 */
#ifndef PG_SERVER_PRODUCT_H
#define PG_SERVER_PRODUCT_H

#include "pg/connection.h"

#include <stdbool.h>

/*
 * Asks a new connection what its server is. Fails with an ERROR_DATABASE that names the product,
 * where it is known not to keep a promise of this program: that a run loads all or nothing, that
 * unique and foreign keys hold. So does a server that is older than PostgreSQL 13. Every other one
 * goes on, also where it does not answer the question.
 *
 * To be called outside of a transaction, before anything else is sent: such a server may not even
 * know the settings of a run.
 */
bool server_product_check(struct connection *connection, struct error *error);

#endif

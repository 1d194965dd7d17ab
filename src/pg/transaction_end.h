/*
 * How a transaction ended. From the moment COMMIT is sent until its answer comes, nobody here knows
 * whether it was carried out. What then comes of it can be asked later, over another connection.
 */
#ifndef PG_TRANSACTION_END_H
#define PG_TRANSACTION_END_H

#include "pg/connection_place.h"

enum transaction_end {
    TRANSACTION_NOT_BEGUN,
    TRANSACTION_ROLLED_BACK,
    TRANSACTION_COMMITTED,
    TRANSACTION_UNKNOWN
};

/* What a transaction is found again by. Caller-owned. */
struct transaction_identity {
    char id[24];     /* pg_current_xact_id() */
    char server[64]; /* the cluster and its timeline; "": the user may not ask for them */
    struct connection_place place;
};

/* Describes the open transaction. */
bool transaction_identify(struct connection *connection, struct transaction_identity *identity,
                          struct error *error);

/* Sends COMMIT and takes the answer. Sets the error unless the end is TRANSACTION_COMMITTED. The
 * connection can be used for another transaction unless it is lost. */
enum transaction_end transaction_commit(struct connection *connection, struct error *error);

/*
 * Asks the server of another connection how the transaction ended. TRANSACTION_UNKNOWN when it goes
 * on still, when this is another server, or when the server does not answer.
 */
enum transaction_end transaction_look_up(struct connection *connection,
                                         const struct transaction_identity *identity);

#endif

/*
 * What PgBouncer says when it refuses something. It stands between the program and the server,
 * speaks as a server does, and gives no hints.
 */
#ifndef PG_POOLER_MESSAGE_H
#define PG_POOLER_MESSAGE_H

/* What to do about it: a constant text. NULL for every other message. */
const char *pooler_message_hint(const char *message);

#endif

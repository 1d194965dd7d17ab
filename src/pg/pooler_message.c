#include "pg/pooler_message.h"

#include <stddef.h>
#include <string.h>

/* PgBouncer translates none of its messages. */
static const struct {
    const char *text; /* a part of the message */
    const char *hint;
} refusals[] = {
    {"transaction blocks not allowed in statement pooling mode",
     "A run is one transaction: connect to the server itself, or to a pool in session or "
     "transaction mode."},
    {"unsupported startup parameter",
     "The pooler does not pass it on to the server: unset PGOPTIONS or what else sets it, or "
     "connect to the server itself."},
    {"query_wait_timeout",
     "The pooler had no connection to the server for so long: all of its pool were in use, or the "
     "server is down."},
};

const char *pooler_message_hint(const char *message)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (strstr(message, refusals[i].text) != NULL)
            return refusals[i].hint;
    return NULL;
}

#include "pg/cancel.h"

#include <stddef.h>

static void request(void *context)
{
    char reason[256];

    (void)PQcancel(context, reason, (int)sizeof reason);
}

static void discard(void *context)
{
    PQfreeCancel(context);
}

/* PQcancel blocks for as long as the network likes. It has all that it needs in the PGcancel, so a
 * thread may make the call while the connection is used or closed. */
void cancel_send(PGconn *handle, const struct await_limits *limits)
{
    const struct blocking_call call = {
        .run = request, .discard = discard, .context = PQgetCancel(handle)};

    if (call.context != NULL && await_call(&call, limits) == AWAIT_READY)
        discard(call.context);
}

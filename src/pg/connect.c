#include "pg/connect.h"

#include "base/await.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/list.h"
#include "pg/conninfo.h"
#include "pg/server_message.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is made while nobody may be waiting for it any more. */
struct attempt {
    char *conninfo; /* NULL: none */
    PGconn *handle;
    int reason;          /* errno behind it; it tells something only where it failed */
    struct list notices; /* of struct server_notice, in the order in which they came */
};

/* Kept for the caller: the log is not this thread's. Without memory a notice is lost. */
static void keep_notice(void *context, const PGresult *notice)
{
    struct attempt *attempt = context;
    struct server_notice read;
    struct server_notice *kept;

    if (!server_notice_read(notice, &read))
        return;
    kept = list_add(&attempt->notices, sizeof *kept, 1);
    if (kept != NULL)
        *kept = read;
}

/*
 * With expand_dbname libpq takes a name, a key=value string or a URI for `dbname`. The keywords
 * that follow override what is set in it. PQconnectdb would write the server's notices to standard
 * error as they are. So the connection is only begun, gets a receiver of notices, and is then made
 * by PQreset, which waits as PQconnectdb does: connect_timeout seconds for each host.
 */
static void connect_as_told(void *context)
{
    struct attempt *attempt = context;
    const char *const keywords[] = {"dbname", "fallback_application_name", "client_encoding", NULL};
    const char *const values[] = {attempt->conninfo, "timele-load", "UTF8", NULL};

    errno = 0;
    attempt->handle = PQconnectStartParams(keywords, values, 1);
    if (attempt->handle == NULL)
        return;
    (void)PQsetNoticeReceiver(attempt->handle, keep_notice, attempt);
    if (PQstatus(attempt->handle) != CONNECTION_BAD)
        PQreset(attempt->handle);
    attempt->reason = errno;
}

static void attempt_free(void *context)
{
    struct attempt *attempt = context;

    PQfinish(attempt->handle);
    list_free(&attempt->notices);
    free(attempt->conninfo);
    free(attempt);
}

static struct attempt *attempt_new(const char *conninfo)
{
    struct attempt *attempt = calloc(1, sizeof *attempt);

    if (attempt == NULL || conninfo == NULL)
        return attempt;
    attempt->conninfo = strdup(conninfo);
    if (attempt->conninfo != NULL)
        return attempt;
    free(attempt);
    return NULL;
}

/* EAGAIN is all that pthread_create says of memory for a stack. */
static bool tell_no_thread(struct error *error)
{
    if (errno == EAGAIN || errno == ENOMEM)
        return error_set(error, ERROR_INTERNAL,
                         "cannot start to connect: out of memory, or too many threads");
    return error_set(error, ERROR_DATABASE, "cannot connect: %s", strerror(errno));
}

/* The signal is what the run ends with, whichever came first. */
bool connect_stop_error(const atomic_bool *stop, struct error *error)
{
    if (stop == NULL || !atomic_load(stop) || interrupt_came())
        return interrupt_error(error);
    return error_set(error, ERROR_STOPPED, "stopped, because another part of the run has failed");
}

/*
 * libpq connects in a thread. It has the connect_timeout of each host, of which there may be
 * several, only where it may block; and names of hosts it looks up only so.
 */
static bool await_attempt(const struct connection_options *options, PGconn **handle, int *reason,
                          struct error *error)
{
    struct attempt *attempt = attempt_new(options->conninfo);
    const struct blocking_call call = {
        .run = connect_as_told, .discard = attempt_free, .context = attempt};
    const struct await_limits limits = {
        .deadline = options->timeout > 0 ? clock_seconds() + options->timeout : 0,
        .interrupted = interrupt_pending,
        .phases = options->phases,
        .stop = options->stop};

    if (attempt == NULL)
        return error_memory(error);
    switch (await_call(&call, &limits)) {
    case AWAIT_READY:
        for (size_t i = 0; i < attempt->notices.count; i++)
            server_notice_log(options->log,
                              (const struct server_notice *)attempt->notices.items + i);
        *handle = attempt->handle;
        *reason = attempt->reason;
        attempt->handle = NULL;
        attempt_free(attempt);
        return *handle != NULL || error_memory(error);
    case AWAIT_LATE:
        return error_set(error, ERROR_DATABASE,
                         "cannot connect: timeout expired, the server did not answer");
    case AWAIT_INTERRUPTED:
        return connect_stop_error(options->stop, error);
    case AWAIT_FAILED:
        return tell_no_thread(error);
    }
    return false;
}

/* libpq 17 says nothing of a socket that cannot be made: what the system says tells why. A password
 * is not asked for: a job at night has nobody to ask. */
static bool explain_refusal(PGconn *handle, int reason, struct error *error)
{
    if (*PQerrorMessage(handle) == '\0' && reason != 0)
        return error_set(error, reason == ENOMEM ? ERROR_INTERNAL : ERROR_DATABASE,
                         "cannot connect: %s", strerror(reason));
    (void)server_message_error(handle, NULL, "cannot connect", error);
    return PQconnectionNeedsPassword(handle) == 1 &&
           error_hint(error, "Put the password into ~/.pgpass or the file that PGPASSFILE names, "
                             "which only its owner may read (chmod 600).");
}

bool connect_handle(const struct connection_options *options, PGconn **handle, struct error *error)
{
    int reason = 0;

    return conninfo_check(options->conninfo, error) &&
           await_attempt(options, handle, &reason, error) &&
           (PQstatus(*handle) != CONNECTION_BAD || explain_refusal(*handle, reason, error));
}

#include "pg/server_start.h"

#include "base/await.h"
#include "base/interrupt.h"
#include "pg/server_product.h"

#include <stdlib.h>
#include <string.h>

/* Seconds. libpq waits no shorter. */
#define PING_TIMEOUT "2"
static const double connect_timeout_min = 2;

struct ping {
    const char *conninfo;
    PGPing answer;
};

static void make_ping(void *context)
{
    struct ping *ping = context;
    const char *const keywords[] = {"dbname", "connect_timeout", NULL};
    const char *const values[] = {ping->conninfo, PING_TIMEOUT, NULL};

    ping->answer = PQpingParams(keywords, values, 1);
}

/* What libpq, which is not translated here, says of a server that answers and is not to be trusted,
 * or of files that are needed for that. */
static bool is_about_encryption(const char *message)
{
    static const char *const texts[] = {"certificate verify failed", "server certificate for",
                                        "certificate file", "private key", "but SSL was required"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strstr(message, texts[i]) != NULL)
            return true;
    return false;
}

/* A ping calls it no response, too, when there is a server and no encrypted connection to it can be
 * had. Waiting does not help then. */
static bool is_there_after_all(const char *conninfo, const struct session *session)
{
    const struct connection_options options = {.conninfo = conninfo,
                                               .timeout = connect_timeout_min,
                                               .log = session->log,
                                               .phases = session->phases};
    struct error refusal = {0};
    PGconn *handle = NULL;
    bool connected = connect_handle(&options, &handle, &refusal);

    PQfinish(handle);
    return connected || is_about_encryption(refusal.message);
}

/* Whether to connect now: it will succeed, or fail for a reason that does not go away by waiting. A
 * ping that a signal broke off tells nothing; whatever waits next notices the signal. */
static bool is_ready(const char *conninfo, const struct session *session)
{
    struct ping *ping = malloc(sizeof *ping);
    const struct blocking_call call = {.run = make_ping, .discard = free, .context = ping};
    const struct await_limits limits = {.interrupted = interrupt_pending,
                                        .phases = session->phases};
    PGPing answer;

    if (ping == NULL)
        return true;
    *ping = (struct ping){.conninfo = conninfo, .answer = PQPING_NO_ATTEMPT};
    if (await_call(&call, &limits) != AWAIT_READY)
        return true;
    answer = ping->answer;
    free(ping);
    return answer == PQPING_OK || answer == PQPING_NO_ATTEMPT ||
           (answer == PQPING_NO_RESPONSE && is_there_after_all(conninfo, session));
}

/* A server that takes the connection and then does not answer uses up the budget, and no more. */
static double connect_timeout(const struct wait_budget *budget)
{
    return budget->seconds > 0 ? wait_budget_left(budget) + connect_timeout_min : 0;
}

static bool give_up(const struct wait_budget *budget, bool last, const struct error *refusal,
                    struct error *error)
{
    *error = *refusal;
    if (last && budget->seconds > 0 && refusal->kind == ERROR_DATABASE)
        (void)error_detail(error, "It was tried for %.0f s (--wait).", budget->seconds);
    return false;
}

static bool open_session(const struct connection_options *options, struct session *session,
                         struct error *refusal)
{
    if (!connection_open(options, &session->connection, refusal))
        return false;
    if (server_product_check(session->connection, refusal))
        return true;
    connection_close(session->connection);
    session->connection = NULL;
    return false;
}

bool server_start_await(const char *conninfo, struct wait_budget *budget, struct session *session)
{
    for (bool told = false;; told = true) {
        bool last = wait_budget_left(budget) <= 0;
        struct error refusal = {0};

        if (last || is_ready(conninfo, session)) {
            const struct connection_options options = {.conninfo = conninfo,
                                                       .timeout = connect_timeout(budget),
                                                       .log = session->log,
                                                       .phases = session->phases};

            if (open_session(&options, session, &refusal))
                return true;
            /* A container first starts a server only to set it up, and stops it again: one that was
             * ready a moment ago may be gone. */
            if (last || refusal.kind != ERROR_DATABASE || is_ready(conninfo, session))
                return give_up(budget, last, &refusal, session->error);
        }
        if (!told)
            log_note(session->log,
                     "the server does not accept connections yet; waiting up to %.0f s",
                     budget->seconds);
        if (!wait_budget_pause(budget, session->error))
            return false;
        phase_tick(session->phases);
    }
}

#include "pg/server_start.h"

/* The least that libpq waits, and so the longest that a signal waits for a silent server's ping. */
#define PING_TIMEOUT "2"
enum { CONNECT_TIMEOUT_MIN = 2 };

/* Whether connecting is worth a try: it will succeed, or fail for a reason that waiting does not
 * mend. */
static bool is_ready(const char *conninfo)
{
    const char *const keywords[] = {"dbname", "connect_timeout", NULL};
    const char *const values[] = {conninfo, PING_TIMEOUT, NULL};
    PGPing state = PQpingParams(keywords, values, 1);

    return state == PQPING_OK || state == PQPING_NO_ATTEMPT;
}

/* Of a server that is up and silent, only as much patience as is left. */
static double connect_timeout(const struct patience *patience)
{
    return patience->seconds > 0 ? patience_left(patience) + CONNECT_TIMEOUT_MIN : 0;
}

static bool give_up(const struct patience *patience, bool last, const struct error *refusal,
                    struct error *error)
{
    *error = *refusal;
    if (last && patience->seconds > 0 && refusal->kind == ERROR_DATABASE)
        (void)error_detail(error, "It was tried for %.0f s (--wait).", patience->seconds);
    return false;
}

bool server_start_await(const char *conninfo, struct patience *patience, struct log *log,
                        struct phase_list *phases, struct connection **connection,
                        struct error *error)
{
    for (bool told = false;; told = true) {
        bool last = patience_left(patience) <= 0;
        struct error refusal = {0};

        if (last || is_ready(conninfo)) {
            if (connection_open(conninfo, connect_timeout(patience), log, phases, connection,
                                &refusal))
                return true;
            /* A container's first server is there only to be set up, and goes away again. */
            if (last || refusal.kind != ERROR_DATABASE || is_ready(conninfo))
                return give_up(patience, last, &refusal, error);
        }
        if (!told)
            log_note(log, "the server does not accept connections yet; waiting up to %.0f s",
                     patience->seconds);
        if (!patience_pause(patience, error))
            return false;
        phase_tick(phases);
    }
}

#include "run/commit.h"

#include "base/interrupt.h"
#include "base/wait_budget.h"
#include "pg/distribution.h"
#include "pg/server_message.h"
#include "pg/transaction.h"
#include "run/ledger.h"

/* In all, however often it takes to connect: a server that starts again after a crash needs a
 * moment. */
enum { LOOK_UP_SECONDS = 10 };

/* In transactions of their own, whose settings end with them: a pooler gives the server connection
 * to somebody else next. An error in the first one, as on a standby, does not keep the second from
 * looking. */
static void ask(struct connection *connection, const struct run *run,
                const struct transaction_identity *identity, enum transaction_end *end)
{
    struct error ignored = {0};
    const struct session session = {.connection = connection, .error = &ignored};
    bool recorded = false;

    if (!transaction_begin(connection, TRANSACTION_LOOK, 0, &ignored))
        return;
    *end = transaction_look_up(connection, identity);
    if (!transaction_abandon(connection) || *end != TRANSACTION_UNKNOWN)
        return;
    /* Where the run's row in the ledger is, the loaded rows are, whichever server this is. */
    if (transaction_begin(connection, TRANSACTION_LOOK, 0, &ignored) &&
        ledger_has_run(run, &recorded, &session) && recorded)
        *end = TRANSACTION_COMMITTED;
    (void)transaction_abandon(connection);
}

static enum transaction_end look_up(const struct run_options *options, const struct run *run,
                                    const struct transaction_identity *identity,
                                    const struct session *session)
{
    struct wait_budget budget = wait_budget_begin(LOOK_UP_SECONDS);
    enum transaction_end end = TRANSACTION_UNKNOWN;
    struct error ignored = {0};

    phase_begin(session->phases, "look up", "transaction");
    do {
        double left = wait_budget_left(&budget);
        const struct connection_options again = {.conninfo = options->dbname,
                                                 .timeout = left,
                                                 .log = session->log,
                                                 .phases = session->phases};
        struct connection *connection = NULL;
        struct error refusal = {0};

        if (left <= 0)
            break;
        if (connection_open(&again, &connection, &refusal)) {
            connection_limit(connection, left);
            ask(connection, run, identity, &end);
        }
        connection_close(connection);
    } while (end == TRANSACTION_UNKNOWN && wait_budget_pause(&budget, &ignored));
    return end;
}

/* The error of a signal says that nothing was changed, which is not known. */
static const char *reason_of(const struct error *failure)
{
    return failure->kind == ERROR_INTERRUPTED || failure->kind == ERROR_TERMINATED
               ? "a signal came, and the server did not answer"
               : failure->message;
}

/* Other nodes may not have heard of it. */
static bool tell_committed(const struct error *failure, bool distributed, struct log *log)
{
    if (failure->kind != ERROR_NONE)
        log_warning(log,
                    "the answer to COMMIT was lost (%s); asked again, the server says that all is "
                    "committed%s",
                    reason_of(failure),
                    distributed ? "; another node may show it only " SERVER_MESSAGE_RECOVERY : "");
    else if (interrupt_came())
        log_warning(log, "the signal came too late: all is committed");
    return true;
}

static bool tell_unknown(const struct run *run, const struct transaction_identity *identity,
                         const struct error *failure, struct error *error)
{
    (void)error_set(error, ERROR_DATABASE, "whether the rows were committed is not known: %s",
                    reason_of(failure));
    if (run->ledger_run != 0)
        return error_hint(error,
                          "Before you load again, look whether timele_load.runs has the run %lld: "
                          "then all is loaded, else nothing is. While the server still works on "
                          "it, SELECT pg_xact_status('%s') says \"in progress\".",
                          (long long)run->ledger_run, identity->id);
    return error_hint(error,
                      "Before you load again, ask the server that it was sent to: SELECT "
                      "pg_xact_status('%s') says \"committed\", \"aborted\" or \"in progress\".",
                      identity->id);
}

bool commit(const struct run_options *options, struct run *run, const struct session *session)
{
    struct transaction_identity identity;
    struct error failure = {0};
    bool asked;

    if (!transaction_identify(session->connection, &identity, session->error))
        return false;
    interrupt_set_effect(INTERRUPT_CANCELS);
    run->transaction = transaction_commit(session->connection, &failure);
    interrupt_set_effect(INTERRUPT_IS_NOTED);
    asked = run->transaction == TRANSACTION_UNKNOWN;
    if (asked)
        run->transaction = look_up(options, run, &identity, session);
    if (run->transaction == TRANSACTION_COMMITTED)
        return tell_committed(&failure, distribution_is_any(session->connection), session->log);
    if (run->transaction == TRANSACTION_UNKNOWN)
        return tell_unknown(run, &identity, &failure, session->error);
    interrupt_set_effect(INTERRUPT_ENDS_RUN);
    (void)error_copy(session->error, &failure);
    if (asked)
        (void)error_detail(session->error, "Asked again, the server says that the transaction was "
                                           "rolled back: nothing was changed.");
    return false;
}

#include "build/worker.h"

#include <signal.h>
#include <string.h>

bool worker_open(struct worker *worker, const struct worker_options *options, struct error *error)
{
    const struct connection_options connecting = {.conninfo = options->conninfo,
                                                  .timeout = options->timeout,
                                                  .stop = options->stop,
                                                  .log = options->log,
                                                  .phases = &worker->phases};

    *worker = (struct worker){.phases = {.log = options->log}};
    if (!phase_slot_init(&worker->slot, &worker->phases, error))
        return false;
    worker->is_open = true;
    worker->session =
        (struct session){.log = options->log, .phases = &worker->phases, .error = &worker->error};
    if (connection_open(&connecting, &worker->session.connection, error))
        return true;
    worker_close(worker);
    return false;
}

static void *run_steps(void *context)
{
    struct worker *worker = context;
    struct step *step;

    while ((step = step_queue_take(worker->queue)) != NULL) {
        bool ran = step_run(step, worker->context, &worker->session);

        if (!ran && worker->error.kind == ERROR_NONE)
            (void)error_set(&worker->error, ERROR_INTERNAL, "a step failed without an error");
        step_queue_finish(worker->queue, step, ran ? NULL : &worker->error);
    }
    return NULL;
}

bool worker_start(struct worker *worker, struct step_queue *queue, struct step_context *context,
                  struct error *error)
{
    sigset_t all, callers;
    int reason;

    worker->queue = queue;
    worker->context = context;
    step_queue_add_thread(queue);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &callers);
    reason = pthread_create(&worker->thread, NULL, run_steps, worker);
    (void)pthread_sigmask(SIG_SETMASK, &callers, NULL);
    worker->runs = reason == 0;
    if (worker->runs)
        return true;
    step_queue_drop_thread(queue);
    return error_set(error, ERROR_INTERNAL, "cannot start a thread: %s", strerror(reason));
}

void worker_join(struct worker *worker)
{
    if (worker->runs)
        (void)pthread_join(worker->thread, NULL);
    worker->runs = false;
}

void worker_close(struct worker *worker)
{
    if (!worker->is_open)
        return;
    connection_close(worker->session.connection);
    phase_slot_free(&worker->slot);
    phase_list_free(&worker->phases);
    *worker = (struct worker){0};
}

#include "build/build.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "build/step_queue.h"
#include "build/worker.h"
#include "schema/building.h"

#include <pthread.h>
#include <stdlib.h>

/* A pooler that has no connection to the server left makes everybody wait. */
static const double connect_seconds = 10;

struct build {
    const char *conninfo;
    struct session callers;
    struct step_queue queue;
    bool has_queue;
    const struct phase_list *snapshots[BUILD_JOBS_MAX];
    struct worker workers[BUILD_JOBS_MAX];
    size_t worker_count;
};

static bool open_worker(struct build *build, struct error *error)
{
    const struct worker_options options = {.conninfo = build->conninfo,
                                           .timeout = connect_seconds,
                                           .stop = &build->queue.stop,
                                           .log = build->callers.log};

    if (!worker_open(&build->workers[build->worker_count], &options, error))
        return false;
    build->worker_count++;
    return true;
}

bool build_open(const char *conninfo, const struct session *session, struct build **build)
{
    struct build *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(session->error);
    opened->conninfo = conninfo;
    opened->callers = *session;
    if (!open_worker(opened, session->error)) {
        build_close(opened);
        return false;
    }
    *build = opened;
    return true;
}

struct connection *build_connection(const struct build *build)
{
    return build->workers[0].session.connection;
}

/* Whether a connection could not be made, and the run goes on without it. */
static bool go_on_without(struct build *build, const struct error *refusal)
{
    if (refusal->kind != ERROR_DATABASE)
        return error_copy(build->callers.error, refusal);
    log_note(build->callers.log, "the tables are built over %zu connection%s: %s",
             build->worker_count, build->worker_count == 1 ? "" : "s", refusal->message);
    return true;
}

static bool open_workers(struct build *build, int jobs)
{
    while (build->worker_count < (size_t)jobs) {
        struct error refusal = {0};

        if (!open_worker(build, &refusal))
            return go_on_without(build, &refusal);
        connection_prefix_schemas(build->workers[build->worker_count - 1].session.connection,
                                  BUILDING_PREFIX);
    }
    return true;
}

/* What the workers do is shown to the observer of the run's phases by this thread alone. */
static void collect(struct build *build)
{
    struct phase_list *phases = build->callers.phases;

    log_lock(build->callers.log);
    for (size_t i = 0; i < build->worker_count; i++)
        phase_slot_collect(&build->workers[i].slot, phases);
    phase_tick(phases);
    log_unlock(build->callers.log);
}

static bool start_workers(struct build *build, struct step_context *context, struct error *error)
{
    for (size_t i = 0; i < build->worker_count; i++)
        if (!worker_start(&build->workers[i], &build->queue, context, error))
            return false;
    return true;
}

static void watch(struct build *build)
{
    struct phase_outlook outlook = {
        .known = true, .steps_cost = build->queue.list.cost, .steps_began = clock_seconds()};

    while (step_queue_wait(&build->queue, &outlook.steps_done)) {
        phase_foresee(build->callers.phases, &outlook);
        collect(build);
        if (interrupt_pending())
            step_queue_stop(&build->queue);
    }
}

static bool run_workers(struct build *build, struct step_context *context)
{
    struct phase_list *phases = build->callers.phases;
    struct error *error = build->callers.error;
    bool started;

    for (size_t i = 0; i < build->worker_count; i++)
        build->snapshots[i] = &build->workers[i].slot.snapshot;
    phase_end(phases);
    phases->beside = build->snapshots;
    phases->beside_count = build->worker_count;
    started = start_workers(build, context, error);
    if (!started)
        step_queue_stop(&build->queue);
    watch(build);
    for (size_t i = 0; i < build->worker_count; i++)
        worker_join(&build->workers[i]);
    collect(build);
    phases->beside = NULL;
    phases->beside_count = 0;
    phase_foresee(phases, &(struct phase_outlook){.known = false});
    return started && step_queue_end(&build->queue, error);
}

/* Several threads log from here on. Recursive, because whoever draws the progress logs as well. */
static bool share_log(pthread_mutex_t *mutex, struct error *error)
{
    pthread_mutexattr_t attributes;
    bool made = pthread_mutexattr_init(&attributes) == 0;

    if (made) {
        made = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE) == 0 &&
               pthread_mutex_init(mutex, &attributes) == 0;
        (void)pthread_mutexattr_destroy(&attributes);
    }
    return made || error_memory(error);
}

bool build_fill(struct build *build, struct step_context *context, int jobs,
                const struct session *session)
{
    struct error *error = session->error;
    struct step_list list = {0};
    pthread_mutex_t mutex;
    bool filled;

    build->callers = *session;
    if (!step_list_make(&list, context->plan, context->rebuild, error)) {
        step_list_free(&list);
        return false;
    }
    if (!step_queue_init(&build->queue, &list, error))
        return false;
    build->has_queue = true;
    if (!share_log(&mutex, error))
        return false;
    connection_prefix_schemas(build_connection(build), BUILDING_PREFIX);
    filled = open_workers(build, jobs);
    build->callers.log->mutex = &mutex;
    filled = filled && run_workers(build, context);
    build->callers.log->mutex = NULL;
    (void)pthread_mutex_destroy(&mutex);
    return filled;
}

void build_close(struct build *build)
{
    if (build == NULL)
        return;
    for (size_t i = 0; i < build->worker_count; i++)
        worker_close(&build->workers[i]);
    if (build->has_queue)
        step_queue_free(&build->queue);
    free(build);
}

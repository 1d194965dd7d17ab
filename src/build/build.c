#include "build/build.h"

#include "base/clock.h"
#include "base/interrupt.h"
#include "build/step_queue.h"
#include "build/worker.h"
#include "pg/query.h"
#include "schema/building.h"

#include <pthread.h>
#include <stdlib.h>

/* A pooler that has no connection to the server left makes everybody wait, at the first statement.
 */
static const double connect_seconds = 10;

/* How often the main thread looks at what the workers do. */
static const double collecting_interval = 0.08;
/* How often the run's connection is asked for a sign of life, and how long that may take. Whatever
 * is between forgets a connection over which nothing goes. */
static const double asking_interval = 2;
static const double asking_seconds = 60;

struct build {
    const char *conninfo;
    struct session callers;
    struct step_context *context;
    struct step_queue queue;
    bool has_queue;
    pthread_mutex_t mutex; /* of the log */
    bool has_mutex;
    struct phase_observer observer; /* of the session's phases, before the build */
    double collected_at;            /* as clock_seconds() tells */
    double asked_at;                /* when the server last answered the caller; the same */
    double began;                   /* the same */
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

static void tell_fewer(const struct build *build, size_t connections, const struct error *refusal)
{
    if (connections == 1)
        log_note(build->callers.log, "the tables are filled over one connection: %s",
                 refusal->message);
    else
        log_note(build->callers.log, "the tables are filled over %zu connections: %s", connections,
                 refusal->message);
}

/* Whether a connection could not be made, and the run goes on without it. */
static bool go_on_without(struct build *build, const struct error *refusal)
{
    if (refusal->kind != ERROR_DATABASE)
        return error_copy(build->callers.error, refusal);
    tell_fewer(build, build->worker_count, refusal);
    return true;
}

static bool begin_worker(struct worker *worker, const struct step_context *context,
                         struct error *error)
{
    struct session session = worker->session;
    bool begun;

    session.error = error;
    connection_prefix_schemas(session.connection, BUILDING_PREFIX);
    connection_limit(session.connection, connect_seconds);
    begun = step_begin(context, &session);
    connection_limit(session.connection, 0);
    return begun;
}

static bool open_workers(struct build *build, const struct step_context *context, int jobs)
{
    while (build->worker_count < (size_t)jobs) {
        struct error refusal = {0};

        if (!open_worker(build, &refusal))
            return go_on_without(build, &refusal);
        if (!begin_worker(&build->workers[build->worker_count - 1], context, &refusal)) {
            worker_close(&build->workers[--build->worker_count]);
            return go_on_without(build, &refusal);
        }
    }
    return true;
}

static void collect(struct build *build)
{
    build->collected_at = clock_seconds();
    for (size_t i = 0; i < build->worker_count; i++)
        phase_slot_collect(&build->workers[i].slot, build->callers.phases);
}

/* Stands before the observer of the session's phases, in the main thread. What is drawn must not
 * mix with what workers log. */
static void notice(void *context, enum phase_event event, const struct phase_list *phases)
{
    struct build *build = context;

    if (event == PHASE_GOES_ON && clock_seconds() - build->collected_at >= collecting_interval)
        collect(build);
    log_lock(build->callers.log);
    build->observer.notice(build->observer.context, event, phases);
    log_unlock(build->callers.log);
}

/* Several threads log from here on. Recursive, because whoever draws the progress logs as well. */
static bool share_log(struct build *build, struct error *error)
{
    pthread_mutexattr_t attributes;
    bool made = pthread_mutexattr_init(&attributes) == 0;

    if (made) {
        made = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE) == 0 &&
               pthread_mutex_init(&build->mutex, &attributes) == 0;
        (void)pthread_mutexattr_destroy(&attributes);
    }
    if (!made)
        return error_memory(error);
    build->has_mutex = true;
    build->callers.log->mutex = &build->mutex;
    return true;
}

static void show_workers(struct build *build)
{
    struct phase_list *phases = build->callers.phases;

    for (size_t i = 0; i < build->worker_count; i++)
        build->snapshots[i] = &build->workers[i].slot.snapshot;
    phases->beside = build->snapshots;
    phases->beside_count = build->worker_count;
    build->observer = phases->observer;
    if (build->observer.notice != NULL)
        phases->observer = (struct phase_observer){.notice = notice, .context = build};
}

/* When no thread runs any more. */
static void hide_workers(struct build *build)
{
    struct phase_list *phases = build->callers.phases;

    collect(build);
    phases->beside = NULL;
    phases->beside_count = 0;
    phases->observer = build->observer;
    phase_foresee(phases, &(struct phase_outlook){.known = false});
}

/* Two indexes are made side by side most of the time: connections beyond these two stand for
 * processors that can help with them. One connection has the server's help as a run has that makes
 * one index after the other. */
static int count_index_workers(size_t connections)
{
    return connections == 1 ? 2 : (int)connections / 3;
}

static bool start_workers(struct build *build, struct error *error)
{
    for (size_t i = 0; i < build->worker_count; i++) {
        struct error refusal = {0};

        if (worker_start(&build->workers[i], &build->queue, build->context, &refusal))
            continue;
        if (i == 0)
            return error_copy(error, &refusal);
        tell_fewer(build, i, &refusal);
        break;
    }
    return true;
}

bool build_start(struct build *build, struct step_context *context, int jobs,
                 const struct session *session)
{
    struct error *error = session->error;
    struct step_list list = {0};

    build->callers = *session;
    build->context = context;
    build->began = clock_seconds();
    if (!step_list_make(&list, context->plan, context->rebuild, error)) {
        step_list_free(&list);
        return false;
    }
    build->has_queue = step_queue_init(&build->queue, &list, error);
    if (!build->has_queue)
        return false;
    connection_prefix_schemas(build_connection(build), BUILDING_PREFIX);
    if (!open_workers(build, context, jobs) || !share_log(build, error))
        return false;
    context->index_workers = count_index_workers(build->worker_count);
    show_workers(build);
    return start_workers(build, error);
}

/* The caller's transaction holds the run lock, and publishes in the end. Where its connection is
 * lost, what the workers do is for nothing. */
static void ask_for_life(struct build *build)
{
    struct connection *connection = build->callers.connection;
    const struct query query = {.sql = "SELECT true", .columns = 1};
    struct error failure = {0};
    PGresult *row;

    if (clock_seconds() - build->asked_at < asking_interval)
        return;
    build->asked_at = clock_seconds();
    connection_limit(connection, asking_seconds);
    if (connection_query_row(connection, &query, &row, &failure))
        PQclear(row);
    else
        step_queue_fail(&build->queue, &failure);
    connection_limit(connection, 0);
}

static void watch(struct build *build)
{
    struct phase_list *phases = build->callers.phases;
    struct phase_outlook outlook = {.known = true, .steps_began = build->began};

    step_queue_allow(&build->queue, build->context->plan, &outlook.steps_cost);
    while (step_queue_wait(&build->queue, &outlook.steps_done)) {
        phase_foresee(phases, &outlook);
        phase_tick(phases);
        if (interrupt_pending())
            step_queue_stop(&build->queue);
        else if (!atomic_load(&build->queue.stop))
            ask_for_life(build);
    }
}

static void end_threads(struct build *build)
{
    for (size_t i = 0; i < build->worker_count; i++)
        worker_join(&build->workers[i]);
    if (build->callers.phases != NULL && build->callers.phases->beside == build->snapshots)
        hide_workers(build);
    if (build->has_mutex) {
        build->callers.log->mutex = NULL;
        (void)pthread_mutex_destroy(&build->mutex);
    }
    build->has_mutex = false;
}

/* Each stands in a transaction that has done nothing. */
static void close_workers(struct build *build)
{
    for (size_t i = 0; i < build->worker_count; i++)
        worker_close(&build->workers[i]);
    build->worker_count = 0;
}

/* The tables are named to the user as they will be called. */
static void take_prefix_out(struct error *error)
{
    building_take_prefix_out(error->message);
    building_take_prefix_out(error->detail);
    building_take_prefix_out(error->hint);
}

bool build_finish(struct build *build)
{
    bool complete;

    phase_end(build->callers.phases);
    build->asked_at = clock_seconds();
    watch(build);
    end_threads(build);
    close_workers(build);
    complete = step_queue_end(&build->queue, build->callers.error);
    if (!complete)
        take_prefix_out(build->callers.error);
    return complete;
}

void build_close(struct build *build)
{
    if (build == NULL)
        return;
    if (build->has_queue)
        step_queue_stop(&build->queue);
    end_threads(build);
    close_workers(build);
    if (build->has_queue)
        step_queue_free(&build->queue);
    free(build);
}

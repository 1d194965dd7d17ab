#include "build/step_queue.h"

#include "base/interrupt.h"
#include "suite.h"

#include <signal.h>
#include <string.h>
#include <time.h>

enum { WORKERS = 4, TABLES = 6 };

/* Threads that take steps. What they share is under the mutex. */
struct crew {
    struct step_queue queue;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t taken, ended;  /* steps, and threads */
    bool holds;           /* steps go on until it is false, or the queue is stopped */
    enum step_kind fails; /* steps of this kind fail */
    bool any_fails;
    struct error failures[WORKERS];
};

struct member {
    struct crew *crew;
    size_t number;
    pthread_t thread;
};

static void begin(struct crew *crew, const struct step *steps, size_t count)
{
    struct step_list list = {.checked = true};
    struct error error = {0};

    *crew = (struct crew){.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    for (size_t i = 0; i < count; i++) {
        struct step *place = list_add(&list.steps, sizeof *place, 1);

        ck_assert_ptr_nonnull(place);
        *place = steps[i];
        list.cost += place->cost;
    }
    ck_assert(step_queue_init(&crew->queue, &list, &error));
    ck_assert_uint_eq(list.steps.count, 0);
}

static void end(struct crew *crew)
{
    step_queue_free(&crew->queue);
    (void)pthread_cond_destroy(&crew->changed);
    (void)pthread_mutex_destroy(&crew->mutex);
}

/* A step goes on for as long as the crew holds, as a connection does that looks at `stop`. Whether
 * it was stopped. */
static bool hold(struct crew *crew)
{
    bool stopped;

    (void)pthread_mutex_lock(&crew->mutex);
    crew->taken++;
    (void)pthread_cond_broadcast(&crew->changed);
    while (crew->holds && !atomic_load(&crew->queue.stop)) {
        struct timespec until;

        (void)clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 1;
        (void)pthread_cond_timedwait(&crew->changed, &crew->mutex, &until);
    }
    stopped = crew->holds;
    (void)pthread_mutex_unlock(&crew->mutex);
    return stopped;
}

static void *work(void *context)
{
    struct member *member = context;
    struct crew *crew = member->crew;
    struct step *step;

    while ((step = step_queue_take(&crew->queue)) != NULL) {
        struct error *failure = &crew->failures[member->number];

        if (crew->any_fails && step->kind == crew->fails)
            (void)error_set(failure, ERROR_DATABASE, "the first failure");
        else if (hold(crew))
            (void)error_set(failure, ERROR_STOPPED, "stopped");
        step_queue_finish(&crew->queue, step, failure->kind == ERROR_NONE ? NULL : failure);
    }
    (void)pthread_mutex_lock(&crew->mutex);
    crew->ended++;
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->mutex);
    return NULL;
}

static void start(struct crew *crew, struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        members[i] = (struct member){.crew = crew, .number = i};
        step_queue_add_thread(&crew->queue);
        ck_assert_int_eq(pthread_create(&members[i].thread, NULL, work, &members[i]), 0);
    }
}

static void join(struct member *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(pthread_join(members[i].thread, NULL), 0);
}

/* Until so many steps were taken. */
static void await_taken(struct crew *crew, size_t taken)
{
    (void)pthread_mutex_lock(&crew->mutex);
    while (crew->taken < taken)
        (void)pthread_cond_wait(&crew->changed, &crew->mutex);
    (void)pthread_mutex_unlock(&crew->mutex);
}

static void let_go(struct crew *crew)
{
    (void)pthread_mutex_lock(&crew->mutex);
    crew->holds = false;
    (void)pthread_cond_broadcast(&crew->changed);
    (void)pthread_mutex_unlock(&crew->mutex);
}

static const struct step copies[TABLES] = {
    {.kind = STEP_COPY, .tables = 1, .cost = 1},  {.kind = STEP_COPY, .tables = 2, .cost = 2},
    {.kind = STEP_COPY, .tables = 4, .cost = 3},  {.kind = STEP_COPY, .tables = 8, .cost = 4},
    {.kind = STEP_COPY, .tables = 16, .cost = 5}, {.kind = STEP_COPY, .tables = 32, .cost = 6}};

/* A COPY, and what cannot begin before it is done. */
static const struct step one_after_the_other[] = {
    {.kind = STEP_COPY, .tables = 1, .cost = 1},
    {.kind = STEP_PARENT_KEY, .tables = 1, .cost = 1},
    {.kind = STEP_ADD_FOREIGN_KEYS, .tables = 1, .cost = 1},
    {.kind = STEP_INDEX, .tables = 1, .cost = 1}};

START_TEST(all_steps_are_done)
{
    struct crew crew;
    struct member members[WORKERS];
    struct error error = {0};
    double done = 0;

    begin(&crew, copies, TABLES);
    start(&crew, members, WORKERS);
    while (step_queue_wait(&crew.queue, &done))
        ck_assert_double_le(done, 21);
    ck_assert_double_eq_tol(done, 21, 1e-9);
    join(members, WORKERS);
    ck_assert_uint_eq(crew.taken, TABLES);
    ck_assert(step_queue_end(&crew.queue, &error));
    ck_assert_int_eq(error.kind, ERROR_NONE);
    end(&crew);
}
END_TEST

START_TEST(several_go_on_side_by_side)
{
    struct crew crew;
    struct member members[WORKERS];
    struct error error = {0};

    begin(&crew, copies, TABLES);
    crew.holds = true;
    start(&crew, members, WORKERS);
    await_taken(&crew, WORKERS);
    let_go(&crew);
    join(members, WORKERS);
    ck_assert(step_queue_end(&crew.queue, &error));
    end(&crew);
}
END_TEST

/* Three of them wait all the time, and wake up at the end. */
START_TEST(who_has_nothing_to_do_waits)
{
    struct crew crew;
    struct member members[WORKERS];
    struct error error = {0};
    double done = 0;

    begin(&crew, one_after_the_other, TABLE_ROWS(one_after_the_other));
    start(&crew, members, WORKERS);
    while (step_queue_wait(&crew.queue, &done))
        ;
    join(members, WORKERS);
    ck_assert_uint_eq(crew.taken, TABLE_ROWS(one_after_the_other));
    ck_assert(step_queue_end(&crew.queue, &error));
    end(&crew);
}
END_TEST

/* The others hold their steps until they are stopped; the stop of theirs is not the error. */
START_TEST(the_first_failure_stops_the_others)
{
    struct crew crew;
    struct member members[WORKERS];
    struct error error = {0};
    struct step steps[WORKERS];
    double done = 0;

    memcpy(steps, copies, sizeof steps);
    steps[0].kind = STEP_INDEX_OF_EMPTY;
    begin(&crew, steps, WORKERS);
    crew.holds = true;
    crew.any_fails = true;
    crew.fails = STEP_INDEX_OF_EMPTY;
    start(&crew, members, WORKERS);
    while (step_queue_wait(&crew.queue, &done))
        ;
    join(members, WORKERS);
    ck_assert(!step_queue_end(&crew.queue, &error));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "the first failure");
    ck_assert_double_eq_tol(crew.queue.list.done, 0, 1e-9);
    end(&crew);
}
END_TEST

START_TEST(idle_threads_end_when_the_queue_is_stopped)
{
    struct crew crew;
    struct member members[WORKERS];
    struct error error = {0};

    begin(&crew, one_after_the_other, TABLE_ROWS(one_after_the_other));
    crew.holds = true;
    start(&crew, members, WORKERS);
    await_taken(&crew, 1);
    step_queue_stop(&crew.queue);
    join(members, WORKERS);
    ck_assert_uint_eq(crew.queue.threads, 0);
    ck_assert(!step_queue_end(&crew.queue, &error));
    ck_assert_int_eq(error.kind, ERROR_STOPPED);
    end(&crew);
}
END_TEST

/* One that stopped without a failure, as before any thread has begun, is not all done. */
START_TEST(what_is_left_over_is_an_error)
{
    struct crew crew;
    struct error error = {0};
    double done = 7;

    begin(&crew, copies, TABLES);
    ck_assert(!step_queue_wait(&crew.queue, &done));
    ck_assert_double_eq_tol(done, 0, 1e-9);
    ck_assert(!step_queue_end(&crew.queue, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERNAL);
    end(&crew);
}
END_TEST

/* What stopped all before is the error. */
START_TEST(a_failure_of_the_main_thread_is_the_error)
{
    struct crew crew;
    struct member members[WORKERS];
    struct error lost = {0}, later = {0}, error = {0};

    begin(&crew, copies, TABLES);
    crew.holds = true;
    start(&crew, members, WORKERS);
    await_taken(&crew, WORKERS);
    (void)error_set(&lost, ERROR_DATABASE, "the connection is lost");
    (void)error_set(&later, ERROR_DATABASE, "still lost");
    step_queue_fail(&crew.queue, &lost);
    join(members, WORKERS);
    step_queue_fail(&crew.queue, &later);
    ck_assert(!step_queue_end(&crew.queue, &error));
    ck_assert_str_eq(error.message, "the connection is lost");
    end(&crew);
}
END_TEST

START_TEST(a_signal_is_the_error)
{
    struct crew crew;
    struct error error = {0};

    begin(&crew, copies, TABLES);
    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(raise(SIGTERM), 0);
    step_queue_stop(&crew.queue);
    step_queue_add_thread(&crew.queue);
    ck_assert_ptr_null(step_queue_take(&crew.queue));
    ck_assert_uint_eq(crew.queue.threads, 0);
    ck_assert(!step_queue_end(&crew.queue, &error));
    ck_assert_int_eq(error.kind, ERROR_TERMINATED);
    end(&crew);
}
END_TEST

/* One that could not be started does not keep the main thread waiting. */
START_TEST(a_thread_that_has_not_started_does_not_count)
{
    struct crew crew;
    double done = 0;

    begin(&crew, copies, TABLES);
    step_queue_add_thread(&crew.queue);
    ck_assert(step_queue_wait(&crew.queue, &done));
    step_queue_drop_thread(&crew.queue);
    ck_assert(!step_queue_wait(&crew.queue, &done));
    end(&crew);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step queue");
    TCase *tests = tcase_create("threads");

    tcase_add_test(tests, all_steps_are_done);
    tcase_add_test(tests, several_go_on_side_by_side);
    tcase_add_test(tests, who_has_nothing_to_do_waits);
    tcase_add_test(tests, the_first_failure_stops_the_others);
    tcase_add_test(tests, idle_threads_end_when_the_queue_is_stopped);
    tcase_add_test(tests, what_is_left_over_is_an_error);
    tcase_add_test(tests, a_failure_of_the_main_thread_is_the_error);
    tcase_add_test(tests, a_signal_is_the_error);
    tcase_add_test(tests, a_thread_that_has_not_started_does_not_count);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

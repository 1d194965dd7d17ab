#include "build/worker.h"

#include "scripted_libpq.h"
#include "suite.h"
#include "thread_failure.h"

#include <string.h>

#define OPENING_TEXT "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 "

static const struct scripted_result refused = {
    .status = PGRES_FATAL_ERROR, .severity = "ERROR", .state = "42501", .message = "no"};

/* What the lock is asked with is the business of test_step_run. */
#define LOCK_QUERY                                                                                 \
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid "  \
    "= 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "     \
    "classid = 1953066341 AND objid = 1819238756 AND pid = $1::integer)"

static const struct scripted_call opening[SCRIPT_LENGTH] = {
    {CONNECT, .text = OPENING_TEXT, .returns = 1},
    {.function = SET_NONBLOCKING},
};
static const struct scripted_call opening_and_a_step[SCRIPT_LENGTH] = {
    {CONNECT, .text = OPENING_TEXT, .returns = 1},
    {.function = SET_NONBLOCKING},
    {ASKS(LOCK_QUERY, " [42]", refused)},
};
static const struct scripted_call refusal[SCRIPT_LENGTH] = {
    {CONNECT, .text = OPENING_TEXT, .returns = 1, .loses = true,
     .message = "connection to server failed: FATAL:  sorry, too many clients already\n"},
};

static struct log quiet;

/* A worker, and the queue that it takes steps from. */
struct workshop {
    struct step_queue queue;
    struct worker worker;
    struct step_context context;
    struct error error;
};

static void open_workshop(struct workshop *workshop, size_t steps)
{
    struct step_list list = {.checked = true};

    *workshop = (struct workshop){.context = {.lock_process = "42"}};
    for (size_t i = 0; i < steps; i++) {
        struct step *step = list_add(&list.steps, sizeof *step, 1);

        ck_assert_ptr_nonnull(step);
        *step = (struct step){.kind = STEP_CONSTRAINTS, .tables = 1};
    }
    ck_assert(step_queue_init(&workshop->queue, &list, &workshop->error));
}

static bool open_worker(struct workshop *workshop)
{
    const struct worker_options options = {
        .conninfo = "timele", .timeout = 10, .stop = &workshop->queue.stop, .log = &quiet};

    return worker_open(&workshop->worker, &options, &workshop->error);
}

static void close_workshop(struct workshop *workshop)
{
    worker_close(&workshop->worker);
    step_queue_free(&workshop->queue);
    script_end();
}

START_TEST(ends_when_there_is_nothing_to_do)
{
    struct workshop workshop;

    script_play(opening);
    open_workshop(&workshop, 0);
    ck_assert_msg(open_worker(&workshop), "%s", workshop.error.message);
    ck_assert(worker_start(&workshop.worker, &workshop.queue, &workshop.context, &workshop.error));
    worker_join(&workshop.worker);
    ck_assert_uint_eq(workshop.queue.threads, 0);
    ck_assert(step_queue_end(&workshop.queue, &workshop.error));
    /* Once more is fine. */
    worker_join(&workshop.worker);
    close_workshop(&workshop);
}
END_TEST

/* And takes no other step. */
START_TEST(hands_its_failure_to_the_queue)
{
    struct workshop workshop;

    script_play(opening_and_a_step);
    open_workshop(&workshop, 2);
    ck_assert_msg(open_worker(&workshop), "%s", workshop.error.message);
    ck_assert(worker_start(&workshop.worker, &workshop.queue, &workshop.context, &workshop.error));
    worker_join(&workshop.worker);
    ck_assert(atomic_load(&workshop.queue.stop));
    ck_assert(!step_queue_end(&workshop.queue, &workshop.error));
    ck_assert_int_eq(workshop.error.kind, ERROR_DATABASE);
    ck_assert_str_eq(workshop.error.message, "no");
    close_workshop(&workshop);
}
END_TEST

START_TEST(a_thread_that_cannot_be_made_is_an_error)
{
    struct workshop workshop;

    script_play(opening);
    open_workshop(&workshop, 1);
    ck_assert_msg(open_worker(&workshop), "%s", workshop.error.message);
    no_threads = true;
    ck_assert(!worker_start(&workshop.worker, &workshop.queue, &workshop.context, &workshop.error));
    no_threads = false;
    ck_assert_int_eq(workshop.error.kind, ERROR_INTERNAL);
    ck_assert_ptr_nonnull(strstr(workshop.error.message, "cannot start a thread: "));
    ck_assert_uint_eq(workshop.queue.threads, 0);
    worker_join(&workshop.worker);
    close_workshop(&workshop);
}
END_TEST

START_TEST(a_connection_that_is_refused_leaves_no_worker)
{
    struct workshop workshop;

    script_play(refusal);
    open_workshop(&workshop, 0);
    ck_assert(!open_worker(&workshop));
    ck_assert_int_eq(workshop.error.kind, ERROR_DATABASE);
    ck_assert_ptr_nonnull(strstr(workshop.error.message, "too many clients"));
    ck_assert(!workshop.worker.is_open);
    close_workshop(&workshop);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("worker");
    TCase *tests = tcase_create("threads");

    quiet = (struct log){.stream = stderr};
    tcase_add_test(tests, ends_when_there_is_nothing_to_do);
    tcase_add_test(tests, hands_its_failure_to_the_queue);
    tcase_add_test(tests, a_thread_that_cannot_be_made_is_an_error);
    tcase_add_test(tests, a_connection_that_is_refused_leaves_no_worker);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

#include "base/await.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "suite.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* Late enough to find the other thread waiting, most likely; it must work in either case. */
static void wait_a_moment(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
}

static void *stop_later(void *stop)
{
    wait_a_moment();
    atomic_store((atomic_bool *)stop, true);
    return NULL;
}

static void *raise_later(void *context)
{
    (void)context;
    wait_a_moment();
    (void)kill(getpid(), SIGTERM);
    return NULL;
}

/* A pipe that nobody writes to. */
struct silence {
    int ends[2];
    struct pollfd descriptor;
};

static void open_silence(struct silence *silence)
{
    ck_assert_int_eq(pipe(silence->ends), 0);
    silence->descriptor = (struct pollfd){.fd = silence->ends[0], .events = POLLIN};
}

static void close_silence(struct silence *silence)
{
    ck_assert_int_eq(close(silence->ends[0]), 0);
    ck_assert_int_eq(close(silence->ends[1]), 0);
}

START_TEST(another_thread_stops_a_wait_for_a_descriptor)
{
    atomic_bool stop = false;
    const struct await_limits limits = {.interrupted = interrupt_pending, .stop = &stop};
    struct silence silence;
    pthread_t stopper;

    open_silence(&silence);
    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_later, &stop), 0);
    ck_assert_int_eq(await_descriptor(&silence.descriptor, &limits), AWAIT_INTERRUPTED);
    ck_assert(atomic_load(&stop));
    ck_assert_int_eq(pthread_join(stopper, NULL), 0);
    close_silence(&silence);
}
END_TEST

START_TEST(a_wait_does_not_begin_once_it_is_stopped)
{
    const atomic_bool stop = true;
    const struct await_limits limits = {.interrupted = interrupt_pending, .stop = &stop};
    struct silence silence;

    open_silence(&silence);
    ck_assert_int_eq(await_descriptor(&silence.descriptor, &limits), AWAIT_INTERRUPTED);
    close_silence(&silence);
}
END_TEST

START_TEST(what_may_be_stopped_waits_all_the_same)
{
    const atomic_bool stop = false;
    const double deadline = clock_seconds() + 0.25; /* more than two ticks */
    const struct await_limits limits = {
        .deadline = deadline, .interrupted = interrupt_pending, .stop = &stop};
    struct silence silence;

    open_silence(&silence);
    ck_assert_int_eq(await_descriptor(&silence.descriptor, &limits), AWAIT_LATE);
    ck_assert_double_ge(clock_seconds(), deadline);
    ck_assert_int_eq(write(silence.ends[1], "x", 1), 1);
    ck_assert_int_eq(await_descriptor(&silence.descriptor, &limits), AWAIT_READY);
    close_silence(&silence);
}
END_TEST

/* A worker waits: it has blocked all signals, and the main thread gets them. */
static void *wait_without_signals(void *context)
{
    static const atomic_bool never;
    const struct await_limits limits = {.interrupted = interrupt_pending, .stop = &never};
    enum await_end *end = context;
    int ends[2];
    struct pollfd descriptor = {.events = POLLIN};

    if (pipe(ends) != 0)
        return NULL;
    descriptor.fd = ends[0];
    *end = await_descriptor(&descriptor, &limits);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return NULL;
}

START_TEST(a_thread_without_signals_notices_one_all_the_same)
{
    enum await_end end = AWAIT_FAILED;
    struct error error = {0};
    pthread_t waiter, raiser;
    sigset_t all, callers;

    ck_assert(interrupt_install(&error));
    ck_assert_int_eq(sigfillset(&all), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &all, &callers), 0);
    ck_assert_int_eq(pthread_create(&waiter, NULL, wait_without_signals, &end), 0);
    ck_assert_int_eq(pthread_create(&raiser, NULL, raise_later, NULL), 0);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &callers, NULL), 0);
    ck_assert_int_eq(pthread_join(waiter, NULL), 0);
    ck_assert_int_eq(pthread_join(raiser, NULL), 0);
    ck_assert_int_eq(end, AWAIT_INTERRUPTED);
}
END_TEST

/* A call that lasts until it is told to return, and says when it has been thrown away. */
struct long_call {
    atomic_bool returns;
    atomic_bool discarded;
};

static void last_long(void *context)
{
    struct long_call *call = context;

    while (!atomic_load(&call->returns))
        wait_a_moment();
}

static void discard(void *context)
{
    struct long_call *call = context;

    atomic_store(&call->discarded, true);
}

START_TEST(another_thread_stops_a_wait_for_a_call)
{
    static struct long_call lasting;
    const struct blocking_call call = {.run = last_long, .discard = discard, .context = &lasting};
    atomic_bool stop = false;
    const struct await_limits limits = {.interrupted = interrupt_pending, .stop = &stop};
    pthread_t stopper;

    ck_assert_int_eq(pthread_create(&stopper, NULL, stop_later, &stop), 0);
    ck_assert_int_eq(await_call(&call, &limits), AWAIT_INTERRUPTED);
    ck_assert(!atomic_load(&lasting.discarded));
    atomic_store(&lasting.returns, true);
    while (!atomic_load(&lasting.discarded))
        wait_a_moment();
    ck_assert_int_eq(pthread_join(stopper, NULL), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("await");
    TCase *tests = tcase_create("stop");

    tcase_add_test(tests, another_thread_stops_a_wait_for_a_descriptor);
    tcase_add_test(tests, a_wait_does_not_begin_once_it_is_stopped);
    tcase_add_test(tests, what_may_be_stopped_waits_all_the_same);
    tcase_add_test(tests, a_thread_without_signals_notices_one_all_the_same);
    tcase_add_test(tests, another_thread_stops_a_wait_for_a_call);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

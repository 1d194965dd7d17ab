#include "base/interrupt.h"
#include "suite.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct {
    int number;
    enum error_kind kind;
    const char *message;
} signals[] = {
    {SIGINT, ERROR_INTERRUPTED, "interrupted; nothing was changed"},
    {SIGTERM, ERROR_TERMINATED, "terminated; nothing was changed"},
    {SIGHUP, ERROR_TERMINATED, "terminated; nothing was changed"},
};

static void install(void)
{
    struct error error = {0};

    ck_assert_msg(interrupt_install(&error), "%s", error.message);
}

START_TEST(nothing_is_pending_at_first)
{
    ck_assert(!interrupt_pending());
    install();
    ck_assert(!interrupt_pending());
}
END_TEST

START_TEST(a_signal_is_remembered)
{
    struct error error = {0};

    install();
    ck_assert_int_eq(raise(signals[_i].number), 0);
    ck_assert(interrupt_pending());
    ck_assert(interrupt_pending());
    ck_assert(!interrupt_error(&error));
    ck_assert_int_eq(error.kind, signals[_i].kind);
    ck_assert_str_eq(error.message, signals[_i].message);
}
END_TEST

START_TEST(an_earlier_error_stays)
{
    struct error error = {0};

    install();
    (void)error_set(&error, ERROR_FILE, "cannot read users.csv");
    ck_assert_int_eq(raise(signals[_i].number), 0);
    ck_assert(!interrupt_error(&error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
}
END_TEST

/* Whoever asks twice does not want to wait, whichever signals he sends. */
static void raise_twice(int first, int second)
{
    install();
    ck_assert_int_eq(raise(first), 0);
    ck_assert(interrupt_pending());
    ck_assert(!interrupt_urgent());
    ck_assert_int_eq(raise(second), 0);
    ck_assert(interrupt_urgent());
}

START_TEST(a_second_signal_is_urgent)
{
    struct error error = {0};

    raise_twice(signals[_i % 3].number, signals[_i / 3].number);
    ck_assert(!interrupt_error(&error));
    ck_assert_int_eq(error.kind, signals[_i % 3].kind);
}
END_TEST

/* The alarm is what ends a program that is stuck. Another signal does not put it off. */
START_TEST(an_urgent_signal_ends_the_program_in_the_end)
{
    unsigned int left;

    raise_twice(signals[_i].number, SIGINT);
    left = alarm(3);
    ck_assert_uint_gt(left, 0);
    ck_assert_uint_le(left, 10);
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert_uint_le(alarm(0), 3);
    ck_assert_int_eq(raise(SIGALRM), 0);
}
END_TEST

START_TEST(a_signal_during_commit_cancels_and_is_never_urgent)
{
    install();
    interrupt_set_effect(INTERRUPT_CANCELS);
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(interrupt_pending());
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(!interrupt_urgent());
    ck_assert_uint_eq(alarm(0), 0);
    ck_assert(interrupt_came());
}
END_TEST

START_TEST(a_signal_may_only_be_noted)
{
    install();
    interrupt_set_effect(INTERRUPT_IS_NOTED);
    ck_assert(!interrupt_came());
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(interrupt_came());
    ck_assert(!interrupt_pending());
    ck_assert(!interrupt_urgent());
    ck_assert_uint_eq(alarm(0), 0);
}
END_TEST

START_TEST(a_signal_after_the_forgotten_one_is_urgent)
{
    install();
    ck_assert_int_eq(raise(SIGTERM), 0);
    interrupt_forget();
    ck_assert(!interrupt_pending());
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert(interrupt_pending());
    ck_assert(interrupt_urgent());
    (void)alarm(0);
}
END_TEST

START_TEST(a_closed_pipe_is_an_error_of_the_write)
{
    struct error error = {0};
    int ends[2];

    ck_assert(interrupt_let_writes_fail(&error));
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(close(ends[0]), 0);
    ck_assert_int_eq(write(ends[1], "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    ck_assert(!interrupt_pending());
    ck_assert_int_eq(close(ends[1]), 0);
}
END_TEST

START_TEST(a_file_that_is_too_large_is_an_error_of_the_write)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = RLIM_INFINITY};
    struct error error = {0};
    FILE *file = tmpfile();

    ck_assert_ptr_nonnull(file);
    ck_assert(interrupt_let_writes_fail(&error));
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    ck_assert_int_eq(write(fileno(file), "x", 1), -1);
    ck_assert_int_eq(errno, EFBIG);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

START_TEST(a_held_signal_comes_when_released)
{
    sigset_t wait_mask;

    install();
    interrupt_hold(&wait_mask);
    ck_assert_int_eq(raise(signals[_i].number), 0);
    ck_assert(!interrupt_pending());
    interrupt_release(&wait_mask);
    ck_assert(interrupt_pending());
}
END_TEST

/* The signal came before the wait began: it must not go unnoticed until something else happens. */
START_TEST(a_held_signal_ends_the_wait)
{
    sigset_t wait_mask;
    int ready;
    int reason;

    install();
    interrupt_hold(&wait_mask);
    ck_assert_int_eq(raise(signals[_i].number), 0);
    ready = ppoll(NULL, 0, NULL, &wait_mask);
    reason = errno;
    ck_assert(interrupt_pending());
    interrupt_release(&wait_mask);
    ck_assert_int_eq(ready, -1);
    ck_assert_int_eq(reason, EINTR);
}
END_TEST

START_TEST(a_wait_without_a_signal_goes_on)
{
    const struct timespec soon = {.tv_nsec = 1000 * 1000};
    sigset_t wait_mask;

    install();
    interrupt_hold(&wait_mask);
    ck_assert_int_eq(ppoll(NULL, 0, &soon, &wait_mask), 0);
    interrupt_release(&wait_mask);
    ck_assert(!interrupt_pending());
}
END_TEST

START_TEST(the_callers_mask_is_restored)
{
    sigset_t callers, wait_mask, restored;

    (void)sigemptyset(&callers);
    (void)sigaddset(&callers, SIGINT);
    (void)sigaddset(&callers, SIGUSR1);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, &callers, NULL), 0);
    interrupt_hold(&wait_mask);
    interrupt_release(&wait_mask);
    ck_assert_int_eq(pthread_sigmask(SIG_SETMASK, NULL, &restored), 0);
    ck_assert_int_eq(sigismember(&restored, SIGINT), 1);
    ck_assert_int_eq(sigismember(&restored, SIGUSR1), 1);
    ck_assert_int_eq(sigismember(&restored, SIGTERM), 0);
}
END_TEST

static TCase *signal_case(void)
{
    TCase *tests = tcase_create("signals");
    const int count = TABLE_ROWS(signals);

    tcase_add_test(tests, nothing_is_pending_at_first);
    tcase_add_loop_test(tests, a_signal_is_remembered, 0, count);
    tcase_add_loop_test(tests, an_earlier_error_stays, 0, count);
    tcase_add_loop_test(tests, a_second_signal_is_urgent, 0, count * count);
    tcase_add_loop_test_raise_signal(tests, an_urgent_signal_ends_the_program_in_the_end, SIGINT, 0,
                                     1);
    tcase_add_loop_test_raise_signal(tests, an_urgent_signal_ends_the_program_in_the_end, SIGTERM,
                                     1, 2);
    tcase_add_test(tests, a_signal_during_commit_cancels_and_is_never_urgent);
    tcase_add_test(tests, a_signal_may_only_be_noted);
    tcase_add_test(tests, a_signal_after_the_forgotten_one_is_urgent);
    tcase_add_test(tests, a_closed_pipe_is_an_error_of_the_write);
    tcase_add_test(tests, a_file_that_is_too_large_is_an_error_of_the_write);
    return tests;
}

static TCase *wait_case(void)
{
    TCase *tests = tcase_create("waits");
    const int count = TABLE_ROWS(signals);

    tcase_add_loop_test(tests, a_held_signal_comes_when_released, 0, count);
    tcase_add_loop_test(tests, a_held_signal_ends_the_wait, 0, count);
    tcase_add_test(tests, a_wait_without_a_signal_goes_on);
    tcase_add_test(tests, the_callers_mask_is_restored);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("interrupt");

    suite_add_tcase(suite, signal_case());
    suite_add_tcase(suite, wait_case());
    return suite_run(suite);
}

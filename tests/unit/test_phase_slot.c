#include "base/phase_slot.h"

#include "suite.h"

#include <pthread.h>
#include <string.h>

/* A worker that is watched, and the run's list. */
struct watch {
    struct phase_list worker, run;
    struct phase_slot slot;
    struct error error;
};

static void open_watch(struct watch *watch)
{
    *watch = (struct watch){.error = {0}};
    ck_assert(phase_slot_init(&watch->slot, &watch->worker, &watch->error));
}

static void close_watch(struct watch *watch)
{
    phase_slot_free(&watch->slot);
    phase_list_free(&watch->worker);
    phase_list_free(&watch->run);
}

static const struct phase *shown(const struct watch *watch)
{
    return phase_present(&watch->slot.snapshot);
}

static void collect(struct watch *watch)
{
    phase_slot_collect(&watch->slot, &watch->run);
}

START_TEST(shows_the_present_phase)
{
    struct watch watch;

    open_watch(&watch);
    ck_assert_ptr_null(shown(&watch));
    phase_begin(&watch.worker, "copy", "%s", "orders.csv");
    ck_assert_ptr_null(shown(&watch));
    collect(&watch);
    ck_assert_str_eq(shown(&watch)->what, "copy");
    ck_assert_str_eq(shown(&watch)->subject, "orders.csv");
    ck_assert_ptr_ne(shown(&watch)->subject, phase_present(&watch.worker)->subject);
    ck_assert_uint_eq(watch.slot.snapshot.total_bytes, 0);
    phase_expect_bytes(&watch.worker, 100);
    watch.slot.noted_at -= 1000;
    phase_advance(&watch.worker, 40, 7);
    collect(&watch);
    ck_assert_uint_eq(watch.slot.snapshot.bytes, 40);
    ck_assert_uint_eq(watch.slot.snapshot.total_bytes, 100);
    ck_assert_uint_eq(watch.slot.snapshot.rows, 7);
    ck_assert_uint_eq(watch.run.list.count, 0);
    close_watch(&watch);
}
END_TEST

START_TEST(notes_numbers_now_and_then)
{
    struct watch watch;

    open_watch(&watch);
    phase_begin(&watch.worker, "copy", "%s", "orders.csv");
    /* No time goes by for the slot. */
    watch.slot.noted_at += 1000;
    phase_advance(&watch.worker, 40, 7);
    collect(&watch);
    ck_assert_uint_eq(watch.slot.snapshot.rows, 0);
    /* The last numbers are never lost. */
    phase_end(&watch.worker);
    ck_assert_uint_eq(((const struct phase_note *)watch.slot.notes.items)->rows, 7);
    close_watch(&watch);
}
END_TEST

START_TEST(tells_time_for_a_worker_that_cannot)
{
    struct watch watch;

    open_watch(&watch);
    phase_begin(&watch.worker, "create", "%s", "index orders_pkey");
    ((struct phase_note *)watch.slot.notes.items)->began -= 1000;
    collect(&watch);
    ck_assert_double_ge(shown(&watch)->seconds, 1000);
    close_watch(&watch);
}
END_TEST

START_TEST(takes_what_has_ended_to_the_run)
{
    const struct phase *phases;
    struct watch watch;

    open_watch(&watch);
    for (int i = 0; i < 3; i++) {
        phase_begin(&watch.worker, "copy", "file %d", i);
        watch.worker.began -= 1000;
        phase_end(&watch.worker);
    }
    phase_begin(&watch.worker, "analyze", "%s", "orders.orders");
    collect(&watch);
    collect(&watch);
    ck_assert_uint_eq(watch.run.list.count, 3);
    phases = watch.run.list.items;
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(phases[i].what, "copy");
        ck_assert_int_eq(phases[i].subject[5], '0' + i);
        ck_assert_double_ge(phases[i].seconds, 1000);
    }
    ck_assert_str_eq(shown(&watch)->what, "analyze");
    phase_end(&watch.worker);
    collect(&watch);
    ck_assert_ptr_null(shown(&watch));
    ck_assert_uint_eq(watch.run.list.count, 4);
    /* It need not be collected. */
    phase_begin(&watch.worker, "copy", "nothing");
    close_watch(&watch);
}
END_TEST

enum { WORKERS = 2, WORKER_PHASES = 300 };

static void *work(void *context)
{
    struct phase_list *worker = context;

    for (int i = 0; i < WORKER_PHASES; i++) {
        phase_begin(worker, "copy", "file %d", i);
        phase_expect_bytes(worker, 1000);
        for (uint64_t k = 0; k <= 1000; k += 10)
            phase_advance(worker, k, k);
    }
    phase_end(worker);
    return NULL;
}

/* What the main thread sees of several workers is always one phase as it was. */
static void expect_sound(const struct phase_list *snapshot)
{
    if (phase_present(snapshot) == NULL)
        return;
    ck_assert_int_eq(strncmp(phase_present(snapshot)->subject, "file ", 5), 0);
    ck_assert_uint_eq(snapshot->bytes, snapshot->rows);
    ck_assert_uint_le(snapshot->bytes, 1000);
}

START_TEST(watches_threads)
{
    static struct watch watches[WORKERS];
    pthread_t threads[WORKERS];
    struct phase_list run = {0};

    for (int i = 0; i < WORKERS; i++) {
        open_watch(&watches[i]);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &watches[i].worker), 0);
    }
    for (size_t i = 0; run.list.count < (size_t)WORKERS * WORKER_PHASES; i++) {
        phase_slot_collect(&watches[i % WORKERS].slot, &run);
        expect_sound(&watches[i % WORKERS].slot.snapshot);
    }
    for (int i = 0; i < WORKERS; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
        close_watch(&watches[i]);
    }
    phase_list_free(&run);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("phase_slot");
    TCase *tests = tcase_create("phase_slot");

    tcase_add_test(tests, shows_the_present_phase);
    tcase_add_test(tests, notes_numbers_now_and_then);
    tcase_add_test(tests, tells_time_for_a_worker_that_cannot);
    tcase_add_test(tests, takes_what_has_ended_to_the_run);
    tcase_add_test(tests, watches_threads);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

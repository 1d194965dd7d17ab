#include "base/phase.h"
#include "suite.h"

#include <string.h>

/* What an observer saw: a letter an event. */
struct sight {
    char events[64];
    uint64_t bytes, total_bytes, rows;
};

static void see(void *context, enum phase_event event, const struct phase_list *phases)
{
    static const char letters[] = {[PHASE_BEGAN] = 'b',
                                   [PHASE_GOES_ON] = 'o',
                                   [PHASE_ENDED] = 'e',
                                   [PHASE_ENDED_BESIDE] = 'a'};
    struct sight *sight = context;

    sight->events[strlen(sight->events)] = letters[event];
    sight->bytes = phases->bytes;
    sight->total_bytes = phases->total_bytes;
    sight->rows = phases->rows;
    ck_assert(phase_present(phases) != NULL || phases->beside_count > 0);
}

START_TEST(keeps_phases_in_order)
{
    struct phase_list phases = {0};

    for (int i = 0; i < 100; i++)
        phase_begin(&phases, "check", "file %d", i);
    ck_assert_uint_eq(phases.list.count, 100);
    ck_assert_str_eq(((const struct phase *)phases.list.items)[99].what, "check");
    ck_assert_str_eq(((const struct phase *)phases.list.items)[99].subject, "file 99");
    ck_assert_str_eq(((const struct phase *)phases.list.items)[0].subject, "file 0");
    ck_assert_ptr_eq(phase_present(&phases), &((const struct phase *)phases.list.items)[99]);
    phase_end(&phases);
    ck_assert_ptr_null(phase_present(&phases));
    phase_list_free(&phases);
    ck_assert_uint_eq(phases.list.count, 0);
}
END_TEST

START_TEST(measures_each_phase)
{
    struct phase_list phases = {0};

    phase_begin(&phases, "commit", "transaction");
    phases.began -= 7000;
    phase_begin(&phases, "analyze", "%s", "orders.orders");
    phase_end(&phases);
    phase_end(&phases);
    ck_assert_double_ge_tol(((const struct phase *)phases.list.items)[0].seconds, 7000, 0);
    ck_assert_double_lt(((const struct phase *)phases.list.items)[0].seconds, 14000);
    ck_assert_double_lt(((const struct phase *)phases.list.items)[1].seconds, 7000);
    phase_list_free(&phases);
}
END_TEST

START_TEST(shows_how_far_it_is)
{
    struct sight sight = {0};
    struct phase_list phases = {.observer = {.notice = see, .context = &sight}};

    ck_assert(phase_is_observed(&phases));
    phase_tick(&phases);
    phase_begin(&phases, "copy", "users.csv");
    phase_expect_bytes(&phases, 100);
    phase_advance(&phases, 40, 7);
    ck_assert_uint_eq(sight.bytes, 40);
    ck_assert_uint_eq(sight.total_bytes, 100);
    ck_assert_uint_eq(sight.rows, 7);
    phase_foresee_reading(&phases, PHASE_SENDS, 400);
    ck_assert_int_eq(phases.reading, PHASE_SENDS);
    phase_tick(&phases);
    phase_begin(&phases, "create", "index orders_pkey");
    ck_assert_int_eq(phases.reading, PHASE_READS);
    ck_assert_uint_eq(sight.bytes, 0);
    ck_assert_uint_eq(sight.total_bytes, 0);
    phase_end(&phases);
    phase_tick(&phases);
    ck_assert_str_eq(sight.events, "booebe");
    phase_list_free(&phases);
}
END_TEST

START_TEST(tells_each_in_the_verbose_log)
{
    char *text = NULL;
    size_t size = 0;
    struct log log = {.stream = open_memstream(&text, &size), .level = LOG_VERBOSE};
    struct phase_list phases = {.log = &log};

    phase_begin(&phases, "check", "%s", "users.csv");
    phase_begin(&phases, "commit", "transaction");
    log.level = LOG_NORMAL;
    phase_begin(&phases, "check", "nothing");
    ck_assert_str_eq(text, "timele-load: check users.csv\ntimele-load: commit transaction\n");
    ck_assert_int_eq(fclose(log.stream), 0);
    free(text);
    phase_list_free(&phases);
}
END_TEST

/* As base/phase_slot has it: one phase that runs to the end. */
static struct phase_list ended_beside(struct phase *phase)
{
    static char file[] = "orders.csv";

    *phase = (struct phase){.what = "copy", .subject = file, .seconds = 3};
    return (struct phase_list){
        .list = {.items = phase, .count = 1}, .running = true, .bytes = 9, .rows = 7};
}

static void expect_phase(const struct phase_list *phases, size_t place, const char *what)
{
    ck_assert_uint_lt(place, phases->list.count);
    ck_assert_str_eq(((const struct phase *)phases->list.items)[place].what, what);
}

START_TEST(adds_what_has_ended_beside)
{
    struct sight sight = {0};
    char *text = NULL;
    size_t size = 0;
    struct log log = {.stream = open_memstream(&text, &size), .level = LOG_VERBOSE};
    struct phase_list phases = {.log = &log, .observer = {.notice = see, .context = &sight}};
    struct phase_list ended;
    struct phase phase;

    phase_begin(&phases, "check", "users.csv");
    ended = ended_beside(&phase);
    phase_add(&phases, &ended);
    ck_assert_uint_eq(sight.bytes, 9);
    ck_assert_uint_eq(sight.rows, 7);
    /* The present phase is still the last one. */
    expect_phase(&phases, 0, "copy");
    ck_assert_str_eq(phase_present(&phases)->what, "check");
    phase_end(&phases);
    ended = ended_beside(&phase);
    phase_add(&phases, &ended);
    ck_assert_ptr_null(phase_present(&phases));
    expect_phase(&phases, 1, "check");
    expect_phase(&phases, 2, "copy");
    ck_assert_double_eq(phase_last(&phases)->seconds, 3);
    ck_assert_str_eq(phase_last(&phases)->subject, "orders.csv");
    ck_assert_str_eq(sight.events, "baea");
    /* The worker's own list has told of it when it began. */
    ck_assert_str_eq(text, "timele-load: check users.csv\n");
    ck_assert_int_eq(fclose(log.stream), 0);
    free(text);
    phase_list_free(&phases);
}
END_TEST

START_TEST(ticks_for_what_goes_on_beside)
{
    const struct phase_list none = {.running = false}, *const beside[] = {&none};
    struct sight sight = {0};
    struct phase_list phases = {.observer = {.notice = see, .context = &sight}};

    phase_tick(&phases);
    ck_assert_str_eq(sight.events, "");
    phases.beside = beside;
    phases.beside_count = 1;
    phase_tick(&phases);
    ck_assert_str_eq(sight.events, "o");
}
END_TEST

START_TEST(takes_no_list_for_an_answer)
{
    phase_begin(NULL, "check", "users.csv");
    phase_expect_bytes(NULL, 1);
    phase_foresee_reading(NULL, PHASE_SENDS, 1);
    phase_foresee(NULL, &(struct phase_outlook){.known = true});
    phase_advance(NULL, 1, 1);
    phase_tick(NULL);
    phase_end(NULL);
    phase_add(NULL, &(struct phase_list){.running = false});
    ck_assert(!phase_is_observed(NULL));
    ck_assert_ptr_null(phase_present(NULL));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("phase");
    TCase *tests = tcase_create("phase");

    tcase_add_test(tests, keeps_phases_in_order);
    tcase_add_test(tests, measures_each_phase);
    tcase_add_test(tests, shows_how_far_it_is);
    tcase_add_test(tests, tells_each_in_the_verbose_log);
    tcase_add_test(tests, adds_what_has_ended_beside);
    tcase_add_test(tests, ticks_for_what_goes_on_beside);
    tcase_add_test(tests, takes_no_list_for_an_answer);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

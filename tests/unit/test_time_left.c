#include "cli/time_left.h"

#include "base/clock.h"
#include "suite.h"

/* A run on its way: 1,000 bytes to check, of which 600 are sent in a second reading, and 400 at
 * once.
 */
struct journey {
    struct phase phase;
    struct phase_list phases;
    struct time_left measured;
};

static struct journey set_out(void)
{
    return (struct journey){
        .phases.outlook = {
            .known = true, .check_bytes = 600, .send_bytes = 1000, .rebuilds = true}};
}

/* In the middle of a phase, or at its end. */
static void stand(struct journey *journey, enum phase_reading reading, double text_bytes,
                  double seconds)
{
    struct phase_list *phases = &journey->phases;

    journey->phase = (struct phase){.what = "do", .seconds = seconds};
    phases->list = (struct list){.items = &journey->phase, .count = 1};
    phases->running = true;
    phases->reading = reading;
    phases->text_bytes = text_bytes;
    /* Twice as many on the disk. */
    phases->total_bytes = reading == PHASE_READS ? 0 : (uint64_t)text_bytes * 2;
    phases->bytes = phases->total_bytes;
}

/* Goes through a phase, to the begin of one that reads nothing. */
static void pass(struct journey *journey, enum phase_reading reading, double text_bytes,
                 double seconds)
{
    stand(journey, reading, text_bytes, seconds);
    time_left_note(&journey->measured, &journey->phases);
    stand(journey, PHASE_READS, 0, 0);
}

static void expect_left(const struct journey *journey, double seconds)
{
    ck_assert_double_eq_tol(time_left_estimate(&journey->measured, &journey->phases), seconds,
                            1e-6);
}

static void expect_unknown(const struct journey *journey)
{
    ck_assert_double_lt(time_left_estimate(&journey->measured, &journey->phases), 0);
}

START_TEST(goes_through_a_whole_run)
{
    struct journey journey = set_out();

    /* Before anything is read. */
    pass(&journey, PHASE_READS, 0, 5);
    expect_unknown(&journey);
    /* 100 of 600 bytes in 3 s: 15 s to check the rest, 81 s to send, 129.6 s to rebuild. */
    stand(&journey, PHASE_CHECKS, 200, 3);
    journey.phases.bytes = 200;
    expect_left(&journey, 15 + 81 + 81 * 1.6);
    pass(&journey, PHASE_CHECKS, 600, 18);
    expect_left(&journey, 81 + 81 * 1.6);
    /* Sending takes four times as long as checking, which is seen little by little. */
    stand(&journey, PHASE_SENDS, 50, 6);
    expect_left(&journey, 950 * 0.1005 + (6 + 950 * 0.1005) * 1.6);
    pass(&journey, PHASE_SENDS, 400, 48);
    pass(&journey, PHASE_READS, 0, 1);
    pass(&journey, PHASE_SENDS, 600, 72);
    expect_left(&journey, 120 * 1.6);
    /* Then only the rebuild is left. */
    pass(&journey, PHASE_READS, 0, 100);
    stand(&journey, PHASE_READS, 0, 50);
    expect_left(&journey, 120 * 1.6 - 150);
    /* It takes longer than was assumed. */
    stand(&journey, PHASE_READS, 0, 93);
    expect_unknown(&journey);
}
END_TEST

START_TEST(is_unknown_for_two_seconds_and_a_fiftieth)
{
    struct journey journey = set_out();

    stand(&journey, PHASE_CHECKS, 600, 1.9);
    expect_unknown(&journey);
    stand(&journey, PHASE_CHECKS, 600, 2);
    ck_assert_double_gt(time_left_estimate(&journey.measured, &journey.phases), 0);
    stand(&journey, PHASE_CHECKS, 65, 100);
    expect_unknown(&journey);
    stand(&journey, PHASE_CHECKS, 67, 100);
    ck_assert_double_gt(time_left_estimate(&journey.measured, &journey.phases), 0);
}
END_TEST

START_TEST(is_unknown_where_the_outlook_is)
{
    struct journey journey = set_out();

    journey.phases.outlook.known = false;
    stand(&journey, PHASE_CHECKS, 600, 20);
    expect_unknown(&journey);
}
END_TEST

START_TEST(has_no_rebuild_where_the_files_are_checked_alone)
{
    struct journey journey = set_out();

    journey.phases.outlook = (struct phase_outlook){.known = true, .check_bytes = 400};
    stand(&journey, PHASE_CHECKS, 100, 20);
    expect_left(&journey, 60);
    pass(&journey, PHASE_CHECKS, 400, 80);
    stand(&journey, PHASE_READS, 0, 7);
    expect_left(&journey, 0);
}
END_TEST

/* What nobody foresaw, such as a second look at a file, is no measure of the rest. */
START_TEST(measures_nothing_by_other_readings)
{
    struct journey journey = set_out();

    pass(&journey, PHASE_CHECKS, 600, 18);
    stand(&journey, PHASE_READS, 600, 100);
    expect_left(&journey, 81 + 81 * 1.6);
}
END_TEST

/* A run whose steps have gone on beside each other for so long. */
static struct journey go_beside(double cost, double done, double seconds)
{
    struct journey journey = set_out();

    pass(&journey, PHASE_CHECKS, 600, 18);
    journey.phases.outlook.steps_cost = cost;
    journey.phases.outlook.steps_done = done;
    journey.phases.outlook.steps_began = clock_seconds() - seconds;
    return journey;
}

/* They may be few or many, and there need be no present phase. The test itself takes a while. */
START_TEST(goes_by_the_cost_of_steps)
{
    struct journey journey = go_beside(200, 50, 1000);
    double left = time_left_estimate(&journey.measured, &journey.phases);

    ck_assert_double_ge(left, 3000);
    ck_assert_double_lt(left, 3600);
    journey.phases.running = false;
    journey.phases.list.count = 0;
    ck_assert_double_ge(time_left_estimate(&journey.measured, &journey.phases), left);
    journey = go_beside(200, 200, 1000);
    ck_assert_double_eq(time_left_estimate(&journey.measured, &journey.phases), 0);
    journey = go_beside(200, 210, 1000);
    ck_assert_double_eq(time_left_estimate(&journey.measured, &journey.phases), 0);
}
END_TEST

START_TEST(is_unknown_while_few_steps_are_done)
{
    struct journey journey = go_beside(200, 3.9, 1000);

    expect_unknown(&journey);
    journey = go_beside(200, 0, 1000);
    expect_unknown(&journey);
    /* Two seconds have not gone by since a moment to come. */
    journey = go_beside(200, 50, -1000);
    expect_unknown(&journey);
    journey = go_beside(200, 50, 1000);
    journey.phases.outlook.known = false;
    expect_unknown(&journey);
}
END_TEST

START_TEST(is_unknown_without_a_phase)
{
    struct journey journey = set_out();

    pass(&journey, PHASE_CHECKS, 600, 18);
    journey.phases.running = false;
    expect_unknown(&journey);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("time_left");
    TCase *tests = tcase_create("time_left");

    tcase_add_test(tests, goes_through_a_whole_run);
    tcase_add_test(tests, is_unknown_for_two_seconds_and_a_fiftieth);
    tcase_add_test(tests, is_unknown_where_the_outlook_is);
    tcase_add_test(tests, has_no_rebuild_where_the_files_are_checked_alone);
    tcase_add_test(tests, measures_nothing_by_other_readings);
    tcase_add_test(tests, goes_by_the_cost_of_steps);
    tcase_add_test(tests, is_unknown_while_few_steps_are_done);
    tcase_add_test(tests, is_unknown_without_a_phase);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

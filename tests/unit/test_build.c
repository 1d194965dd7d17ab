#include "build/build.h"

#include "files.h"
#include "rebuild_script.h"
#include "scripted_libpq.h"
#include "thread_failure.h"

extern const char transaction_settings_sql[];
extern const char session_search_path_sql[];

#define LOCK_QUERY                                                                                 \
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid "  \
    "= 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND "     \
    "classid = 1953066341 AND objid = 1819238756 AND pid = $1::integer)"

/* How script_open connects, and how a build does. */
#define OPENING_TEXT "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 "
#define OPENS                                                                                      \
    {CONNECT, .text = OPENING_TEXT, .returns = 1},                                                 \
    {                                                                                              \
        .function = SET_NONBLOCKING                                                                \
    }
#define IS_REFUSED                                                                                 \
    {                                                                                              \
        CONNECT, .text = OPENING_TEXT, .returns = 1, .loses = true,                                \
                 .message = "sorry, too many clients already\n"                                    \
    }

/* A build, and the session of the run that it belongs to, which asks nothing. */
struct site {
    struct rebuilding rebuilding;
    struct files files;
    struct step_context context;
    struct phase_list phases;
    struct session session;
    struct error error;
    struct build *build;
};

static void open_site(struct site *site, const struct scripted_call calls[static SCRIPT_LENGTH])
{
    *site = (struct site){.context = {.lock_process = "42"}};
    ck_assert_msg(drop(&site->rebuilding, calls), "%s", site->rebuilding.error.message);
    files_open(&site->files, (const char *const[]){"aisle_id,aisle\n", NULL}, NULL);
    site->context.plan = &site->files.plan;
    site->context.rebuild = site->rebuilding.rebuild;
    site->session = (struct session){.connection = site->rebuilding.session.connection,
                                     .log = &site->files.log,
                                     .phases = &site->phases,
                                     .error = &site->error};
}

static void close_site(struct site *site)
{
    build_close(site->build);
    files_close(&site->files);
    phase_list_free(&site->phases);
    end(&site->rebuilding);
}

static bool fill(struct site *site, int jobs)
{
    return build_start(site->build, &site->context, jobs, &site->session) &&
           build_finish(site->build);
}

static const struct scripted_call first_is_refused[SCRIPT_LENGTH] = {DROP, IS_REFUSED};

START_TEST(without_a_first_connection_there_is_no_build)
{
    struct site site;

    open_site(&site, first_is_refused);
    ck_assert(!build_open("timele", &site.session, &site.build));
    ck_assert_ptr_null(site.build);
    ck_assert_int_eq(site.error.kind, ERROR_DATABASE);
    close_site(&site);
}
END_TEST

/* The first one goes on alone, and takes a step. */
static const struct scripted_call second_is_refused[SCRIPT_LENGTH] = {
    DROP, OPENS, IS_REFUSED, {ASKS(LOCK_QUERY, " [42]", refused)}};

/* A pooler makes a connection, and then finds no place on the server. */
static const struct scripted_call second_gets_no_place[SCRIPT_LENGTH] = {
    DROP,
    OPENS,
    OPENS,
    {SEND_QUERY, .text = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n",
     .parameters = transaction_settings_sql, .script = true, .returns = 1},
    {GET_RESULT, .loses = true, .message = "no place\n",
     .result = &(const struct scripted_result){.status = PGRES_FATAL_ERROR,
                                               .severity = "FATAL",
                                               .state = "08P01",
                                               .message = "no place"}},
    {ASKS(LOCK_QUERY, " [42]", refused)}};

static const struct {
    const struct scripted_call *calls;
    const char *note;
} lonely[] = {
    {second_is_refused,
     "the tables are filled over one connection: cannot connect: sorry, too many "
     "clients already"},
    {second_gets_no_place, "the tables are filled over one connection: no place"},
};

START_TEST(another_connection_that_cannot_be_made_is_noted)
{
    struct site site;

    open_site(&site, lonely[_i].calls);
    ck_assert_msg(build_open("timele", &site.session, &site.build), "%s", site.error.message);
    ck_assert(!fill(&site, 4));
    ck_assert_msg(strstr(files_logged(&site.files), lonely[_i].note) != NULL, "%s",
                  files_logged(&site.files));
    /* What the first one was told. */
    ck_assert_str_eq(site.error.message, "no");
    ck_assert_ptr_null(site.session.log->mutex);
    ck_assert_ptr_null(site.phases.beside);
    close_site(&site);
}
END_TEST

static const struct scripted_call one_connection[SCRIPT_LENGTH] = {DROP, OPENS};

START_TEST(without_a_thread_nothing_is_begun)
{
    struct site site;

    open_site(&site, one_connection);
    ck_assert_msg(build_open("timele", &site.session, &site.build), "%s", site.error.message);
    no_threads = true;
    ck_assert(!fill(&site, 1));
    no_threads = false;
    ck_assert_int_eq(site.error.kind, ERROR_INTERNAL);
    ck_assert_ptr_nonnull(strstr(site.error.message, "cannot start a thread: "));
    build_close(site.build);
    site.build = NULL;
    ck_assert_ptr_null(site.session.log->mutex);
    close_site(&site);
}
END_TEST

START_TEST(closes_what_was_never_opened)
{
    build_close(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("build");
    TCase *tests = tcase_create("connections and threads");

    tcase_add_test(tests, without_a_first_connection_there_is_no_build);
    tcase_add_loop_test(tests, another_connection_that_cannot_be_made_is_noted, 0,
                        TABLE_ROWS(lonely));
    tcase_add_test(tests, without_a_thread_nothing_is_begun);
    tcase_add_test(tests, closes_what_was_never_opened);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

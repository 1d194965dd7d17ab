#include "build/step_run.h"

#include "check/scan.h"
#include "files.h"
#include "rebuild_script.h"
#include "scripted_libpq.h"

extern const char transaction_settings_sql[];
extern const char session_search_path_sql[];
extern const char choose_join_sql[];

static const struct scripted_result path = {
    .status = PGRES_TUPLES_OK, .columns = 3, .rows = 1, .value = ""};
static const struct scripted_result limited = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "10s"};
static const struct scripted_result number = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "4711"};
static const struct scripted_result settings = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .value = "off"};
static const struct scripted_result committed = {
    .status = PGRES_COMMAND_OK, .rows_changed = "", .tag = "COMMIT"};
static const struct scripted_result rolled_back = {
    .status = PGRES_COMMAND_OK, .rows_changed = "", .tag = "ROLLBACK"};
static const struct scripted_result not_held = {
    .status = PGRES_TUPLES_OK, .columns = 1, .rows = 1, .value = "f"};
static const struct scripted_result copying = {.status = PGRES_COPY_IN};
static const struct scripted_result stored_one = {.status = PGRES_COMMAND_OK, .rows_changed = "1"};
static const struct scripted_result stored_two = {.status = PGRES_COMMAND_OK, .rows_changed = "2"};

#define HOLDS(answer)                                                                              \
    ASKS("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND "      \
         "objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = "               \
         "current_database()) AND classid = 1953066341 AND objid = 1819238756 AND pid = "          \
         "$1::integer)",                                                                           \
         " [42]", answer)
#define LIMITS                                                                                     \
    ASKS("SELECT set_config(name, '10s', true) FROM pg_settings WHERE name = "                     \
         "'client_connection_check_interval' AND setting = '0' AND version() ~ 'linux' OR name = " \
         "'lock_timeout' AND setting::integer BETWEEN 1 AND 9999 AND $1 = '0'",                    \
         " [0]", limited)
#define BEGINS                                                                                     \
    {SEND_QUERY, .text = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n",                     \
     .parameters = transaction_settings_sql, .script = true, .returns = 1},                        \
        {GIVES(script_done)}, {GIVES_NO_MORE}, {ASKS(session_search_path_sql, NULL, path)},        \
        {LIMITS},                                                                                  \
    {                                                                                              \
        HOLDS(yes)                                                                                 \
    }
enum { BEGINNING_CALLS = 12 };
#define STARTS                                                                                     \
    {HOLDS(yes)},                                                                                  \
    {                                                                                              \
        EXECUTES("SET LOCAL synchronous_commit = off")                                             \
    }
#define COMMITS {ANSWERS("COMMIT", committed)}, BEGINS
#define CREATES(workers, memory, leads, tablespace, index)                                         \
    {EXECUTES("SET LOCAL maintenance_work_mem = '" memory "'")},                                   \
        {EXECUTES("SET LOCAL max_parallel_maintenance_workers = " workers)},                       \
        {EXECUTES("SET LOCAL parallel_leader_participation = " leads)}, {USES_SESSION_PATH},       \
        {EXECUTES("SET LOCAL default_tablespace = " tablespace)}, {EXECUTES(index)},               \
    {                                                                                              \
        RESTRICTS_PATH                                                                             \
    }
#define COPY_AISLES                                                                                \
    "COPY \"products\".\"aisles\" (\"aisle_id\", \"aisle\", \"inferred\") FROM STDIN (FORMAT "     \
    "binary, FREEZE)"
#define TRUNCATES "TRUNCATE \"products\".\"aisles\""

/* What each kind of step says to the server: things and parts are the tables of the rebuild, aisles
 * that of the plan. */
static const struct {
    enum step_kind kind;
    size_t object;
    const char *phase; /* NULL: none */
    struct scripted_call calls[SCRIPT_LENGTH];
} steps[] = {
    {STEP_INDEX_OF_EMPTY,
     0,
     "create index stock.things_name",
     {DROP, BEGINS, STARTS, CREATES("0", "8MB", "on", "''", "CREATE UNIQUE INDEX things_pkey"),
      CREATES("0", "8MB", "on", "fast_disk", "CREATE INDEX things_name"), COMMITS}},
    {STEP_PARENT_KEY,
     0,
     "create index things_pkey",
     {DROP, BEGINS, STARTS, CREATES("2", "96MB", "off", "''", "CREATE UNIQUE INDEX things_pkey"),
      COMMITS}},
    {STEP_INDEX,
     1,
     "create index stock.things_name",
     {DROP, BEGINS, STARTS, CREATES("2", "96MB", "off", "fast_disk", "CREATE INDEX things_name"),
      COMMITS}},
    {STEP_ADD_FOREIGN_KEYS,
     0,
     NULL,
     {DROP,
      BEGINS,
      STARTS,
      {EXECUTES("ALTER TABLE parts ADD CONSTRAINT parts_thing NOT VALID")},
      {EXECUTES("COMMENT ON CONSTRAINT parts_thing ON parts IS 'a part''s; and so on'")},
      COMMITS}},
    {STEP_FOREIGN_KEY,
     2,
     "create foreign key parts_thing of parts",
     {DROP,
      BEGINS,
      STARTS,
      {EXECUTES("SET LOCAL maintenance_work_mem = '256MB'")},
      {ASKS(choose_join_sql, " [17] [16] [2]", settings)},
      {EXECUTES("ALTER TABLE parts VALIDATE CONSTRAINT parts_thing")},
      {EXECUTES("SET LOCAL enable_seqscan TO DEFAULT")},
      {EXECUTES("SET LOCAL enable_hashjoin TO DEFAULT")},
      COMMITS}},
    {STEP_CONSTRAINTS,
     0,
     NULL,
     {DROP, BEGINS, STARTS, {EXECUTES("ALTER TABLE things ADD CONSTRAINT things_pkey")}, COMMITS}},
    {STEP_ANALYZE,
     0,
     "analyze products.aisles",
     {DROP,
      BEGINS,
      STARTS,
      {EXECUTES("SAVEPOINT timele_load_analyze")},
      {USES_SESSION_PATH},
      {EXECUTES("ANALYZE \"products\".\"aisles\"")},
      {RESTRICTS_PATH},
      {EXECUTES("RELEASE SAVEPOINT timele_load_analyze")},
      COMMITS}},
    {STEP_COPY,
     0,
     "finish products.aisles",
     {DROP,
      BEGINS,
      STARTS,
      {EXECUTES(TRUNCATES)},
      {HOLDS(yes)},
      {USES_SESSION_PATH},
      {SENDS(COPY_AISLES)},
      {GIVES(copying)},
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GIVES(stored_one)},
      {GIVES_NO_MORE},
      {RESTRICTS_PATH},
      COMMITS}},
};

/* A rebuild and files that were checked. */
struct site {
    struct rebuilding rebuilding;
    struct files files;
    struct step_context context;
    struct phase_list phases;
    struct session session;
    struct error error;
};

static void check_files(struct site *site)
{
    struct scan *scan;

    ck_assert(scan_new(&site->files.plan, DUPLICATES_ERROR, &site->files.session, &scan));
    ck_assert(scan_table(scan, TABLE_AISLES, NULL));
    ck_assert_msg(scan_finish(scan), "%s", site->files.error.message);
    scan_free(scan);
}

static void open_site(struct site *site, const struct scripted_call calls[static SCRIPT_LENGTH])
{
    struct connection *connection;

    *site = (struct site){.context = {.lock_process = "42", .index_workers = 2}};
    ck_assert_msg(drop(&site->rebuilding, calls), "%s", site->rebuilding.error.message);
    connection = site->rebuilding.session.connection;
    files_open(&site->files, (const char *const[]){"aisle_id,aisle\n1,soup\n", NULL}, connection);
    check_files(site);
    site->context.plan = &site->files.plan;
    site->context.rebuild = site->rebuilding.rebuild;
    site->session = (struct session){.connection = connection,
                                     .log = &site->files.log,
                                     .phases = &site->phases,
                                     .error = &site->error};
    ck_assert_msg(step_begin(&site->context, &site->session), "%s", site->error.message);
}

static void close_site(struct site *site)
{
    files_close(&site->files);
    phase_list_free(&site->phases);
    end(&site->rebuilding);
}

static bool run(struct site *site, int row)
{
    const struct step step = {
        .kind = steps[row].kind, .tables = 1U << TABLE_AISLES, .object = steps[row].object};

    return step_run(&step, &site->context, &site->session);
}

START_TEST(each_kind_has_its_statements)
{
    struct site site;

    open_site(&site, steps[_i].calls);
    ck_assert_msg(run(&site, _i), "%s", site.error.message);
    ck_assert_int_eq(site.error.kind, ERROR_NONE);
    if (steps[_i].phase != NULL) {
        const struct phase *last = phase_last(&site.phases);
        char words[128];

        ck_assert_ptr_nonnull(last);
        (void)snprintf(words, sizeof words, "%s %s", last->what, last->subject);
        ck_assert_msg(strstr(words, steps[_i].phase) == words, "%s", words);
    }
    ck_assert_ptr_null(phase_present(&site.phases));
    close_site(&site);
}
END_TEST

static bool begins_transaction(const struct scripted_call *call)
{
    return call->function == SEND_QUERY && strncmp(call->text, "BEGIN", 5) == 0;
}

/* Where the step's own statements begin: behind the first BEGIN and what belongs to it. */
static int first_answer(const struct scripted_call *calls)
{
    int call = 0;

    while (!begins_transaction(&calls[call]))
        call++;
    return call + BEGINNING_CALLS;
}

/* The script up to the answer, which refuses. */
static void refuse_at(struct scripted_call *refusing, const struct scripted_call *calls, int answer)
{
    memset(refusing, 0, SCRIPT_LENGTH * sizeof *refusing);
    memcpy(refusing, calls, (size_t)answer * sizeof *refusing);
    refusing[answer] = (struct scripted_call){GIVES(refused)};
    refusing[answer + 1] = (struct scripted_call){GIVES_NO_MORE};
}

/* What is sent after a refusal fails the test: COMMIT, above all. An ANALYZE that is refused is a
 * warning at most, and its savepoint is left. */
START_TEST(a_statement_that_is_refused_ends_the_step)
{
    const struct scripted_call *calls = steps[_i].calls;
    int refusals = 0;

    for (int call = first_answer(calls); !begins_transaction(&calls[call]); call++) {
        static struct scripted_call refusing[SCRIPT_LENGTH];
        struct site site;

        if (calls[call].function != GET_RESULT || calls[call].result == NULL ||
            (steps[_i].kind == STEP_ANALYZE && calls[call].result == &script_path) ||
            (calls[call - 1].text != NULL && strncmp(calls[call - 1].text, "ANALYZE", 7) == 0))
            continue;
        refuse_at(refusing, calls, call);
        open_site(&site, refusing);
        ck_assert_msg(!run(&site, _i), "call %d", call);
        ck_assert_int_eq(site.error.kind, ERROR_DATABASE);
        ck_assert_ptr_nonnull(strstr(site.error.message, "no"));
        ck_assert_ptr_null(phase_present(&site.phases));
        close_site(&site);
        refusals++;
    }
    /* The lock, the setting, COMMIT, and what the kind has. */
    ck_assert_int_gt(refusals, 3);
}
END_TEST

/* The position of a step in the table. */
static int row_of(enum step_kind kind)
{
    int row = 0;

    while (steps[row].kind != kind)
        row++;
    return row;
}

static const struct {
    const char *message;
    enum error_kind error;
    enum step_kind kind;
    struct scripted_call calls[SCRIPT_LENGTH];
} failures[] = {
    {"the run lock is not held",
     ERROR_DATABASE,
     STEP_CONSTRAINTS,
     {DROP, BEGINS, {HOLDS(not_held)}}},
    {"the run lock is not held",
     ERROR_DATABASE,
     STEP_COPY,
     {DROP, BEGINS, STARTS, {EXECUTES(TRUNCATES)}, {HOLDS(not_held)}}},
    {"the server answered COMMIT with ROLLBACK",
     ERROR_INTERNAL,
     STEP_CONSTRAINTS,
     {DROP,
      BEGINS,
      STARTS,
      {EXECUTES("ALTER TABLE things ADD CONSTRAINT things_pkey")},
      {ANSWERS("COMMIT", rolled_back)}}},
    {"1 rows were sent and the server stored 2",
     ERROR_DATABASE,
     STEP_COPY,
     {DROP,
      BEGINS,
      STARTS,
      {EXECUTES(TRUNCATES)},
      {HOLDS(yes)},
      {USES_SESSION_PATH},
      {SENDS(COPY_AISLES)},
      {GIVES(copying)},
      {PUT_COPY_DATA, .returns = 1},
      {PUT_COPY_END, .returns = 1},
      {GIVES(stored_two)},
      {GIVES_NO_MORE}}},
};

START_TEST(a_step_that_fails_is_not_committed)
{
    struct site site;

    open_site(&site, failures[_i].calls);
    ck_assert(!run(&site, row_of(failures[_i].kind)));
    ck_assert_msg(strstr(site.error.message, failures[_i].message) != NULL, "%s",
                  site.error.message);
    ck_assert_int_eq(site.error.kind, failures[_i].error);
    close_site(&site);
}
END_TEST

/* The transaction that fills tables with external ids. */
START_TEST(notes_the_transaction)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP,         BEGINS,
        STARTS,       {EXECUTES("TRUNCATE \"users\".\"users\"")},
        {HOLDS(yes)}, {ASKS("SELECT pg_current_xact_id()", NULL, number)},
        COMMITS,
    };
    struct site site;
    const struct step step = {.kind = STEP_COPY, .tables = 1U << TABLE_USERS};

    open_site(&site, calls);
    ck_assert_msg(step_run(&step, &site.context, &site.session), "%s", site.error.message);
    ck_assert_str_eq(site.context.transaction_id, "4711");
    close_site(&site);
}
END_TEST

/* Of a connection that leads to another server. */
static const struct scripted_call elsewhere[SCRIPT_LENGTH] = {
    {SEND_QUERY, .text = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;\n",
     .parameters = transaction_settings_sql, .script = true, .returns = 1},
    {GIVES(script_done)},
    {GIVES_NO_MORE},
    {ASKS(session_search_path_sql, NULL, path)},
    {LIMITS},
    {HOLDS(not_held)},
};

START_TEST(begins_nothing_where_the_run_lock_is_not)
{
    struct error error = {0};
    const struct step_context context = {.lock_process = "42"};
    const struct session session = {.connection = script_open(elsewhere), .error = &error};

    ck_assert(!step_begin(&context, &session));
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    script_close(session.connection);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step run");
    TCase *tests = tcase_create("statements");

    tcase_add_loop_test(tests, each_kind_has_its_statements, 0, TABLE_ROWS(steps));
    tcase_add_loop_test(tests, a_statement_that_is_refused_ends_the_step, 0, TABLE_ROWS(steps));
    tcase_add_loop_test(tests, a_step_that_fails_is_not_committed, 0, TABLE_ROWS(failures));
    tcase_add_test(tests, notes_the_transaction);
    tcase_add_test(tests, begins_nothing_where_the_run_lock_is_not);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

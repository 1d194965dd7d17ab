#include "schema/rebuild_create.h"

#include "rebuild_script.h"
#include "scripted_libpq.h"

extern const char choose_join_sql[];

static const struct scripted_result settings = {
    .status = PGRES_TUPLES_OK, .columns = 2, .rows = 1, .value = "off"};
static const struct scripted_result violated = {.status = PGRES_FATAL_ERROR,
                                                .severity = "ERROR",
                                                .state = "23505",
                                                .message = "could not create unique index"};

#define SET_FOR_INDEXES                                                                            \
    {EXECUTES("SET LOCAL maintenance_work_mem = '96MB'")},                                         \
        {EXECUTES("SET LOCAL max_parallel_maintenance_workers = 2")},                              \
    {                                                                                              \
        EXECUTES("SET LOCAL parallel_leader_participation = off")                                  \
    }
#define SET_FOR_FOREIGN_KEYS                                                                       \
    {EXECUTES("SET LOCAL maintenance_work_mem = '256MB'")},                                        \
    {                                                                                              \
        EXECUTES("SET LOCAL parallel_leader_participation TO DEFAULT")                             \
    }
#define SET_BACK                                                                                   \
    {EXECUTES("SET LOCAL enable_seqscan TO DEFAULT")},                                             \
    {                                                                                              \
        EXECUTES("SET LOCAL enable_hashjoin TO DEFAULT")                                           \
    }
#define CREATE_INDEXES                                                                             \
    SET_FOR_INDEXES, {USES_SESSION_PATH}, {EXECUTES("SET LOCAL default_tablespace = ''")},         \
        {EXECUTES("CREATE UNIQUE INDEX things_pkey")},                                             \
        {EXECUTES("ALTER TABLE things ADD CONSTRAINT things_pkey")},                               \
        {EXECUTES("SET LOCAL default_tablespace = fast_disk")},                                    \
        {EXECUTES("CREATE INDEX things_name")},                                                    \
        {EXECUTES("SET CONSTRAINTS parts_left IMMEDIATE")},                                        \
    {                                                                                              \
        RESTRICTS_PATH                                                                             \
    }
#define CHOOSE_JOIN         ASKS(choose_join_sql, " [17] [16] [2]", settings)
#define ADD_FOREIGN_KEY     "ALTER TABLE parts ADD CONSTRAINT parts_thing"
#define COMMENT_FOREIGN_KEY "COMMENT ON CONSTRAINT parts_thing ON parts IS 'a part''s; and so on'"

static void expect_phases(const struct rebuilding *rebuilding, const char *const *subjects,
                          size_t count)
{
    const struct phase *phases = rebuilding->phases.list.items;

    ck_assert_uint_eq(rebuilding->phases.list.count, count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_str_eq(phases[i].what, "create");
        ck_assert_str_eq(phases[i].subject, subjects[i]);
    }
}

START_TEST(creates_again_what_it_dropped)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP,
        CREATE_INDEXES,
        SET_FOR_FOREIGN_KEYS,
        {CHOOSE_JOIN},
        {EXECUTES(ADD_FOREIGN_KEY)},
        {EXECUTES(COMMENT_FOREIGN_KEY)},
        SET_BACK,
    };
    static const char *const subjects[] = {"index things_pkey", "index stock.things_name",
                                           "foreign key parts_thing of parts"};
    struct rebuilding rebuilding = {0};

    ck_assert_msg(drop(&rebuilding, calls), "%s", rebuilding.error.message);
    ck_assert_ptr_nonnull(rebuilding.rebuild);
    ck_assert_str_eq(rebuilding.tables[0].obstacle, "");
    ck_assert_str_eq(rebuilding.tables[1].obstacle, "");
    ck_assert(rebuilding.tables[0].truncated && !rebuilding.tables[1].truncated);
    ck_assert_msg(rebuild_create(rebuilding.rebuild, &rebuilding.session), "%s",
                  rebuilding.error.message);
    expect_phases(&rebuilding, subjects, 3);
    end(&rebuilding);
}
END_TEST

START_TEST(nothing_dropped_is_nothing_to_create)
{
    struct error error = {0};
    struct session session = {.connection = script_open((const struct scripted_call[SCRIPT_LENGTH]){
                                  {GIVES_NO_MORE, .repeats = true}}),
                              .error = &error};

    ck_assert(rebuild_create(NULL, &session));
    script_close(session.connection);
}
END_TEST

static const struct {
    const char *message;
    struct scripted_call calls[SCRIPT_LENGTH];
} violations[] = {
    {"index things_pkey: could not create unique index",
     {DROP,
      SET_FOR_INDEXES,
      {USES_SESSION_PATH},
      {EXECUTES("SET LOCAL default_tablespace = ''")},
      {ANSWERS("CREATE UNIQUE INDEX things_pkey", violated)}}},
    {"index things_pkey: no",
     {DROP,
      SET_FOR_INDEXES,
      {USES_SESSION_PATH},
      {EXECUTES("SET LOCAL default_tablespace = ''")},
      {EXECUTES("CREATE UNIQUE INDEX things_pkey")},
      {ANSWERS("ALTER TABLE things ADD CONSTRAINT things_pkey", refused)}}},
    {"foreign key parts_thing of parts: could not create unique index",
     {DROP,
      CREATE_INDEXES,
      SET_FOR_FOREIGN_KEYS,
      {CHOOSE_JOIN},
      {ANSWERS(ADD_FOREIGN_KEY, violated)}}},
    {"foreign key parts_thing of parts: no",
     {DROP,
      CREATE_INDEXES,
      SET_FOR_FOREIGN_KEYS,
      {CHOOSE_JOIN},
      {EXECUTES(ADD_FOREIGN_KEY)},
      {ANSWERS(COMMENT_FOREIGN_KEY, refused)}}},
};

START_TEST(names_what_the_data_violates)
{
    struct rebuilding rebuilding = {0};

    ck_assert_msg(drop(&rebuilding, violations[_i].calls), "%s", rebuilding.error.message);
    ck_assert(!rebuild_create(rebuilding.rebuild, &rebuilding.session));
    ck_assert_str_eq(rebuilding.error.message, violations[_i].message);
    ck_assert_int_eq(rebuilding.error.kind, ERROR_DATABASE);
    end(&rebuilding);
}
END_TEST

#define SET_FOR_INDEX(memory, workers, leader)                                                     \
    {EXECUTES("SET LOCAL maintenance_work_mem = '" memory "MB'")},                                 \
        {EXECUTES("SET LOCAL max_parallel_maintenance_workers = " workers)},                       \
        {EXECUTES("SET LOCAL parallel_leader_participation = " leader)},                           \
    {                                                                                              \
        USES_SESSION_PATH                                                                          \
    }
#define SET_TABLESPACE(name) EXECUTES("SET LOCAL default_tablespace = " name)

static void drop_and_play(struct rebuilding *rebuilding,
                          const struct scripted_call calls[static SCRIPT_LENGTH])
{
    ck_assert_msg(drop(rebuilding, calls), "%s", rebuilding->error.message);
    ck_assert_ptr_nonnull(rebuilding->rebuild);
}

START_TEST(tells_each_object)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {DROP};
    struct rebuilding rebuilding = {0};
    struct rebuild_object object;

    drop_and_play(&rebuilding, calls);
    ck_assert_uint_eq(rebuild_object_count(NULL), 0);
    ck_assert_uint_eq(rebuild_object_count(rebuilding.rebuild), 3);

    rebuild_object_read(rebuilding.rebuild, 0, &object);
    ck_assert_int_eq(object.kind, REBUILD_INDEX);
    ck_assert_str_eq(object.label, "index things_pkey");
    ck_assert_ptr_eq(object.table, &things);
    ck_assert_ptr_null(object.parent);
    ck_assert(object.is_unique);

    rebuild_object_read(rebuilding.rebuild, 1, &object);
    ck_assert_int_eq(object.kind, REBUILD_INDEX);
    ck_assert_str_eq(object.label, "index stock.things_name");
    ck_assert(!object.is_unique);

    rebuild_object_read(rebuilding.rebuild, 2, &object);
    ck_assert_int_eq(object.kind, REBUILD_FOREIGN_KEY);
    ck_assert_str_eq(object.label, "foreign key parts_thing of parts");
    ck_assert_ptr_eq(object.table, &parts);
    ck_assert_ptr_eq(object.parent, &things);
    ck_assert(!object.is_unique);
    end(&rebuilding);
}
END_TEST

START_TEST(creates_one_object_after_the_other)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP,
        SET_FOR_INDEX("8", "0", "on"),
        {SET_TABLESPACE("''")},
        {EXECUTES("CREATE UNIQUE INDEX things_pkey")},
        {RESTRICTS_PATH},
        SET_FOR_INDEX("64", "1", "on"),
        {SET_TABLESPACE("fast_disk")},
        {EXECUTES("CREATE INDEX things_name")},
        {RESTRICTS_PATH},
        {EXECUTES(ADD_FOREIGN_KEY " NOT VALID")},
        {EXECUTES(COMMENT_FOREIGN_KEY)},
        {EXECUTES("SET LOCAL maintenance_work_mem = '256MB'")},
        {CHOOSE_JOIN},
        {EXECUTES("ALTER TABLE parts VALIDATE CONSTRAINT parts_thing")},
        SET_BACK,
        {EXECUTES("ALTER TABLE things ADD CONSTRAINT things_pkey")},
    };
    static const char *const subjects[] = {"index things_pkey", "index stock.things_name",
                                           "foreign key parts_thing of parts"};
    struct rebuilding rebuilding = {0};
    const struct session *session = &rebuilding.session;

    drop_and_play(&rebuilding, calls);
    ck_assert_msg(rebuild_create_index(rebuilding.rebuild, 0, 0, session) &&
                      rebuild_create_index(rebuilding.rebuild, 1, 1, session) &&
                      rebuild_add_foreign_key(rebuilding.rebuild, 2, session) &&
                      rebuild_validate_foreign_key(rebuilding.rebuild, 2, session) &&
                      rebuild_complete_indexes(rebuilding.rebuild, session),
                  "%s", rebuilding.error.message);
    expect_phases(&rebuilding, subjects, 3);
    end(&rebuilding);
}
END_TEST

/* The leader of two workers sorts nothing, as in a rebuild over one connection. */
START_TEST(names_the_one_index_that_the_data_violates)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP,
        SET_FOR_INDEX("96", "2", "off"),
        {SET_TABLESPACE("''")},
        {ANSWERS("CREATE UNIQUE INDEX things_pkey", violated)},
    };
    struct rebuilding rebuilding = {0};

    drop_and_play(&rebuilding, calls);
    ck_assert(!rebuild_create_index(rebuilding.rebuild, 0, 2, &rebuilding.session));
    ck_assert_str_eq(rebuilding.error.message, "index things_pkey: could not create unique index");
    end(&rebuilding);
}
END_TEST

START_TEST(names_the_one_foreign_key_that_the_data_violates)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        DROP,
        {EXECUTES("SET LOCAL maintenance_work_mem = '256MB'")},
        {CHOOSE_JOIN},
        {ANSWERS("ALTER TABLE parts VALIDATE CONSTRAINT parts_thing", refused)},
    };
    struct rebuilding rebuilding = {0};

    drop_and_play(&rebuilding, calls);
    ck_assert(!rebuild_validate_foreign_key(rebuilding.rebuild, 2, &rebuilding.session));
    ck_assert_str_eq(rebuilding.error.message, "foreign key parts_thing of parts: no");
    end(&rebuilding);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rebuild create");
    TCase *tests = tcase_create("statements");

    tcase_add_test(tests, creates_again_what_it_dropped);
    tcase_add_test(tests, nothing_dropped_is_nothing_to_create);
    tcase_add_loop_test(tests, names_what_the_data_violates, 0, TABLE_ROWS(violations));
    tcase_add_test(tests, tells_each_object);
    tcase_add_test(tests, creates_one_object_after_the_other);
    tcase_add_test(tests, names_the_one_index_that_the_data_violates);
    tcase_add_test(tests, names_the_one_foreign_key_that_the_data_violates);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

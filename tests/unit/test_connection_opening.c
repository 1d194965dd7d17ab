#include "base/interrupt.h"
#include "pg/connection.h"
#include "scripted_libpq.h"
#include "suite.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define TERMINATED "terminated; nothing was changed"

#define OPENING_TEXT "dbname=timele fallback_application_name=timele-load client_encoding=UTF8 "
#define OPENS        CONNECT, .text = OPENING_TEXT, .returns = 1

static bool open_it(const char *database, struct connection **connection, struct error *error)
{
    static struct log log;

    log = (struct log){.stream = stderr};
    return connection_open(&(struct connection_options){.conninfo = database, .log = &log},
                           connection, error);
}

START_TEST(opens_when_the_server_is_ready)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {OPENS},
        {.function = SET_NONBLOCKING},
    };
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(calls);
    ck_assert_msg(open_it("timele", &connection, &error), "%s", error.message);
    ck_assert_str_eq(connection_name(connection), "timele on /run/postgresql");
    ck_assert(!connection_is_lost(connection));
    script_close(connection);
}
END_TEST

START_TEST(leaves_what_is_not_given_to_the_environment)
{
    static const struct scripted_call calls[SCRIPT_LENGTH] = {
        {CONNECT, .text = "fallback_application_name=timele-load client_encoding=UTF8 ",
         .returns = 1},
        {.function = SET_NONBLOCKING},
    };
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(calls);
    ck_assert_msg(open_it(NULL, &connection, &error), "%s", error.message);
    script_close(connection);
}
END_TEST

static const struct {
    struct scripted_case script;
    const char *database;
} failed_openings[] = {
    {{"no memory",
      {{CONNECT, .text = OPENING_TEXT, .returns = 0}},
      FAILS(ERROR_INTERNAL, "out of memory")},
     "timele"},
    {{"no such host",
      {{OPENS, .loses = true, .message = "could not translate host name\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: could not translate host name")},
     "timele"},
    {{"no memory to look the host up",
      {{OPENS, .loses = true,
        .message = "could not translate host name \"db\" to address: Memory allocation failure\n"}},
      FAILS(ERROR_INTERNAL, "cannot connect: could not translate host name \"db\" to address: "
                            "Memory allocation failure")},
     "timele"},
    {{"a server without memory",
      {{OPENS, .loses = true, .message = "connection to server failed: FATAL:  out of memory\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: connection to server failed: FATAL:  out of memory")},
     "timele"},
    {{"no socket, of which libpq says nothing",
      {{OPENS, .loses = true, .message = "", .reason = EMFILE}},
      FAILS(ERROR_DATABASE, "cannot connect: Too many open files")},
     "timele"},
    {{"no memory for a socket, of which libpq says nothing",
      {{OPENS, .loses = true, .message = "", .reason = ENOMEM}},
      FAILS(ERROR_INTERNAL, "cannot connect: Cannot allocate memory")},
     "timele"},
    {{"nothing is known",
      {{OPENS, .loses = true, .message = ""}},
      FAILS(ERROR_DATABASE, "cannot connect: the server ended the connection")},
     "timele"},
    {{"a well-formed string is shown",
      {{CONNECT,
        .text = "dbname=host=nowhere fallback_application_name=timele-load client_encoding=UTF8 ",
        .returns = 1, .loses = true, .message = "could not translate host name \"nowhere\"\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: could not translate host name \"nowhere\"")},
     "host=nowhere"},
    {{"no server",
      {{OPENS, .loses = true,
        .message = "connection to server failed: refused\n\tIs it running?\n"}},
      FAILS(ERROR_DATABASE,
            "cannot connect: connection to server failed: refused; Is it running?")},
     "timele"},
    {{"a password is needed",
      {{OPENS, .loses = true, .message = "fe_sendauth: no password supplied\n"}},
      ERROR_DATABASE,
      "cannot connect: fe_sendauth: no password supplied",
      NULL,
      "Put the password into ~/.pgpass or the file that PGPASSFILE names, which only its owner may "
      "read (chmod 600)."},
     "timele"},
    {{"a pooler refuses PGOPTIONS",
      {{OPENS, .loses = true, .message = "FATAL:  unsupported startup parameter: options\n"}},
      ERROR_DATABASE,
      "cannot connect: FATAL:  unsupported startup parameter: options",
      NULL,
      "The pooler does not pass it on to the server: unset PGOPTIONS or what else sets it, or "
      "connect to the server itself."},
     "timele"},
    {{"cannot be made nonblocking",
      {{OPENS}, {SET_NONBLOCKING, .returns = -1, .message = "cannot flush\n"}},
      FAILS(ERROR_DATABASE, "cannot connect: cannot flush")},
     "timele"},
    /* Nothing runs on the server yet: nothing to cancel, nor anyone to wait for. */
    {{"a signal comes",
      {{OPENS, .blocks = true, .raises = SIGTERM}},
      FAILS(ERROR_TERMINATED, TERMINATED)},
     "timele"},
};

START_TEST(says_why_it_cannot_connect)
{
    const struct scripted_case *row = &failed_openings[_i].script;
    struct connection *connection = NULL;
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    script_play(row->calls);
    ck_assert_msg(!open_it(failed_openings[_i].database, &connection, &error), "%s", row->name);
    script_expect_error(row, &error);
    ck_assert_ptr_null(connection);
    script_end();
}
END_TEST

/* libpq quotes what it does not understand, and that may be the password or a part of it: it is not
 * even asked. */
static const char *const malformed[] = {
    "user=me password=my hunter2",
    "password='hunter2",
    "hunter2=password",
    "postgresql://me:hunter2%zz@db/timele",
    "postgres://me:hunter2@[::1/timele",
};

START_TEST(never_shows_a_password)
{
    static const struct scripted_call nothing[SCRIPT_LENGTH];
    struct connection *connection = NULL;
    struct error error = {0};

    script_play(nothing);
    ck_assert_msg(!open_it(malformed[_i], &connection, &error), "%s", malformed[_i]);
    ck_assert_int_eq(error.kind, ERROR_DATABASE);
    ck_assert_str_eq(error.message, "cannot connect: the connection string cannot be read");
    ck_assert_str_eq(error.detail, "");
    ck_assert_msg(strstr(error.hint, "hunter2") == NULL, "%s: %s", malformed[_i], error.hint);
    script_end();
}
END_TEST

#define COMMAND "UPDATE"

static const struct scripted_result done = {.status = PGRES_COMMAND_OK, .rows_changed = ""};

/* By Citus. */
#define LOCAL_VIEW                                                                                 \
    "\"view api.users\" has dependency to \"table users.users\" that is not in Citus' metadata"

static const struct {
    enum log_level level;
    const char *severity;
    const char *message;
    const char *shown;
} notices[] = {
    {LOG_QUIET, "WARNING", "no space", "timele-load: warning: the server says: no space\n"},
    {LOG_QUIET, "INFO", "no space", ""},
    {LOG_NORMAL, "INFO", "no space", "timele-load: the server says: no space\n"},
    {LOG_NORMAL, "NOTICE", "no space", ""},
    {LOG_VERBOSE, "NOTICE", "no space", "timele-load: the server says: no space\n"},
    {LOG_VERBOSE, NULL, "no space", ""},
    /* libpq's words, passed on by a node of Citus. */
    {LOG_QUIET, "WARNING", "lost\n\tmaybe crashed\ninvalid socket\n",
     "timele-load: warning: the server says: lost; maybe crashed; invalid socket\n"},
    {LOG_QUIET, "WARNING", "failed to commit transaction on one:5432",
     "timele-load: warning: the server says: failed to commit transaction on one:5432; the node "
     "has "
     "prepared it, and commits it when Citus has recovered it, within a minute, or at once with "
     "SELECT recover_prepared_transactions()\n"},
    {LOG_NORMAL, "WARNING", LOCAL_VIEW, ""},
    {LOG_VERBOSE, "WARNING", LOCAL_VIEW, "timele-load: the server says: " LOCAL_VIEW "\n"},
};

START_TEST(logs_notices)
{
    const struct scripted_result notice = {.severity = notices[_i].severity,
                                           .message = notices[_i].message};
    const struct scripted_call calls[SCRIPT_LENGTH] = {
        {OPENS},          {.function = SET_NONBLOCKING},
        {SENDS(COMMAND)}, {READS, .notice = &notice},
        {GIVES(done)},    {GIVES_NO_MORE},
    };
    struct connection *connection = NULL;
    struct error error = {0};
    char *text = NULL;
    size_t size;
    struct log log = {.stream = open_memstream(&text, &size), .level = notices[_i].level};
    const struct connection_options options = {.conninfo = "timele", .log = &log};

    ck_assert_ptr_nonnull(log.stream);
    script_play(calls);
    ck_assert_msg(connection_open(&options, &connection, &error), "%s", error.message);
    ck_assert_msg(connection_execute(connection, COMMAND, &error), "%s", error.message);
    script_close(connection);
    ck_assert_int_eq(fclose(log.stream), 0);
    ck_assert_msg(strcmp(text, notices[_i].shown) == 0, "notice %d: \"%s\"", _i, text);
    free(text);
}
END_TEST

START_TEST(closes_nothing)
{
    connection_close(NULL);
    script_end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("connection opening");
    TCase *tests = tcase_create("opening");

    tcase_add_test(tests, opens_when_the_server_is_ready);
    tcase_add_test(tests, leaves_what_is_not_given_to_the_environment);
    tcase_add_loop_test(tests, says_why_it_cannot_connect, 0, TABLE_ROWS(failed_openings));
    tcase_add_loop_test(tests, never_shows_a_password, 0, TABLE_ROWS(malformed));
    tcase_add_loop_test(tests, logs_notices, 0, TABLE_ROWS(notices));
    tcase_add_test(tests, closes_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}

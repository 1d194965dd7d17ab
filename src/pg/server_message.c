#include "pg/server_message.h"

#include "pg/pooler_message.h"
#include "table/table.h"
#include "value/password_hash.h"

#include <stdio.h>
#include <string.h>

/* libpq's own messages end in a newline and may have several lines; one line reads better. */
static void copy_one_line(char *target, size_t size, const char *source)
{
    size_t length = 0;

    for (; *source != '\0' && length + 3 < size; source++) {
        if (*source != '\n') {
            target[length++] = *source;
            if (*source == '\t')
                target[length - 1] = ' ';
            continue;
        }
        /* What continues a message starts with a tab. */
        source += strspn(source, "\n\t") - 1;
        if (source[1] != '\0') {
            target[length++] = ';';
            target[length++] = ' ';
        }
    }
    target[length] = '\0';
    /* A trigger or an index of the user's may quote the column that is shown to nobody. */
    password_hash_mask(target);
}

static void copy_field(char *target, const PGresult *result, int field)
{
    const char *text = PQresultErrorField(result, field);

    if (text != NULL)
        copy_one_line(target, ERROR_TEXT_SIZE, text);
}

/* A pooler says so of whatever it refuses. */
static const char protocol_violation[] = "08P01";

static void copy_state(struct error *error, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    if (state != NULL)
        (void)snprintf(error->state, sizeof error->state, "%s", state);
}

/* For a row that violates NOT NULL or a check, the detail is the whole row: a password's hash,
 * which is shown to nobody, would be in it. */
static bool detail_shows_row(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return state != NULL && (strcmp(state, "23502") == 0 || strcmp(state, "23514") == 0);
}

/* A key of a constraint or an index of the user's may hold a column that is shown to nobody. */
static bool names_secret(const char *detail)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct table *table = table_get((enum table_id)id);

        for (size_t i = 0; i < table->column_count; i++)
            if (table->columns[i].secret && strstr(detail, table->columns[i].name) != NULL)
                return true;
    }
    return false;
}

/* The function that refuses to let policies hide rows (PostgreSQL's utils/misc/rls.c). The message
 * itself may be in any language. */
static bool refuses_row_security(const PGresult *result)
{
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    return function != NULL && strcmp(function, "check_enable_rls") == 0;
}

/* Whether the place is in a DO block, which no function of the user's is: those of schema.sql and
 * api.sql. */
static bool is_in_block(const char *line, size_t length)
{
    static const char name[] = " inline_code_block ";
    const char *found = strstr(line, name);

    return found != NULL && found + strlen(name) <= line + length;
}

/* Whether a line of the context is a place in a function: "PL/pgSQL function f() line 3 at RAISE"
 * or "SQL function "f" statement 1". Only such lines have no text of a statement and no value. */
static bool is_place_in_function(const char *line, size_t length)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_ .,/()[]\"-";
    static const char *const starts[] = {"PL/", "SQL function \""};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(line, starts[i], strlen(starts[i])) == 0)
            return strspn(line, plain) >= length && !is_in_block(line, length);
    return false;
}

/* Adds the places to the detail, the innermost first. */
static void add_places(struct error *error, const PGresult *result)
{
    const char *line = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *separator = error->detail[0] != '\0' ? "; in: " : "in: ";

    while (line != NULL && *line != '\0') {
        size_t used = strlen(error->detail), length = strcspn(line, "\n");

        if (is_place_in_function(line, length)) {
            (void)snprintf(error->detail + used, sizeof error->detail - used, "%s%.*s", separator,
                           (int)length, line);
            separator = ", called by ";
        }
        line += length + (line[length] == '\n');
    }
}

bool server_message_blames_node(const struct error *error)
{
    return strncmp(error->state, "08", 2) == 0 && strcmp(error->state, protocol_violation) != 0;
}

static void copy_hint(struct error *error, const PGresult *result, const char *message)
{
    const char *hint = refuses_row_security(result) ? SERVER_MESSAGE_ROW_SECURITY_HINT
                                                    : pooler_message_hint(message);

    copy_field(error->hint, result, PG_DIAG_MESSAGE_HINT);
    if (hint == NULL && error->hint[0] == '\0' && server_message_blames_node(error))
        hint = "The server cannot reach another one that it needs, such as a node of its cluster. "
               "Run it again when that one is there.";
    if (hint != NULL)
        (void)snprintf(error->hint, sizeof error->hint, "%s", hint);
}

/* libpq's own words, or getaddrinfo's, and not a server's that has none. */
static bool tells_no_memory(const PGresult *result, const char *message)
{
    return PQresultErrorField(result, PG_DIAG_SQLSTATE) == NULL &&
           strstr(message, "FATAL") == NULL &&
           (strstr(message, "out of memory") != NULL ||
            strstr(message, "Memory allocation failure") != NULL ||
            strstr(message, "cannot allocate memory for") != NULL);
}

bool server_message_error(const PGconn *connection, const PGresult *result, const char *purpose,
                          struct error *error)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    char message[ERROR_TEXT_SIZE];

    copy_one_line(message, sizeof message, primary != NULL ? primary : PQerrorMessage(connection));
    if (message[0] == '\0' && result != NULL)
        return error_set(error, ERROR_INTERNAL,
                         "the server's answer is none that was asked for: %s",
                         PQresStatus(PQresultStatus(result)));
    if (message[0] == '\0')
        (void)snprintf(message, sizeof message, "the server ended the connection");
    (void)error_set(error, tells_no_memory(result, message) ? ERROR_INTERNAL : ERROR_DATABASE,
                    "%s%s%s", purpose != NULL ? purpose : "", purpose != NULL ? ": " : "", message);
    copy_state(error, result);
    if (!detail_shows_row(result))
        copy_field(error->detail, result, PG_DIAG_MESSAGE_DETAIL);
    if (names_secret(error->detail))
        error->detail[0] = '\0';
    add_places(error, result);
    copy_hint(error, result, message);
    return false;
}

bool server_notice_read(const PGresult *notice, struct server_notice *read)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

    if (severity == NULL || message == NULL)
        return false;
    (void)snprintf(read->severity, sizeof read->severity, "%s", severity);
    copy_one_line(read->message, sizeof read->message, message);
    return true;
}

/* Citus warns of each view and function that it keeps on the coordinator, because it has not
 * distributed the tables. Nothing is wrong with them, and the API has many. It translates nothing.
 */
static bool tells_of_local_object(const struct server_notice *notice)
{
    return strstr(notice->message, "\" that is not in Citus' metadata") != NULL;
}

/* A role whose citus.propagate_set_commands is on has the message that begins a transaction sent to
 * nodes that have begun it. This program never begins one twice. */
static bool tells_of_second_beginning(const struct server_notice *notice)
{
    return strcmp(notice->message, "there is already a transaction in progress") == 0;
}

/* A node of Citus was lost when all nodes had prepared the transaction and the coordinator had
 * committed it. */
static bool tells_of_later_commit(const struct server_notice *notice)
{
    return strncmp(notice->message, "failed to commit transaction on ", 32) == 0;
}

void server_notice_log(struct log *log, const struct server_notice *notice)
{
    if (strcmp(notice->severity, "WARNING") == 0 && !tells_of_local_object(notice) &&
        !tells_of_second_beginning(notice))
        log_warning(log, "the server says: %s%s", notice->message,
                    tells_of_later_commit(notice)
                        ? "; the node has prepared it, and commits it " SERVER_MESSAGE_RECOVERY
                        : "");
    else if (strcmp(notice->severity, "INFO") == 0)
        log_note(log, "the server says: %s", notice->message);
    else
        log_verbose(log, "the server says: %s", notice->message);
}

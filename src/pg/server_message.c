#include "pg/server_message.h"

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
}

static void copy_field(char *target, const PGresult *result, int field)
{
    const char *text = PQresultErrorField(result, field);

    if (text != NULL)
        copy_one_line(target, ERROR_TEXT_SIZE, text);
}

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
    (void)error_set(error, ERROR_DATABASE, "%s%s%s", purpose != NULL ? purpose : "",
                    purpose != NULL ? ": " : "", message);
    copy_state(error, result);
    if (!detail_shows_row(result))
        copy_field(error->detail, result, PG_DIAG_MESSAGE_DETAIL);
    copy_field(error->hint, result, PG_DIAG_MESSAGE_HINT);
    return false;
}

void server_message_log(struct log *log, const PGresult *notice)
{
    const char *severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);

    if (severity == NULL || message == NULL)
        return;
    if (strcmp(severity, "WARNING") == 0)
        log_warning(log, "the server says: %s", message);
    else if (strcmp(severity, "INFO") == 0)
        log_note(log, "the server says: %s", message);
    else
        log_verbose(log, "the server says: %s", message);
}

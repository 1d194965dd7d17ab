#include "pg/copy_in.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

/* Large enough that a send is one system call for thousands of rows, small enough for the cache. */
enum { BUFFER_SIZE = 128 * 1024 };

/* The signature, a flags word and the length of the header extension, both 0. */
static const char header[19] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0";

struct copy_in {
    struct connection *connection;
    unsigned long long rows;
    struct error failure; /* the first failed send */
    uint16_t fields_left; /* of the present row */
    size_t used;
    uint8_t buffer[BUFFER_SIZE];
};

/* When the server has closed the connection, its last message may still be unread. libpq gives it
 * as the result of the COPY, so the COPY is ended and its result is read. */
static bool explain_failure(struct copy_in *copy, struct error *error)
{
    PGconn *handle = connection_handle(copy->connection);
    PGresult *result = NULL;

    if (PQstatus(handle) == CONNECTION_BAD && PQputCopyEnd(handle, NULL) == 1)
        result = PQgetResult(handle);
    (void)connection_error(copy->connection, result, NULL, error);
    PQclear(result);
    return false;
}

/* In non-blocking mode PQputCopyData lets libpq's own buffer grow without end, so it is flushed
 * each time. What the server sends meanwhile is read: otherwise each side would wait for the other.
 */
static bool send_bytes(struct copy_in *copy, const uint8_t *bytes, size_t length,
                       struct error *error)
{
    PGconn *handle = connection_handle(copy->connection);
    int left;

    if (!connection_may_send(copy->connection, error))
        return false;
    if (PQputCopyData(handle, (const char *)bytes, (int)length) != 1)
        return explain_failure(copy, error);
    while ((left = PQflush(handle)) == 1) {
        if (!connection_wait(copy->connection, true, error))
            return false;
        if (PQconsumeInput(handle) == 0)
            return explain_failure(copy, error);
    }
    return left == 0 || explain_failure(copy, error);
}

static void send_buffer(struct copy_in *copy)
{
    if (copy->failure.kind == ERROR_NONE && copy->used > 0)
        (void)send_bytes(copy, copy->buffer, copy->used, &copy->failure);
    copy->used = 0;
}

bool copy_in_open(struct connection *connection, const char *sql, struct copy_in **copy,
                  struct error *error)
{
    struct copy_in *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->connection = connection;
    if (!connection_start_copy(connection, sql, PGRES_COPY_IN, error)) {
        free(opened);
        return false;
    }
    memcpy(opened->buffer, header, sizeof header);
    opened->used = sizeof header;
    *copy = opened;
    return true;
}

/* `length` more bytes of the buffer; length is at most that of the longest fixed-size field. */
static uint8_t *reserve(struct copy_in *copy, size_t length)
{
    if (BUFFER_SIZE - copy->used < length)
        send_buffer(copy);
    uint8_t *place = copy->buffer + copy->used;
    copy->used += length;
    return place;
}

void copy_in_row(struct copy_in *copy, uint16_t field_count)
{
    uint16_t count = htobe16(field_count);

    assert(copy->fields_left == 0);
    copy->fields_left = field_count;
    memcpy(reserve(copy, sizeof count), &count, sizeof count);
}

/* The first `length` bytes of a field, or all of them. */
static uint8_t *reserve_field(struct copy_in *copy, size_t length)
{
    assert(copy->fields_left > 0);
    copy->fields_left--;
    return reserve(copy, length);
}

void copy_in_null(struct copy_in *copy)
{
    memset(reserve_field(copy, 4), 0xff, 4);
}

void copy_in_boolean(struct copy_in *copy, bool value)
{
    uint8_t *place = reserve_field(copy, 5);
    uint32_t length = htobe32(1);

    memcpy(place, &length, sizeof length);
    place[4] = value;
}

void copy_in_integer(struct copy_in *copy, int32_t value)
{
    uint32_t field[2] = {htobe32(sizeof value), htobe32((uint32_t)value)};

    memcpy(reserve_field(copy, sizeof field), field, sizeof field);
}

void copy_in_bigint(struct copy_in *copy, int64_t value)
{
    uint8_t *place = reserve_field(copy, 12);
    uint32_t length = htobe32(sizeof value);
    uint64_t bits = htobe64((uint64_t)value);

    memcpy(place, &length, sizeof length);
    memcpy(place + 4, &bits, sizeof bits);
}

void copy_in_double(struct copy_in *copy, double value)
{
    int64_t bits;

    memcpy(&bits, &value, sizeof bits);
    copy_in_bigint(copy, bits);
}

void copy_in_bytes(struct copy_in *copy, const void *bytes, size_t length)
{
    uint32_t field_length = htobe32((uint32_t)length);

    /* A file's field has CSV_FIELD_SIZE_MAX bytes at most; a text of the database less than 2^30.
     */
    assert(length <= INT32_MAX);
    memcpy(reserve_field(copy, sizeof field_length), &field_length, sizeof field_length);
    if (length > BUFFER_SIZE) {
        send_buffer(copy);
        if (copy->failure.kind == ERROR_NONE)
            (void)send_bytes(copy, bytes, length, &copy->failure);
        return;
    }
    memcpy(reserve(copy, length), bytes, length);
}

bool copy_in_row_end(struct copy_in *copy, struct error *error)
{
    assert(copy->fields_left == 0);
    copy->rows++;
    if (copy->failure.kind == ERROR_NONE)
        return true;
    return error_copy(error, &copy->failure);
}

/* On an error the server ends the COPY by itself; libpq gives the reason only after PQputCopyEnd.
 */
static bool finish(struct copy_in *copy, unsigned long long *lacking, struct error *error)
{
    unsigned long long stored = 0;

    if (PQputCopyEnd(connection_handle(copy->connection), NULL) != 1)
        return connection_error(copy->connection, NULL, NULL, error);
    if (!connection_finish(copy->connection, &stored, error))
        return false;
    *lacking = stored < copy->rows ? copy->rows - stored : 0;
    return stored <= copy->rows ||
           error_set(error, ERROR_DATABASE, "%llu rows were sent and the server stored %llu",
                     copy->rows, stored);
}

bool copy_in_end_counted(struct copy_in *copy, unsigned long long *lacking, struct error *error)
{
    uint16_t trailer = 0xffff;
    bool done;

    memcpy(reserve(copy, sizeof trailer), &trailer, sizeof trailer);
    send_buffer(copy);
    if (copy->failure.kind != ERROR_NONE) {
        *error = copy->failure;
        copy_in_abort(copy, error->message);
        return false;
    }
    done = finish(copy, lacking, error);
    free(copy);
    return done;
}

bool copy_in_end(struct copy_in *copy, struct error *error)
{
    unsigned long long sent = copy->rows, lacking = 0;

    return copy_in_end_counted(copy, &lacking, error) &&
           (lacking == 0 ||
            error_set(error, ERROR_DATABASE, "%llu rows were sent and the server stored %llu", sent,
                      sent - lacking));
}

void copy_in_abort(struct copy_in *copy, const char *reason)
{
    struct error ignored = {0};

    if (copy == NULL)
        return;
    if (PQputCopyEnd(connection_handle(copy->connection), reason) == 1)
        (void)connection_finish(copy->connection, NULL, &ignored);
    free(copy);
}

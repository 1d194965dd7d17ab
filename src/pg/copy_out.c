#include "pg/copy_out.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE_SIZE = 11 };

struct message {
    const uint8_t *bytes;
    size_t left;
};

static bool take(struct message *message, size_t length, const uint8_t **bytes)
{
    if (message->left < length)
        return false;
    *bytes = message->bytes;
    message->bytes += length;
    message->left -= length;
    return true;
}

static bool take_uint16(struct message *message, uint16_t *value)
{
    const uint8_t *bytes;

    if (!take(message, sizeof *value, &bytes))
        return false;
    memcpy(value, bytes, sizeof *value);
    *value = be16toh(*value);
    return true;
}

static bool take_uint32(struct message *message, uint32_t *value)
{
    const uint8_t *bytes;

    if (!take(message, sizeof *value, &bytes))
        return false;
    memcpy(value, bytes, sizeof *value);
    *value = be32toh(*value);
    return true;
}

/* Skips what comes before the first row: the signature, the flags and a header extension. */
static bool take_header(struct message *message)
{
    const uint8_t *skipped;
    uint32_t flags, extension;

    return take(message, SIGNATURE_SIZE, &skipped) &&
           memcmp(skipped, "PGCOPY\n\377\r\n", SIGNATURE_SIZE) == 0 &&
           take_uint32(message, &flags) && take_uint32(message, &extension) &&
           take(message, extension, &skipped);
}

static bool take_field(struct message *message, struct copy_out_field *field)
{
    uint32_t length;

    if (!take_uint32(message, &length))
        return false;
    *field = (struct copy_out_field){.bytes = NULL};
    if (length == UINT32_MAX)
        return true;
    field->length = length;
    return take(message, length, &field->bytes);
}

/* A CopyData message holds whole rows, mostly a single one, or the trailer. */
static bool take_rows(const struct copy_out *copy, struct message *message, struct error *error)
{
    struct copy_out_field fields[COPY_OUT_FIELDS_MAX];
    uint16_t count;

    while (message->left > 0) {
        if (!take_uint16(message, &count))
            return error_set(error, ERROR_DATABASE, "the server's COPY data ends in a row");
        if (count == UINT16_MAX)
            return true;
        if (count != copy->field_count)
            return error_set(error, ERROR_DATABASE, "the server's COPY data has %d columns", count);
        for (uint16_t i = 0; i < count; i++)
            if (!take_field(message, &fields[i]))
                return error_set(error, ERROR_DATABASE, "the server's COPY data ends in a field");
        if (!copy->row(copy->context, fields, error))
            return false;
    }
    return true;
}

/* The next CopyData message, or a length of -1 at the end. */
static bool next_message(struct connection *connection, char **data, int *length,
                         struct error *error)
{
    PGconn *handle = connection_handle(connection);

    while ((*length = PQgetCopyData(handle, data, 1)) == 0) {
        if (!connection_wait(connection, false, error))
            return false;
        if (PQconsumeInput(handle) == 0)
            return connection_error(connection, NULL, NULL, error);
    }
    return *length != -2 || connection_error(connection, NULL, NULL, error);
}

static bool read_messages(struct connection *connection, const struct copy_out *copy,
                          struct error *error)
{
    bool header_seen = false;
    bool taken = true;
    char *data;
    int length;

    while (next_message(connection, &data, &length, error)) {
        if (length < 0)
            return taken;
        struct message message = {.bytes = (const uint8_t *)data, .left = (size_t)length};
        if (taken && !header_seen) {
            header_seen = take_header(&message);
            taken = header_seen ||
                    error_set(error, ERROR_DATABASE, "the server's COPY data has no header");
        }
        /* After a failure the rest is still read, so that the connection can be used again. */
        taken = taken && take_rows(copy, &message, error);
        PQfreemem(data);
    }
    return false;
}

bool copy_out_rows(struct connection *connection, const struct copy_out *copy, struct error *error)
{
    char *sql;
    bool read;

    assert(copy->field_count <= COPY_OUT_FIELDS_MAX);
    if (asprintf(&sql, "COPY (%s) TO STDOUT (FORMAT binary)", copy->query) < 0)
        return error_memory(error);
    read = connection_start_copy(connection, sql, PGRES_COPY_OUT, error);
    free(sql);
    if (!read)
        return false;
    read = read_messages(connection, copy, error);
    return connection_finish(connection, NULL, error) && read;
}

int64_t copy_out_integer(const struct copy_out_field *field)
{
    uint64_t value = 0;

    for (size_t i = 0; i < field->length; i++)
        value = value << 8 | field->bytes[i];
    if (field->length == sizeof(int16_t))
        return (int16_t)value;
    if (field->length == sizeof(int32_t))
        return (int32_t)value;
    return (int64_t)value;
}

bool copy_out_boolean(const struct copy_out_field *field)
{
    return field->bytes != NULL && field->length == 1 && field->bytes[0] != 0;
}

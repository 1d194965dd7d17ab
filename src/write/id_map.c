#include "write/id_map.h"

#include <inttypes.h>
#include <string.h>

static const char header[] = "table,id,external_id\n";

bool id_map_is_map(const char *start, size_t length)
{
    return length >= strlen(header) && memcmp(start, header, strlen(header)) == 0;
}

bool id_map_open(const char *path, struct pending_file **map, struct error *error)
{
    struct pending_file *opened;

    if (!pending_file_open(path, PENDING_FILE_CLAIMS, &opened, error))
        return false;
    if (fputs(header, pending_file_stream(opened)) == EOF) {
        (void)pending_file_error(opened, error);
        pending_file_free(opened);
        return false;
    }
    *map = opened;
    return true;
}

bool id_map_add(struct pending_file *map, const struct table *table, int64_t id,
                const uint8_t uuid[UUID_SIZE], struct error *error)
{
    char text[UUID_TEXT_SIZE];

    uuid_format(uuid, text);
    return fprintf(pending_file_stream(map), "%s.%s,%" PRId64 ",%s\n", table->schema, table->name,
                   id, text) > 0 ||
           pending_file_error(map, error);
}

#include "load/id_map.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct id_map {
    const char *path;
    char *temporary; /* NULL once it is published */
    FILE *stream;
};

static bool fail(const struct id_map *map, struct error *error)
{
    return error_set(error, ERROR_FILE, "cannot write %s: %s", map->path, strerror(errno));
}

/* mkostemp creates with mode 0600, and in the same folder a rename cannot cross file systems. */
static bool create(struct id_map *map, struct error *error)
{
    int descriptor;

    if (asprintf(&map->temporary, "%s.XXXXXX", map->path) < 0) {
        map->temporary = NULL;
        return error_memory(error);
    }
    descriptor = mkostemp(map->temporary, O_CLOEXEC);
    if (descriptor < 0) {
        free(map->temporary);
        map->temporary = NULL;
        return fail(map, error);
    }
    map->stream = fdopen(descriptor, "w");
    if (map->stream == NULL) {
        (void)fail(map, error);
        (void)close(descriptor);
        return false;
    }
    return fputs("table,id,external_id\n", map->stream) != EOF || fail(map, error);
}

/* Nothing else can be replaced by a file after the commit, or ought to be: a folder, a device. */
static bool require_replaceable(const char *path, struct error *error)
{
    struct stat status;

    if (stat(path, &status) != 0 || S_ISREG(status.st_mode))
        return true;
    return error_set(error, ERROR_FILE, "cannot write %s: not a regular file", path);
}

bool id_map_open(const char *path, struct id_map **map, struct error *error)
{
    struct id_map *opened;

    if (!require_replaceable(path, error))
        return false;
    opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return error_memory(error);
    opened->path = path;
    if (!create(opened, error)) {
        id_map_free(opened);
        return false;
    }
    *map = opened;
    return true;
}

bool id_map_add(struct id_map *map, const struct table *table, int64_t id,
                const uint8_t uuid[UUID_SIZE], struct error *error)
{
    char text[UUID_TEXT_SIZE];

    uuid_format(uuid, text);
    return fprintf(map->stream, "%s.%s,%" PRId64 ",%s\n", table->schema, table->name, id, text) >
               0 ||
           fail(map, error);
}

bool id_map_complete(struct id_map *map, struct error *error)
{
    FILE *stream = map->stream;
    bool flushed = fflush(stream) == 0 && fsync(fileno(stream)) == 0;

    if (!flushed)
        (void)fail(map, error);
    map->stream = NULL;
    return (fclose(stream) == 0 || fail(map, error)) && flushed;
}

bool id_map_publish(struct id_map *map, struct error *error)
{
    if (rename(map->temporary, map->path) != 0)
        return fail(map, error);
    free(map->temporary);
    map->temporary = NULL;
    return true;
}

void id_map_free(struct id_map *map)
{
    if (map == NULL)
        return;
    if (map->stream != NULL)
        (void)fclose(map->stream);
    if (map->temporary != NULL)
        (void)unlink(map->temporary);
    free(map->temporary);
    free(map);
}

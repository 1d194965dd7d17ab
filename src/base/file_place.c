#include "base/file_place.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* As many as the kernel follows, and a few folders that are not there. */
enum { STEPS_MAX = 40 };

/* A copy of so many bytes of a path, without the slashes at its end. */
static char *copy_path(const char *path, size_t length)
{
    while (length > 1 && path[length - 1] == '/')
        length--;
    return strndup(path, length);
}

/* The directory part of a path: "." where it has none. NULL when memory ran out. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? strdup(".") : copy_path(path, (size_t)(slash - path) + 1);
}

static char *join(const char *directory, const char *name)
{
    char *path;

    return asprintf(&path, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name) < 0 ? NULL
                                                                                            : path;
}

static char *find_path(const char *path, int steps);

/* Where a symbolic link leads. */
static char *follow(const char *path, const char *target, int steps)
{
    char *directory = directory_of(path);
    char *joined = NULL, *found = NULL;

    if (directory != NULL)
        joined = target[0] == '/' ? strdup(target) : join(directory, target);
    if (joined != NULL)
        found = find_path(joined, steps);
    free(directory);
    free(joined);
    return found;
}

/* The path of a directory, found in the same way, and the name behind it. */
static char *find_in_directory(const char *path, int steps)
{
    const char *slash = strrchr(path, '/');
    char *directory = directory_of(path);
    char *parent = directory == NULL ? NULL : find_path(directory, steps);
    char *found = parent == NULL ? NULL : join(parent, slash == NULL ? path : slash + 1);

    free(directory);
    free(parent);
    return found;
}

/* realpath(3) for what is not there, too. NULL when memory ran out. */
static char *find_path(const char *path, int steps)
{
    char *found = realpath(path, NULL);
    char target[PATH_MAX];
    ssize_t length;

    if (found != NULL)
        return found;
    if (steps == 0 || path[0] == '\0')
        return strdup(path);
    length = readlink(path, target, sizeof target - 1);
    if (length <= 0)
        return find_in_directory(path, steps - 1);
    target[length] = '\0';
    return follow(path, target, steps - 1);
}

char *file_place_path(const char *path)
{
    char *plain = copy_path(path, strlen(path));
    char *found = plain == NULL ? NULL : find_path(plain, STEPS_MAX);

    free(plain);
    return found;
}

bool file_place_find(const char *path, struct file_place *place, struct error *error)
{
    *place = (struct file_place){.exists = false};
    place->exists = stat(path, &place->status) == 0;
    if (!place->exists)
        place->path = file_place_path(path);
    return place->exists || place->path != NULL || error_memory(error);
}

struct file_place file_place_of_descriptor(int descriptor)
{
    struct file_place place = {.exists = false};

    place.exists = fstat(descriptor, &place.status) == 0;
    return place;
}

bool file_place_is(const struct file_place *one, const struct file_place *other)
{
    if (one->exists != other->exists)
        return false;
    if (!one->exists)
        return one->path != NULL && other->path != NULL && strcmp(one->path, other->path) == 0;
    return !S_ISCHR(one->status.st_mode) && !S_ISSOCK(one->status.st_mode) &&
           one->status.st_dev == other->status.st_dev && one->status.st_ino == other->status.st_ino;
}

void file_place_free(struct file_place *place)
{
    free(place->path);
    *place = (struct file_place){.exists = false};
}

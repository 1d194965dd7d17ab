#include "plan/directory_listing.h"

#include "input/file_name.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool directory_listing_is_directory(const char *path)
{
    struct stat status;

    return strcmp(path, "-") != 0 && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static char *join(const char *directory, const char *name)
{
    size_t length = strlen(directory);
    char *path;

    while (length > 0 && directory[length - 1] == '/')
        length--;
    return asprintf(&path, "%.*s/%s", (int)length, directory, name) < 0 ? NULL : path;
}

/* NULL: the file is to be loaded. A link that leads nowhere, and what may not be looked at, is
 * taken: opening it tells the reason. */
static const char *judge(enum file_name_kind kind, bool known, const struct stat *status)
{
    if (kind == FILE_NAME_OTHER)
        return FILE_NAME_NOT_CSV;
    return known && !S_ISREG(status->st_mode) ? "it is no regular file" : NULL;
}

/* False when memory ran out. */
static bool take(struct directory_listing *listing, const char *directory, const char *name)
{
    enum file_name_kind kind = file_name_judge(name);
    struct directory_entry *entry;
    struct stat status;
    char *path;
    bool known;

    if (kind == FILE_NAME_HIDDEN)
        return true;
    path = join(directory, name);
    if (path == NULL)
        return false;
    known = stat(path, &status) == 0;
    if (known && S_ISDIR(status.st_mode)) {
        free(path);
        return true;
    }
    entry = list_add(&listing->entries, sizeof *entry, 1);
    if (entry == NULL)
        free(path);
    else
        *entry = (struct directory_entry){.path = path, .left_out = judge(kind, known, &status)};
    return entry != NULL;
}

static int compare(const void *one, const void *other)
{
    return strcmp(((const struct directory_entry *)one)->path,
                  ((const struct directory_entry *)other)->path);
}

static bool refuse(const char *directory, struct error *error)
{
    return error_set(error, error_kind_of_file(errno), "cannot read the directory %s: %s",
                     directory, strerror(errno));
}

bool directory_listing_read(const char *directory, struct directory_listing *listing,
                            struct error *error)
{
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    bool read;

    if (stream == NULL)
        return refuse(directory, error);
    while ((errno = 0, entry = readdir(stream)) != NULL)
        if (!take(listing, directory, entry->d_name)) {
            (void)closedir(stream);
            return error_memory(error);
        }
    read = errno == 0 || refuse(directory, error);
    (void)closedir(stream);
    if (listing->entries.count > 0)
        qsort(listing->entries.items, listing->entries.count, sizeof(struct directory_entry),
              compare);
    return read;
}

void directory_listing_free(struct directory_listing *listing)
{
    struct directory_entry *entries = listing->entries.items;

    for (size_t i = 0; i < listing->entries.count; i++)
        free(entries[i].path);
    list_free(&listing->entries);
}

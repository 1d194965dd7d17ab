#include "input/file_name.h"

#include "base/temporary_file.h"

#include <stdbool.h>
#include <string.h>

#define CSV_ENDING ".csv"

static const char *const compressed_endings[] = {".gz", ".zst", ".bz2", ".xz", ".lz4"};
static const char *const archive_endings[] = {".zip", ".tgz", ".tbz2", ".txz"};

/* Cuts an ending off, behind something. */
static bool cut(const char *name, size_t *length, const char *ending)
{
    size_t size = strlen(ending);

    if (*length <= size || strncasecmp(name + *length - size, ending, size) != 0)
        return false;
    *length -= size;
    return true;
}

static bool cut_one(const char *name, size_t *length, const char *const *endings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (cut(name, length, endings[i]))
            return true;
    return false;
}

static void cut_compression(const char *name, size_t *length)
{
    (void)cut_one(name, length, compressed_endings,
                  sizeof compressed_endings / sizeof *compressed_endings);
}

static bool is_csv(const char *name)
{
    size_t length = strlen(name);

    if (cut_one(name, &length, archive_endings, sizeof archive_endings / sizeof *archive_endings))
        return true;
    cut_compression(name, &length);
    return cut(name, &length, CSV_ENDING) || cut(name, &length, ".tar");
}

enum file_name_kind file_name_judge(const char *name)
{
    if (name[0] == '.' || temporary_file_has_name(name))
        return FILE_NAME_HIDDEN;
    return is_csv(name) ? FILE_NAME_CSV : FILE_NAME_OTHER;
}

size_t file_name_stem_length(const char *name)
{
    size_t length = strlen(name);

    cut_compression(name, &length);
    (void)cut(name, &length, CSV_ENDING);
    return length;
}

const char *file_name_of_path(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

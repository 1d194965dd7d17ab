#include "check/reject_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const endings[] = {".gz", ".zst", ".csv"};

char *reject_name(const char *path, size_t attempt)
{
    const char *slash = strrchr(path, '/');
    const char *base = strcmp(path, "-") == 0 ? "stdin" : slash == NULL ? path : slash + 1;
    size_t length = strlen(base);
    char number[24] = "";
    char *name;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);

        if (length > ending && memcmp(base + length - ending, endings[i], ending) == 0)
            length -= ending;
    }
    if (attempt > 1)
        (void)snprintf(number, sizeof number, "-%zu", attempt);
    return asprintf(&name, "%.*s%s", (int)length, base, number) < 0 ? NULL : name;
}

char *reject_name_path(const char *directory, const char *name, const char *ending)
{
    size_t length = strlen(directory);
    char *path;

    while (length > 1 && directory[length - 1] == '/')
        length--;
    return asprintf(&path, "%.*s/%s%s", (int)length, directory, name, ending) < 0 ? NULL : path;
}

/* Whether a file is regular, and no link. */
static bool is_regular(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_missing(const char *path)
{
    struct stat status;

    return lstat(path, &status) != 0 && errno == ENOENT;
}

static bool has_reasons(const char *path)
{
    char start[sizeof REJECT_REASONS_HEADER] = "";
    FILE *stream;
    size_t length;

    if (!is_regular(path) || (stream = fopen(path, "re")) == NULL)
        return false;
    length = fread(start, 1, strlen(REJECT_REASONS_HEADER), stream);
    (void)fclose(stream);
    return length == strlen(REJECT_REASONS_HEADER) && strcmp(start, REJECT_REASONS_HEADER) == 0;
}

bool reject_name_is_earlier(const char *directory, const char *name)
{
    char *path = reject_name_path(directory, name, REJECT_RECORDS_ENDING);
    char *reasons_path = reject_name_path(directory, name, REJECT_REASONS_ENDING);
    bool is_there = path != NULL && reasons_path != NULL &&
                    (is_regular(path) || is_missing(path)) && has_reasons(reasons_path);

    free(path);
    free(reasons_path);
    return is_there;
}

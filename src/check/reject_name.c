#include "check/reject_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Whether a text is a name with ".reasons" behind it. */
static bool is_reasons_of(const char *text, const char *name)
{
    size_t length = strlen(name);

    return strncmp(text, name, length) == 0 && strcmp(text + length, ".reasons") == 0;
}

bool reject_names_collide(const char *one, const char *other)
{
    return strcmp(one, other) == 0 || is_reasons_of(one, other) || is_reasons_of(other, one);
}

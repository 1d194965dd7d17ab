#include "plan/mode.h"

#include <stddef.h>
#include <string.h>

static const char *const names[] = {[MODE_INSERT] = "insert",
                                    [MODE_SKIP] = "skip",
                                    [MODE_UPSERT] = "upsert",
                                    [MODE_REPLACE] = "replace"};

const char *mode_name(enum mode mode)
{
    return names[mode];
}

bool mode_find(const char *name, enum mode *mode)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) {
            *mode = (enum mode)i;
            return true;
        }
    return false;
}

#include "plan/mode.h"

static const char *const names[] = {[MODE_INSERT] = "insert",
                                    [MODE_SKIP] = "skip",
                                    [MODE_UPSERT] = "upsert",
                                    [MODE_REPLACE] = "replace"};

const char *mode_name(enum mode mode)
{
    return names[mode];
}

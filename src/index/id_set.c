#include "index/id_set.h"

#include <Judy.h>
#include <assert.h>

/* Judy's indexes are words. */
static_assert(sizeof(Word_t) == sizeof(int64_t), "ids need words of 64 bits");

bool id_set_add(struct id_set *set, int64_t id)
{
    return Judy1Set(&set->ids, (Word_t)id, NULL) != JERR;
}

bool id_set_remove(struct id_set *set, int64_t id)
{
    return Judy1Unset(&set->ids, (Word_t)id, NULL) != JERR;
}

bool id_set_contains_in_array(const struct id_set *set, int64_t id)
{
    return Judy1Test(set->ids, (Word_t)id, NULL) == 1;
}

uint64_t id_set_count(const struct id_set *set)
{
    return Judy1Count(set->ids, 0, INT64_MAX, NULL);
}

bool id_set_has_between(const struct id_set *set, int64_t first, int64_t behind)
{
    Word_t id = (Word_t)first;

    return Judy1First(set->ids, &id, NULL) == 1 && id < (Word_t)behind;
}

bool id_set_each(const struct id_set *set, bool (*visit)(int64_t id, void *context), void *context)
{
    Word_t id = 0;

    for (int found = Judy1First(set->ids, &id, NULL); found == 1;
         found = Judy1Next(set->ids, &id, NULL))
        if (!visit((int64_t)id, context))
            return false;
    return true;
}

void id_set_free(struct id_set *set)
{
    (void)Judy1FreeArray(&set->ids, NULL);
}

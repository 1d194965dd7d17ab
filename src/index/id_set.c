#include "index/id_set.h"

#include <roaring/roaring.h>
#include <stdlib.h>

/* CRoaring's bitmaps hold 32-bit values; ids are 64 bits wide, though few have an upper half. */
struct id_set_part {
    uint32_t upper;
    roaring_bitmap_t *lower;
};

static struct id_set_part *find_part(const struct id_set *set, uint32_t upper)
{
    for (size_t i = 0; i < set->part_count; i++)
        if (set->parts[i].upper == upper)
            return &set->parts[i];
    return NULL;
}

/* Parts stay sorted by their upper half, so that ids are visited in order. */
static struct id_set_part *add_part(struct id_set *set, uint32_t upper)
{
    struct id_set_part *parts = realloc(set->parts, (set->part_count + 1) * sizeof *parts);
    size_t place = set->part_count;

    if (parts == NULL)
        return NULL;
    set->parts = parts;
    roaring_bitmap_t *lower = roaring_bitmap_create();
    if (lower == NULL)
        return NULL;
    for (; place > 0 && parts[place - 1].upper > upper; place--)
        parts[place] = parts[place - 1];
    parts[place] = (struct id_set_part){.upper = upper, .lower = lower};
    set->part_count++;
    return &parts[place];
}

bool id_set_add(struct id_set *set, int64_t id)
{
    uint32_t upper = (uint32_t)((uint64_t)id >> 32);
    struct id_set_part *part = find_part(set, upper);

    if (part == NULL && (part = add_part(set, upper)) == NULL)
        return false;
    roaring_bitmap_add(part->lower, (uint32_t)id);
    return true;
}

/* A set without ids has no parts: id_set_is_empty asks for no more. */
static void drop_part(struct id_set *set, struct id_set_part *part)
{
    struct id_set_part *behind = set->parts + set->part_count;

    roaring_bitmap_free(part->lower);
    for (; part + 1 < behind; part++)
        part[0] = part[1];
    set->part_count--;
}

bool id_set_remove(struct id_set *set, int64_t id)
{
    struct id_set_part *part = find_part(set, (uint32_t)((uint64_t)id >> 32));

    if (part == NULL || !roaring_bitmap_remove_checked(part->lower, (uint32_t)id))
        return false;
    if (roaring_bitmap_is_empty(part->lower))
        drop_part(set, part);
    return true;
}

bool id_set_contains_in_parts(const struct id_set *set, int64_t id)
{
    const struct id_set_part *part = find_part(set, (uint32_t)((uint64_t)id >> 32));

    return part != NULL && roaring_bitmap_contains(part->lower, (uint32_t)id);
}

uint64_t id_set_count(const struct id_set *set)
{
    uint64_t count = 0;

    for (size_t i = 0; i < set->part_count; i++)
        count += roaring_bitmap_get_cardinality(set->parts[i].lower);
    return count;
}

bool id_set_has_between(const struct id_set *set, int64_t first, int64_t behind)
{
    for (size_t i = 0; i < set->part_count; i++) {
        int64_t start = (int64_t)((uint64_t)set->parts[i].upper << 32);
        int64_t from = first > start ? first - start : 0;

        if (behind > start && from <= UINT32_MAX &&
            roaring_bitmap_range_cardinality(set->parts[i].lower, (uint64_t)from,
                                             (uint64_t)(behind - start)) > 0)
            return true;
    }
    return false;
}

struct visit {
    bool (*visit)(int64_t id, void *context);
    void *context;
    uint32_t upper;
};

static bool visit_lower(uint32_t lower, void *context)
{
    const struct visit *visit = context;

    return visit->visit((int64_t)((uint64_t)visit->upper << 32 | lower), visit->context);
}

bool id_set_each(const struct id_set *set, bool (*visit)(int64_t id, void *context), void *context)
{
    for (size_t i = 0; i < set->part_count; i++) {
        struct visit each = {.visit = visit, .context = context, .upper = set->parts[i].upper};

        if (!roaring_iterate(set->parts[i].lower, visit_lower, &each))
            return false;
    }
    return true;
}

void id_set_free(struct id_set *set)
{
    for (size_t i = 0; i < set->part_count; i++)
        roaring_bitmap_free(set->parts[i].lower);
    free(set->parts);
    *set = (struct id_set){0};
}

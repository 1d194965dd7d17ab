#include "derive/delivery.h"

#include <string.h>

/*
 * In `bytes` a user's details follow each other: the length plus 1 (0: there is no text), 7 bits a
 * byte, lowest first, the highest bit set in all bytes but the last; then the text.
 */
enum { LENGTH_SIZE_MAX = 10 };

/* Whether a character of UTF-8 goes on with this byte. */
static bool continues(char byte)
{
    return ((unsigned char)byte & 0xc0U) == 0x80U;
}

static size_t measure(const char *text, size_t length, bool in_bytes)
{
    size_t characters = 0;

    for (size_t i = 0; i < length; i++)
        characters += in_bytes || !continues(text[i]);
    return characters;
}

/* The bytes of the whole characters at the beginning of a text that there is room for. */
static size_t cut(struct delivery_name name, size_t limit, bool in_bytes)
{
    size_t bytes = 0;

    if (in_bytes && name.length > limit) {
        for (bytes = limit; bytes > 0 && continues(name.text[bytes]); bytes--)
            continue;
        return bytes;
    }
    for (; bytes < name.length; bytes++)
        if (!in_bytes && !continues(name.text[bytes]) && limit-- == 0)
            break;
    return bytes;
}

/* A name as it is kept. */
struct joined_name {
    struct delivery_name first, last; /* as much of them as there is room for */
    bool blank;                       /* between them */
};

static struct joined_name join(const struct delivery_room *room, struct delivery_name first,
                               struct delivery_name last)
{
    size_t limit = room->limits[DELIVERY_NAME], used;
    struct joined_name name = {.first = first, .last = last};

    if (limit == 0)
        limit = SIZE_MAX;
    name.first.length = cut(first, limit, room->in_bytes);
    used = measure(first.text, name.first.length, room->in_bytes);
    name.blank =
        first.length > 0 && last.length > 0 && name.first.length == first.length && used < limit;
    used += name.blank;
    name.last.length =
        name.first.length == first.length ? cut(last, limit - used, room->in_bytes) : 0;
    return name;
}

static size_t joined_length(const struct joined_name *name)
{
    return name->first.length + name->blank + name->last.length;
}

static unsigned char *put_length(unsigned char *place, uint64_t length)
{
    for (; length >= 0x80; length >>= 7)
        *place++ = (unsigned char)(length & 0x7f) | 0x80;
    *place++ = (unsigned char)length;
    return place;
}

static unsigned char *put_text(unsigned char *place, const char *text, size_t length)
{
    if (length > 0)
        memcpy(place, text, length);
    return place + length;
}

static unsigned char *put_name(unsigned char *place, const struct joined_name *name)
{
    size_t length = joined_length(name);

    place = put_length(place, length > 0 ? length + 1 : 0);
    place = put_text(place, name->first.text, name->first.length);
    if (name->blank)
        *place++ = ' ';
    return put_text(place, name->last.text, name->last.length);
}

bool delivery_add(struct delivery_index *index, int64_t user, const struct delivery *delivery,
                  struct delivery_name first, struct delivery_name last)
{
    uint64_t *offset = paged_array_at(&index->offsets, sizeof *offset, user);
    const struct joined_name name = join(&index->room, first, last);
    size_t start = index->bytes.count;
    size_t room = (size_t)LENGTH_SIZE_MAX * DELIVERY_COUNT + joined_length(&name);
    unsigned char *place;

    for (int i = DELIVERY_NAME + 1; i < DELIVERY_COUNT; i++)
        room += delivery->lengths[i];
    place = list_add(&index->bytes, 1, room);
    if (offset == NULL || place == NULL)
        return false;
    place = put_name(place, &name);
    for (int i = DELIVERY_NAME + 1; i < DELIVERY_COUNT; i++) {
        if (delivery->texts[i] == NULL) {
            place = put_length(place, 0);
            continue;
        }
        place = put_length(place, (uint64_t)delivery->lengths[i] + 1);
        place = put_text(place, delivery->texts[i], delivery->lengths[i]);
    }
    /* What was not needed is for the next user. */
    index->bytes.count = (size_t)(place - (unsigned char *)index->bytes.items);
    *offset = (uint64_t)start + 1;
    return true;
}

static const unsigned char *take_length(const unsigned char *place, uint64_t *length)
{
    unsigned shift = 0;

    *length = 0;
    do {
        *length |= (uint64_t)(*place & 0x7f) << shift;
        shift += 7;
    } while ((*place++ & 0x80) != 0);
    return place;
}

struct delivery delivery_get(const struct delivery_index *index, int64_t user)
{
    const uint64_t *offset = paged_array_peek(&index->offsets, sizeof *offset, user);
    struct delivery delivery = {0};
    const unsigned char *place;

    if (offset == NULL || *offset == 0)
        return delivery;
    place = (const unsigned char *)index->bytes.items + *offset - 1;
    for (int i = 0; i < DELIVERY_COUNT; i++) {
        uint64_t length;

        place = take_length(place, &length);
        if (length == 0)
            continue;
        delivery.texts[i] = (const char *)place;
        delivery.lengths[i] = (size_t)length - 1;
        place += delivery.lengths[i];
    }
    return delivery;
}

enum delivery_detail delivery_too_long(const struct delivery_room *room,
                                       const struct delivery *delivery, size_t *length)
{
    int detail = DELIVERY_NAME + 1;

    for (; detail < DELIVERY_COUNT; detail++) {
        /* No text has more characters than bytes. */
        if (room->limits[detail] == 0 || delivery->lengths[detail] <= room->limits[detail])
            continue;
        *length = measure(delivery->texts[detail], delivery->lengths[detail], room->in_bytes);
        if (*length > room->limits[detail])
            break;
    }
    return (enum delivery_detail)detail;
}

void delivery_index_free(struct delivery_index *index)
{
    paged_array_free(&index->offsets);
    list_free(&index->bytes);
    *index = (struct delivery_index){.room = index->room};
}

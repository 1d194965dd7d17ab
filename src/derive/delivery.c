#include "derive/delivery.h"

#include <string.h>

enum { MISSING = UINT16_MAX };

/* The bytes of the first `characters` characters of valid UTF-8. */
static size_t cut(const char *text, size_t length, size_t characters)
{
    size_t bytes = 0;

    for (; bytes < length; bytes++)
        if (((unsigned char)text[bytes] & 0xc0U) != 0x80U && characters-- == 0)
            break;
    return bytes;
}

static size_t count_characters(const char *text, size_t length)
{
    size_t characters = 0;

    for (size_t i = 0; i < length; i++)
        characters += ((unsigned char)text[i] & 0xc0U) != 0x80U;
    return characters;
}

void delivery_join_name(struct delivery *delivery, struct delivery_name first,
                        struct delivery_name last, char name[DELIVERY_NAME_SIZE])
{
    size_t used = cut(first.text, first.length, DELIVERY_NAME_LENGTH);
    size_t characters = count_characters(first.text, used);
    size_t last_length;

    if (used > 0)
        memcpy(name, first.text, used);
    if (used > 0 && last.length > 0 && characters < DELIVERY_NAME_LENGTH) {
        name[used++] = ' ';
        characters++;
    }
    last_length = cut(last.text, last.length, DELIVERY_NAME_LENGTH - characters);
    if (last_length > 0)
        memcpy(name + used, last.text, last_length);
    used += last_length;
    delivery->texts[DELIVERY_NAME] = used > 0 ? name : NULL;
    delivery->lengths[DELIVERY_NAME] = used;
}

bool delivery_add(struct delivery_index *index, int64_t user, const struct delivery *delivery)
{
    uint32_t *offset = paged_array_at(&index->offsets, sizeof *offset, user);
    unsigned char *place;
    size_t length = 0;

    for (int i = 0; i < DELIVERY_COUNT; i++)
        length += sizeof(uint16_t) + delivery->lengths[i];
    if (offset == NULL || index->bytes.count + length >= UINT32_MAX)
        return false;
    place = list_add(&index->bytes, 1, length);
    if (place == NULL)
        return false;
    *offset = (uint32_t)(index->bytes.count - length) + 1;
    for (int i = 0; i < DELIVERY_COUNT; i++) {
        uint16_t stored =
            delivery->texts[i] == NULL ? (uint16_t)MISSING : (uint16_t)delivery->lengths[i];

        memcpy(place, &stored, sizeof stored);
        place += sizeof stored;
        if (stored != MISSING && stored > 0)
            memcpy(place, delivery->texts[i], stored);
        place += stored == MISSING ? 0 : stored;
    }
    return true;
}

struct delivery delivery_get(const struct delivery_index *index, int64_t user)
{
    const uint32_t *offset = paged_array_peek(&index->offsets, sizeof *offset, user);
    struct delivery delivery = {0};
    const unsigned char *place;

    if (offset == NULL || *offset == 0)
        return delivery;
    place = (const unsigned char *)index->bytes.items + *offset - 1;
    for (int i = 0; i < DELIVERY_COUNT; i++) {
        uint16_t stored;

        memcpy(&stored, place, sizeof stored);
        place += sizeof stored;
        if (stored == MISSING)
            continue;
        delivery.texts[i] = (const char *)place;
        delivery.lengths[i] = stored;
        place += stored;
    }
    return delivery;
}

void delivery_index_free(struct delivery_index *index)
{
    paged_array_free(&index->offsets);
    list_free(&index->bytes);
    *index = (struct delivery_index){0};
}

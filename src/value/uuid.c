#include "value/uuid.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <uuid/uuid.h>

_Static_assert(sizeof(uuid_t) == UUID_SIZE, "libuuid and this header agree on the size");
_Static_assert(UUID_STR_LEN == UUID_TEXT_SIZE, "libuuid and this header agree on the text");
_Static_assert(UUID_ENTROPY_SIZE % UUID_SIZE == 0, "no UUID straddles two blocks of entropy");

static const struct value_fault not_a_uuid = {
    .code = VALUE_FAULT_TYPE, .text = "not a UUID of 8-4-4-4-12 hexadecimal digits"};
static const struct value_fault not_version_4 = {
    .code = VALUE_FAULT_TYPE,
    .text = "not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx"};

const struct value_fault *uuid_v4_parse(const char *text, size_t length, uint8_t uuid[UUID_SIZE])
{
    uuid_t parsed;

    if (length != UUID_TEXT_SIZE - 1 || uuid_parse_range(text, text + length, parsed) != 0)
        return &not_a_uuid;
    if (uuid_type(parsed) != UUID_TYPE_DCE_RANDOM || uuid_variant(parsed) != UUID_VARIANT_DCE)
        return &not_version_4;
    memcpy(uuid, parsed, UUID_SIZE);
    return NULL;
}

void uuid_format(const uint8_t uuid[UUID_SIZE], char text[UUID_TEXT_SIZE])
{
    uuid_unparse_lower(uuid, text);
}

static bool fetch_entropy(struct uuid_generator *generator)
{
    size_t filled = 0;

    while (filled < UUID_ENTROPY_SIZE) {
        ssize_t received = getrandom(generator->entropy + filled, UUID_ENTROPY_SIZE - filled, 0);

        if (received >= 0)
            filled += (size_t)received;
        else if (errno != EINTR)
            return false;
    }
    generator->remaining = UUID_ENTROPY_SIZE;
    return true;
}

bool uuid_generate_v4(struct uuid_generator *generator, uint8_t uuid[UUID_SIZE])
{
    if (generator->remaining == 0 && !fetch_entropy(generator))
        return false;
    memcpy(uuid, generator->entropy + UUID_ENTROPY_SIZE - generator->remaining, UUID_SIZE);
    generator->remaining -= UUID_SIZE;
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    return true;
}

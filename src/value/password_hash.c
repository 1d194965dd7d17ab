#include "value/password_hash.h"

#include <string.h>

enum { ID_MAX = 16, REST_MIN = 10 };

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* How long the hash is that the text begins with; 0: it begins with none. */
static size_t measure_hash(const char *text)
{
    size_t id, rest;

    if (text[0] != '$')
        return 0;
    id = strspn(text + 1, LETTERS_AND_DIGITS "-");
    if (id == 0 || id > ID_MAX || text[1 + id] != '$')
        return 0;
    rest = strspn(text + 2 + id, LETTERS_AND_DIGITS "./$,=+-");
    /* A comma at the end is that of a list. */
    while (rest > 0 && text[1 + id + rest] == ',')
        rest--;
    return rest < REST_MIN ? 0 : 2 + id + rest;
}

void password_hash_mask(char *text)
{
    static const char mask[] = "[hash]";

    for (; *text != '\0'; text++) {
        size_t length = measure_hash(text);

        if (length == 0)
            continue;
        memcpy(text, mask, strlen(mask));
        memmove(text + strlen(mask), text + length, strlen(text + length) + 1);
        text += strlen(mask) - 1;
    }
}

#include "cli/word_list.h"

#include "base/spelling.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const char *word_list_join(const char *const *words, const char *prefix, char text[WORD_LIST_SIZE])
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; words[i] != NULL && used < WORD_LIST_SIZE; i++) {
        const char *between = i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ";

        used += (size_t)snprintf(text + used, WORD_LIST_SIZE - used, "%s%s%s", between, prefix,
                                 words[i]);
    }
    return text;
}

int word_list_find(const char *const *words, const char *text)
{
    for (int i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    return -1;
}

const char *word_list_meant(const char *const *words, const char *typed, size_t length)
{
    struct spelling spelling, word;
    const char *meant = NULL;
    size_t nearest = SIZE_MAX;

    if (!spelling_take(typed, length, &spelling))
        return NULL;
    for (size_t i = 0; words[i] != NULL; i++) {
        size_t distance = spelling_take(words[i], strlen(words[i]), &word)
                              ? spelling_distance(&spelling, &word)
                              : SIZE_MAX;

        if (distance < nearest) {
            nearest = distance;
            meant = words[i];
        }
    }
    return meant;
}

#include "base/warning_list.h"

#include <stdlib.h>
#include <string.h>

void warning_list_add(struct warning_list *list, const char *text)
{
    char *copy = strdup(text);
    char **place = copy != NULL ? list_add(&list->texts, sizeof *place, 1) : NULL;

    if (place == NULL) {
        free(copy);
        list->incomplete = true;
        return;
    }
    *place = copy;
}

void warning_list_free(struct warning_list *list)
{
    char **texts = list->texts.items;

    for (size_t i = 0; i < list->texts.count; i++)
        free(texts[i]);
    list_free(&list->texts);
}

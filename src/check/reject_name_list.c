#include "check/reject_name_list.h"

#include "check/reject_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct text_value value_of(const char *text, size_t length)
{
    return (struct text_value){.bytes = text, .length = length};
}

/* Without the ending of records, NAME.reasons.csv is NAME.reasons. */
static char *name_of_reasons(const char *name)
{
    size_t kept = strlen(REJECT_REASONS_ENDING) - strlen(REJECT_RECORDS_ENDING);
    char *reasons;

    return asprintf(&reasons, "%s%.*s", name, (int)kept, REJECT_REASONS_ENDING) < 0 ? NULL
                                                                                    : reasons;
}

/* Takes a name and that of its reasons, both or neither. False when memory ran out. */
static bool take(struct reject_name_list *list, const char *name, bool *taken)
{
    char *reasons = name_of_reasons(name);
    struct text_value one = value_of(name, strlen(name)), other;
    bool added, took = true;

    *taken = false;
    if (reasons == NULL)
        return false;
    other = value_of(reasons, strlen(reasons));
    if (text_index_find(&list->taken, one) == NULL &&
        text_index_find(&list->taken, other) == NULL) {
        took = text_index_add(&list->taken, one, 0, 0, &added) != NULL &&
               text_index_add(&list->taken, other, 0, 0, &added) != NULL;
        *taken = took;
    }
    free(reasons);
    return took;
}

/* The attempts at names for files of one base name. NULL when memory ran out. */
static struct text_entry *find_attempts(struct reject_name_list *list, const char *file_name)
{
    char *base = reject_name(file_name, 1);
    struct text_entry *attempts;
    bool added;

    if (base == NULL)
        return NULL;
    attempts = text_index_add(&list->bases, value_of(base, strlen(base)), 0, 0, &added);
    free(base);
    return attempts;
}

static bool choose(struct reject_name_list *list, const char *directory, const char *file_name)
{
    struct text_entry *attempts = find_attempts(list, file_name);
    bool taken = false;

    while (attempts != NULL && !taken) {
        size_t attempt = (size_t)++attempts->id;
        char *name = reject_name(file_name, attempt);
        enum reject_name_state state =
            name == NULL ? REJECT_NAME_UNKNOWN : reject_name_look(directory, name);

        if (state == REJECT_NAME_UNKNOWN ||
            (state == REJECT_NAME_FREE && !take(list, name, &taken))) {
            free(name);
            return false;
        }
        if (taken)
            list->items[list->count++] = (struct chosen_name){.name = name, .attempt = attempt};
        else
            free(name);
    }
    return taken;
}

bool reject_name_list_choose(const char *directory, const char *const *file_names, size_t count,
                             struct reject_name_list *list)
{
    list->items = calloc(count + 1, sizeof *list->items);
    if (list->items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!choose(list, directory, file_names[i]))
            return false;
    return true;
}

void reject_name_list_free(struct reject_name_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].name);
    free(list->items);
    text_index_free(&list->taken);
    text_index_free(&list->bases);
    *list = (struct reject_name_list){0};
}

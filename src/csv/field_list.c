#include "csv/field_list.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 16 * 1024 /* doubled as it is needed */ };

bool field_list_open(struct field_list *list)
{
    list->bytes = malloc(ROOM_FIRST + FIELD_LIST_SHORT_SIZE);
    list->room = list->bytes != NULL ? ROOM_FIRST : 0;
    field_list_clear(list);
    return list->bytes != NULL;
}

void field_list_free(struct field_list *list)
{
    free(list->bytes);
    list->bytes = NULL;
}

/* realloc would leave no way to tell which fields to move: their old places are no longer there. */
static bool make_room(struct field_list *list, size_t size)
{
    size_t room = list->room;
    char *bytes;

    if (size <= room)
        return true;
    while (room < size)
        room = room < CSV_RECORD_SIZE_MAX / 2 ? room * 2 : CSV_RECORD_SIZE_MAX;
    bytes = malloc(room + FIELD_LIST_SHORT_SIZE);
    if (bytes == NULL)
        return false;
    memcpy(bytes, list->bytes, list->size);
    for (size_t i = 0; i < list->count && i < CSV_FIELDS_MAX; i++)
        if (list->fields[i].text != NULL)
            list->fields[i].text = bytes + (list->fields[i].text - list->bytes);
    free(list->bytes);
    list->bytes = bytes;
    list->room = room;
    return true;
}

bool field_list_keep(struct field_list *list, const char *text, size_t length)
{
    char *copy;

    if (!make_room(list, list->size + length))
        return false;
    copy = list->bytes + list->size;
    memcpy(copy, text, length);
    list->size += length;
    list->fields[list->count] = (struct csv_field){.text = copy, .length = length};
    return true;
}

#include "input/member_list.h"

#include <stdlib.h>

bool member_list_add(struct member_list *list, const struct archive_member *member)
{
    enum { FIRST_ROOM = 16 };

    if (list->count == list->room) {
        size_t room = list->room > 0 ? list->room * 2 : FIRST_ROOM;
        struct archive_member *members = realloc(list->members, room * sizeof *members);

        if (members == NULL)
            return false;
        list->members = members;
        list->room = room;
    }
    list->members[list->count++] = *member;
    return true;
}

void member_list_free(struct member_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->members[i].name);
    free(list->members);
    *list = (struct member_list){0};
}

/*
 * What an archive holds.
 */
#ifndef INPUT_MEMBER_LIST_H
#define INPUT_MEMBER_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An archive with more is refused. */
enum { MEMBERS_MAX = 10000 };

enum member_kind {
    MEMBER_FILE,
    MEMBER_DIRECTORY,
    MEMBER_OTHER /* a symbolic or hard link, a device, a FIFO */
};

struct archive_member {
    char *name; /* as the archive has it; not empty; may hold control characters */
    enum member_kind kind;
    bool is_encrypted;
    uint64_t size;     /* in bytes, unpacked */
    size_t index;      /* its place in the archive, from 0 */
    uint64_t position; /* where the archive has it, for those who read it */
};

/* Caller-owned; zeroed is empty, member_list_free empties it again. */
struct member_list {
    struct archive_member *members;
    size_t count, room;
};

/* Adds a member, and takes over its name; with a false it is the caller's still: memory ran out. */
bool member_list_add(struct member_list *list, const struct archive_member *member);

/* Frees the names, too. */
void member_list_free(struct member_list *list);

#endif

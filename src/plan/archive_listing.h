/*
 * The members of an archive that is given as FILE, or is in a directory that is.
 */
#ifndef PLAN_ARCHIVE_LISTING_H
#define PLAN_ARCHIVE_LISTING_H

#include "base/error.h"
#include "base/list.h"
#include "input/input.h"

#include <stdbool.h>

struct archive_entry {
    const struct archive_member *member;
    const char *name;     /* the member's, without "./" before it; owned by the member */
    const char *left_out; /* why it is not to be loaded; NULL: it is */
};

/* Caller-owned; zeroed is empty, archive_listing_free empties it again. */
struct archive_listing {
    struct member_list members;
    struct list entries; /* struct archive_entry, in the archive's order */
};

/*
 * Chooses the members of an archive that are to be loaded. Directories are passed over, and what is
 * hidden: what has a name that begins with a dot, or is in a directory with such a name or in
 * __MACOSX. With `by_name`, names alone tell what is a CSV file (input/file_name), and the others
 * are left out. The path is the archive's, for messages.
 *
 * ERROR_DATA for a name that leads out of the archive ("../", "/"), for two members of one name,
 * for what is no file, and when no member is left. Else as input_list_members.
 */
bool archive_listing_read(struct input *archive, const char *path, bool by_name,
                          struct archive_listing *listing, struct error *error);

/* The same for the one member of that name, hidden or not. ERROR_FILE when there is none. */
bool archive_listing_find(struct input *archive, const char *path, const char *name,
                          struct archive_listing *listing, struct error *error);

/*
 * How much of a FILE argument is the path of an archive, where a colon and the name of a member
 * follow: "all.zip:orders.csv". 0: it is not such an argument, because a file has the whole as its
 * name, or none has what stands before a colon.
 */
size_t archive_listing_path_length(const char *argument);

void archive_listing_free(struct archive_listing *listing);

#endif

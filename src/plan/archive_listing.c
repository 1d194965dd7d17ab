#include "plan/archive_listing.h"

#include "input/file_name.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* So many names are told of an archive that lacks the one that is asked for. */
enum { NAMES_TOLD_MAX = 10 };

/* What macOS puts beside the files that it packs. */
#define MACOS_DIRECTORY "__MACOSX"

/* The name without the working directory before it, which tar writes of what is in there. */
static const char *plain_name(const struct archive_member *member)
{
    const char *name = member->name;

    while (name[0] == '.' && name[1] == '/')
        name += 1 + strspn(name + 1, "/");
    return name;
}

static bool is_component(const char *start, size_t length, const char *wanted)
{
    return length == strlen(wanted) && memcmp(start, wanted, length) == 0;
}

static bool leads_out(const char *name)
{
    size_t length;

    if (name[0] == '/')
        return true;
    for (; *name != '\0'; name += length + (name[length] == '/')) {
        length = strcspn(name, "/");
        if (is_component(name, length, ".."))
            return true;
    }
    return false;
}

static bool is_hidden(const char *name)
{
    size_t length;

    for (; *name != '\0'; name += length + (name[length] == '/')) {
        length = strcspn(name, "/");
        if (name[0] == '.' || (name[length] == '/' && is_component(name, length, MACOS_DIRECTORY)))
            return true;
    }
    return false;
}

static bool refuse_name(const struct archive_member *member, const char *path, struct error *error)
{
    (void)error_set(error, ERROR_DATA, "%s:%s: its name leads out of the archive", path,
                    plain_name(member));
    return error_hint(error, "Nobody packs that by accident: ask where the archive is from.");
}

/* Whether the member is to be entered; false with the error set when it must not be there. */
static bool is_wanted(const struct archive_member *member, const char *path, struct error *error)
{
    if (member->kind == MEMBER_DIRECTORY)
        return false;
    if (leads_out(plain_name(member)))
        return refuse_name(member, path, error);
    if (is_hidden(plain_name(member)))
        return false;
    return member->kind == MEMBER_FILE ||
           error_set(error, ERROR_DATA, "%s:%s: no file, but a link or a device", path,
                     plain_name(member));
}

static bool enter(struct archive_listing *listing, const struct archive_member *member,
                  bool by_name, struct error *error)
{
    struct archive_entry *entry = list_add(&listing->entries, sizeof *entry, 1);

    if (entry == NULL)
        return error_memory(error);
    *entry = (struct archive_entry){.member = member, .name = plain_name(member)};
    if (by_name && file_name_judge(file_name_of_path(entry->name)) != FILE_NAME_CSV)
        entry->left_out = FILE_NAME_NOT_CSV;
    return true;
}

static int compare_names(const void *one, const void *other)
{
    return strcmp(((const struct archive_entry *)one)->name,
                  ((const struct archive_entry *)other)->name);
}

static void keep_entry(void *entry)
{
    (void)entry;
}

static bool refuse_twins(const struct archive_listing *listing, const char *path,
                         struct error *error)
{
    const struct archive_entry *entries = listing->entries.items;
    void *tree = NULL;

    for (size_t i = 0; i < listing->entries.count && error->kind == ERROR_NONE; i++) {
        const struct archive_entry *const *place = tsearch(&entries[i], &tree, compare_names);

        if (place == NULL)
            (void)error_memory(error);
        else if (*place != &entries[i])
            (void)error_set(error, ERROR_DATA, "%s:%s: two members of the archive have this name",
                            path, entries[i].name);
    }
    tdestroy(tree, keep_entry);
    return error->kind == ERROR_NONE;
}

bool archive_listing_read(struct input *archive, const char *path, bool by_name,
                          struct archive_listing *listing, struct error *error)
{
    if (!input_list_members(archive, &listing->members, error))
        return false;
    for (size_t i = 0; i < listing->members.count; i++) {
        const struct archive_member *member = &listing->members.members[i];

        if (is_wanted(member, path, error) && !enter(listing, member, by_name, error))
            return false;
        if (error->kind != ERROR_NONE)
            return false;
    }
    if (listing->entries.count == 0)
        return error_set(error, ERROR_DATA, "%s: the %s archive has no file", path,
                         input_archive_format(archive));
    return refuse_twins(listing, path, error);
}

/* Adds a name to those of a hint, while there is room. */
static bool tell_name(char names[ERROR_TEXT_SIZE], const char *name, size_t told)
{
    size_t used = strlen(names);

    if (told >= NAMES_TOLD_MAX ||
        used + strlen(name) + sizeof "It has , and others." > ERROR_TEXT_SIZE)
        return false;
    (void)snprintf(names + used, ERROR_TEXT_SIZE - used, "%s%s", told == 0 ? "" : ", ", name);
    return true;
}

static bool refuse_unknown(const struct archive_listing *listing, const char *path,
                           const char *name, struct error *error)
{
    char names[ERROR_TEXT_SIZE] = "";
    size_t count = 0, told = 0;

    for (size_t i = 0; i < listing->members.count; i++) {
        const struct archive_member *member = &listing->members.members[i];

        if (member->kind != MEMBER_FILE || is_hidden(plain_name(member)))
            continue;
        count++;
        told += tell_name(names, plain_name(member), told);
    }
    (void)error_set(error, ERROR_FILE, "%s has no member %s", path, name);
    return told > 0 && error_hint(error, "It has %s%s.", names, told < count ? " and others" : "");
}

bool archive_listing_find(struct input *archive, const char *path, const char *name,
                          struct archive_listing *listing, struct error *error)
{
    if (!input_list_members(archive, &listing->members, error))
        return false;
    for (size_t i = 0; i < listing->members.count; i++) {
        const struct archive_member *member = &listing->members.members[i];

        if (strcmp(plain_name(member), name) != 0 && strcmp(member->name, name) != 0)
            continue;
        if (leads_out(plain_name(member)))
            return refuse_name(member, path, error);
        if (!enter(listing, member, false, error))
            return false;
    }
    if (listing->entries.count == 0)
        return refuse_unknown(listing, path, name, error);
    return refuse_twins(listing, path, error);
}

static bool is_file(const char *argument, size_t length)
{
    struct stat status;
    char *path = strndup(argument, length);
    bool is = path != NULL && stat(path, &status) == 0 && !S_ISDIR(status.st_mode);

    free(path);
    return is;
}

size_t archive_listing_path_length(const char *argument)
{
    struct stat status;

    if (lstat(argument, &status) == 0)
        return 0;
    for (const char *colon = strchr(argument, ':'); colon != NULL; colon = strchr(colon + 1, ':'))
        if (colon > argument && colon[1] != '\0' && is_file(argument, (size_t)(colon - argument)))
            return (size_t)(colon - argument);
    return 0;
}

void archive_listing_free(struct archive_listing *listing)
{
    member_list_free(&listing->members);
    list_free(&listing->entries);
}

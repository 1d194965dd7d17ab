#include "check/reject_name.h"

#include "input/file_name.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Room for the number. */
enum { NUMBER_LENGTH_MAX = 21 };

/* No more than a directory takes with a number and an ending; a character stays whole. */
static size_t cut_length(const char *file_name)
{
    size_t length = file_name_stem_length(file_name);
    const size_t most = NAME_MAX - NUMBER_LENGTH_MAX - strlen(REJECT_REASONS_ENDING);

    if (length <= most)
        return length;
    length = most;
    while (length > 1 && ((unsigned char)file_name[length] & 0xc0) == 0x80)
        length--;
    return length;
}

char *reject_name(const char *file_name, size_t attempt)
{
    char number[NUMBER_LENGTH_MAX + 1] = "";
    char *name;

    if (attempt > 1)
        (void)snprintf(number, sizeof number, "-%zu", attempt);
    return asprintf(&name, "%.*s%s", (int)cut_length(file_name), file_name, number) < 0 ? NULL
                                                                                        : name;
}

char *reject_name_path(const char *directory, const char *name, const char *ending)
{
    size_t length = strlen(directory);
    char *path;

    while (length > 1 && directory[length - 1] == '/')
        length--;
    return asprintf(&path, "%.*s/%s%s", (int)length, directory, name, ending) < 0 ? NULL : path;
}

static enum reject_name_state look(const char *path, const char *reasons_path)
{
    struct stat records, reasons;
    bool has_records = lstat(path, &records) == 0;
    bool has_reasons = lstat(reasons_path, &reasons) == 0;

    if (!has_records && !has_reasons)
        return REJECT_NAME_FREE;
    return has_records && has_reasons && S_ISREG(records.st_mode) && S_ISREG(reasons.st_mode)
               ? REJECT_NAME_COMPLETE
               : REJECT_NAME_TAKEN;
}

enum reject_name_state reject_name_look(const char *directory, const char *name)
{
    char *path = reject_name_path(directory, name, REJECT_RECORDS_ENDING);
    char *reasons_path = reject_name_path(directory, name, REJECT_REASONS_ENDING);
    enum reject_name_state state = REJECT_NAME_UNKNOWN;

    if (path != NULL && reasons_path != NULL)
        state = look(path, reasons_path);
    free(path);
    free(reasons_path);
    return state;
}

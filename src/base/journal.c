#include "base/journal.h"

#include <stdlib.h>
#include <sys/stat.h>

bool journal_is(int descriptor)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;
    unsigned long long device, inode;
    char *end;

    if (stream == NULL || fstat(descriptor, &status) != 0)
        return false;
    device = strtoull(stream, &end, 10);
    if (end == stream || *end != ':')
        return false;
    stream = end + 1;
    inode = strtoull(stream, &end, 10);
    return end != stream && *end == '\0' && device == status.st_dev && inode == status.st_ino;
}

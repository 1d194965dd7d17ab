#include "base/temporary_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define MARK   ".timele-load-"
#define RANDOM "XXXXXX"

/* Names that linux/magic.h does not have. */
enum { MAGIC_JFS = 0x3153464a, MAGIC_ZFS = 0x2fc12fc1 };

/* How long a claim waits for somebody who has the directory alone: another run that looks for what
 * was left, for a moment. */
enum { CLAIM_ATTEMPTS = 40, CLAIM_PAUSE_NANOSECONDS = 50 * 1000 * 1000 };

/* Whether all who write to the file system see each other's locks. */
static bool is_local(int descriptor)
{
    struct statfs system;

    if (fstatfs(descriptor, &system) != 0)
        return false;
    switch ((unsigned long)system.f_type) {
    case EXT4_SUPER_MAGIC:
    case XFS_SUPER_MAGIC:
    case BTRFS_SUPER_MAGIC:
    case F2FS_SUPER_MAGIC:
    case MAGIC_JFS:
    case MAGIC_ZFS:
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
    case OVERLAYFS_SUPER_MAGIC:
        return true;
    default:
        return false;
    }
}

bool temporary_file_has_name(const char *name)
{
    size_t length = strlen(name);
    size_t random = strlen(RANDOM);
    const char *mark;

    if (length <= strlen(MARK) + random)
        return false;
    mark = name + length - random - strlen(MARK);
    if (strncmp(mark, MARK, strlen(MARK)) != 0)
        return false;
    for (const char *place = mark + strlen(MARK); *place != '\0'; place++)
        if (!isalnum((unsigned char)*place))
            return false;
    return true;
}

static void remove_if_own(int directory, const char *name)
{
    struct stat status;

    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid == geteuid())
        (void)unlinkat(directory, name, 0);
}

/* Only with the directory locked for this process alone. */
static void remove_abandoned(int directory)
{
    int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    if (stream == NULL) {
        if (copy >= 0)
            (void)close(copy);
        return;
    }
    while ((entry = readdir(stream)) != NULL)
        if (temporary_file_has_name(entry->d_name))
            remove_if_own(directory, entry->d_name);
    (void)closedir(stream);
}

static bool claim(int directory)
{
    const struct timespec pause = {.tv_nsec = CLAIM_PAUSE_NANOSECONDS};

    for (int i = 0; i < CLAIM_ATTEMPTS; i++) {
        if (flock(directory, LOCK_SH | LOCK_NB) == 0)
            return true;
        if (errno != EWOULDBLOCK)
            return false;
        (void)nanosleep(&pause, NULL);
    }
    return false;
}

int temporary_file_claim(const char *directory)
{
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor < 0)
        return -1;
    if (is_local(descriptor)) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0)
            remove_abandoned(descriptor);
        if (claim(descriptor))
            return descriptor;
    }
    (void)close(descriptor);
    return -1;
}

/* A name too long for the mark is cut. NULL when memory ran out. */
static char *make_name(const char *path, const char *mark)
{
    const char *slash = strrchr(path, '/');
    size_t directory = slash == NULL ? 0 : (size_t)(slash + 1 - path);
    size_t room = NAME_MAX - strlen(mark) - strlen(RANDOM);
    char *name;

    return asprintf(&name, "%.*s%.*s%s" RANDOM, (int)directory, path, (int)room, path + directory,
                    mark) < 0
               ? NULL
               : name;
}

int temporary_file_create(const char *path, bool claimed, char **name)
{
    int descriptor;

    *name = make_name(path, claimed ? MARK : ".");
    if (*name == NULL) {
        errno = ENOMEM;
        return -1;
    }
    descriptor = mkostemp(*name, O_CLOEXEC);
    if (descriptor < 0) {
        int reason = errno;

        free(*name);
        *name = NULL;
        errno = reason;
    }
    return descriptor;
}

void temporary_file_keep(char **name)
{
    size_t start = strlen(*name) - strlen(RANDOM) - strlen(MARK);
    char *kept;

    if (!temporary_file_has_name(*name) ||
        asprintf(&kept, "%.*s.%s", (int)start, *name, *name + start + strlen(MARK)) < 0)
        return;
    if (renameat2(AT_FDCWD, *name, AT_FDCWD, kept, RENAME_NOREPLACE) == 0 ||
        (errno == EINVAL && link(*name, kept) == 0 && unlink(*name) == 0)) {
        free(*name);
        *name = kept;
        return;
    }
    free(kept);
}

#include "input/spool.h"

#include "base/interrupt.h"
#include "base/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_SIZE = 64 * 1024 };

/* A copy on its way. */
struct copying {
    int source, copy;
    const char *name, *directory;
    struct error *error;
};

static int open_unnamed(const char *directory)
{
    char *name;
    int descriptor = open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (descriptor >= 0)
        return standard_streams_avoid(descriptor);

    /* Not every file system has files without a name. */
    if (asprintf(&name, "%s/timele-load-XXXXXX", directory) < 0)
        return -1;
    descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor >= 0)
        (void)unlink(name);
    free(name);
    return standard_streams_avoid(descriptor);
}

/* Waits for bytes, and for a signal: one that comes just before a read(2) would not end it. */
static bool wait_readable(int descriptor, struct error *error)
{
    struct pollfd source = {.fd = descriptor, .events = POLLIN};
    sigset_t wait_mask;

    interrupt_hold(&wait_mask);
    while (!interrupt_pending() && ppoll(&source, 1, NULL, &wait_mask) < 0 && errno == EINTR)
        continue;
    interrupt_release(&wait_mask);
    return interrupt_pending() ? interrupt_error(error) : true;
}

/* read(2) that goes on after a signal which does not end the run; *length is 0 at the end. */
static bool read_block(const struct copying *copying, char block[BLOCK_SIZE], size_t *length)
{
    ssize_t got;

    if (!wait_readable(copying->source, copying->error))
        return false;
    while ((got = read(copying->source, block, BLOCK_SIZE)) < 0) {
        if (errno != EINTR)
            return error_set(copying->error, error_kind_of_file(errno), "cannot read %s: %s",
                             copying->name, strerror(errno));
        if (interrupt_pending())
            return interrupt_error(copying->error);
    }
    *length = (size_t)got;
    return true;
}

/* Writes all bytes; false, with the reason in errno, when it cannot. */
static bool write_whole(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return true;
}

static bool copy_error(const struct copying *copying)
{
    (void)error_set(copying->error, error_kind_of_file(errno),
                    "cannot copy %s to a temporary file in %s: %s", copying->name,
                    copying->directory, strerror(errno));
    return error_hint(copying->error, "Set TMPDIR to a writable directory with enough room.");
}

static bool copy_all(const struct copying *copying)
{
    char block[BLOCK_SIZE];
    size_t length = 0;

    do {
        if (!read_block(copying, block, &length))
            return false;
        if (!write_whole(copying->copy, block, length))
            return copy_error(copying);
    } while (length > 0);
    return lseek(copying->copy, 0, SEEK_SET) == 0 || copy_error(copying);
}

int spool(int source, const char *name, struct error *error)
{
    struct copying copying = {
        .source = source, .name = name, .directory = getenv("TMPDIR"), .error = error};

    if (copying.directory == NULL || copying.directory[0] == '\0')
        copying.directory = "/tmp";
    copying.copy = open_unnamed(copying.directory);
    if (copying.copy < 0) {
        (void)copy_error(&copying);
        return -1;
    }
    if (copy_all(&copying))
        return copying.copy;
    (void)close(copying.copy);
    return -1;
}

#include "base/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool occupy(int descriptor, int mode, struct error *error)
{
    int opened;

    if (fcntl(descriptor, F_GETFD) >= 0)
        return true;
    opened = open("/dev/null", mode);
    if (opened < 0 || dup2(opened, descriptor) < 0)
        return error_set(error, ERROR_FILE, "cannot open /dev/null: %s", strerror(errno));
    /* When standard input is closed too, /dev/null was opened as descriptor 0. Closing that again
     * makes the reading of standard input fail, as it must. */
    if (opened != descriptor)
        (void)close(opened);
    return true;
}

bool standard_streams_occupy(struct error *error)
{
    return occupy(STDOUT_FILENO, O_RDONLY, error) && occupy(STDERR_FILENO, O_WRONLY, error);
}

int standard_streams_avoid(int descriptor)
{
    int moved;

    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    (void)close(descriptor);
    return moved;
}

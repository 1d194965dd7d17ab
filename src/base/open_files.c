#include "base/open_files.h"

#include <sys/resource.h>

/* The standard streams, the connection, the outputs, and what libraries open. */
enum { OWN_FILES = 64 };

size_t open_files_allow(size_t count)
{
    struct rlimit limit;
    rlim_t wanted = (rlim_t)count + OWN_FILES;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur < wanted) {
        rlim_t before = limit.rlim_cur;

        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
            limit.rlim_cur = before;
    }
    if (limit.rlim_cur >= wanted)
        return count;
    return limit.rlim_cur > OWN_FILES ? (size_t)limit.rlim_cur - OWN_FILES : 0;
}

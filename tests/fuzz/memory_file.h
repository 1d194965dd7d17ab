/*
 * A file in memory with a name to open it by, which is written anew for each input.
 */
#ifndef TESTS_FUZZ_MEMORY_FILE_H
#define TESTS_FUZZ_MEMORY_FILE_H

#include "fuzz_target.h"

#include <sys/mman.h>
#include <unistd.h>

/* Zeroed before its first use, and never closed. */
struct memory_file {
    int descriptor;
    char path[32];
};

static inline const char *memory_file_write(struct memory_file *file, const void *bytes,
                                            size_t length)
{
    if (file->path[0] == '\0') {
        file->descriptor = memfd_create("fuzz", MFD_CLOEXEC);
        REQUIRE(file->descriptor >= 0, "memfd_create failed");
        (void)snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor);
    }
    REQUIRE(ftruncate(file->descriptor, (off_t)length) == 0 &&
                pwrite(file->descriptor, bytes, length, 0) == (ssize_t)length,
            "cannot write %zu bytes to memory", length);
    return file->path;
}

#endif

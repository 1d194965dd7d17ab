/*
 * The directory of a target that gives files to the program, below TMPDIR, and the one that it was
 * started in. What the environment could change of a run is taken out of it.
 */
#ifndef TESTS_FUZZ_WORKING_DIRECTORY_H
#define TESTS_FUZZ_WORKING_DIRECTORY_H

#include "fuzz_target.h"

#include <fcntl.h>
#include <unistd.h>

/* Descriptors of both. */
struct working_directory {
    int home, place;
};

/* Once for all inputs. Without `lasting` the directory is empty, and gone for all but its
 * descriptor. */
static inline void working_directory_make(struct working_directory *made, bool lasting)
{
    const char *temporary = getenv("TMPDIR");
    char path[256];

    (void)snprintf(path, sizeof path, "%s/timele-load-fuzz-XXXXXX",
                   temporary != NULL ? temporary : "/tmp");
    made->home = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(mkdtemp(path) != NULL, "%s cannot be made", path);
    made->place = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    REQUIRE(made->home >= 0 && made->place >= 0 && (lasting || rmdir(path) == 0),
            "%s cannot be used", path);
    REQUIRE(unsetenv("ARGP_HELP_FMT") == 0 && unsetenv("POSIXLY_CORRECT") == 0 &&
                unsetenv("TIMELE_LOAD_LOOKUP") == 0,
            "the environment cannot be changed");
}

#endif

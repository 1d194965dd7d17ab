/*
 * The command line as argp may quote it: its own messages, and getopt's, print an unknown option as
 * it is. So argp gets a copy of each argument that must not be shown as it is, escaped by
 * base/display, and what it gives back is looked up here.
 */
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct argument_copy {
    char *original; /* borrowed */
    char *shown;
    size_t length; /* of the latter */
};

/* Caller-owned; zeroed is empty, arguments_free empties it again. */
struct arguments {
    char **vector; /* for argp, NULL after the last */
    struct argument_copy *copies;
    size_t copy_count;
};

/* The argument vector is borrowed. False with ERROR_INTERNAL. */
bool arguments_read(int argc, char **argv, struct arguments *arguments, struct error *error);

/* What the command line has where argp gave this argument, or part of one. */
char *arguments_original(const struct arguments *arguments, char *argument);

void arguments_free(struct arguments *arguments);

#endif

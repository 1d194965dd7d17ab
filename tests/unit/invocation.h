/*
 * A command line as tests write it, and what the program makes of it.
 */
#ifndef TESTS_INVOCATION_H
#define TESTS_INVOCATION_H

#include "cli/combination.h"
#include "cli/options.h"

#include "suite.h"

#include <stdio.h>

enum { ARGUMENTS_MAX = 8 };

/* The arguments that follow the program's name, NULL after the last. */
struct command_line {
    const char *arguments[ARGUMENTS_MAX];
};

/* A command line that was read. The options borrow its texts. */
struct invocation {
    char texts[ARGUMENTS_MAX + 1][64];
    char *argv[ARGUMENTS_MAX + 2];
    struct options options;
};

static inline bool read_line(struct invocation *invocation, const struct command_line *line,
                             struct error *error)
{
    int argc = 0;

    *invocation = (struct invocation){.texts = {"timele-load"}};
    for (; argc <= ARGUMENTS_MAX && (argc == 0 || line->arguments[argc - 1] != NULL); argc++) {
        if (argc > 0)
            (void)snprintf(invocation->texts[argc], sizeof invocation->texts[0], "%s",
                           line->arguments[argc - 1]);
        invocation->argv[argc] = invocation->texts[argc];
    }
    return options_parse(argc, invocation->argv, &invocation->options, error);
}

static inline bool invoke(struct invocation *invocation, const struct command_line *line,
                          struct error *error)
{
    return read_line(invocation, line, error) && combination_check(&invocation->options, error);
}

static inline void expect_parsed(struct invocation *invocation, const struct command_line *line)
{
    struct error error = {0};

    ck_assert_msg(invoke(invocation, line, &error), "%s", error.message);
    ck_assert_int_eq(error.kind, ERROR_NONE);
}

#endif

/*
 * Writes the completion for a shell, bash, zsh or fish, onto standard output. The program's own
 * table of options is the source, so that what a shell offers is what the program takes.
 */
#include "bash_completion.h"
#include "cli/option_table.h"
#include "fish_completion.h"
#include "zsh_completion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *shell;
    void (*print)(const struct argp_option *table);
} completions[] = {{"bash", bash_completion_print},
                   {"zsh", zsh_completion_print},
                   {"fish", fish_completion_print}};

int main(int count, char **arguments)
{
    for (size_t i = 0; i < sizeof completions / sizeof *completions && count == 2; i++)
        if (strcmp(completions[i].shell, arguments[1]) == 0) {
            completions[i].print(option_table());
            if (fflush(stdout) == 0 && ferror(stdout) == 0)
                return EXIT_SUCCESS;
            perror("write_completion");
            return EXIT_FAILURE;
        }
    (void)fprintf(stderr, "Usage: write_completion bash|zsh|fish\n");
    return EXIT_FAILURE;
}

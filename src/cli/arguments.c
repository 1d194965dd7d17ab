#include "cli/arguments.h"

#include "base/display.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

bool arguments_read(int argc, char **argv, struct arguments *arguments, struct error *error)
{
    arguments->vector = calloc((size_t)argc + 1, sizeof(char *));
    arguments->copies = calloc((size_t)argc + 1, sizeof(struct argument_copy));
    if (arguments->vector == NULL || arguments->copies == NULL)
        return error_memory(error);
    for (int i = 0; i < argc; i++) {
        char *shown = display_copy(argv[i]);

        if (shown == NULL)
            return error_memory(error);
        if (strcmp(shown, argv[i]) == 0) {
            arguments->vector[i] = argv[i];
            free(shown);
            continue;
        }
        arguments->vector[i] = shown;
        arguments->copies[arguments->copy_count++] =
            (struct argument_copy){.original = argv[i], .shown = shown, .length = strlen(shown)};
    }
    return true;
}

/* argp gives the whole of an argument, or what follows the name of an option. A name that there is
 * has nothing to escape, so what follows begins at the same place in both. */
char *arguments_original(const struct arguments *arguments, char *argument)
{
    uintptr_t place = (uintptr_t)argument;

    for (size_t i = 0; i < arguments->copy_count; i++) {
        const struct argument_copy *copy = &arguments->copies[i];
        uintptr_t start = (uintptr_t)copy->shown;

        if (place >= start && place <= start + copy->length)
            return copy->original + (place - start);
    }
    return argument;
}

void arguments_free(struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->copy_count; i++)
        free(arguments->copies[i].shown);
    free(arguments->copies);
    free(arguments->vector);
    *arguments = (struct arguments){0};
}

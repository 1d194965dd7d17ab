#include "offer.h"

#include "cli/option_table.h"
#include "cli/option_value.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What the table calls a value that is a path. */
static const char argument_file[] = "FILE";
static const char argument_directory[] = "DIR";

static enum offer_value value_of(const struct argp_option *option)
{
    if (option->arg == NULL)
        return OFFER_NONE;
    if (option_value_words(option->key) != NULL)
        return OFFER_WORD;
    if (option_value_beginnings(option->key) != NULL)
        return OFFER_BEGINNING;
    if (strcmp(option->arg, argument_file) == 0)
        return OFFER_FILE;
    return strcmp(option->arg, argument_directory) == 0 ? OFFER_DIRECTORY : OFFER_TEXT;
}

/* The first clause; a list of words, which the shell shows itself, is left out. */
static void describe(const struct argp_option *option, enum offer_value value,
                     char text[OFFER_DESCRIPTION_SIZE])
{
    size_t length = strcspn(option->doc, value == OFFER_WORD ? ";:" : ";");

    if (length >= OFFER_DESCRIPTION_SIZE)
        length = OFFER_DESCRIPTION_SIZE - 1;
    memcpy(text, option->doc, length);
    text[length] = '\0';
}

bool offer_make(const struct argp_option *option, struct offer *offer)
{
    enum offer_value value = value_of(option);

    if (option->name == NULL || (option->flags & OPTION_HIDDEN) != 0)
        return false;
    *offer =
        (struct offer){.name = option->name,
                       .letter = isascii(option->key) ? (char)option->key : '\0',
                       .value = value,
                       .is_optional = (option->flags & OPTION_ARG_OPTIONAL) != 0,
                       .is_repeated = option->key == OPTION_FLOOR || option->key == OPTION_INFER,
                       .is_alone = option->key == OPTION_HELP || option->key == OPTION_USAGE ||
                                   option->key == OPTION_VERSION,
                       .argument = option->arg,
                       .words = value == OFFER_WORD ? option_value_words(option->key)
                                                    : option_value_beginnings(option->key)};
    describe(option, value, offer->description);
    return true;
}

void offer_print_words(const struct offer *offer, const char *separator, const char *after)
{
    for (size_t i = 0; offer->words[i] != NULL; i++)
        printf("%s%s%s", i == 0 ? "" : separator, offer->words[i], after);
}

#include "zsh_completion.h"

#include "offer.h"

#include <stdio.h>

static const char beginning[] =
    "#compdef timele-load\n"
    "# Completion of timele-load for zsh. `make` writes it from the program's table of options.\n"
    "\n"
    "_arguments -s -S : \\\n";

static const char end[] = "    '*:FILE:_files'\n";

/* Between the quotes and the brackets of a specification. */
static void print_description(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            printf("'\\''");
        else if (*text == '[' || *text == ']' || *text == '\\')
            printf("\\%c", *text);
        else
            putchar(*text);
    }
}

/* The message and the action for a value, as _arguments(1) of zshcompsys(1) wants them. */
static void print_value(const struct offer *offer)
{
    if (offer->value == OFFER_NONE)
        return;
    printf("%s%s:", offer->is_optional ? "::" : ":", offer->argument);
    switch (offer->value) {
    case OFFER_WORD:
        printf("(");
        offer_print_words(offer, " ", "");
        printf(")");
        return;
    case OFFER_BEGINNING:
        printf(" compadd -S \"\" -- ");
        offer_print_words(offer, " ", "=");
        return;
    case OFFER_FILE:
        printf("_files");
        return;
    case OFFER_DIRECTORY:
        printf("_files -/");
        return;
    case OFFER_TEXT:
    case OFFER_NONE:
        printf(" ");
    }
}

/* Which options are not offered once this one is given. */
static void print_excluded(const struct offer *offer)
{
    if (offer->is_alone)
        printf("'(- *)'");
    else if (offer->is_repeated)
        printf("'*'");
    else if (offer->letter != '\0')
        printf("'(-%c --%s)'", offer->letter, offer->name);
}

static void print_option(const struct offer *offer)
{
    const char *separate = offer->value == OFFER_NONE ? "" : offer->is_optional ? "=-" : "=";

    printf("    ");
    print_excluded(offer);
    if (offer->letter != '\0')
        printf("{-%c%s,--%s%s}", offer->letter, offer->value == OFFER_NONE ? "" : "+", offer->name,
               separate);
    else
        printf("--%s%s", offer->name, separate);
    printf("'[");
    print_description(offer->description);
    printf("]");
    print_value(offer);
    printf("' \\\n");
}

void zsh_completion_print(const struct argp_option *table)
{
    struct offer offer;

    printf("%s", beginning);
    for (const struct argp_option *option = table; option->doc != NULL; option++)
        if (offer_make(option, &offer))
            print_option(&offer);
    printf("%s", end);
}

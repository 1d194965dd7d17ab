#include "fish_completion.h"

#include "offer.h"

#include <stdio.h>

static const char beginning[] =
    "# Completion of timele-load for fish. `make` writes it from the program's table of options.\n"
    "\n";

static void print_quoted(const char *text)
{
    putchar('\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('\'');
}

/* -x: a value, and no file; -f: no file; -r: a value; -F: files even so. */
static void print_value(const struct offer *offer)
{
    switch (offer->value) {
    case OFFER_NONE:
        return;
    case OFFER_WORD:
    case OFFER_BEGINNING:
        printf(" %s -a '", offer->is_optional ? "-f" : "-x");
        offer_print_words(offer, " ", offer->value == OFFER_BEGINNING ? "=" : "");
        printf("'");
        return;
    case OFFER_FILE:
        printf(" -r -F");
        return;
    case OFFER_DIRECTORY:
        printf(" -x -a '(__fish_complete_directories "
               "(commandline -ct | string replace -r -- \"^--%s=\" \"\"))'",
               offer->name);
        return;
    case OFFER_TEXT:
        printf(" -x");
    }
}

static void print_option(const struct offer *offer)
{
    printf("complete -c timele-load");
    if (offer->letter != '\0')
        printf(" -s %c", offer->letter);
    printf(" -l %s", offer->name);
    print_value(offer);
    printf(" -d ");
    print_quoted(offer->description);
    printf("\n");
}

void fish_completion_print(const struct argp_option *table)
{
    struct offer offer;

    printf("%s", beginning);
    for (const struct argp_option *option = table; option->doc != NULL; option++)
        if (offer_make(option, &offer))
            print_option(&offer);
}

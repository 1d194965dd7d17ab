/*
 * An option of the program as the completion of a shell offers it.
 */
#ifndef COMPLETION_OFFER_H
#define COMPLETION_OFFER_H

#include <argp.h>
#include <stdbool.h>

/* What a value of an option is. */
enum offer_value {
    OFFER_NONE,      /* the option has no value */
    OFFER_TEXT,      /* a number or a text: nothing can be offered */
    OFFER_WORD,      /* one of `words` */
    OFFER_BEGINNING, /* one of `words`, then `=` and more */
    OFFER_FILE,
    OFFER_DIRECTORY
};

enum { OFFER_DESCRIPTION_SIZE = 256 };

struct offer {
    const char *name; /* without the dashes */
    char letter;      /* the short name; 0: it has none */
    enum offer_value value;
    bool is_optional;         /* the value: it is written behind `=`, or not at all */
    bool is_repeated;         /* given twice, the option says more than once */
    bool is_alone;            /* it is asked instead of a run: --help */
    const char *argument;     /* what --help calls the value; NULL without one */
    const char *const *words; /* NULL after the last */
    char description[OFFER_DESCRIPTION_SIZE]; /* what --help says first of it */
};

/*
 * Makes the offer of an option. False for an entry of the table that has no long name: a heading,
 * or an option that is hidden. Texts but the description are borrowed from the table.
 */
bool offer_make(const struct argp_option *option, struct offer *offer);

/* The words with `separator` between them, `after` behind each, onto standard output. */
void offer_print_words(const struct offer *offer, const char *separator, const char *after);

#endif

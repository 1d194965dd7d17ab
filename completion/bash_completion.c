#include "bash_completion.h"

#include "offer.h"

#include <stdio.h>

static const char before_options[] =
    "# Completion of timele-load for bash. `make` writes it from the program's table of options.\n"
    "\n"
    "_timele_load()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before='' option='' words='' paths='' i\n"
    "    local options='";

static const char before_values[] =
    "'\n"
    "\n"
    "    # Behind -- stand only files, which readline offers where nothing else is.\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        [[ ${COMP_WORDS[i]} != -- ]] || return 0\n"
    "    done\n"
    "    # readline makes three words of --mode=skip where COMP_WORDBREAKS has the =.\n"
    "    if [[ $word == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 1]}= word=''\n"
    "    elif ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}=\n"
    "    elif [[ $word == --*=* ]]; then\n"
    "        option=${word%%=*}= before=${word%%=*}= word=${word#*=}\n"
    "    else\n"
    "        option=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    fi\n"
    "    case $option in\n";

static const char after_values[] =
    "    *)\n"
    "        [[ -z $before && $word == -* ]] || return 0\n"
    "        words=$options\n"
    "        ;;\n"
    "    esac\n"
    "    # readline itself completes paths, their quotes too, but for a --report= in one word with "
    "them.\n"
    "    if [[ -n $paths && -z $before ]]; then\n"
    "        [[ $paths == -f ]] || compopt +o bashdefault +o default -o dirnames\n"
    "        return 0\n"
    "    fi\n"
    "    compopt +o bashdefault +o default\n"
    "    if [[ -n $paths ]]; then\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(compgen \"$paths\" -- \"$word\")\n"
    "    else\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "    fi\n"
    "    COMPREPLY=(\"${COMPREPLY[@]/#/$before}\")\n"
    "    [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace\n"
    "}\n"
    "\n"
    "complete -o bashdefault -o default -F _timele_load timele-load\n";

static void print_names(const struct offer *offer)
{
    if (offer->letter != '\0')
        printf("-%c ", offer->letter);
    if (offer->value == OFFER_NONE || offer->is_optional)
        printf("--%s ", offer->name);
    if (offer->value != OFFER_NONE)
        printf("--%s= ", offer->name);
}

/* In the place of the word before, and before a `=`. */
static void print_pattern(const struct offer *offer)
{
    printf("    ");
    if (offer->letter != '\0')
        printf("-%c | ", offer->letter);
    if (!offer->is_optional)
        printf("--%s | ", offer->name);
    printf("--%s=) ", offer->name);
}

/* Which words, or which paths, the value of an option may be. */
static void print_value(const struct offer *offer)
{
    if (offer->value == OFFER_NONE)
        return;
    print_pattern(offer);
    switch (offer->value) {
    case OFFER_WORD:
    case OFFER_BEGINNING:
        printf("words='");
        offer_print_words(offer, " ", offer->value == OFFER_BEGINNING ? "=" : "");
        printf("' ;;\n");
        return;
    case OFFER_FILE:
        printf("paths=-f ;;\n");
        return;
    case OFFER_DIRECTORY:
        printf("paths=-d ;;\n");
        return;
    case OFFER_TEXT:
    case OFFER_NONE:
        printf(";;\n");
    }
}

void bash_completion_print(const struct argp_option *table)
{
    struct offer offer;

    printf("%s", before_options);
    for (const struct argp_option *option = table; option->doc != NULL; option++)
        if (offer_make(option, &offer))
            print_names(&offer);
    printf("%s", before_values);
    for (const struct argp_option *option = table; option->doc != NULL; option++)
        if (offer_make(option, &offer))
            print_value(&offer);
    printf("%s", after_values);
}

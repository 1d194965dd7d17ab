#include "cli/option_fault.h"

#include "cli/option_table.h"
#include "cli/option_value.h"
#include "cli/word_list.h"

#include <string.h>

/* There are not so many options. */
enum { NAMES_MAX = 64 };

/* A single dash before a longer word than this is taken for a mistyped pair of dashes. */
enum { SHORT_WORD = 2 };

/* The long names that begin with a text; only the one that is the text, where there is one. */
struct candidates {
    const char *names[NAMES_MAX + 1]; /* NULL after the last */
    const struct argp_option *option; /* of the first */
    size_t count;
};

static void find_candidates(const char *text, size_t length, struct candidates *candidates)
{
    *candidates = (struct candidates){.count = 0};
    for (const struct argp_option *option = option_table(); option->doc != NULL; option++) {
        if (option->name == NULL || strncmp(option->name, text, length) != 0)
            continue;
        if (option->name[length] == '\0')
            *candidates = (struct candidates){.count = 0};
        if (candidates->count == 0)
            candidates->option = option;
        if (candidates->count < NAMES_MAX)
            candidates->names[candidates->count++] = option->name;
        if (option->name[length] == '\0')
            return;
    }
}

static bool hint_at_option(const char *name, size_t length, struct error *error)
{
    struct candidates all;
    const char *meant;

    find_candidates("", 0, &all);
    meant = word_list_meant(all.names, name, length);
    if (meant == NULL)
        return error_hint(error, "Try 'timele-load --help'.");
    return error_hint(error, "Did you mean --%s?", meant);
}

/* The value that an option lacks. */
static bool hint_at_value(const struct argp_option *option, bool is_short, struct error *error)
{
    const char *const *words = option_value_words(option->key);
    char list[WORD_LIST_SIZE];

    if (words != NULL)
        return error_hint(error, "It takes %s.", word_list_join(words, "", list));
    if (is_short)
        return error_hint(error, "Write -%c %s.", option->key, option->arg);
    return error_hint(error, "Write --%s=%s.", option->name, option->arg);
}

static bool set_long(const char *argument, struct error *error)
{
    const char *name = argument + 2;
    size_t length = strcspn(name, "=");
    struct candidates candidates;
    char list[WORD_LIST_SIZE];

    find_candidates(name, length, &candidates);
    /* What stands behind the name may be a password. */
    if (length == 0 || candidates.count == 0) {
        (void)error_set(error, ERROR_USAGE, "unknown option --%.*s", (int)length, name);
        return hint_at_option(name, length, error);
    }
    if (candidates.count > 1) {
        (void)error_set(error, ERROR_USAGE, "the option --%.*s is ambiguous", (int)length, name);
        return error_hint(error, "It may be %s.", word_list_join(candidates.names, "--", list));
    }
    if (candidates.option->arg == NULL) {
        (void)error_set(error, ERROR_USAGE, "--%s takes no value", candidates.option->name);
        return error_hint(error, "Write --%s alone.", candidates.option->name);
    }
    (void)error_set(error, ERROR_USAGE, "--%s needs a value", candidates.option->name);
    return hint_at_value(candidates.option, false, error);
}

/* Of a letter beyond ASCII all bytes. */
static size_t letter_length(const char *letter)
{
    size_t length = 1;

    while (((unsigned char)letter[0] & 0x80) != 0 && ((unsigned char)letter[length] & 0xc0) == 0x80)
        length++;
    return length;
}

bool option_fault_lacks_dash(const char *argument)
{
    struct candidates candidates;
    size_t length = strcspn(argument, "=");

    if (argument[0] != '-' || argument[1] == '-' || argument[1] == '\0')
        return false;
    find_candidates(argument + 1, length - 1, &candidates);
    return candidates.count == 1 && candidates.option->name[length - 1] == '\0';
}

static bool set_short(const char *argument, struct error *error)
{
    const struct argp_option *option = NULL;
    const char *letter = argument + 1;
    size_t length = strcspn(argument + 1, "=");

    /* What stands behind the name may be a password. */
    if (option_fault_lacks_dash(argument)) {
        (void)error_set(error, ERROR_USAGE, "unknown option -%.*s", (int)length, argument + 1);
        return error_hint(error, "Did you mean --%.*s?", (int)length, argument + 1);
    }
    while (*letter != '\0') {
        option = (unsigned char)*letter < 0x80 ? option_table_find(*letter) : NULL;
        if (option == NULL || option->arg != NULL)
            break;
        letter++;
    }
    if (option != NULL) {
        (void)error_set(error, ERROR_USAGE, "-%c needs a value", option->key);
        return hint_at_value(option, true, error);
    }
    (void)error_set(error, ERROR_USAGE, "unknown option -%.*s", (int)letter_length(letter), letter);
    if (length <= SHORT_WORD)
        return error_hint(error, "Try 'timele-load --help'.");
    return hint_at_option(argument + 1, length, error);
}

bool option_fault_set(const char *argument, struct error *error)
{
    return strncmp(argument, "--", 2) == 0 ? set_long(argument, error) : set_short(argument, error);
}

bool option_fault_is_option(const char *argument)
{
    struct candidates candidates;
    size_t length;

    if (strncmp(argument, "--", 2) != 0)
        return false;
    length = strcspn(argument + 2, "=");
    find_candidates(argument + 2, length, &candidates);
    return length > 0 && candidates.count == 1;
}

bool option_fault_set_swallowed(int key, const char *swallowed, struct error *error)
{
    const struct argp_option *option = option_table_find(key);

    (void)error_set(error, ERROR_USAGE, "--%s needs a value, and %.*s is an option", option->name,
                    (int)strcspn(swallowed, "="), swallowed);
    return hint_at_value(option, false, error);
}

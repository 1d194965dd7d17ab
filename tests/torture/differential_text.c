#include "differential_text.h"

#include "differential_example.h"
#include "differential_grammar.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Percent of the texts that come from each source; the rest is example texts. */
enum { FROM_GRAMMAR = 70, FROM_ALPHABET = 15 };

enum { CHANGES_MAX = 3, SHORT_MAX = 12, ANY_BYTE = 8 };

void differential_text_add(struct differential_text *text, const char *bytes, size_t length)
{
    size_t room = sizeof text->bytes - text->length;

    if (length > room)
        length = room;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

void differential_text_add_byte(struct differential_text *text, char byte)
{
    differential_text_add(text, &byte, 1);
}

void differential_text_add_string(struct differential_text *text, const char *string)
{
    differential_text_add(text, string, strlen(string));
}

void differential_text_print(struct differential_text *text, const char *format, ...)
{
    char printed[64];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(printed, sizeof printed, format, arguments);
    va_end(arguments);
    differential_text_add_string(text, printed);
}

/* A byte near those of the type; at times any at all. */
static char draw_byte(enum column_type type, struct random *random)
{
    const char *alphabet = differential_example_alphabet(type);

    if (random_below(random, 100) < ANY_BYTE)
        return (char)random_below(random, 256);
    return alphabet[random_below(random, (uint32_t)strlen(alphabet))];
}

static void insert(struct differential_text *text, size_t place, const char *bytes, size_t length)
{
    if (length > sizeof text->bytes - text->length)
        return;
    memmove(text->bytes + place + length, text->bytes + place, text->length - place);
    memcpy(text->bytes + place, bytes, length);
    text->length += length;
}

static void remove_bytes(struct differential_text *text, size_t place, size_t length)
{
    memmove(text->bytes + place, text->bytes + place + length, text->length - place - length);
    text->length -= length;
}

static void swap_with_next(struct differential_text *text, size_t place)
{
    char byte = text->bytes[place];

    if (place + 1 == text->length)
        return;
    text->bytes[place] = text->bytes[place + 1];
    text->bytes[place + 1] = byte;
}

/* Doubles a few bytes, or puts them to another place. */
static void repeat(struct differential_text *text, size_t place, struct random *random)
{
    char bytes[8];
    size_t length = 1 + random_below(random, sizeof bytes);

    if (length > text->length - place)
        length = text->length - place;
    memcpy(bytes, text->bytes + place, length);
    insert(text, random_below(random, (uint32_t)text->length + 1), bytes, length);
}

static void change(enum column_type type, struct random *random, struct differential_text *text)
{
    size_t place = random_below(random, (uint32_t)text->length + 1);
    char byte = draw_byte(type, random);
    uint32_t what = random_below(random, 6);

    if (place == text->length || what < 2) {
        insert(text, place, &byte, 1);
        return;
    }
    switch (what) {
    case 2:
        text->bytes[place] = byte;
        break;
    case 3:
        remove_bytes(text, place, 1);
        break;
    case 4:
        swap_with_next(text, place);
        break;
    default:
        repeat(text, place, random);
    }
}

static void add_example(enum column_type type, struct random *random,
                        struct differential_text *text)
{
    const char *const *examples = differential_example_texts(type);
    uint32_t count = 0;

    while (examples[count] != NULL)
        count++;
    if (count > 0)
        differential_text_add_string(text, examples[random_below(random, count)]);
}

static void add_any(enum column_type type, struct random *random, struct differential_text *text)
{
    uint32_t length = 1 + random_below(random, SHORT_MAX);

    for (uint32_t i = 0; i < length; i++)
        differential_text_add_byte(text, draw_byte(type, random));
}

void differential_text_make(const struct column *column, uint64_t seed, uint64_t number,
                            struct differential_text *text)
{
    struct random random = random_start(seed, RANDOM_VALUE, number * 64 + column->type);
    uint32_t source = random_below(&random, 100);
    uint32_t changes = 0;

    text->length = 0;
    if (source < FROM_GRAMMAR)
        differential_grammar_add(column, &random, text);
    else if (source < FROM_GRAMMAR + FROM_ALPHABET)
        add_any(column->type, &random, text);
    else
        add_example(column->type, &random, text);
    /* Half of them stay as they are. */
    if (random_below(&random, 2) == 0)
        changes = 1 + random_below(&random, CHANGES_MAX);
    for (; changes > 0; changes--)
        change(column->type, &random, text);
    if (text->length == 0 && column->type != COLUMN_TEXT)
        differential_text_add_byte(text, draw_byte(column->type, &random));
}

#include "table/header_name.h"

#include "table/table.h"

#include <stdint.h>
#include <string.h>

/* A longer name is no column's, nor near one. */
enum { NAME_SIZE = 64 };

/* From this length on two letters may be wrong. */
enum { LONG_NAME = 6 };

struct name {
    char text[NAME_SIZE];
    size_t length;
};

/* In ASCII alone, whatever the locale is. */
static char lower_case(char character)
{
    return (char)(character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character);
}

static bool is_between_words(char character)
{
    return character == ' ' || character == '\t' || character == '_' || character == '-';
}

/* Takes a name in lower case; with `bare` without blanks, underscores and hyphens. */
static bool take_name(const char *text, size_t length, bool bare, struct name *name)
{
    name->length = 0;
    for (size_t i = 0; i < length; i++) {
        if (bare && is_between_words(text[i]))
            continue;
        if (name->length == NAME_SIZE)
            return false;
        name->text[name->length++] = lower_case(text[i]);
    }
    return name->length > 0;
}

static bool is_same(const struct name *one, const struct name *other)
{
    return one->length == other->length && memcmp(one->text, other->text, one->length) == 0;
}

/* Whether the lengths alone tell that more letters are wrong. */
static bool is_farther(const struct name *one, const struct name *other, size_t letters)
{
    return one->length > other->length + letters || other->length > one->length + letters;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* How many letters have to be added, left out, replaced or swapped with the next one to make the
 * one name of the other. */
static size_t count_wrong_letters(const struct name *one, const struct name *other)
{
    size_t rows[3][NAME_SIZE + 1] = {{0}};

    for (size_t k = 0; k <= other->length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= one->length; i++) {
        const size_t *before = rows[(i + 1) % 3], *above = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];

        row[0] = i;
        for (size_t k = 1; k <= other->length; k++) {
            bool equal = one->text[i - 1] == other->text[k - 1];

            row[k] = least(above[k - 1] + !equal, least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && one->text[i - 1] == other->text[k - 2] &&
                one->text[i - 2] == other->text[k - 1])
                row[k] = least(row[k], before[k - 2] + 1);
        }
    }
    return rows[one->length % 3][other->length];
}

/* Whether a list of words, with blanks between, has one that is the name but for its spelling. */
static bool is_listed(const char *words, const struct name *bare)
{
    while (words != NULL && *words != '\0') {
        size_t length = strcspn(words, " ");
        struct name word;

        if (take_name(words, length, true, &word) && is_same(&word, bare))
            return true;
        words += length + (words[length] == ' ');
    }
    return false;
}

/* How far a name is from a column's: first the letters, then what is between them. */
static size_t measure(const struct column *column, const struct name *bare,
                      const struct name *whole, enum header_name_distance farthest)
{
    size_t length = strlen(column->header);
    struct name its_bare, its_whole;
    size_t wrong, allowed;

    if (is_listed(column->synonyms, bare))
        return 0;
    if (!take_name(column->header, length, true, &its_bare) ||
        !take_name(column->header, length, false, &its_whole))
        return SIZE_MAX;
    if (is_same(bare, &its_bare))
        return 0;
    allowed = its_bare.length < LONG_NAME ? 1 : 2;
    if (farthest == HEADER_NAME_RESPELT || is_farther(bare, &its_bare, allowed))
        return SIZE_MAX;
    wrong = count_wrong_letters(bare, &its_bare);
    if (wrong > allowed)
        return SIZE_MAX;
    return wrong * NAME_SIZE * 2 + count_wrong_letters(whole, &its_whole);
}

int header_name_meant(const struct table *table, const char *name, size_t length,
                      enum header_name_distance farthest)
{
    size_t nearest = SIZE_MAX;
    struct name bare, whole;
    int meant = -1;

    if (table_column_of_header(table, name, length) >= 0 || !take_name(name, length, true, &bare) ||
        !take_name(name, length, false, &whole))
        return -1;
    for (size_t i = 0; i < table->column_count; i++) {
        size_t distance;

        if (table->columns[i].header == NULL)
            continue;
        distance = measure(&table->columns[i], &bare, &whole, farthest);
        if (distance < nearest) {
            nearest = distance;
            meant = (int)i;
        }
    }
    return meant;
}

bool header_name_is_unused(const struct table *table, const char *name, size_t length)
{
    struct name bare;

    return take_name(name, length, true, &bare) && is_listed(table->unused_columns, &bare);
}

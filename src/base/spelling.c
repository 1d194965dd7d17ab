#include "base/spelling.h"

#include <stdint.h>
#include <string.h>

/* From this length on two letters may be wrong. */
enum { LONG_WORD = 6 };

/* In ASCII alone, whatever the locale is. */
static char lower_case(char character)
{
    return (char)(character >= 'A' && character <= 'Z' ? character - 'A' + 'a' : character);
}

static bool is_between_words(char character)
{
    return character == ' ' || character == '\t' || character == '_' || character == '-';
}

bool spelling_take(const char *text, size_t length, struct spelling *spelling)
{
    spelling->whole_length = 0;
    spelling->bare_length = 0;
    if (length > SPELLING_SIZE)
        return false;
    for (size_t i = 0; i < length; i++) {
        spelling->whole[spelling->whole_length++] = lower_case(text[i]);
        if (!is_between_words(text[i]))
            spelling->bare[spelling->bare_length++] = lower_case(text[i]);
    }
    return spelling->bare_length > 0;
}

bool spelling_is_same(const struct spelling *one, const struct spelling *other)
{
    return one->bare_length == other->bare_length &&
           memcmp(one->bare, other->bare, one->bare_length) == 0;
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* A part of a spelling. */
struct letters {
    const char *text;
    size_t length;
};

/* Whether the lengths alone tell that more letters are wrong. */
static bool is_farther(struct letters one, struct letters other, size_t wrong)
{
    return one.length > other.length + wrong || other.length > one.length + wrong;
}

static size_t count_wrong_letters(struct letters one, struct letters other)
{
    size_t rows[3][SPELLING_SIZE + 1] = {{0}};

    for (size_t k = 0; k <= other.length; k++)
        rows[0][k] = k;
    for (size_t i = 1; i <= one.length; i++) {
        const size_t *before = rows[(i + 1) % 3], *above = rows[(i - 1) % 3];
        size_t *row = rows[i % 3];

        row[0] = i;
        for (size_t k = 1; k <= other.length; k++) {
            bool equal = one.text[i - 1] == other.text[k - 1];

            row[k] = least(above[k - 1] + !equal, least(above[k], row[k - 1]) + 1);
            if (i > 1 && k > 1 && one.text[i - 1] == other.text[k - 2] &&
                one.text[i - 2] == other.text[k - 1])
                row[k] = least(row[k], before[k - 2] + 1);
        }
    }
    return rows[one.length % 3][other.length];
}

/* First the letters count, then what is between them. */
size_t spelling_distance(const struct spelling *typed, const struct spelling *word)
{
    const struct letters typed_bare = {typed->bare, typed->bare_length},
                         word_bare = {word->bare, word->bare_length},
                         typed_whole = {typed->whole, typed->whole_length},
                         word_whole = {word->whole, word->whole_length};
    size_t allowed = word->bare_length < LONG_WORD ? 1 : 2;
    size_t wrong;

    if (spelling_is_same(typed, word))
        return 0;
    if (is_farther(typed_bare, word_bare, allowed))
        return SIZE_MAX;
    wrong = count_wrong_letters(typed_bare, word_bare);
    if (wrong > allowed)
        return SIZE_MAX;
    return wrong * SPELLING_SIZE * 2 + count_wrong_letters(typed_whole, word_whole);
}

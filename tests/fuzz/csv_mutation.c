#include "csv_mutation.h"

#include "fuzz_target.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { FILE_END = 0x1e, PIECE_MAX = 512, ATTEMPTS = 4 };

/* A piece of the data. */
struct piece {
    size_t start, end;
};

struct mutation {
    uint8_t *data;
    size_t size, maximum;
    uint64_t random;
};

/* A linear congruential generator; the upper bits are the better ones. */
static size_t choose(struct mutation *mutation, size_t count)
{
    mutation->random = mutation->random * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return count == 0 ? 0 : (size_t)(mutation->random >> 33) % count;
}

static bool is_end(uint8_t byte, bool of_field)
{
    return byte == '\n' || byte == FILE_END || (of_field && (byte == ',' || byte == '\r'));
}

/* The line or the field around some byte, without its end. */
static struct piece piece_around(const struct mutation *mutation, size_t place, bool field)
{
    struct piece piece = {.start = place, .end = place};

    while (piece.start > 0 && !is_end(mutation->data[piece.start - 1], field))
        piece.start--;
    while (piece.end < mutation->size && !is_end(mutation->data[piece.end], field))
        piece.end++;
    return piece;
}

static bool is_in_header(const struct mutation *mutation, size_t place)
{
    size_t start = piece_around(mutation, place, false).start;

    return start == 0 || mutation->data[start - 1] == FILE_END;
}

/* One in a row, as a rule. */
static struct piece choose_piece(struct mutation *mutation, bool field)
{
    size_t place = choose(mutation, mutation->size);

    for (int i = 0; i < ATTEMPTS && is_in_header(mutation, place); i++)
        place = choose(mutation, mutation->size);
    return piece_around(mutation, place, field);
}

/* Puts bytes in the place of a piece, where there is room. */
static void replace(struct mutation *mutation, struct piece piece, const uint8_t *bytes,
                    size_t length)
{
    size_t kept = mutation->size - (piece.end - piece.start);

    if (length > mutation->maximum || kept > mutation->maximum - length)
        return;
    memmove(mutation->data + piece.start + length, mutation->data + piece.end,
            mutation->size - piece.end);
    memcpy(mutation->data + piece.start, bytes, length);
    mutation->size = kept + length;
}

static size_t copy(const struct mutation *mutation, struct piece piece, uint8_t bytes[PIECE_MAX])
{
    size_t length = piece.end - piece.start < PIECE_MAX ? piece.end - piece.start : PIECE_MAX - 1;

    memcpy(bytes, mutation->data + piece.start, length);
    return length;
}

/* Puts a copy of a line before another one. */
static void repeat_line(struct mutation *mutation)
{
    uint8_t bytes[PIECE_MAX];
    size_t length = copy(mutation, choose_piece(mutation, false), bytes);
    struct piece place = choose_piece(mutation, false);

    bytes[length++] = '\n';
    place.end = place.start;
    replace(mutation, place, bytes, length);
}

static void leave_out_line(struct mutation *mutation)
{
    struct piece piece = choose_piece(mutation, false);

    piece.end += piece.end < mutation->size && mutation->data[piece.end] == '\n';
    replace(mutation, piece, (const uint8_t *)"", 0);
}

static void replace_field(struct mutation *mutation)
{
    uint8_t bytes[PIECE_MAX];
    size_t length = copy(mutation, choose_piece(mutation, true), bytes);

    replace(mutation, choose_piece(mutation, true), bytes, length);
}

static void replace_by_number(struct mutation *mutation)
{
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%d", (int)choose(mutation, 12) - 1);

    replace(mutation, choose_piece(mutation, true), (const uint8_t *)digits, (size_t)length);
}

static void quote_field(struct mutation *mutation)
{
    uint8_t bytes[PIECE_MAX + 2];
    struct piece piece = choose_piece(mutation, true);
    size_t length = copy(mutation, piece, bytes + 1);

    bytes[0] = bytes[length + 1] = '"';
    replace(mutation, piece, bytes, length + 2);
}

static void replace_by_special(struct mutation *mutation)
{
    static const char *const specials[] = {"",
                                           "\"\"",
                                           "\"a\nb\"",
                                           "\"x\"y",
                                           "a\"b",
                                           "\xff",
                                           "\xc3\xa9",
                                           "9223372036854775807",
                                           "2147483648",
                                           "16777216",
                                           "4294967296",
                                           "1e400",
                                           "delivered",
                                           "2016-08-19 09:16:40+00:00",
                                           "$2b$12$SECRETHASHSECRETHASH",
                                           "\x1b[31m",
                                           "a,b",
                                           "\n"};
    const char *special = specials[choose(mutation, sizeof specials / sizeof *specials)];

    replace(mutation, choose_piece(mutation, true), (const uint8_t *)special, strlen(special));
}

size_t csv_mutation_make(uint8_t *data, size_t size, size_t maximum, unsigned seed)
{
    static void (*const mutations[])(struct mutation *) = {
        repeat_line,   repeat_line,       leave_out_line, replace_field,
        replace_field, replace_by_number, quote_field,    replace_by_special};
    struct mutation mutation = {.size = size, .maximum = maximum, .random = seed};
    size_t changes = 1 + choose(&mutation, 3);

    mutation.data = data;
    for (size_t i = 0; i < changes; i++)
        mutations[choose(&mutation, sizeof mutations / sizeof *mutations)](&mutation);
    return mutation.size;
}

size_t csv_mutation_mutate(uint8_t *data, size_t size, size_t maximum, unsigned seed)
{
    struct mutation mutation = {.size = size, .maximum = maximum, .random = seed};
    uint8_t bytes[PIECE_MAX];
    struct piece piece;
    size_t length;

    mutation.data = data;
    piece = choose_piece(&mutation, false);
    length = copy(&mutation, piece, bytes);
    replace(&mutation, piece, bytes, LLVMFuzzerMutate(bytes, length, sizeof bytes));
    return mutation.size;
}

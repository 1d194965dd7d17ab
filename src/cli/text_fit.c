#include "cli/text_fit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <uniwidth.h>

static const char cut_mark[] = "...";
enum { CUT_COLUMNS = sizeof cut_mark - 1 };

int text_columns(const char *text)
{
    return u8_strwidth((const uint8_t *)text, "UTF-8");
}

/* Combining characters are shown in the columns of the letter before. */
static bool takes_columns(const char *character, const char *end)
{
    ucs4_t code;

    (void)u8_mbtouc(&code, (const uint8_t *)character, (size_t)(end - character));
    return uc_width(code, "UTF-8") != 0;
}

/* Where the last `count` characters of a UTF-8 text begin. */
static const char *last_characters(const char *text, int count)
{
    const char *end = text + strlen(text), *start = end;

    while (start > text && count > 0) {
        do {
            start--;
        } while (start > text && ((unsigned char)*start & 0xC0) == 0x80);
        count -= takes_columns(start, end);
    }
    return start;
}

const char *text_fit(const char *text, int columns, char shown[TEXT_FIT_SIZE])
{
    const char *tail =
        last_characters(text, columns < DISPLAY_CHARACTERS ? columns : DISPLAY_CHARACTERS);
    char safe[DISPLAY_SIZE];
    const char *end = display_text(tail, strlen(tail), safe);
    bool cut = tail > text || text_columns(end) > columns;

    while (cut && *end != '\0' &&
           (text_columns(end) > columns - CUT_COLUMNS || !takes_columns(end, end + strlen(end))))
        end += u8_strmblen((const uint8_t *)end);
    (void)snprintf(shown, TEXT_FIT_SIZE, "%.*s%s", cut && columns > 0 ? columns : 0,
                   cut ? cut_mark : "", end);
    return shown;
}

char *text_fit_copy(const char *text, int columns)
{
    char *safe = display_copy(text), *fit;
    const char *end = safe;
    int width;

    if (safe == NULL || columns <= 0)
        return safe;
    width = text_columns(safe);
    if (width <= columns)
        return safe;
    while (*end != '\0' &&
           (width > columns - CUT_COLUMNS || !takes_columns(end, end + strlen(end)))) {
        ucs4_t code;
        int length = u8_strmbtouc(&code, (const uint8_t *)end);

        width -= uc_width(code, "UTF-8");
        end += length;
    }
    if (asprintf(&fit, "%.*s%s", columns, cut_mark, end) < 0)
        fit = NULL;
    free(safe);
    return fit;
}

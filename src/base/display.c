#include "base/display.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

/* The longest escape, \xNN. */
enum { ESCAPE_LENGTH = 4 };

static bool is_joiner(ucs4_t character)
{
    return character == 0x200c || character == 0x200d;
}

static bool is_variation_selector(ucs4_t character)
{
    return character >= 0xfe00 && character <= 0xfe0f;
}

/* `before` is the character before, when that is shown as it is. */
static bool shapes(ucs4_t character, ucs4_t before)
{
    if (before < 0x80 || is_joiner(before))
        return false;
    return is_joiner(character) ||
           (is_variation_selector(character) && !is_variation_selector(before));
}

static bool is_harmful(ucs4_t character, ucs4_t before)
{
    if (character < 0x80)
        return character < 0x20 || character == 0x7f;
    if (shapes(character, before))
        return false;
    return character < 0xa0 || character == 0x2028 || character == 0x2029 ||
           (character >= 0xfff9 && character <= 0xfffb) || uc_is_property_bidi_control(character) ||
           uc_is_property_default_ignorable_code_point(character);
}

/* A text on its way. */
struct scanner {
    const uint8_t *text;
    size_t length;
    ucs4_t before;    /* the last character, 0 when it was harmful */
    size_t hashes;    /* how many '#' stand before, one beside the other */
    bool begins_line; /* nothing but white space stands before in its line */
};

/* One character, or a byte that is of none. */
struct piece {
    const uint8_t *bytes;
    size_t length;
    ucs4_t character;
    bool harmful;
};

/* GitHub's runner takes "::NAME" at the begin of a line, behind any white space, and "##[NAME"
 * anywhere for a command. */
static bool commands(const struct scanner *scanner, ucs4_t character)
{
    if (character == ':')
        return scanner->begins_line && scanner->length > 1 && scanner->text[1] == ':';
    return character == '[' && scanner->hashes > 1;
}

/* False at the end. */
static bool next_piece(struct scanner *scanner, struct piece *piece)
{
    int size;

    if (scanner->length == 0)
        return false;
    size = u8_mbtoucr(&piece->character, scanner->text, scanner->length);
    piece->bytes = scanner->text;
    piece->length = size > 0 ? (size_t)size : 1;
    piece->harmful = size <= 0 || is_harmful(piece->character, scanner->before) ||
                     commands(scanner, piece->character);
    scanner->text += piece->length;
    scanner->length -= piece->length;
    scanner->before = piece->harmful ? 0 : piece->character;
    scanner->hashes = piece->character == '#' ? scanner->hashes + 1 : 0;
    scanner->begins_line =
        scanner->begins_line && !piece->harmful && uc_is_property_white_space(piece->character);
    return true;
}

static size_t write_escape(uint8_t byte, char *shown)
{
    switch (byte) {
    case '\n':
        return (size_t)snprintf(shown, ESCAPE_LENGTH + 1, "\\n");
    case '\r':
        return (size_t)snprintf(shown, ESCAPE_LENGTH + 1, "\\r");
    case '\t':
        return (size_t)snprintf(shown, ESCAPE_LENGTH + 1, "\\t");
    default:
        return (size_t)snprintf(shown, ESCAPE_LENGTH + 1, "\\x%02x", (unsigned)byte);
    }
}

/* Writes what stands for a piece, and a NUL; returns its length, ESCAPE_LENGTH for each byte at
 * most. */
static size_t write_piece(const struct piece *piece, char *shown)
{
    size_t written = 0;

    if (!piece->harmful) {
        memcpy(shown, piece->bytes, piece->length);
        shown[piece->length] = '\0';
        return piece->length;
    }
    for (size_t i = 0; i < piece->length; i++)
        written += write_escape(piece->bytes[i], shown + written);
    return written;
}

const char *display_text(const char *bytes, size_t length, char shown[DISPLAY_SIZE])
{
    struct scanner scanner = {.text = (const uint8_t *)bytes, .length = length};
    struct piece piece;
    size_t written = 0, count = 0;

    shown[0] = '\0';
    while (next_piece(&scanner, &piece)) {
        /* Each escaped byte counts, because it takes the room of the longest character. */
        count += piece.harmful ? piece.length : 1;
        if (count > DISPLAY_CHARACTERS) {
            memcpy(shown + written, "...", sizeof "...");
            break;
        }
        written += write_piece(&piece, shown + written);
    }
    return shown;
}

char *display_copy(const char *text)
{
    struct scanner scanner = {
        .text = (const uint8_t *)text, .length = strlen(text), .begins_line = true};
    struct piece piece;
    size_t written = 0;
    char *shown = malloc(scanner.length * ESCAPE_LENGTH + 1);

    if (shown == NULL)
        return NULL;
    shown[0] = '\0';
    while (next_piece(&scanner, &piece))
        written += write_piece(&piece, shown + written);
    return shown;
}

/* Prints the pieces, line breaks as they are where they may stand. */
static void print_pieces(FILE *stream, struct scanner *scanner, bool keeps_breaks)
{
    char shown[UINT8_MAX * ESCAPE_LENGTH + 1] = "";
    struct piece piece;
    size_t written = 0;

    while (next_piece(scanner, &piece)) {
        if (written + piece.length * ESCAPE_LENGTH >= sizeof shown) {
            (void)fputs(shown, stream);
            written = 0;
        }
        if (keeps_breaks && piece.bytes[0] == '\n') {
            piece.harmful = false;
            scanner->begins_line = true;
        }
        written += write_piece(&piece, shown + written);
    }
    (void)fputs(shown, stream);
}

static void print(FILE *stream, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void print(FILE *stream, const char *format, va_list arguments)
{
    char text[DISPLAY_PRINT_SIZE];
    struct scanner scanner = {.text = (const uint8_t *)text, .begins_line = true};

    if (vsnprintf(text, sizeof text, format, arguments) >= (int)sizeof text)
        memcpy(text + sizeof text - sizeof "...", "...", sizeof "...");
    scanner.length = strlen(text);
    print_pieces(stream, &scanner, false);
}

void display_print(FILE *stream, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(stream, format, arguments);
    va_end(arguments);
}

void display_line(FILE *stream, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(stream, format, arguments);
    va_end(arguments);
    display_end(stream);
}

void display_end(FILE *stream)
{
    (void)fputc('\n', stream);
}

void display_colored(FILE *stream, enum display_color color, const char *word)
{
    /* ECMA-48's Select Graphic Rendition: bold and red, bold and yellow; then as before. */
    static const char *const begins[] = {
        [DISPLAY_RED] = "\033[1;31m", [DISPLAY_YELLOW] = "\033[1;33m"};

    (void)fputs(begins[color], stream);
    display_print(stream, "%s", word);
    (void)fputs("\033[0m", stream);
}

/* In a JSON document a line break stands between two of its parts, never in a string. */
static bool write_json_piece(FILE *stream, const struct piece *piece)
{
    uint16_t units[2];
    int count;

    if (!piece->harmful || piece->character == '\n')
        return fwrite(piece->bytes, 1, piece->length, stream) == piece->length;
    count = u16_uctomb(units, piece->character, 2);
    for (int i = 0; i < count; i++)
        if (fprintf(stream, "\\u%04x", (unsigned)units[i]) < 0)
            return false;
    return true;
}

bool display_json(FILE *stream, const char *json)
{
    struct scanner scanner = {.text = (const uint8_t *)json, .length = strlen(json)};
    struct piece piece;

    while (next_piece(&scanner, &piece))
        if (!write_json_piece(stream, &piece))
            return false;
    return true;
}

/* The cookie's write(2). */
static ssize_t print_bytes(void *stream, const char *bytes, size_t length)
{
    struct scanner scanner = {
        .text = (const uint8_t *)bytes, .length = length, .begins_line = true};

    print_pieces(stream, &scanner, true);
    return fflush(stream) == 0 ? (ssize_t)length : 0;
}

FILE *display_stream(FILE *stream)
{
    FILE *opened = fopencookie(stream, "w", (cookie_io_functions_t){.write = print_bytes});

    if (opened != NULL)
        (void)setvbuf(opened, NULL, _IOLBF, 0);
    return opened;
}

#include "input/file_kind.h"

#include "input/file_magic.h"
#include "value/utf8.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* What begins as a statement of SQL, in any case of letters, or a comment before some. */
static const char *const sql_beginnings[] = {
    "create table ",       "create database ",
    "create schema ",      "drop table ",
    "insert into ",        "begin;",
    "begin transaction",   "set statement_timeout",
    "pragma foreign_keys", "/*!",
};

static const char *const markup_of_html[] = {"<html",   "<head", "<body", "<title", "<table",
                                             "<script", "<meta", "<div",  "<h1"};

static const struct file_kind office_kinds[] = {
    {"an Excel workbook (.xlsx)", FILE_KIND_SHEET_HINT, FILE_CONTAINER_NONE},
    {"a spreadsheet (.ods)", FILE_KIND_SHEET_HINT, FILE_CONTAINER_NONE},
    {"a Numbers spreadsheet (.numbers)", "Export it from Numbers as CSV, in UTF-8.",
     FILE_CONTAINER_NONE},
    {"an Office document, and no spreadsheet", FILE_KIND_SOURCE_HINT, FILE_CONTAINER_NONE},
};
enum { OFFICE_EXCEL, OFFICE_OPEN_DOCUMENT, OFFICE_NUMBERS, OFFICE_OTHER };

static const struct file_kind zip_kind = {"a zip archive", "Unpack it: unzip FILE",
                                          FILE_CONTAINER_ZIP};
static const struct file_kind utf_16_marked = {
    "text in UTF-16", "Convert it: iconv -f UTF-16 -t UTF-8 <FILE >NEW", FILE_CONTAINER_NONE};
static const struct file_kind utf_16_little = {
    "text in UTF-16", "Convert it: iconv -f UTF-16LE -t UTF-8 <FILE >NEW", FILE_CONTAINER_NONE};
static const struct file_kind utf_16_big = {
    "text in UTF-16", "Convert it: iconv -f UTF-16BE -t UTF-8 <FILE >NEW", FILE_CONTAINER_NONE};
static const struct file_kind utf_32_marked = {
    "text in UTF-32", "Convert it: iconv -f UTF-32 -t UTF-8 <FILE >NEW", FILE_CONTAINER_NONE};
static const struct file_kind utf_32_little = {
    "text in UTF-32", "Convert it: iconv -f UTF-32LE -t UTF-8 <FILE >NEW", FILE_CONTAINER_NONE};
static const struct file_kind utf_32_big = {
    "text in UTF-32", "Convert it: iconv -f UTF-32BE -t UTF-8 <FILE >NEW", FILE_CONTAINER_NONE};
static const struct file_kind other_encoding = {
    "text in another encoding than UTF-8",
    "Convert it from the encoding that it has, for example: iconv -f WINDOWS-1252 -t UTF-8 <FILE "
    ">NEW",
    FILE_CONTAINER_NONE};
static const struct file_kind html_kind = {
    "an HTML page",
    "It may be the login or error page of a web site: look at it, and download the file again.",
    FILE_CONTAINER_NONE};
static const struct file_kind xml_kind = {"XML", FILE_KIND_SOURCE_HINT, FILE_CONTAINER_NONE};
static const struct file_kind json_kind = {"JSON", "Convert it: mlr --ijson --ocsv cat FILE >NEW",
                                           FILE_CONTAINER_NONE};
static const struct file_kind sql_kind = {"an SQL script or dump",
                                          "Run it in another database, with 'psql -d OTHER -f "
                                          "FILE' if PostgreSQL wrote it," FILE_KIND_DUMP_HINT,
                                          FILE_CONTAINER_NONE};
static const struct file_kind zeros_kind = {
    "a file that begins with nothing but NUL bytes",
    "A copy or download was cut off, or the disk was full: get the file again.",
    FILE_CONTAINER_NONE};
/* Of a zip in parts (APPNOTE.TXT, 8.5.4), the first one says so. */
static const struct file_kind zip_part_kind = {
    "a part of a zip archive",
    "Join the parts, and load the whole: zip -s 0 ARCHIVE.zip --out WHOLE.zip",
    FILE_CONTAINER_NONE};
static const struct file_kind binary_kind = {"binary data", FILE_KIND_SOURCE_HINT,
                                             FILE_CONTAINER_NONE};

/* The first bytes of a file, or what is left of them. */
struct bytes {
    const uint8_t *at;
    size_t length;
};

static bool has_at(const struct bytes *bytes, size_t offset, const void *what, size_t length)
{
    return offset <= bytes->length && length <= bytes->length - offset &&
           memcmp(bytes->at + offset, what, length) == 0;
}

static bool begins(const struct bytes *bytes, const char *text)
{
    return has_at(bytes, 0, text, strlen(text));
}

/* The same in any case of letters. */
static bool begins_like(const struct bytes *bytes, const char *text)
{
    size_t length = strlen(text);

    return length <= bytes->length && strncasecmp((const char *)bytes->at, text, length) == 0;
}

static bool contains_like(struct bytes bytes, const char *text)
{
    for (; bytes.length > 0; bytes.at++, bytes.length--)
        if (begins_like(&bytes, text))
            return true;
    return false;
}

static bool contains(const struct bytes *bytes, const char *text)
{
    return memmem(bytes->at, bytes->length, text, strlen(text)) != NULL;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r' || byte == '\f';
}

static struct bytes skip_blanks(struct bytes bytes)
{
    while (bytes.length > 0 && is_blank(*bytes.at)) {
        bytes.at++;
        bytes.length--;
    }
    return bytes;
}

static bool has_control(const struct bytes *bytes)
{
    for (size_t i = 0; i < bytes->length; i++)
        if ((bytes->at[i] < ' ' && !is_blank(bytes->at[i])) || bytes->at[i] == 0x7f)
            return true;
    return false;
}

/* The first line that is not empty. */
static struct bytes first_line(const struct bytes *bytes)
{
    struct bytes line = *bytes;
    size_t length = 0;

    while (line.length > 0 && (*line.at == '\n' || *line.at == '\r')) {
        line.at++;
        line.length--;
    }
    while (length < line.length && line.at[length] != '\n' && line.at[length] != '\r')
        length++;
    line.length = length;
    return line;
}

/* Leaves out a last character that the end of the bytes may have cut. */
static bool is_utf8(struct bytes line, bool cut)
{
    size_t characters;

    for (int left_out = 0; left_out < 4; left_out++) {
        if (utf8_check((const char *)line.at, line.length, &characters) == NULL)
            return true;
        if (!cut || line.length == 0 || line.at[line.length - 1] < 0x80)
            return false;
        line.length--;
    }
    return false;
}

/* Whether the first line is ASCII of `width` bytes a character, the one at `place` first or last
 * and the others zero. */
static bool is_wide(const struct bytes *bytes, size_t width, size_t place)
{
    size_t characters = 0;

    for (size_t i = 0; i + width <= bytes->length; i += width, characters++) {
        if (bytes->at[i + place] == 0 || bytes->at[i + place] >= 0x80)
            return false;
        for (size_t k = 0; k < width; k++)
            if (k != place && bytes->at[i + k] != 0)
                return false;
        if (characters > 0 && bytes->at[i + place] == '\n')
            break;
    }
    return characters > 1;
}

/* UTF-32 first: its byte order mark begins as UTF-16's does. */
static const struct file_kind *find_wide(const struct bytes *bytes)
{
    if (has_at(bytes, 0, "\xff\xfe\0\0", 4) || has_at(bytes, 0, "\0\0\xfe\xff", 4))
        return &utf_32_marked;
    if (has_at(bytes, 0, "\xff\xfe", 2) || has_at(bytes, 0, "\xfe\xff", 2))
        return &utf_16_marked;
    if (is_wide(bytes, 4, 0))
        return &utf_32_little;
    if (is_wide(bytes, 4, 3))
        return &utf_32_big;
    if (is_wide(bytes, 2, 0))
        return &utf_16_little;
    return is_wide(bytes, 2, 1) ? &utf_16_big : NULL;
}

/* Office documents are zip files whose first members have known names (ECMA-376, part 2;
 * OpenDocument 1.2, part 3: "mimetype" comes first, and is not compressed). */
static const struct file_kind *find_zip(const struct bytes *bytes)
{
    enum { NAME_LENGTH = 26, NAME = 30 }; /* places in a member's header */
    static const char *const office_names[] = {"[Content_Types].xml", "_rels/.rels", "docProps/",
                                               "xl/_rels/",           "xl/work",     "xl/styles",
                                               "xl/shared",           "xl/theme"};
    struct bytes name;

    if (has_at(bytes, 0, "PK\x07\x08", 4))
        return &zip_part_kind;
    if (has_at(bytes, 0, "PK\x05\x06", 4))
        return &zip_kind;
    if (!has_at(bytes, 0, "PK\x03\x04", 4))
        return NULL;
    if (bytes->length < NAME)
        return &zip_kind;
    name = (struct bytes){bytes->at + NAME, bytes->length - NAME};
    if (bytes->at[NAME_LENGTH] == strlen("mimetype") && begins(&name, "mimetype"))
        return &office_kinds[contains(bytes, "opendocument.spreadsheet") ? OFFICE_OPEN_DOCUMENT
                                                                         : OFFICE_OTHER];
    if (begins(&name, "Index/") && contains(bytes, ".iwa"))
        return &office_kinds[OFFICE_NUMBERS];
    for (size_t i = 0; i < sizeof office_names / sizeof *office_names; i++)
        if (begins(&name, office_names[i]))
            return &office_kinds[contains(bytes, "word/") || contains(bytes, "ppt/")
                                     ? OFFICE_OTHER
                                     : OFFICE_EXCEL];
    return &zip_kind;
}

static const struct file_kind *find_markup(const struct bytes *text)
{
    if (begins_like(text, "<!doctype html"))
        return &html_kind;
    for (size_t i = 0; i < sizeof markup_of_html / sizeof *markup_of_html; i++)
        if (begins_like(text, markup_of_html[i]) ||
            ((begins(text, "<?xml") || begins(text, "<!")) &&
             contains_like(*text, markup_of_html[i])))
            return &html_kind;
    return begins(text, "<?xml") || begins(text, "<!") ? &xml_kind : NULL;
}

static bool is_json(const struct bytes *text)
{
    struct bytes inside;

    if (!begins(text, "{") && !begins(text, "["))
        return false;
    inside = skip_blanks((struct bytes){text->at + 1, text->length - 1});
    if (begins(text, "{"))
        return begins(&inside, "\"") || begins(&inside, "}");
    return begins(&inside, "{") || begins(&inside, "[") || begins(&inside, "]");
}

static bool is_sql(const struct bytes *text)
{
    for (size_t i = 0; i < sizeof sql_beginnings / sizeof *sql_beginnings; i++)
        if (begins_like(text, sql_beginnings[i]))
            return true;
    return begins(text, "--") &&
           (contains_like(*text, "create table ") || contains_like(*text, "insert into ") ||
            contains_like(*text, "database dump") || contains_like(*text, "sql dump"));
}

static const struct file_kind *find_text(const struct bytes *bytes)
{
    struct bytes text = *bytes;
    const struct file_kind *kind;

    if (begins(&text, "\xef\xbb\xbf"))
        text = (struct bytes){text.at + 3, text.length - 3};
    text = skip_blanks(text);
    kind = file_magic_of_text(text.at, text.length);
    if (kind == NULL)
        kind = find_markup(&text);
    if (kind == NULL && is_json(&text))
        kind = &json_kind;
    return kind == NULL && is_sql(&text) ? &sql_kind : kind;
}

static bool is_zeros(const struct bytes *bytes)
{
    for (size_t i = 0; i < bytes->length; i++)
        if (bytes->at[i] != 0)
            return false;
    return bytes->length > 0;
}

static const struct file_kind *judge_first_line(const struct bytes *bytes)
{
    struct bytes line = first_line(bytes);
    bool cut =
        bytes->length >= FILE_KIND_SIZE && line.at + line.length == bytes->at + bytes->length;

    if (memchr(line.at, '\0', line.length) != NULL)
        return &binary_kind;
    if (is_utf8(line, cut))
        return NULL;
    return has_control(&line) ? &binary_kind : &other_encoding;
}

const struct file_kind *file_kind_recognise(const uint8_t *bytes, size_t length)
{
    const struct bytes first = {bytes, length};
    const struct file_kind *kind = find_zip(&first);

    if (is_zeros(&first))
        return &zeros_kind;
    if (kind == NULL)
        kind = find_wide(&first);
    /* A text may begin as some of them do: "ORCHARD". */
    if (kind == NULL && has_control(&first))
        kind = file_magic_of_binary(bytes, length);
    if (kind == NULL)
        kind = find_text(&first);
    return kind != NULL ? kind : judge_first_line(&first);
}

#include "single_statement.h"

#include <ctype.h>
#include <string.h>

/* Each of these takes the position of its first character, and gives the one after its last. */

static const char *skip_to(const char *from, const char *end)
{
    const char *found = strstr(from, end);

    return found != NULL ? found + strlen(end) : from + strlen(from);
}

/* A doubled quote ends one and begins the next. */
static const char *skip_quoted(const char *quoted, bool has_escapes)
{
    const char *at = quoted + 1;

    while (*at != '\0' && *at != *quoted)
        at += has_escapes && at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    return *at != '\0' ? at + 1 : at;
}

static const char *skip_comment(const char *comment)
{
    size_t depth = 1;

    for (comment += 2; depth > 0 && *comment != '\0'; comment++) {
        bool opens = strncmp(comment, "/*", 2) == 0;

        if (!opens && strncmp(comment, "*/", 2) != 0)
            continue;
        depth += opens ? 1 : (size_t)-1;
        comment++;
    }
    return comment;
}

static bool is_word(char character)
{
    return isalnum((unsigned char)character) || character == '_';
}

/* $1 is no quote. */
static const char *skip_dollar(const char *dollar)
{
    char tag[64];
    size_t length = 1;

    while (is_word(dollar[length]))
        length++;
    if (dollar[length] != '$' || isdigit((unsigned char)dollar[1]) || length + 2 > sizeof tag)
        return dollar + 1;
    memcpy(tag, dollar, length + 1);
    tag[length + 1] = '\0';
    return skip_to(dollar + length + 1, tag);
}

static const char *skip_word(const char *word)
{
    bool escapes = (word[0] == 'E' || word[0] == 'e') && word[1] == '\'';

    while (is_word(*word) || *word == '$')
        word++;
    return escapes ? skip_quoted(word, true) : word;
}

static const char *skip_token(const char *sql)
{
    if (*sql == '\'' || *sql == '"')
        return skip_quoted(sql, false);
    if (strncmp(sql, "--", 2) == 0)
        return skip_to(sql, "\n");
    if (strncmp(sql, "/*", 2) == 0)
        return skip_comment(sql);
    if (*sql == '$')
        return skip_dollar(sql);
    return is_word(*sql) ? skip_word(sql) : sql + 1;
}

static bool is_nothing(const char *sql)
{
    return isspace((unsigned char)*sql) || strncmp(sql, "--", 2) == 0 || strncmp(sql, "/*", 2) == 0;
}

bool is_single_statement(const char *sql)
{
    bool ended = false;

    for (; *sql != '\0'; sql = skip_token(sql)) {
        if (ended && !is_nothing(sql))
            return false;
        ended = ended || *sql == ';';
    }
    return true;
}

#include "pg/conninfo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_name(const char *conninfo)
{
    return strchr(conninfo, '=') == NULL && strncmp(conninfo, "postgresql://", 13) != 0 &&
           strncmp(conninfo, "postgres://", 11) != 0;
}

bool conninfo_check(const char *conninfo, struct error *error)
{
    bool named = conninfo == NULL || is_name(conninfo);
    PQconninfoOption *options = named ? NULL : PQconninfoParse(conninfo, NULL);

    if (named || options != NULL) {
        PQconninfoFree(options);
        return true;
    }
    (void)error_set(error, ERROR_DATABASE, "cannot connect: the connection string cannot be read");
    return error_hint(error, "Its forms are NAME, 'host=HOST dbname=NAME ...' and "
                             "postgresql://USER@HOST/NAME, special characters as %%XX.");
}

static bool may_be_told(const char *keyword)
{
    static const char *const keywords[] = {"service", "host", "hostaddr", "port", "dbname", "user"};

    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(keyword, keywords[i]) == 0)
            return true;
    return false;
}

char *conninfo_tell(const char *conninfo)
{
    PQconninfoOption *options;
    char *text = NULL;
    size_t size = 0;
    FILE *stream;

    if (is_name(conninfo))
        return strdup(conninfo);
    stream = open_memstream(&text, &size);
    if (stream == NULL)
        return NULL;
    options = PQconninfoParse(conninfo, NULL);
    for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (option->val != NULL && may_be_told(option->keyword))
            (void)fprintf(stream, "%s%s=%s", ftell(stream) > 0 ? " " : "", option->keyword,
                          option->val);
    PQconninfoFree(options);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

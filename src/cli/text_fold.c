#include "cli/text_fold.h"

#include "base/display.h"
#include "cli/text_fit.h"

#include <stdlib.h>
#include <string.h>

/* A path is not cut to less. */
enum { PATH_COLUMNS = 20 };

/* Of a folded line. */
enum { INDENT = 2 };

/* Prints a word behind so many blanks, or in the next line where that gives it more room. */
static void print_word(FILE *stream, const char *word, int blanks, const struct text_fold *fold,
                       int *column)
{
    int width = text_columns(word);

    if (fold->columns > 0 && *column + blanks > fold->indent &&
        *column + blanks + width > fold->columns) {
        display_end(stream);
        blanks = fold->indent;
        *column = 0;
    }
    display_print(stream, "%*s%s", blanks, "", word);
    *column += blanks + width;
}

bool text_fold_begin(FILE *stream, const struct text_fold *fold, const char *text, int *column)
{
    *column = 0;
    while (*text != '\0') {
        int blanks = (int)strspn(text, " ");
        size_t length = strcspn(text + blanks, " ");
        char *word = strndup(text + blanks, length);
        char *fit = word == NULL
                        ? NULL
                        : text_fit_copy(word, fold->most > 0 ? fold->most - fold->indent : 0);

        free(word);
        if (fit == NULL)
            return false;
        print_word(stream, fit, blanks, fold, column);
        free(fit);
        text += (size_t)blanks + length;
    }
    return true;
}

bool text_fold_print(FILE *stream, int columns, int indent, const char *text)
{
    const struct text_fold fold = {.columns = columns, .most = columns, .indent = indent};
    int column;

    if (!text_fold_begin(stream, &fold, text, &column))
        return false;
    display_end(stream);
    return true;
}

bool text_fold_print_about(FILE *stream, int columns, const char *path, const char *text)
{
    int room = columns - (int)strlen(": ") - text_columns(text);
    char *fit = text_fit_copy(path, columns == 0 ? 0 : room > PATH_COLUMNS ? room : PATH_COLUMNS);
    char *line = NULL;
    bool printed;

    if (fit != NULL && asprintf(&line, "%s: %s", fit, text) < 0)
        line = NULL;
    free(fit);
    printed = line != NULL && text_fold_print(stream, columns, INDENT, line);
    free(line);
    return printed;
}

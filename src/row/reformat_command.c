#include "row/reformat_command.h"

#include <stdio.h>

/* Between double quotes of a shell, a string of Python. */
static const char *quote_for_python(char character, char text[8])
{
    switch (character) {
    case '\t':
        return "'\\t'";
    case '\'':
        return "'\\''";
    case '`':
        return "'\\`'";
    default:
        (void)snprintf(text, 8, "'%c'", character);
        return text;
    }
}

const char *reformat_command_text(const struct reformat_command *command,
                                  char text[REFORMAT_COMMAND_SIZE])
{
    bool leaves_out = command->lines_left_out > 0;
    bool is_marked = command->is_marked && !leaves_out;
    char before[48] = "", separator[40] = "", quote[32] = "", python[8];

    if (leaves_out)
        (void)snprintf(before, sizeof before, "sed %s%llud FILE | ",
                       command->lines_left_out > 1 ? "1," : "", command->lines_left_out);
    if (command->separator != ',')
        (void)snprintf(separator, sizeof separator, ",delimiter=%s",
                       quote_for_python(command->separator, python));
    if (command->quote != 0)
        (void)snprintf(quote, sizeof quote, ",quotechar=%s",
                       quote_for_python(command->quote, python));
    (void)snprintf(text, REFORMAT_COMMAND_SIZE,
                   "%spython3 -c \"import csv; csv.writer(open(1,'w',newline='',encoding='%s'))."
                   "writerows(csv.reader(open(0,newline='',encoding='%s')%s%s%s))\"%s >NEW",
                   before, REFORMAT_WRITE_ENCODING(is_marked), REFORMAT_READ_ENCODING(is_marked),
                   separator, quote,
                   command->has_blanks || command->separator == ' ' ? ",skipinitialspace=True" : "",
                   leaves_out ? "" : " <FILE");
    return text;
}

#include "cli/help.h"

#include "cli/option_table.h"
#include "cli/version.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

bool help_print(enum question question, FILE *stream, struct error *error)
{
    const struct argp parser = option_table_parser();
    unsigned parts = question == QUESTION_USAGE
                         ? ARGP_HELP_USAGE
                         : ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC;

    if (question == QUESTION_VERSION)
        version_print(stream);
    else
        argp_help(&parser, stream, parts, (char[]){"timele-load"});
    if ((fflush(stream) == 0 && ferror(stream) == 0) || errno == EPIPE)
        return true;
    return error_set(error, error_kind_of_file(errno), "cannot write standard output: %s",
                     strerror(errno));
}

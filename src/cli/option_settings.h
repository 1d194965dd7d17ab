/*
 * What the command line asks for.
 */
#ifndef CLI_OPTION_SETTINGS_H
#define CLI_OPTION_SETTINGS_H

#include "base/log.h"
#include "cli/color.h"
#include "cli/progress.h"
#include "run/record.h"

/* What the program may be asked of itself, instead of a run. */
enum question { QUESTION_NONE, QUESTION_HELP, QUESTION_USAGE, QUESTION_VERSION };

/* Everything the command line says. Caller-owned; freed by options_free. */
struct options {
    struct run_options run;
    enum log_level level;
    enum log_format log_format;
    enum progress_when progress;
    enum color_when color;
    const char *report; /* where to write the report; NULL: nowhere */
    enum question question;
    char **given;       /* what run.given points to */
    const char **paths; /* what run.paths points to */
};

#endif

/*
 * An event of the log as a workflow command of GitHub Actions, which its runner makes an annotation
 * of: shown with the step, and beside the line of a file in a pull request.
 *
 *     ::error file=orders.csv,line=12,title=timele-load (type)::MESSAGE%0Ahint: HINT
 *
 * What is special there is encoded as GitHub's own toolkit (packages/core/src/command.ts) does it:
 * "%", CR and LF, and in a property ":" and "," as well. All is escaped by base/display before, so
 * no text ends the line or begins a command of its own.
 */
#ifndef BASE_WORKFLOW_COMMAND_H
#define BASE_WORKFLOW_COMMAND_H

#include "base/log_event.h"

#include <stdio.h>

/* Writes an error or a warning as one line. Detail and hint are lines of its message. Standard
 * input
 * ("-") is no file of the repository, so it and its rows have no place. */
void workflow_command_print(FILE *stream, const struct log_event *event);

#endif

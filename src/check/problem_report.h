/*
 * What is wrong with the rows of all files, told when the files have been read; and what to do
 * about it, each once however many rows it would help.
 */
#ifndef CHECK_PROBLEM_REPORT_H
#define CHECK_PROBLEM_REPORT_H

#include "base/error.h"
#include "base/log.h"
#include "plan/plan.h"

#include <stdbool.h>

/*
 * Prints the problems of all files to the log. ERROR_DATA when there was any, unless bad rows are
 * set aside. What to do next is the error's hint; where there is no such error, because bad rows
 * are set aside or another error came first, it is a warning.
 */
bool problem_report(const struct plan *plan, struct log *log, struct error *error);

#endif

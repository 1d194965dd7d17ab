/*
 * The names of the files in which rejected rows are set aside.
 */
#ifndef CHECK_REJECT_NAME_H
#define CHECK_REJECT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* The endings of the two files, and the first line of the second. */
#define REJECT_RECORDS_ENDING ".csv"
#define REJECT_REASONS_ENDING ".reasons.csv"
#define REJECT_REASONS_HEADER "file,line,column,code,reason,key\n"

/*
 * The name of both files for a FILE argument, without their ending: the base name without .gz, .zst
 * and .csv; "stdin" for "-". From the second attempt on, for a name that another file has, it gets
 * a number: "orders-2". To be freed; NULL when memory ran out.
 */
char *reject_name(const char *path, size_t attempt);

/* Whether an earlier run has left both files of that name in a directory, or the reasons alone, as
 * one that was killed in between does: they are not touched, and no reason to refuse the directory.
 */
bool reject_name_is_earlier(const char *directory, const char *name);

/* DIRECTORY/NAME and an ending, to be freed; NULL when memory ran out. */
char *reject_name_path(const char *directory, const char *name, const char *ending);

#endif

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
 * The name of both files for a source's file_name, without their ending: that name without ".csv"
 * and the ending of a compressed file (input/file_name), and cut where no name may be longer. From
 * the second attempt on, for a name that another file has, it gets a number: "orders-2". To be
 * freed; NULL when memory ran out.
 */
char *reject_name(const char *file_name, size_t attempt);

/* What a directory has of the two files of a name. Whatever has one of their names, and whoever
 * left it, an earlier run or a person who mended it, it is not touched. */
enum reject_name_state {
    REJECT_NAME_UNKNOWN, /* memory ran out */
    REJECT_NAME_FREE,    /* neither */
    REJECT_NAME_TAKEN,
    REJECT_NAME_COMPLETE /* both, as a run leaves them: regular files */
};
enum reject_name_state reject_name_look(const char *directory, const char *name);

/* DIRECTORY/NAME and an ending, to be freed; NULL when memory ran out. */
char *reject_name_path(const char *directory, const char *name, const char *ending);

#endif

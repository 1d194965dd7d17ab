/*
 * What a file's name tells, where nobody has named the file: in a directory or an archive. Letters
 * in any case.
 */
#ifndef INPUT_FILE_NAME_H
#define INPUT_FILE_NAME_H

#include <stddef.h>

/* Why a file of another name is left out, for messages. */
#define FILE_NAME_NOT_CSV "its name is not that of a CSV file"

enum file_name_kind {
    FILE_NAME_CSV,    /* NAME.csv, also compressed, or an archive of such files */
    FILE_NAME_HIDDEN, /* it begins with a dot, or is a temporary one of this program */
    FILE_NAME_OTHER
};

/* The file is not looked at. The name is one without a directory. */
enum file_name_kind file_name_judge(const char *name);

/* The length of the name without the ending of a compressed file, and then without ".csv"; of what
 * is nothing but an ending, that of the whole. */
size_t file_name_stem_length(const char *name);

/* What is behind the last slash of a path. */
const char *file_name_of_path(const char *path);

#endif

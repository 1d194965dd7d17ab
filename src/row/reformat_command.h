/*
 * The command that makes a file like other CSV files: commas between the fields, double quotes
 * around them. A plain exchange of characters would part values that have commas.
 */
#ifndef ROW_REFORMAT_COMMAND_H
#define ROW_REFORMAT_COMMAND_H

#include <stdbool.h>

enum { REFORMAT_COMMAND_SIZE = 360 };

/* By Python's names. A file with a byte order mark is UTF-8, and the mark is no part of the first
 * name. Another may be UTF-8, or Windows-1252 as Excel writes it; Latin-1 reads every byte, and
 * writes it as it was. */
#define REFORMAT_READ_ENCODING(is_marked)  ((is_marked) ? "utf-8-sig" : "latin-1")
#define REFORMAT_WRITE_ENCODING(is_marked) ((is_marked) ? "utf-8" : "latin-1")

/* What the file has. */
struct reformat_command {
    unsigned long long lines_left_out; /* at its beginning */
    char separator;                    /* between its fields */
    char quote;                        /* around them; 0: double quotes */
    bool is_marked;                    /* it begins with a byte order mark */
    bool has_blanks;                   /* behind its separators */
};

/* For a shell, with FILE and NEW in the place of files. Returns text. */
const char *reformat_command_text(const struct reformat_command *command,
                                  char text[REFORMAT_COMMAND_SIZE]);

#endif

/*
 * What a run does with a row whose key is taken: by a row of the database (the mode, which also
 * says what becomes of rows that no file names), or by another row of the files (duplicates).
 * Placeholders do not count: a file's row takes their place in every mode.
 */
#ifndef PLAN_MODE_H
#define PLAN_MODE_H

enum mode {
    MODE_INSERT, /* a row that is there is an error */
    MODE_SKIP,   /* it stays as it is, and the file's row is left out */
    MODE_UPSERT, /* it gets the values of the columns that the file has */
    MODE_REPLACE /* the same; and rows below the floor that no file names are deleted */
};

/* What to do with the same key twice in the input. */
enum duplicates { DUPLICATES_ERROR, DUPLICATES_FIRST, DUPLICATES_LAST };

/* What --mode calls it. */
const char *mode_name(enum mode mode);

#endif

/*
 * What a run does with a row whose key the database has already, and with a row that the database
 * has and no file names. Placeholders are not meant: they give way to a file's row in every mode.
 */
#ifndef PLAN_MODE_H
#define PLAN_MODE_H

#include <stdbool.h>

enum mode {
    MODE_INSERT, /* a row that is there is an error */
    MODE_SKIP,   /* it stays as it is, and the file's row is left out */
    MODE_UPSERT, /* it gets the values of the columns that the file has */
    MODE_REPLACE /* the same; and rows below the floor that no file names are deleted */
};

/* What --mode calls it. */
const char *mode_name(enum mode mode);

/* The mode of that name; false when there is none. */
bool mode_find(const char *name, enum mode *mode);

#endif

/*
 * What the files of rejected rows are called, after the file that the rows come from.
 */
#ifndef CHECK_REJECT_NAME_H
#define CHECK_REJECT_NAME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The name for a FILE argument, without its ending: the base name without .gz, .zst and .csv;
 * "stdin" for "-". From the second attempt on, for a name that another file has, it gets a number:
 * "orders-2". To be freed; NULL when memory ran out.
 */
char *reject_name(const char *path, size_t attempt);

/* Whether NAME.csv or NAME.reasons.csv of the one would be a file of the other. */
bool reject_names_collide(const char *one, const char *other);

#endif

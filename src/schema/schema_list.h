/*
 * Schemas that are renamed, or dropped, together: those that are there of a list of names.
 */
#ifndef SCHEMA_SCHEMA_LIST_H
#define SCHEMA_SCHEMA_LIST_H

#include "pg/session.h"

#include <stdbool.h>
#include <stddef.h>

/* Names of schemas, without the prefix that some of them have at the moment; plain words. */
struct schema_list {
    const char *names[4]; /* borrowed */
    size_t count;
};

/* Those of TimeL-E's tables. */
struct schema_list schema_list_of_tables(void);

/* The names, each behind the prefix, as the text of an array; of this size at most. */
enum { SCHEMA_LIST_SIZE = 512 };
void schema_list_text(const struct schema_list *list, const char *prefix,
                      char text[SCHEMA_LIST_SIZE]);

/* Asks which of the names there are behind the prefix; `present` has them without it. */
bool schema_list_find(const struct schema_list *list, const char *prefix,
                      struct schema_list *present, const struct session *session);

/* Renames those that are there: from one prefix to another, either may be empty. */
bool schema_list_rename(const struct schema_list *list, const char *from, const char *to,
                        const struct session *session);

/* Drops those that are there, with all that depends on them. */
bool schema_list_drop(const struct schema_list *list, const char *prefix,
                      const struct session *session);

#endif

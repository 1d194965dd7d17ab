/*
 * The fields of one CSV record, and the bytes that those kept of them stand in.
 *
 * A record is taken millions of times, so the members are open: the reader fills in the usual field
 * itself, in two instructions. The buffer grows with the longest record.
 */
#ifndef CSV_FIELD_LIST_H
#define CSV_FIELD_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* A longer field ends the reading of its file: it is more likely a missing quote than data. So
 * does a record whose kept fields are longer together. */
enum {
    CSV_FIELD_SIZE_MAX = 1024 * 1024,
    CSV_RECORD_SIZE_MAX = 4 * CSV_FIELD_SIZE_MAX,
    CSV_FIELDS_MAX = 256
};

/* Most fields are no longer. Behind the room of the bytes are so many more, for copies of that
 * size. */
enum { FIELD_LIST_SHORT_SIZE = 16 };

/* One field. Not NUL-terminated. */
struct csv_field {
    const char *text; /* NULL for an unquoted empty field (`,,`); `""` is not NULL, length 0 */
    size_t length;
};

/* Of a reader; opened by field_list_open, freed by field_list_free. */
struct field_list {
    struct csv_field fields[CSV_FIELDS_MAX];
    size_t count; /* of all fields of the record, also those behind CSV_FIELDS_MAX */
    char *bytes;  /* of the kept fields */
    size_t size;  /* how many of them are taken */
    size_t room;
};

/* False when memory ran out; field_list_free is fine then, too. */
bool field_list_open(struct field_list *list);
void field_list_free(struct field_list *list);

/* The next record has no field yet. */
static inline void field_list_clear(struct field_list *list)
{
    list->count = 0;
    list->size = 0;
}

/* Keeps a copy of a field's bytes as the field `count`, which the caller counts. The record's size
 * is CSV_RECORD_SIZE_MAX at most with it: the caller has looked. False when memory ran out. */
bool field_list_keep(struct field_list *list, const char *text, size_t length);

#endif

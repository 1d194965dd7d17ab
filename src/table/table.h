/*
 * TimeL-E's tables, as data: columns, types, ranges, keys, references, floors.
 *
 * Everything the program knows of a table is an entry here (one source file a schema); the code
 * that reads, checks, sends and proves rows is the same for all of them.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "table/description.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The description of a table. */
const struct table *table_get(enum table_id id);

/* The table with this name (without its schema), or TABLE_NONE. */
enum table_id table_find(const char *name);

/* The index of the column that is read from `header`; -1 when there is none. */
int table_column_of_header(const struct table *table, const char *header, size_t length);

/* The index of the column that marks placeholder rows; -1 when there is none. */
int table_inferred_column(const struct table *table);

/* The index of the column named so in the database, with that role or rule, or with a foreign key
 * to that table; -1: there is none. */
int table_column_named(const struct table *table, const char *name);
int table_column_with_role(const struct table *table, enum column_role role);
int table_column_derived(const struct table *table, enum column_absent absent);
int table_column_referencing(const struct table *table, enum table_id parent);

/* Whether a column is part of the key. */
bool table_is_key(const struct table *table, size_t column);

/* The integers that a column takes. */
void table_column_range(const struct column *column, int64_t *minimum, int64_t *maximum);

/* The one type that is not PostgreSQL's own. */
#define TABLE_ENUM_SCHEMA "public"
#define TABLE_ENUM_NAME   "order_status_enum"

/* Its labels. The number of a label; -1 when there is no such label. */
const char *table_order_status(int number);
int table_order_status_number(const char *text, size_t length);

#endif

/*
 * TimeL-E's tables, as data: columns, types, ranges, keys, references, floors, and how a column is
 * filled that no file gives. One source file a schema.
 *
 * The code that reads, checks, sends and proves rows is the same for all tables, and names none. A
 * few places do, because what they carry from one table to another is the meaning of these tables
 * (scripts/lint-layers keeps the list):
 *
 *   table/derivation, table/invariant  the same in SQL
 *   derive/derived        what is gathered from the rows of which table
 *   target/known_tables   whose prices, items and users that asks the database for
 *   write/recompute       for which tables the database works it out afterwards
 *   run/run               TimeL-E's trigger, by which orders write the status history
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

/* The table whose rows are sent while they are checked, where that can be done. */
enum table_id table_streamed(void);

/* The index of the column that is read from `header`; -1 when there is none. */
int table_column_of_header(const struct table *table, const char *header, size_t length);

/* The index of the column that marks placeholder rows; -1 when there is none. */
int table_inferred_column(const struct table *table);

/* The index of the column named so in the database, or with that role or rule; -1: there is none.
 */
int table_column_named(const struct table *table, const char *name);
int table_column_with_role(const struct table *table, enum column_role role);
int table_column_derived(const struct table *table, enum column_absent absent);

/* The index of the column that takes over a detail of the user; -1 when there is none. */
int table_column_delivering(const struct table *table, enum delivery_detail detail);

/* The index of the column whose values are ids of rows of `named`, which has a key of one column:
 * that key itself, a foreign key, or, where `named` has the prices of a catalogue, the product of
 * an item; -1: none. */
int table_column_naming(const struct table *table, const struct table *named);

/* The names of the key's columns, table->key_count of them. */
void table_key_names(const struct table *table, const char *names[TABLE_KEY_MAX]);

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

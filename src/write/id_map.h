/*
 * The id map: which external id each loaded row got, as CSV (`table,id,external_id`), in a file
 * that is complete before the commit and gets its name after it.
 */
#ifndef WRITE_ID_MAP_H
#define WRITE_ID_MAP_H

#include "base/error.h"
#include "base/pending_file.h"
#include "table/table.h"
#include "value/uuid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a file that begins with these bytes is an id map. */
bool id_map_is_map(const char *start, size_t length);

/* Creates the file (pending_file_open) with its header. ERROR_FILE. */
bool id_map_open(const char *path, struct pending_file **map, struct error *error);

bool id_map_add(struct pending_file *map, const struct table *table, int64_t id,
                const uint8_t uuid[UUID_SIZE], struct error *error);

#endif

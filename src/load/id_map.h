/*
 * The id map: which external id each loaded row got, as CSV (`table,id,external_id`). Written
 * beside its final name, complete before the commit and put in place after it, mode 0600.
 */
#ifndef LOAD_ID_MAP_H
#define LOAD_ID_MAP_H

#include "base/error.h"
#include "table/table.h"
#include "value/uuid.h"

#include <stdbool.h>
#include <stdint.h>

struct id_map;

/* Creates the file under a temporary name in the folder of `path` (borrowed), which names a regular
 * file or nothing yet. ERROR_FILE. */
bool id_map_open(const char *path, struct id_map **map, struct error *error);

bool id_map_add(struct id_map *map, const struct table *table, int64_t id,
                const uint8_t uuid[UUID_SIZE], struct error *error);

/* Writes what is left to the disk; nothing can be added after it. ERROR_FILE. */
bool id_map_complete(struct id_map *map, struct error *error);

/* Gives the file its name, over a file of that name. ERROR_FILE; the rows are committed by then. */
bool id_map_publish(struct id_map *map, struct error *error);

/* Frees; a file that was not published is removed. NULL is fine. */
void id_map_free(struct id_map *map);

#endif

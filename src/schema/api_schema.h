/*
 * The schemas of TimeL-E's API. Another program's schema may have one of their names.
 */
#ifndef SCHEMA_API_SCHEMA_H
#define SCHEMA_API_SCHEMA_H

#include "pg/connection.h"

#include <stdbool.h>
#include <stddef.h>

enum { API_SCHEMA_COUNT = 3 };

/* The name of one of them; a static text. */
const char *api_schema_name(size_t place);

/* Asks whether there is a schema of that name that is TimeL-E's: its comment says so. */
bool api_schema_is_ours(struct connection *connection, const char *schema, bool *is_ours,
                        struct error *error);

#endif

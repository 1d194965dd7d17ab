/*
 * A record's bytes as the file has them, quotes and line end included.
 */
#ifndef CSV_RAW_RECORD_H
#define CSV_RAW_RECORD_H

#include "csv/reader.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the bytes of some fields out of a record, in place, so that they are empty; all others stay
 * as they are. Bit i of word i / 64 of `blank` stands for field i. False when the bytes are no
 * strict CSV of `field_count` fields, so that it is unknown which field is which; the bytes are
 * undefined then.
 */
bool raw_record_blank(char *bytes, size_t *length, size_t field_count,
                      const uint64_t blank[CSV_FIELDS_MAX / 64]);

#endif

/*
 * UUIDs (RFC 9562): parsing and classifying by libuuid, fast random ones of our own.
 */
#ifndef VALUE_UUID_H
#define VALUE_UUID_H

#include "value/value_fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UUID_SIZE = 16, UUID_TEXT_SIZE = 37, UUID_ENTROPY_SIZE = 4096 };

/*
 * Reads the 36-character form, in either case. Returns NULL and sets `uuid`, or a VALUE_FAULT_TYPE:
 * "not a UUID of 8-4-4-4-12 hexadecimal digits", or "not a version 4 UUID: its form is ..." when
 * version or variant differ (RFC 9562, 4.1 and 5.4).
 */
const struct value_fault *uuid_v4_parse(const char *text, size_t length, uint8_t uuid[UUID_SIZE]);

/* The 36-character lower-case form and a final NUL. */
void uuid_format(const uint8_t uuid[UUID_SIZE], char text[UUID_TEXT_SIZE]);

/*
 * Source of random version 4 UUIDs. Caller-owned; `struct uuid_generator generator = {0};` is
 * ready for use. It holds a block of the kernel's entropy, because one getrandom(2) per UUID would
 * cost fifty times as much. Not to be copied, nor used across fork(2): both would repeat UUIDs.
 */
struct uuid_generator {
    uint8_t entropy[UUID_ENTROPY_SIZE];
    size_t remaining;
};

/* Sets `uuid` to a fresh random version 4 UUID. False when the kernel gives no entropy (errno). */
bool uuid_generate_v4(struct uuid_generator *generator, uint8_t uuid[UUID_SIZE]);

#endif

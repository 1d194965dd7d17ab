/*
 * SHA-256 of a file's bytes (FIPS 180-4, by libcrypto), computed while the file is read, in pieces
 * of any size. The reading may start again from the beginning any number of times.
 */
#ifndef INPUT_FINGERPRINT_H
#define INPUT_FINGERPRINT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the hash as hexadecimal digits. */
enum { FINGERPRINT_TEXT_SIZE = 65 };

struct fingerprint;

/* False, with an ERROR_INTERNAL, when memory ran out. */
bool fingerprint_new(struct fingerprint **fingerprint, struct error *error);

/* Takes the bytes at an offset in the file. Bytes that were taken before are passed over. Bytes
 * behind a gap are not taken: they have to come again when the gap is filled. */
void fingerprint_take(struct fingerprint *fingerprint, uint64_t offset, const void *bytes,
                      size_t length);

/* How many bytes from the beginning of the file were taken. */
uint64_t fingerprint_length(const struct fingerprint *fingerprint);

/* The hash of the bytes so far, in lower-case hexadecimal digits; more can follow. */
void fingerprint_text(const struct fingerprint *fingerprint, char text[FINGERPRINT_TEXT_SIZE]);

/* NULL is fine. */
void fingerprint_free(struct fingerprint *fingerprint);

#endif

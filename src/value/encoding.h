/*
 * What characters a database can hold, by its encoding. Texts come in UTF-8, and the server
 * converts them (PostgreSQL manual, 24.3 "Character Set Support").
 */
#ifndef VALUE_ENCODING_H
#define VALUE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

struct encoding;

/*
 * Opens an encoding by PostgreSQL's name for it; NULL is taken for UTF8. One that the C library
 * does not know, or knows in another form, is taken to hold every text: the server has to judge.
 * Free with encoding_free. False when memory ran out.
 */
bool encoding_open(const char *name, struct encoding **encoding);

/* PostgreSQL's name of it. */
const char *encoding_name(const struct encoding *encoding);

/* Whether the server counts a text's bytes as its characters and converts nothing (SQL_ASCII). */
bool encoding_counts_bytes(const struct encoding *encoding);

/* Whether the server can hold each character of a text, which is valid UTF-8. Allocates nothing; a
 * text of ASCII alone needs no call. An encoding of NULL holds every text. Several threads may ask
 * at the same time. */
bool encoding_holds(struct encoding *encoding, const char *text, size_t length);

/* NULL is fine. */
void encoding_free(struct encoding *encoding);

#endif

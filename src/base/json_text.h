/*
 * Bytes of any kind as a JSON string: JSON is UTF-8, a file's name may be anything.
 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <jansson.h>

/* What is not UTF-8 becomes U+FFFD, one for each byte. NULL when memory ran out; else freed by
 * json_decref. */
json_t *json_text(const char *bytes);

#endif

/*
 * Users: made-up people with made-up passwords.
 */
#ifndef GENERATE_USERS_H
#define GENERATE_USERS_H

#include <stdint.h>

/*
 * Writes users.csv: the ids 1 to users, shuffled. Each plain-text password starts with "fake-",
 * which stands nowhere else in the file: whoever meets it has met a password.
 */
void users_write(const char *directory, uint32_t users, uint64_t seed);

#endif

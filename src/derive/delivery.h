/*
 * What orders take over from their users: name, telephone number and address, kept for every user
 * while orders are sent. About 100 bytes a user.
 */
#ifndef DERIVE_DELIVERY_H
#define DERIVE_DELIVERY_H

#include "base/list.h"
#include "index/paged_array.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most characters of a delivery name; longer ones are cut. */
enum { DELIVERY_NAME_LENGTH = 100 };

/* A user's texts; NULL where there is none. */
struct delivery {
    const char *texts[DELIVERY_COUNT];
    size_t lengths[DELIVERY_COUNT];
};

/* Caller-owned; zeroed is empty, delivery_index_free empties it again. */
struct delivery_index {
    struct paged_array offsets; /* user to place in bytes, plus 1 */
    struct list bytes;
};

/* Room for any joined name: DELIVERY_NAME_LENGTH characters of 4 bytes. */
enum { DELIVERY_NAME_SIZE = DELIVERY_NAME_LENGTH * 4 };

/* A first or last name. */
struct delivery_name {
    const char *text;
    size_t length; /* 0: it is empty or missing, whatever the text is */
};

/* Joins first and last name with a blank into the delivery name, which `name` holds; an empty or
 * missing one is left out. */
void delivery_join_name(struct delivery *delivery, struct delivery_name first,
                        struct delivery_name last, char name[DELIVERY_NAME_SIZE]);

/* Remembers a user's details; a user's later ones take the place of earlier ones. False when
 * memory ran out. */
bool delivery_add(struct delivery_index *index, int64_t user, const struct delivery *delivery);

/* A user's details, pointing into the index; all NULL for a user that was never added. */
struct delivery delivery_get(const struct delivery_index *index, int64_t user);

void delivery_index_free(struct delivery_index *index);

#endif

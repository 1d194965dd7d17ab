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

/* A user's texts; NULL where there is none. */
struct delivery {
    const char *texts[DELIVERY_COUNT];
    size_t lengths[DELIVERY_COUNT]; /* in bytes */
};

/* What the database's orders have room for: the most characters of each detail; 0: no limit. */
struct delivery_room {
    size_t limits[DELIVERY_COUNT];
    bool in_bytes; /* the server counts bytes instead */
};

/* Caller-owned; zeroed is empty and has no limits, delivery_index_free empties it again. */
struct delivery_index {
    struct delivery_room room;
    struct paged_array offsets; /* user to uint64_t: place in bytes, plus 1 */
    struct list bytes;
};

/* A first or last name. */
struct delivery_name {
    const char *text;
    size_t length; /* 0: it is empty or missing, whatever the text is */
};

/*
 * Remembers a user's details; a user's later ones take the place of earlier ones. The name among
 * them is not looked at: it becomes first and last name with a blank between, an empty or missing
 * one left out, cut to what there is room for, but never within a character. False when memory ran
 * out.
 */
bool delivery_add(struct delivery_index *index, int64_t user, const struct delivery *delivery,
                  struct delivery_name first, struct delivery_name last);

/* A user's details, pointing into the index; all NULL for a user that was never added. */
struct delivery delivery_get(const struct delivery_index *index, int64_t user);

/* The first detail beside the name that there is no room for, and its length in characters, or in
 * bytes where these count; DELIVERY_COUNT: there is room for all. */
enum delivery_detail delivery_too_long(const struct delivery_room *room,
                                       const struct delivery *delivery, size_t *length);

void delivery_index_free(struct delivery_index *index);

#endif

/*
 * Values that follow from other rows: an order's totals, status and delivery details, an item's
 * price. They are gathered while the files are checked and written with the rows, so that nothing
 * that was just loaded has to be updated.
 *
 * What cannot be known here (an order that was in the database before and gets more items) is left
 * to the database, after the load: the orders and users concerned are collected for it.
 */
#ifndef DERIVE_DERIVED_H
#define DERIVE_DERIVED_H

#include "derive/delivery.h"
#include "derive/event_index.h"
#include "derive/previous_status.h"
#include "index/id_set.h"
#include "index/paged_array.h"
#include "row/row.h"

#include <stdbool.h>
#include <stdint.h>

/* Caller-owned; zeroed and prepared is empty, derived_free empties it again. */
struct derived {
    size_t item_price, item_quantity; /* columns of an order item, looked up once */
    bool keeps_deliveries;            /* the run has orders, which take them over */
    bool dates_orders;                /* its files say when orders were created */
    struct delivery_index deliveries;
    struct paged_array item_counts; /* order to uint32_t */
    struct paged_array item_totals; /* order to int64_t, units of 10^-scale of an item's price */
    struct paged_array prices;      /* product to int64_t, the same units, plus 1 */
    struct event_index events;      /* orders' last events */
    struct previous_status_list previous; /* of events that come out of order */

    /* For the database to work out. */
    struct id_set item_orders;  /* orders whose items changed */
    struct id_set event_orders; /* orders whose events changed */
    struct id_set users;        /* users that changed */
    struct id_set user_orders;  /* orders that changed, or whose user may */
    struct id_set dated_orders; /* orders that changed, where dates_orders */
    struct id_set products;     /* products whose price changed or came */
    struct id_set known_users;  /* users in the database that have a row in the files */
};

/* Looks up what is needed of the tables' descriptions. */
void derived_prepare(struct derived *derived);

/* Takes from a good row what values of other rows follow from; `exists`: the row updates one of the
 * database. False when memory ran out, or when an order's total is too large to be held: only then
 * *overflow is set. */
bool derived_note_row(struct derived *derived, enum table_id id, const struct row *row, bool exists,
                      bool *overflow);

/* A user's detail that is too long for the column of the orders that takes it over. */
struct delivery_misfit {
    size_t column; /* of the row that is to blame */
    const struct table *orders;
    size_t orders_column;
    size_t length, limit;
    const char *unit; /* of both: "characters" */
};

/* Whether orders have room for what they take over: of an order's row, from its user; of a user's
 * row, where `exists` says that it updates one of the database, whose orders follow it. False sets
 * *misfit. Other rows fit. */
bool derived_delivery_fits(const struct derived *derived, enum table_id id, const struct row *row,
                           bool exists, struct delivery_misfit *misfit);

/* Notes that a row of the database was updated or deleted: what follows from it has to be worked
 * out anew. `key` is the first column of its key. False when memory ran out. */
bool derived_note_change(struct derived *derived, enum table_id id, int64_t key);

/* Whether a price, in units of 10^-scale, is one that can be remembered: not negative, and not too
 * large. A file's price always is, the database's may not be. */
bool derived_price_fits(const struct derived *derived, int64_t price, unsigned scale);

/* Remembers a product's price, which fits. False when memory ran out. */
bool derived_note_price(struct derived *derived, int64_t product, int64_t price, unsigned scale);

/* Forgets a product's price. False when memory ran out. */
bool derived_forget_price(struct derived *derived, int64_t product);

/* What an item of the row costs: as the file says, else as the catalogue does, else 0. */
int64_t derived_item_price(const struct derived *derived, const struct table *table,
                           const struct row *row);

/* An order's totals; 0 without items. */
uint32_t derived_item_count(const struct derived *derived, int64_t order);
int64_t derived_item_total(const struct derived *derived, int64_t order);

void derived_free(struct derived *derived);

#endif

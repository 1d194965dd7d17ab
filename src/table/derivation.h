/*
 * Derived values as the database works them out: the same rules that a load follows while rows
 * stream, for orders that were there before the run and whose items, events or user changed.
 *
 * Each query reads the ids it is about from a stage of its own (column id bigint) and gives only
 * rows that differ, with their new values. They are listed in another stage before they are
 * written, so that it shows when one is not. Rows of the application's range are never touched: the
 * settings timele.users_floor and timele.orders_floor say where it starts.
 *
 * The statements write the names of stages as pg_temp.NAME (stage_add_query of pg/stage). Where
 * tables are distributed over nodes, each of them is carried out on the nodes: all that belongs to
 * an order lies on one, so tables and stages are joined by the order's id too.
 */
#ifndef TABLE_DERIVATION_H
#define TABLE_DERIVATION_H

#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>

enum derivation_subject {
    SUBJECT_PRODUCTS,     /* products whose price changed */
    SUBJECT_ITEM_ORDERS,  /* orders whose items changed; those of the products are added */
    SUBJECT_EVENT_ORDERS, /* orders whose events changed */
    SUBJECT_USERS,        /* users that changed */
    SUBJECT_USER_ORDERS,  /* orders whose user may have changed */
    SUBJECT_DATED_ORDERS, /* orders of which the time they were created at may have changed */
    SUBJECT_COUNT
};

enum { DERIVATION_KEYS_MAX = 2, DERIVATION_COLUMNS_MAX = 6 };

struct derivation {
    enum derivation_subject subject;
    const char *result; /* what it sets, for messages: "the totals of orders" */
    const char *sql;    /* a query for the rows to update: their keys and the new values */
    /* Used instead where the column `marker` of an order item is missing; NULL: no such case. */
    const char *sql_without_marker;
    const char *list; /* the stage that the query's rows come into */
    enum table_id updated;
    /* Its columns by which a row is found; the first is the first of its key (table/description).
     */
    const char *keys[DERIVATION_KEYS_MAX];
    const char *columns[DERIVATION_COLUMNS_MAX]; /* those that are set, named so by the query */
    const char *afterwards;                      /* a statement that reads the list; NULL: none */
    /* It sets a part of an order and leaves the rest as the application may have changed it: a row
     * that it has written tells nothing of its delivery details (table/invariant). */
    bool sets_apart;
};

/* The stage that prices of the catalogue are put into before they change: an item without a price
 * of its own costs that much until then. The query puts them there and gives how many there are; $1
 * is an array of the products. */
#define DERIVATION_FORMER_PRICE         "timele_load_former_price"
#define DERIVATION_FORMER_PRICE_COLUMNS "id bigint, price double precision"
extern const char derivation_keep_prices[];

/*
 * What else they and the invariants read: how many characters an order's delivery name takes
 * (printf-formatted by a size_t), and a pattern for what is then taken off its end.
 *
 * Where the server counts bytes, as it does for SQL_ASCII, that is what is left of a character of
 * UTF-8 that was cut; else nothing.
 */
#define DERIVATION_SET_NAME_LENGTH        "SET LOCAL timele.delivery_name_length = '%zu'"
#define DERIVATION_CUT_NAME_IN_CHARACTERS "SET LOCAL timele.delivery_name_cut = ''"
#define DERIVATION_CUT_NAME_IN_BYTES                                                               \
    "SET LOCAL timele.delivery_name_cut = "                                                        \
    "E'([\\\\xC0-\\\\xF7]|[\\\\xE0-\\\\xF7][\\\\x80-\\\\xBF]|"                                     \
    "[\\\\xF0-\\\\xF7][\\\\x80-\\\\xBF]{2})$'"

/* In the order they have to run. */
extern const struct derivation derivations[];
extern const size_t derivation_count;

/* Where the ids of a subject stand. */
struct derivation_ids {
    const char *stage;
    enum table_id of; /* the table whose rows they tell, by the first column of its key */
};

extern const struct derivation_ids derivation_subjects[SUBJECT_COUNT];

#endif

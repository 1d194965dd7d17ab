/*
 * One product: its made-up name and its place.
 *
 * As at Instacart, aisle 100 and department 21 are "missing": the place of a product whose place
 * nobody knows.
 */
#ifndef GENERATE_PRODUCT_H
#define GENERATE_PRODUCT_H

#include <stdint.h>

enum {
    PRODUCT_NAME_SIZE = 160,
    PRODUCT_AISLES = 134,
    PRODUCT_DEPARTMENTS = 21,
    PRODUCT_MISSING_AISLE = 100,
    PRODUCT_MISSING_DEPARTMENT = 21,
};

struct product {
    char name[PRODUCT_NAME_SIZE];
    uint32_t aisle_id;
    uint32_t department_id;
};

/* The same for the same seed and id, whenever it is asked for. */
struct product product_make(uint64_t seed, uint32_t product_id);

#endif

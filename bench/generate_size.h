/*
 * How much to make.
 */
#ifndef GENERATE_SIZE_H
#define GENERATE_SIZE_H

#include <stdint.h>

struct size {
    uint32_t users;
    uint32_t orders;
    uint32_t test_orders; /* users whose last order has no items */
    uint32_t items;
    uint32_t products;
};

/* Scales are counted in millionths: 1,000,000 is the whole of Instacart. */
enum { SIZE_SCALE_ONE = 1000000, SIZE_SCALE_MAX = 10 * SIZE_SCALE_ONE };

/*
 * Users, orders and items follow the scale; the catalogue is whole from a tenth on. Below 1 user
 * there is nothing to make: users is 0 then.
 */
struct size size_of_scale(uint32_t millionths);

/* The sample that the tests and the first steps use. */
struct size size_of_sample(void);

#endif

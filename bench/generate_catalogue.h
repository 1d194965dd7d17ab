/*
 * The catalogue: departments, aisles and products.
 */
#ifndef GENERATE_CATALOGUE_H
#define GENERATE_CATALOGUE_H

#include <stdint.h>

/*
 * Writes departments.csv, aisles.csv and products.csv into directory; and departments_enriched.csv
 * and for each department enriched_products_deptN.csv, in which about a quarter of the products is
 * not found, into enriched, unless that is NULL.
 */
void catalogue_write(const char *directory, const char *enriched, uint32_t products, uint64_t seed);

#endif

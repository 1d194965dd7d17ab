/* The catalogue: plain integer ids, no external id, no floor. */
#ifndef TABLE_CATALOGUE_H
#define TABLE_CATALOGUE_H

#include "table/description.h"

extern const struct table table_departments;
extern const struct table table_aisles;
extern const struct table table_products;
extern const struct table table_product_enriched;

#endif

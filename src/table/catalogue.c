#include "table/catalogue.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The aisle and the department that Instacart itself calls "missing": their names are unique, so
 * placeholder products can stand in no others without colliding with a later load of the real
 * catalogue. */
enum { MISSING_AISLE = 100, MISSING_DEPARTMENT = 21 };

#define CATALOGUE_ID .type = COLUMN_INTEGER, .identifies = true, .minimum = 1, .maximum = INT32_MAX

/* Marks a placeholder row, so that a later load of the real catalogue may replace it. */
#define INFERRED_MARK                                                                              \
    .name = "inferred", .type = COLUMN_BOOLEAN, .optional = true, .absent = ABSENT_INFERRED

static const struct column department_columns[] = {
    {.name = "department_id", .header = "department_id", CATALOGUE_ID},
    {.name = "department",
     .header = "department",
     .type = COLUMN_TEXT,
     .identifies = true,
     .unique = true,
     .inferred_text = "missing"},
    {.name = "description", .header = "description", .type = COLUMN_TEXT, .absent = ABSENT_NULL},
    {.name = "image_url",
     .header = "image_url",
     .synonyms = "image picture picture_url",
     .type = COLUMN_TEXT,
     .absent = ABSENT_NULL},
    {INFERRED_MARK},
};

const struct table table_departments = {
    .dataset = "departments",
    .schema = "products",
    .name = "departments",
    .row_name = "department",
    .columns = department_columns,
    .column_count = COUNT(department_columns),
    .key = {0},
    .key_count = 1,
    .sequence_column = "department_id",
};

static const struct column aisle_columns[] = {
    {.name = "aisle_id", .header = "aisle_id", CATALOGUE_ID},
    {.name = "aisle",
     .header = "aisle",
     .type = COLUMN_TEXT,
     .identifies = true,
     .unique = true,
     .inferred_text = "missing"},
    {INFERRED_MARK},
};

const struct table table_aisles = {
    .dataset = "aisles",
    .schema = "products",
    .name = "aisles",
    .row_name = "aisle",
    .columns = aisle_columns,
    .column_count = COUNT(aisle_columns),
    .key = {0},
    .key_count = 1,
    .sequence_column = "aisle_id",
};

static const struct column product_columns[] = {
    {.name = "product_id", .header = "product_id", CATALOGUE_ID},
    {.name = "product_name",
     .header = "product_name",
     .synonyms = "name",
     .type = COLUMN_TEXT,
     .identifies = true,
     .length = 255,
     .inferred_text = "Product #"},
    {.name = "aisle_id",
     .header = "aisle_id",
     CATALOGUE_ID,
     .has_reference = true,
     .references = TABLE_AISLES,
     .inferred_integer = MISSING_AISLE},
    {.name = "department_id",
     .header = "department_id",
     CATALOGUE_ID,
     .has_reference = true,
     .references = TABLE_DEPARTMENTS,
     .inferred_integer = MISSING_DEPARTMENT},
    {INFERRED_MARK},
};

const struct table table_products = {
    .dataset = "products",
    .schema = "products",
    .name = "products",
    .row_name = "product",
    .columns = product_columns,
    .column_count = COUNT(product_columns),
    .key = {0},
    .key_count = 1,
    .sequence_column = "product_id",
    .inferable = true,
    .inferred_if_empty = true,
};

/* Its product_name is the catalogue's business and not stored again. */
static const struct column product_enriched_columns[] = {
    {.name = "product_id",
     .header = "product_id",
     CATALOGUE_ID,
     .has_reference = true,
     .references = TABLE_PRODUCTS},
    {.name = "description",
     .header = "description",
     .synonyms = "product_description",
     .type = COLUMN_TEXT,
     .identifies = true,
     .absent = ABSENT_NULL},
    {.name = "price",
     .header = "price",
     .synonyms = "unit_price",
     .type = COLUMN_NUMERIC,
     .identifies = true,
     .precision = 10,
     .scale = 2,
     .absent = ABSENT_NULL,
     .role = ROLE_CATALOGUE_PRICE},
    {.name = "image_url",
     .header = "image_url",
     .synonyms = "image picture picture_url",
     .type = COLUMN_TEXT,
     .absent = ABSENT_NULL},
};

const struct table table_product_enriched = {
    .dataset = "enriched products",
    .schema = "products",
    .name = "product_enriched",
    .row_name = "enriched product",
    .unused_columns = "product_name",
    .columns = product_enriched_columns,
    .column_count = COUNT(product_enriched_columns),
    .key = {0},
    .key_count = 1,
};

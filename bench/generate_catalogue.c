#include "generate_catalogue.h"

#include "generate_product.h"
#include "generate_random.h"
#include "generate_writer.h"

#include <stdio.h>

static const char *const departments[PRODUCT_DEPARTMENTS] = {
    "bakehouse",     "cold store",      "orchard & field",
    "cellar",        "tea and coffee",  "mill",
    "dairy shed",    "butcher's block", "fish counter",
    "preserves",     "spice drawer",    "sweets",
    "crisps, nuts",  "world kitchen",   "breakfast table",
    "nursery",       "washroom",        "laundry",
    "cats and dogs", "party",           [PRODUCT_MISSING_DEPARTMENT - 1] = "missing",
};

static void write_departments(const char *directory)
{
    struct writer *writer = writer_open(directory, "departments.csv", "department_id,department");

    for (uint32_t id = 1; id <= PRODUCT_DEPARTMENTS; id++) {
        writer_integer(writer, id);
        writer_text(writer, departments[id - 1]);
        writer_end(writer);
    }
    writer_close(writer);
}

static void write_enriched_departments(const char *directory)
{
    static const struct {
        const char *before;
        const char *after;
    } sentences[] = {
        {"Everything for the ", "."},
        {"All of ", ", from the everyday to the rare."},
        {"What we call \"", "\" – made-up goods only."},
    };
    struct writer *writer = writer_open(directory, "departments_enriched.csv",
                                        "department_id,department,description,image_url");

    for (uint32_t id = 1; id <= PRODUCT_DEPARTMENTS; id++) {
        char description[128];
        char image_url[128];

        (void)snprintf(description, sizeof description, "%s%s%s", sentences[id % 3].before,
                       departments[id - 1], sentences[id % 3].after);
        (void)snprintf(image_url, sizeof image_url,
                       "https://images.example.com/300x300/fill(FFF,true)/department-%u.png", id);
        writer_integer(writer, id);
        writer_text(writer, departments[id - 1]);
        writer_text(writer, description);
        writer_text(writer, image_url);
        writer_end(writer);
    }
    writer_close(writer);
}

static void write_aisles(const char *directory)
{
    static const char *const kinds[] = {"everyday",    "fresh",    "frozen",   "dried",
                                        "small-batch", "travel",   "value",    "gourmet",
                                        "children's",  "seasonal", "imported", "free-from"};
    static const char *const goods[] = {"grains",   "fruit",   "drinks",   "cheeses",
                                        "sauces",   "spreads", "pastries", "snacks",
                                        "cleaners", "soups",   "sweets",   "remedies"};
    const uint32_t kind_count = sizeof kinds / sizeof *kinds;
    struct writer *writer = writer_open(directory, "aisles.csv", "aisle_id,aisle");

    _Static_assert(sizeof kinds / sizeof *kinds * (sizeof goods / sizeof *goods) >= PRODUCT_AISLES,
                   "aisle names are unique");
    for (uint32_t id = 1; id <= PRODUCT_AISLES; id++) {
        char name[64] = "missing";

        if (id != PRODUCT_MISSING_AISLE)
            (void)snprintf(name, sizeof name, "%s %s", kinds[(id - 1) % kind_count],
                           goods[(id - 1) / kind_count]);
        writer_integer(writer, id);
        writer_text(writer, name);
        writer_end(writer);
    }
    writer_close(writer);
}

static void write_products(const char *directory, uint32_t products, uint64_t seed)
{
    struct writer *writer =
        writer_open(directory, "products.csv", "product_id,product_name,aisle_id,department_id");

    for (uint32_t id = 1; id <= products; id++) {
        struct product product = product_make(seed, id);

        writer_integer(writer, id);
        writer_text(writer, product.name);
        writer_integer(writer, product.aisle_id);
        writer_integer(writer, product.department_id);
        writer_end(writer);
    }
    writer_close(writer);
}

static void write_description(struct writer *writer, const char *name, struct random *random)
{
    static const char *const endings[] = {
        "",
        " – good every day",
        ", made in small batches, with care",
        ".\nKeep cool and dry.\n\nBest soon.",
        " (\"the real one\")",
    };
    char description[PRODUCT_NAME_SIZE + 64];

    (void)snprintf(description, sizeof description, "%s%s", name, RANDOM_TEXT(random, endings));
    writer_text(writer, description);
}

static void write_enriched_product(struct writer *writer, uint32_t id,
                                   const struct product *product, uint64_t seed)
{
    struct random random = random_start(seed, RANDOM_ENRICHED_PRODUCT, id);
    char image_url[64] = "";

    if (random_below(&random, 4) == 0)
        return;
    writer_integer(writer, id);
    writer_text(writer, product->name);
    write_description(writer, product->name, &random);
    writer_decimal(writer, 49 + random_below(&random, 2500));
    if (random_below(&random, 10) != 0)
        (void)snprintf(image_url, sizeof image_url, "https://images.example.com/products/%06u.jpg",
                       id);
    writer_text(writer, image_url);
    writer_end(writer);
}

static void write_enriched_department(const char *directory, uint32_t department_id,
                                      uint32_t products, uint64_t seed)
{
    struct writer *writer;
    char name[64];

    (void)snprintf(name, sizeof name, "enriched_products_dept%u.csv", department_id);
    writer = writer_open(directory, name, "product_id,product_name,description,price,image_url");
    for (uint32_t id = 1; id <= products; id++) {
        struct product product = product_make(seed, id);

        if (product.department_id == department_id)
            write_enriched_product(writer, id, &product, seed);
    }
    writer_close(writer);
}

void catalogue_write(const char *directory, const char *enriched, uint32_t products, uint64_t seed)
{
    write_departments(directory);
    write_aisles(directory);
    write_products(directory, products, seed);
    if (enriched == NULL)
        return;
    write_enriched_departments(enriched);
    for (uint32_t id = 1; id <= PRODUCT_DEPARTMENTS; id++)
        write_enriched_department(enriched, id, products, seed);
}

#include "generate_product.h"

#include "generate_random.h"

#include <stdio.h>

static const char *const brands[] = {
    "Halvorn's",   "Tarn Valley",      "Señor Quill", "Old Pebble",  "Maison Orvé", "Brightwick®",
    "Fjordlands",  "Moss & Daughters", "Umbrello",    "Kettlewick",  "Løvgård",     "Grüne Wiese",
    "Nine Herons", "Pellam Bros.",     "Sunday Cart", "Zlatá Farma", "Wystan",      "Two Otters",
};

static const char *const flavours[] = {
    "Smoked Plum",   "Jalapeño Lime", "Sea Salt",      "Açaí",           "Toasted Barley",
    "Crème Caramel", "Wild Nettle",   "Ginger Quince", "Unsalted",       "Double Roasted",
    "Café au Lait",  "Rhubarb",       "Buttermilk",    "100% Whole Oat", "Lemon-Thyme",
    "Rosé Pepper",   "No-Sugar Pear", "Honey & Hay",   "Piñon",          "Dark Cherry",
};

static const char *const goods[] = {
    "Crackers",        "Rösti",      "Granola",   "Drinking Yogurt", "Dumplings", "Soufflé",
    "Tea Bags",        "Oat Bars",   "Pickles",   "Chutney",         "Dish Soap", "Noodles",
    "Sparkling Water", "Cat Treats", "Hand Balm", "Lasagne",         "Purée",     "Biscuits",
    "Flatbread",       "Jam",        "Trail Mix", "Stock Cubes",     "Polenta",   "Rice Pudding",
    "Baby Wipes",      "Lentils",    "Gnocchi",
};

enum shape {
    SHAPE_PLAIN,
    SHAPE_COMMAS,
    SHAPE_QUOTED,
    SHAPE_INCHES,
    SHAPE_ESCAPED_QUOTES,
    SHAPE_BACKSLASH,
};

static void put_name(char *name, struct random *random)
{
    static const uint16_t weights[] = {868, 100, 10, 10, 6, 6};
    const char *brand = RANDOM_TEXT(random, brands);
    const char *flavour = RANDOM_TEXT(random, flavours);
    const char *good = RANDOM_TEXT(random, goods);
    uint32_t number = random_below(random, 23) + 2;

    switch ((enum shape)random_weighted(random, weights, 1000)) {
    case SHAPE_PLAIN:
        (void)snprintf(name, PRODUCT_NAME_SIZE, "%s %s %s", brand, flavour, good);
        break;
    case SHAPE_COMMAS:
        (void)snprintf(name, PRODUCT_NAME_SIZE, "%s, %s, %u Count", good, flavour, number);
        break;
    case SHAPE_QUOTED:
        (void)snprintf(name, PRODUCT_NAME_SIZE, "%s \"Grandma's\" %s", brand, good);
        break;
    case SHAPE_INCHES:
        (void)snprintf(name, PRODUCT_NAME_SIZE, "%s Tray For %s %u\\\"", brand, good, number);
        break;
    case SHAPE_ESCAPED_QUOTES:
        (void)snprintf(name, PRODUCT_NAME_SIZE, "\\\"%s\\\" %s, %u\\\"x9\\\"", flavour, good,
                       number);
        break;
    case SHAPE_BACKSLASH:
        (void)snprintf(name, PRODUCT_NAME_SIZE, "%s %s\\%s \\N", brand, flavour, good);
        break;
    }
}

struct product product_make(uint64_t seed, uint32_t product_id)
{
    struct random random = random_start(seed, RANDOM_PRODUCT, product_id);
    struct product product = {
        .aisle_id = PRODUCT_MISSING_AISLE,
        .department_id = PRODUCT_MISSING_DEPARTMENT,
    };

    put_name(product.name, &random);
    if (random_below(&random, 40) != 0)
        product.aisle_id = random_below(&random, PRODUCT_AISLES) + 1;
    if (product.aisle_id != PRODUCT_MISSING_AISLE)
        product.department_id = (product.aisle_id - 1) % (PRODUCT_DEPARTMENTS - 1) + 1;
    return product;
}

#include "pg/array_parameter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool add(struct array_parameter *array, const char *text, size_t length)
{
    char *place = list_add(&array->text, 1, length);

    if (place == NULL)
        return false;
    memcpy(place, text, length);
    return true;
}

/* The brace before the first element, a comma before each other. */
static bool begin_element(struct array_parameter *array)
{
    return add(array, array->count++ == 0 ? "{" : ",", 1);
}

bool array_parameter_add_integer(struct array_parameter *array, int64_t integer)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%" PRId64, integer);

    return begin_element(array) && add(array, text, (size_t)length);
}

bool array_parameter_add_text(struct array_parameter *array, const char *text, size_t length)
{
    if (!begin_element(array) || !add(array, "\"", 1))
        return false;
    for (size_t i = 0; i < length; i++)
        if (((text[i] == '"' || text[i] == '\\') && !add(array, "\\", 1)) ||
            !add(array, &text[i], 1))
            return false;
    return add(array, "\"", 1);
}

const char *array_parameter_text(struct array_parameter *array)
{
    size_t length = array->text.count;

    if (!add(array, array->count == 0 ? "{}" : "}", array->count == 0 ? 3 : 2))
        return NULL;
    array->text.count = length;
    return array->text.items;
}

void array_parameter_clear(struct array_parameter *array)
{
    array->text.count = 0;
    array->count = 0;
}

void array_parameter_free(struct array_parameter *array)
{
    list_free(&array->text);
    array->count = 0;
}

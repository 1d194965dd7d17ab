#include "schema/verify_result.h"

#include <stdio.h>
#include <stdlib.h>

struct verify_result *verify_results_add(struct verify_results *results, const char *name)
{
    struct verify_result *added = list_add(&results->list, sizeof *added, 1);

    if (added == NULL)
        return NULL;
    *added = (struct verify_result){0};
    (void)snprintf(added->name, sizeof added->name, "%s", name);
    return added;
}

size_t verify_results_checked(const struct verify_results *results)
{
    return results->list.count - results->unchecked_count;
}

void verify_results_free(struct verify_results *results)
{
    for (size_t i = 0; i < results->list.count; i++)
        free(((struct verify_result *)results->list.items)[i].examples);
    list_free(&results->list);
    *results = (struct verify_results){0};
}

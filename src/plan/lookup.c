#include "plan/lookup.h"

void named_keys_free(struct named_keys *named)
{
    id_set_free(&named->ids);
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        text_index_free(&named->values[i]);
}

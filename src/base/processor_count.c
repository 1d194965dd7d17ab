#include "base/processor_count.h"

#include <sched.h>

int processor_count(void)
{
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < 1)
        return 1;
    return CPU_COUNT(&allowed);
}

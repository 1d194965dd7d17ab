/*
 * What AddressSanitizer is told in every target. Memory that was freed is kept for a while, so that
 * its use is found; an input needs little, and what is used again soon is in the cache.
 */
#include "fuzz_target.h"

/* The sanitizer wants this name. NOLINTBEGIN(*-reserved-identifier,cert-dcl*) */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4:malloc_context_size=5";
}
/* NOLINTEND(*-reserved-identifier,cert-dcl*) */
